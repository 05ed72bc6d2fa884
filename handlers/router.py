"""The router: tables from state and input to the step (handler). Nothing else dispatches input."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from handlers import admin, captions
from handlers.chat import Caption, Content, Paid, Pressed, Said, Say, SentOther, SentPhoto
from handlers.context import FallbackPrompt, Outcome, RequestContext, Screen, Step, reply
from handlers.intents import Action, Intent, normalized, read_action, read_words
from handlers.questions import plain_question, read_question
from handlers.session import State
from handlers.stated_age import says_minor
from handlers.steps import (
    account,
    agreement,
    album,
    alive,
    checkout,
    clips,
    generated,
    linking,
    payments,
    photo_comparison,
    photos,
    portraits,
    questions,
    share,
    stated_minor,
    styles,
    support,
    together,
    verify,
    welcome,
    wishes,
)
from handlers.wish_phrases import read_wish
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
    State.LINKING: linking.screen,
    State.VERIFYING: verify.ask,
    State.RELATION: alive.relation_screen,
    State.CLIP: alive.screen,
    State.WISH: wishes.screen,
}
"""The screen of each state: all that it has to say."""

FALLBACK_PROMPTS: Final[Mapping[State, FallbackPrompt]] = {
    State.NEW: welcome.fallback_prompt,
    State.LANGUAGE: welcome.ask_language,
    State.WELCOME: welcome.fallback_prompt,
    State.AGREE: agreement.fallback_prompt,
    State.SUBJECT: agreement.subject_fallback_prompt,
    State.PHOTOS: photos.fallback_prompt,
    State.CHECKOUT: checkout.fallback_prompt,
    State.WAITING: checkout.waiting_fallback_prompt,
    State.STUDIO: portraits.fallback_prompt,
    State.ERASING: account.erase_fallback_prompt,
    State.LINKING: linking.fallback_prompt,
    State.VERIFYING: verify.prompt,
    State.RELATION: alive.relation_prompt,
    State.CLIP: alive.fallback_prompt,
    State.WISH: wishes.fallback_prompt,
}
"""What ends the answer to odd input, by state."""

INTENT_STEPS: Final[Mapping[Intent, Step]] = {
    Intent.START: welcome.start,
    Intent.WHERE: welcome.where,
    Intent.HELP: welcome.show_help,
    Intent.LANGUAGE: welcome.language,
    Intent.TERMS: agreement.show_terms,
    Intent.PRIVACY: agreement.show_privacy,
    Intent.AGREE: agreement.agree,
    Intent.DECLINE: agreement.decline,
    Intent.REVOKE: agreement.revoke,
    Intent.SUBJECT: agreement.choose_subject,
    Intent.TIPS: photos.tips,
    Intent.DONE: photos.photos_done,
    Intent.OUT: album.take_out,
    Intent.COMPARE: photo_comparison.begin,
    Intent.KEEP: photos.keep_marked,
    Intent.PAY: photos.pay,
    Intent.CANCEL: checkout.cancel,
    Intent.STYLES: styles.styles,
    Intent.STYLE: portraits.style,
    Intent.INITIAL_STYLES: styles.initial_styles,
    Intent.INITIAL_STYLE: styles.choose_initial_style,
    Intent.MORE: portraits.more_like_me,
    Intent.MORE_BEAUTIFUL: portraits.more_beautiful,
    Intent.AGAIN: portraits.another_set,
    Intent.EXPRESSION: portraits.another_expression,
    Intent.ORIGINALS: portraits.originals,
    Intent.SHARE: share.choose_portrait,
    Intent.INVITE: share.invite,
    Intent.AVATAR: portraits.avatar_card,
    Intent.NEW: portraits.new_avatar,
    Intent.ORDERS: account.list_orders,
    Intent.CREDITS: account.credits,
    Intent.BUY: account.buy,
    Intent.MYDATA: account.my_data,
    Intent.ERASE: account.erase,
    Intent.LINK: linking.link,
    Intent.UNLINK: linking.unlink,
    Intent.PAYSUPPORT: account.payment_support,
    Intent.VERIFY: verify.ask,
    Intent.SUPPORT: support.begin,
    Intent.PORTRAITS: agreement.begin_portraits,
    Intent.ALIVE: alive.begin,
    Intent.RELATION: alive.choose_relation,
    Intent.MOTION: alive.choose_motion,
    Intent.TOGETHER: together.choose,
    Intent.CLIP: clips.show_file,
    Intent.PAINT: wishes.begin,
    Intent.WISH: wishes.order,
    Intent.VIDEO: generated.choose,
}
"""The step of each intent, in any state: it checks for itself what is possible, so that an old
button works."""

STATE_INTENT_STEPS: Final[Mapping[tuple[State, Intent], Step]] = {
    (State.NEW, Intent.AGREE): agreement.agree_before_terms,
    (State.WELCOME, Intent.AGREE): agreement.agree_before_terms,
    (State.PHOTOS, Intent.AGREE): photos.photos_done,
    (State.CHECKOUT, Intent.AGREE): welcome.where,
    (State.CHECKOUT, Intent.DECLINE): checkout.cancel,
    (State.ERASING, Intent.DECLINE): account.keep_data,
    (State.ERASING, Intent.CANCEL): account.keep_data,
    (State.ERASING, Intent.AGREE): account.erase,
    (State.LANGUAGE, Intent.CANCEL): welcome.where,
    (State.LINKING, Intent.AGREE): linking.screen,
    (State.LINKING, Intent.CANCEL): linking.leave,
    (State.LINKING, Intent.DECLINE): linking.leave,
    (State.RELATION, Intent.AGREE): alive.ask_relation_again,
    (State.RELATION, Intent.CANCEL): alive.leave,
    (State.RELATION, Intent.DECLINE): alive.leave,
    (State.CLIP, Intent.AGREE): alive.screen_again,
    (State.CLIP, Intent.CANCEL): alive.leave,
    (State.CLIP, Intent.DECLINE): alive.leave,
    (State.WISH, Intent.AGREE): wishes.agree,
    (State.WISH, Intent.SUBJECT): wishes.hear_subject,
    (State.WISH, Intent.CANCEL): wishes.leave,
    (State.WISH, Intent.DECLINE): wishes.leave,
    (State.VERIFYING, Intent.CANCEL): welcome.where,
    (State.VERIFYING, Intent.DECLINE): welcome.where,
}
"""What an intent means in one state alone, unless its argument names a consent."""

PHOTO_REFUSED: Final[Mapping[State, str]] = {
    State.NEW: "photo-before-consent",
    State.LANGUAGE: "photo-before-consent",
    State.WELCOME: "photo-before-consent",
    State.AGREE: "photo-before-consent",
    State.SUBJECT: "photo-before-subject",
    State.WAITING: "photo-while-waiting",
    State.STUDIO: "photo-in-studio",
    State.ERASING: "photo-while-erasing",
    State.LINKING: "photo-while-linking",
    State.RELATION: "photo-before-relation",
    State.WISH: "photo-while-wishing",
}
"""The message for a photo, in the states that do not take one."""

NO_SUCH_NUMBER: Final = "number"
"""The kind of a typed number that no open choice bears."""

ODD_KINDS: Final = frozenset({"sticker", "voice", "video", "file", "place", NO_SUCH_NUMBER})
"""Kinds of :class:`handlers.chat.SentOther` with a message ``odd-...`` of their own."""

FOR_THE_BANNED: Final = frozenset(
    {
        Intent.HELP, Intent.LANGUAGE, Intent.TERMS, Intent.PRIVACY, Intent.REVOKE,
        Intent.ORIGINALS, Intent.CLIP, Intent.SHARE, Intent.ORDERS, Intent.MYDATA, Intent.ERASE,
        Intent.PAYSUPPORT, Intent.SUPPORT,
    }
)  # fmt: skip
"""What a banned person may still do: they keep every right to their data."""

ASKS: Final = re.compile(r"[?\uff1f]\s*$")
"""Where words to paint are waited for, a question ends like one."""

PHOTO_STATES: Final = frozenset({State.PHOTOS, State.CHECKOUT})


def wants_file(ctx: RequestContext) -> bool:
    """Whether the next picture is to be verified, whoever's and whatever it is."""
    return ctx.state is State.VERIFYING and not ctx.user.banned


