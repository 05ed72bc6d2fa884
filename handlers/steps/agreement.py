"""Steps of consent: terms, consent to training, their withdrawal, and the choice of the subject.

The terms and the consent to training are asked one after the other, never together: Telegram's
developer terms and PIPL art. 29 want the second one separate, explicit and revocable. The third,
which is optional, is asked in :mod:`handlers.steps.compare_consent`, the fourth, optional as well,
in :mod:`handlers.steps.photo_comparison`.
"""

from dataclasses import replace
from typing import Final

from handlers import limits, sales_warning
from handlers.chat import Keyboard, Reply, Say, Tone
from handlers.context import Outcome, RequestContext, Then, reload_context, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.session import AIM, WISH, State
from handlers.steps import alive, compare_consent, consequences, photo_comparison
from shop.clips import endings
from shop.money import order_accounting
from shop.orders import orders, stopping
from shop.people import consent
from shop.records import ConsentKind, Order, OrderState, Product, Subject

_OPTIONAL: Final[dict[str, compare_consent.OptionalConsent]] = {
    ConsentKind.COMPARE: compare_consent.CONSENT,
    ConsentKind.COMPARE_PHOTOS: photo_comparison.CONSENT,
}
_WELCOMED: Final = frozenset({State.NEW, State.WELCOME})


async def screen(ctx: RequestContext) -> Outcome:
    """Ask for the first consent that is missing; if none is, for the subject."""
    if ConsentKind.TERMS not in ctx.given:
        return await _ask_terms(ctx)
    if ConsentKind.TRAINING not in ctx.given:
        return reply(ctx.say("training-ask", _training_buttons(ctx)), state=State.AGREE)
    return await subject_screen(ctx)


async def fallback_prompt(ctx: RequestContext) -> Say:
    if ConsentKind.TERMS not in ctx.given:
        read = button(ctx.texts, "terms-button-again", Intent.TERMS)
        changed = await consent.is_outdated(ctx.tx, ctx.user, ConsentKind.TERMS)
        key = "terms-prompt-changed" if changed else "terms-prompt"
        return ctx.say(key, (*_terms_buttons(ctx), (read,)))
    return ctx.say("training-prompt", _training_buttons(ctx))


async def show_terms(ctx: RequestContext) -> Outcome:
    """The terms, at any time; as long as they are not agreed to, with the question."""
    if ConsentKind.TERMS in ctx.given:
        agreed = ctx.say(
            "terms-agreed",
            column(button(ctx.texts, "button-where", Intent.WHERE)),
            version=consent.VERSION[ConsentKind.TERMS],
        )
        return reply(_terms_text(ctx), agreed)
    asked = await _ask_terms(ctx)
    return replace(asked, data=_without_aim(ctx)) if ctx.state in _WELCOMED else asked


async def begin_portraits(ctx: RequestContext) -> Outcome:
    """Portraits are wanted, of an avatar that is to be made; where there is one, its studio."""
    if ctx.order is not None or ctx.avatar is not None:
        return reply_and_show()
    return Outcome(state=State.AGREE, data=_without_aim(ctx), then=Then.SCREEN)


async def show_privacy(ctx: RequestContext) -> Outcome:
    if optional := _OPTIONAL.get(ctx.argument):
        return await optional.ask(ctx)
    buttons = column(
        button(ctx.texts, "privacy-button-terms", Intent.TERMS),
        *(one for optional in _OPTIONAL.values() for one in optional.privacy_button(ctx)),
        button(ctx.texts, "button-where", Intent.WHERE),
    )
    return reply(consequences.privacy_text(ctx, buttons))


