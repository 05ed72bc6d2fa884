"""One table: state and input lead to a step. Nothing else decides where a message goes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from handlers import admin
from handlers.chat import Content, Paid, Pressed, Said, Say, SentOther, SentPhoto
from handlers.context import Nudge, Outcome, RequestContext, Screen, Step, reply
from handlers.intents import Intent, plain, read_action, read_words
from handlers.session import State
from handlers.steps import (
    account,
    agreement,
    checkout,
    payments,
    photos,
    portraits,
    share,
    styles,
    welcome,
)
from shop.catalog import Catalog
from shop.errors import Banned
from shop.records import ConsentKind

SCREENS: Final[Mapping[State, Screen]] = {
    State.NEW: welcome.screen,
    State.LANGUAGE: welcome.language_screen,
    State.WELCOME: welcome.screen,
    State.AGREE: agreement.screen,
    State.SUBJECT: agreement.subject_screen,
    State.PHOTOS: photos.screen,
    State.CHECKOUT: checkout.screen,
    State.WAITING: checkout.waiting_screen,
    State.STUDIO: portraits.screen,
    State.ERASING: account.erase,
}
"""All that a place has to say."""

NUDGES: Final[Mapping[State, Nudge]] = {
    State.NEW: welcome.fallback_prompt,
    State.LANGUAGE: welcome.ask_language,
    State.WELCOME: welcome.fallback_prompt,
    State.AGREE: agreement.fallback_prompt,
    State.SUBJECT: agreement.subject_nudge,
    State.PHOTOS: photos.fallback_prompt,
    State.CHECKOUT: checkout.fallback_prompt,
    State.WAITING: checkout.waiting_nudge,
    State.STUDIO: portraits.fallback_prompt,
    State.ERASING: account.erase_nudge,
}
"""The line that ends the answer to odd input."""

ANYWHERE: Final[Mapping[Intent, Step]] = {
    Intent.START: welcome.start,
    Intent.WHERE: welcome.where,
    Intent.HELP: welcome.help_,
    Intent.LANGUAGE: welcome.language,
    Intent.TERMS: agreement.terms,
    Intent.PRIVACY: agreement.privacy,
    Intent.AGREE: agreement.agree,
    Intent.DECLINE: agreement.decline,
    Intent.REVOKE: agreement.revoke,
    Intent.SUBJECT: agreement.subject,
    Intent.TIPS: photos.tips,
    Intent.DONE: photos.done,
    Intent.PAY: checkout.pay,
    Intent.CANCEL: checkout.cancel,
    Intent.STYLES: styles.styles,
    Intent.STYLE: portraits.style,
    Intent.FIRSTS: styles.firsts,
    Intent.FIRST: styles.first,
    Intent.MORE: portraits.more_like_me,
    Intent.FAIRER: portraits.more_beautiful,
    Intent.AGAIN: portraits.another,
    Intent.ORIGINALS: portraits.originals,
    Intent.SHARE: share.share,
    Intent.INVITE: share.invite,
    Intent.AVATAR: portraits.avatar,
    Intent.NEW: portraits.new,
    Intent.ORDERS: account.orders_,
    Intent.CREDITS: account.credits,
    Intent.BUY: account.buy,
    Intent.MYDATA: account.mydata,
    Intent.ERASE: account.erase,
    Intent.PAYSUPPORT: account.paysupport,
}
"""Steps look for themselves whether they lead anywhere from here, so that an old button works."""

HERE: Final[Mapping[tuple[State, Intent], Step]] = {
    (State.NEW, Intent.AGREE): agreement.ok,
    (State.WELCOME, Intent.AGREE): agreement.ok,
    (State.PHOTOS, Intent.AGREE): photos.done,
    (State.CHECKOUT, Intent.AGREE): welcome.where,
    (State.CHECKOUT, Intent.DECLINE): checkout.cancel,
    (State.ERASING, Intent.DECLINE): account.keep,
    (State.ERASING, Intent.CANCEL): account.keep,
    (State.ERASING, Intent.AGREE): account.erase,
    (State.LANGUAGE, Intent.CANCEL): welcome.where,
}
"""What an answer means here and not elsewhere; one that names a consent means that consent."""

PHOTO: Final[Mapping[State, str]] = {
    State.NEW: "photo-before-consent",
    State.LANGUAGE: "photo-before-consent",
    State.WELCOME: "photo-before-consent",
    State.AGREE: "photo-before-consent",
    State.SUBJECT: "photo-before-subject",
    State.WAITING: "photo-while-waiting",
    State.STUDIO: "photo-in-studio",
    State.ERASING: "photo-while-erasing",
}
"""Where a photo is not taken, and what is said of it. Everywhere else it is."""

ODD: Final = frozenset({"sticker", "voice", "video", "file", "place"})

FOR_THE_BANNED: Final = frozenset(
    {
        Intent.HELP, Intent.LANGUAGE, Intent.TERMS, Intent.PRIVACY, Intent.REVOKE,
        Intent.ORIGINALS, Intent.SHARE, Intent.ORDERS, Intent.MYDATA, Intent.ERASE,
        Intent.PAYSUPPORT,
    }
)  # fmt: skip
"""A person who may not buy keeps every right to their data."""

TAKING: Final = frozenset({State.PHOTOS, State.CHECKOUT})


def takes_photos(ctx: RequestContext) -> bool:
    """Whether a photo's bytes may be fetched at all."""
    return ctx.state in TAKING and not ctx.user.banned