async def wants_photo(ctx: RequestContext) -> bool:
    """Whether a photo's bytes may be fetched at all, and could count."""
    if ctx.state not in PHOTO_STATES or ctx.user.banned:
        return False
    return await photos.has_room(ctx)


async def route(ctx: RequestContext, content: Content) -> Outcome:
    """Run the step that this content leads to. Raises what the step raises."""
    match content:
        case Paid(event):  # first of all: money has been taken
            return await payments.payment_taken(ctx, event)
        case Said() | Caption():
            return await _route_words(ctx, content)
        case Pressed(text):
            return await _route_button(ctx, text)
        case SentPhoto():
            return await _route_photo(ctx, content)
        case SentOther(kind):
            return await _route_other(ctx, kind)
        case _:
            return Outcome()


async def screen(ctx: RequestContext) -> Outcome:
    """The screen of the present state."""
    return await SCREENS[ctx.state](ctx)


async def fallback(ctx: RequestContext, key: str, message_key: str = "") -> Outcome:
    """The answer to odd input: what it was, and what to do now, in one message; above them, where
    somebody stands whose last order was stopped or refunded. The state stays,
    but a new person has been welcomed by it."""
    if ctx.user.banned:
        raise Banned
    hint = await FALLBACK_PROMPTS[ctx.state](ctx)
    ended = await checkout.ended_order(ctx)
    text = "\n\n".join(part for part in (ended, ctx.texts(key), hint.text) if part)
    said = Say(text, hint.buttons, message_key or hint.message_key)
    return reply(said, state=ctx.staying)