async def agree(ctx: RequestContext) -> Outcome:
    """A yes: to the consent that the button names, or, typed, to the one that is being asked."""
    kind = _kind_asked(ctx)
    if optional := _OPTIONAL.get(kind or ""):
        return await optional.accept(ctx)
    if kind is None or kind in ctx.given:
        return reply_and_show()
    if kind is ConsentKind.TRAINING and ConsentKind.TERMS not in ctx.given:
        return reply_and_show(
            state=State.AGREE
        )  # nobody agrees to training without having read the terms
    await consent.give(ctx.tx, ctx.user, kind, ctx.now)
    if kind is ConsentKind.TERMS and AIM in ctx.data:
        wishes_first = ctx.data[AIM] == WISH
        return reply_and_show(state=State.WISH if wishes_first else State.RELATION)
    complete = consent.is_sufficient(ctx.given | {kind})
    if complete and ctx.avatar is not None and ctx.order is None:
        return reply_and_show(state=State.SUBJECT)
    return reply_and_show(state=State.AGREE)


async def agree_before_terms(ctx: RequestContext) -> Outcome:
    """A yes before the terms were read: typed, it was meant for the welcome. The button stands
    below the terms, so whoever presses it has read them, even if the session was lost."""
    return await (agree(ctx) if ctx.argument else show_terms(ctx))


async def decline(ctx: RequestContext) -> Outcome:
    """A no: nothing is stored, and the question can be asked again."""
    kind = _kind_asked(ctx)
    if optional := _OPTIONAL.get(kind or ""):
        return await optional.decline(ctx)
    if await _declines_comparing(ctx, kind):
        return await compare_consent.decline(ctx)
    if kind is None or kind in ctx.given:
        return reply_and_show()
    if kind is ConsentKind.TERMS:
        back = button(ctx.texts, "terms-button-again", Intent.TERMS)
        return reply(ctx.say("terms-declined", column(back)), state=State.AGREE)
    back = button(ctx.texts, "training-button-again", Intent.WHERE)
    return reply(ctx.say("training-declined", column(back)), state=State.AGREE)


async def revoke(ctx: RequestContext) -> Outcome:
    """Withdraw the consent to training: ask first, then end all that rests on it. Those to
    comparing and to motion end without a question, since nothing finished is lost with them."""
    if optional := _OPTIONAL.get(ctx.argument):
        return await optional.withdraw(ctx)
    trains, moves = (kind in ctx.given for kind in (ConsentKind.TRAINING, ConsentKind.MOTION))
    if ctx.argument == ConsentKind.MOTION or (moves and not trains):
        return await alive.withdraw(ctx)
    if not trains:
        return reply_and_show(ctx.say("revoke-none"))
    if ctx.argument == "no":
        return reply_and_show(ctx.say("revoke-kept"))
    stake = await stopping.stake(ctx.tx, ctx.user, ctx.now)
    if ctx.argument == stake.answer:  # else the question was another one
        return await _withdraw_training(ctx)
    buttons = [
        button(ctx.texts, "revoke-button-yes", Intent.REVOKE, stake.answer),
        button(ctx.texts, "revoke-button-no", Intent.REVOKE, "no"),
    ]
    if ConsentKind.MOTION in ctx.given:
        buttons.append(button(ctx.texts, "alive-revoke", Intent.REVOKE, ConsentKind.MOTION))
    for optional in _OPTIONAL.values():
        buttons += optional.revoke_button(ctx)
    owed = await order_accounting.owed_back(ctx.tx, ctx.user.id)
    return reply(consequences.say_of_money(ctx, "revoke-ask", stake, column(*buttons), owed=owed))


async def subject_screen(ctx: RequestContext) -> Outcome:
    """Ask for the subject, below the optional consent."""
    optional = await compare_consent.question_if_open(ctx)
    return reply(*optional, ctx.say("subject-ask", _subject_buttons(ctx)), state=State.SUBJECT)


async def subject_fallback_prompt(ctx: RequestContext) -> Say:
    return ctx.say("subject-prompt", _subject_buttons(ctx))


async def choose_subject(ctx: RequestContext) -> Outcome:
    """Woman, man or neither: opens the order to which photos are sent."""
    if ctx.argument not in {one.value for one in Subject}:
        return reply_and_show()
    data = {**ctx.data, "subject": ctx.argument}
    if ctx.order is None:
        await consent.require(ctx.tx, ctx.user)
        limits.require_order(ctx.counted, ctx.texts)
        await orders.begin(ctx.tx, ctx.deps.cipher, ctx.user, ctx.now)
    elif ctx.order.state is not OrderState.COLLECTING:
        return reply_and_show()
    return Outcome(data=data, then=Then.SCREEN)