async def route(ctx: RequestContext, content: Content) -> Outcome:
    """The step that this content leads to, done. Raises what the step raises."""
    match content:
        case Paid(event):  # first of all: money has been taken
            return await payments.paid(ctx, event)
        case Said(text):
            return await _said(ctx, text)
        case Pressed(text):
            return await _pressed(ctx, text)
        case SentPhoto():
            return await _photo(ctx)
        case SentOther(kind):
            return await odd(ctx, f"odd-{kind if kind in ODD else 'other'}")
        case _:
            return Outcome()


async def screen(ctx: RequestContext) -> Outcome:
    return await SCREENS[ctx.state](ctx)


async def odd(ctx: RequestContext, key: str, message_key: str = "") -> Outcome:
    """What it was, and what to do now, in one message. The place stays."""
    if ctx.user.banned:
        raise Banned
    hint = await NUDGES[ctx.state](ctx)
    said = Say(f"{ctx.texts(key)}\n\n{hint.text}", hint.buttons, message_key)
    welcomed = State.WELCOME if ctx.state is State.NEW else ctx.state
    return reply(said, state=welcomed)


async def _said(ctx: RequestContext, text: str) -> Outcome:
    if admin.allowed(ctx) and (order := admin.read(text)):
        return await admin.run(ctx, order)
    wanted = read_words(text)
    if wanted is None and (template := _style(ctx.deps.catalog, text)):
        wanted = (Intent.STYLE, template)
    if wanted is not None:
        return await _act(ctx, *wanted)
    if ctx.state is State.NEW and not ctx.user.banned:
        return await screen(ctx)
    return await odd(ctx, "odd-text")


async def _pressed(ctx: RequestContext, text: str) -> Outcome:
    if admin.allowed(ctx) and (order := admin.read_button(text)):
        return await admin.run(ctx, order)
    wanted = read_action(text)
    if wanted is None:
        return await odd(ctx, "odd-button")
    return await _act(ctx, *wanted)


async def _photo(ctx: RequestContext) -> Outcome:
    if ctx.user.banned:
        raise Banned
    if ctx.photo is not None and ctx.state in TAKING:
        return await photos.take(ctx)
    if ctx.state in TAKING:  # it was not fetched, because a moment ago photos were not taken
        return await odd(ctx, "photo-not-fetched", message_key="photo-note")
    return await odd(ctx, PHOTO[ctx.state], message_key="photo-note")


async def _act(ctx: RequestContext, act: Intent, argument: str) -> Outcome:
    if ctx.user.banned and act not in FOR_THE_BANNED:
        raise Banned
    here = None if argument in set(ConsentKind) else HERE.get((ctx.state, act))
    step = here or ANYWHERE[act]
    return await step(replace(ctx, argument=argument))


def _style(catalog: Catalog, text: str) -> str | None:
    """The style whose name, in any language, the text is."""
    wanted = plain(text)
    for template in catalog.templates:
        if wanted in {plain(name) for name in template.names.values()}:
            return template.id
    return None