async def _route_words(ctx: RequestContext, words: Said | Caption) -> Outcome:
    if isinstance(words, Said):
        return await _route_text(ctx, words.text)
    if stated_minor.is_of_sender(ctx) and not ctx.user.banned and says_minor(words.text):
        return await stated_minor.hear(ctx)
    wanted = captions.wanted_in(ctx.state, words.text)
    return await _run_intent(ctx, *wanted) if wanted else Outcome(state=ctx.state)


async def _route_text(ctx: RequestContext, text: str) -> Outcome:
    if admin.allowed(ctx) and (command := admin.read_command(text)):
        return await admin.run(ctx, command)
    wanted = read_words(text)
    if heard := await _hear_for_staff(ctx, text, wanted):
        return heard
    said = read_wish(text)
    if ctx.state is State.WISH and not said and (wanted is None or wishes.is_wish(ctx, text)):
        asked = read_question(text) if wanted is None and ASKS.search(text) else None
        return await (questions.answer(ctx, asked) if asked else _hear_wish(ctx, text))
    if wanted is None and (template := _style_by_name(ctx.deps.catalog, text)):
        # Words spend nothing: where a press would take the set, they show the style and its price.
        wanted = (Intent.STYLES if ctx.avatar else Intent.STYLE, template)
    if wanted is None and ctx.state in PHOTO_STATES and (numbers := album.read_numbers(text)):
        wanted = (Intent.OUT, numbers)
    if wanted is not None:
        return await _run_intent(ctx, *wanted)
    if said is not None:
        return await _hear_wish(ctx, said.words, moves=said.moves)
    return await _hear_question(ctx, text)


async def _hear_for_staff(ctx: RequestContext, text: str, wanted: Action | None) -> Outcome | None:
    """Words of an open case, or who says to be a minor; what is asked about a case goes nowhere."""
    if ctx.user.banned or not says_minor(text):
        return await support.hear_words(ctx, text, wanted)
    told = await stated_minor.hear(ctx)
    heard = await support.hear_words(ctx, text, wanted)
    return replace(heard, replies=(*told.replies, *heard.replies)) if heard else told


async def _hear_question(ctx: RequestContext, text: str) -> Outcome:
    """What nothing else asked for may be a question."""
    alike = questions.OF_WHAT_IS_MADE if ctx.state is State.WAITING else ()
    asked = plain_question(text) or read_question(text, alike=alike)
    if asked and not text.lstrip().startswith("/"):
        return await questions.answer(ctx, asked)
    if ctx.state is State.NEW and not ctx.user.banned:
        return await screen(ctx)
    return await fallback(ctx, "odd-text")


async def _hear_wish(ctx: RequestContext, text: str, *, moves: bool = False) -> Outcome:
    if ctx.user.banned:
        raise Banned
    return await wishes.hear(ctx, text, moves=moves)


async def _route_button(ctx: RequestContext, text: str) -> Outcome:
    if admin.allowed(ctx) and (command := admin.read_button(text)):
        return await admin.run(ctx, command)
    wanted = read_action(text)
    if wanted is None:
        return await fallback(ctx, "odd-button")
    return await _run_intent(ctx, *wanted)


async def _route_other(ctx: RequestContext, kind: str) -> Outcome:
    if ctx.verified is not None:
        return await verify.answer(ctx, ctx.verified)
    return await fallback(ctx, f"odd-{kind if kind in ODD_KINDS else 'other'}")


async def _route_photo(ctx: RequestContext, sent: SentPhoto) -> Outcome:
    if ctx.user.banned:
        raise Banned
    if ctx.verified is not None:
        return await verify.answer(ctx, ctx.verified)
    if ctx.state in PHOTO_STATES:
        return await photos.take_photo(ctx, sent)
    if ctx.photo is not None and ctx.state in (State.VERIFYING, State.CLIP):
        # It came for the order, before the question, which still waits for its file.
        return replace(await photos.take_photo(ctx, sent), state=ctx.state)
    if ctx.state is State.VERIFYING:
        return await verify.ask(ctx)
    if alive.takes_source(ctx):
        return await alive.take_source(ctx, sent.album)
    return await fallback(ctx, PHOTO_REFUSED[ctx.state], message_key="photo-note")


async def _run_intent(ctx: RequestContext, intent: Intent, argument: str) -> Outcome:
    if ctx.user.banned and intent not in FOR_THE_BANNED:
        raise Banned
    in_state = None if argument in set(ConsentKind) else STATE_INTENT_STEPS.get((ctx.state, intent))
    step = in_state or INTENT_STEPS[intent]
    return await step(replace(ctx, argument=argument))


def _style_by_name(catalog: Catalog, text: str) -> str | None:
    """The id of the style whose name, in any language, the text is."""
    wanted = normalized(text)
    for template in catalog.templates:
        if wanted in {normalized(name) for name in template.names.values()}:
            return template.id
    return None