async def ask_subject(ctx: RequestContext) -> Say:
    """The question again, for an answer that was lost with its session."""
    return ctx.say("subject-ask", _subject_buttons(ctx))


def _without_aim(ctx: RequestContext) -> dict[str, str]:
    """The session data of somebody who does not want to bring anything alive just now."""
    return {key: value for key, value in ctx.data.items() if key != AIM}


async def _withdraw_training(ctx: RequestContext) -> Outcome:
    """Unpaid orders are cancelled, unfinished ones stopped, finished avatars erased."""
    owed = await order_accounting.owed_back(ctx.tx, ctx.user.id)
    stopped = []
    await consent.withdraw(ctx.tx, ctx.user, ConsentKind.TRAINING, ctx.now)
    for order in await ctx.tx.find(Order, user_id=ctx.user.id, product=Product.AVATAR):
        if order.state in orders.UNPAID:
            await orders.cancel(ctx.tx, order, ctx.now, "withdrawn")
        elif order.state is OrderState.PAID:
            stopped.append(await stopping.stop(ctx.tx, order, "withdrawn", ctx.now))
        elif order.state is OrderState.DONE:
            await endings.revoke_avatar(ctx.tx, order, "withdrawn", ctx.now)
    reloaded = await reload_context(ctx, State.NEW)
    back = button(reloaded.texts, "training-button-again", Intent.WHERE)
    ended = stopping.by_outcome(stopped)
    receipt: Reply = consequences.say_of_money(
        reloaded, "revoke-done", ended, column(back), owed=owed, tone=Tone.RECEIPT
    )
    return Outcome((receipt,), reloaded.state)


def _kind_asked(ctx: RequestContext) -> ConsentKind | None:
    """The consent that a yes or a no is about. A typed one is about those that are demanded: a yes
    to the optional one needs its button."""
    if ctx.argument:
        known = {one.value: one for one in ConsentKind}
        return known.get(ctx.argument)
    return next((kind for kind in consent.REQUIRED if kind not in ctx.given), None)


async def _declines_comparing(ctx: RequestContext, kind: ConsentKind | None) -> bool:
    """Whether a typed no can only be the answer to the optional question."""
    alone = kind is None and not ctx.argument and ctx.state is State.SUBJECT
    return alone and await compare_consent.is_open(ctx)


async def _ask_terms(ctx: RequestContext) -> Outcome:
    """The terms with their question, after a warning if sales are closed; for whoever agreed to an
    earlier version, after a word on why they are asked again."""
    asked = _terms_text(ctx, _terms_buttons(ctx))
    before: tuple[Reply, ...] = await sales_warning.warning(ctx)
    if await consent.is_outdated(ctx.tx, ctx.user, ConsentKind.TERMS):
        before = (*before, ctx.say("terms-changed"))
    return reply(*before, asked, state=State.AGREE)


def _terms_text(ctx: RequestContext, buttons: Keyboard = ()) -> Say:
    return ctx.say("terms", buttons, hours=ctx.deps.settings.upload_hours)


def _terms_buttons(ctx: RequestContext) -> Keyboard:
    return column(
        button(ctx.texts, "terms-button-yes", Intent.AGREE, ConsentKind.TERMS),
        button(ctx.texts, "terms-button-no", Intent.DECLINE, ConsentKind.TERMS),
        button(ctx.texts, "terms-button-privacy", Intent.PRIVACY),
    )


def _training_buttons(ctx: RequestContext) -> Keyboard:
    return column(
        button(ctx.texts, "training-button-yes", Intent.AGREE, ConsentKind.TRAINING),
        button(ctx.texts, "training-button-no", Intent.DECLINE, ConsentKind.TRAINING),
    )


def _subject_buttons(ctx: RequestContext) -> Keyboard:
    woman, man, person = (
        button(ctx.texts, f"subject-button-{one}", Intent.SUBJECT, one) for one in Subject
    )
    return (*pairs(woman, man), (person,))
