"""What happens to the photos, the consents and their withdrawal, and the word for the person.

The terms and the consent to training are asked one after the other, never together: Telegram's
developer terms and PIPL art. 29 want the second one separate, explicit and revocable. The third,
which nobody has to give, is asked in :mod:`handlers.steps.compare_consent`.
"""

from handlers import sales_warning
from handlers.chat import Keyboard, Reply, Say, Tone
from handlers.context import Outcome, RequestContext, Then, reload_context, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.session import State
from handlers.steps import compare_consent
from shop.avatars import avatars
from shop.orders import orders
from shop.people import consent
from shop.records import ConsentKind, Order, OrderState, Product, Subject


async def screen(ctx: RequestContext) -> Outcome:
    """Whichever consent is open; when none is, the word for the person."""
    if ConsentKind.TERMS not in ctx.given:
        return await _ask_terms(ctx)
    if ConsentKind.TRAINING not in ctx.given:
        return reply(ctx.say("training-ask", _training_choice(ctx)), state=State.AGREE)
    return await subject_screen(ctx)


async def fallback_prompt(ctx: RequestContext) -> Say:
    if ConsentKind.TERMS not in ctx.given:
        read = button(ctx.texts, "terms-button-again", Intent.TERMS)
        return ctx.say("terms-nudge", (*_terms_choice(ctx), (read,)))
    return ctx.say("training-nudge", _training_choice(ctx))


async def terms(ctx: RequestContext) -> Outcome:
    """The terms, at any time; on the way in they also ask for the yes."""
    if ConsentKind.TERMS in ctx.given:
        agreed = ctx.say(
            "terms-agreed",
            column(button(ctx.texts, "button-where", Intent.WHERE)),
            version=consent.VERSION[ConsentKind.TERMS],
        )
        return reply(_terms(ctx), agreed)
    return await _ask_terms(ctx)


async def privacy(ctx: RequestContext) -> Outcome:
    if ctx.argument == ConsentKind.COMPARE:
        return await compare_consent.question(ctx)
    buttons = column(
        button(ctx.texts, "privacy-button-terms", Intent.TERMS),
        *compare_consent.switch(ctx),
        button(ctx.texts, "button-where", Intent.WHERE),
    )
    return reply(ctx.say("privacy", buttons))


async def agree(ctx: RequestContext) -> Outcome:
    """A yes: to what the button names, or, typed, to what is being asked."""
    kind = _asked(ctx)
    if kind is ConsentKind.COMPARE:
        return await compare_consent.accept(ctx)
    if kind is None or kind in ctx.given:
        return reply_and_show()
    if kind is ConsentKind.TRAINING and ConsentKind.TERMS not in ctx.given:
        return reply_and_show(
            state=State.AGREE
        )  # nobody agrees to training without having read the terms
    await consent.give(ctx.tx, ctx.user, kind, ctx.now)
    complete = consent.is_sufficient(ctx.given | {kind})
    if complete and ctx.avatar is not None and ctx.order is None:
        return reply_and_show(state=State.SUBJECT)
    return reply_and_show(state=State.AGREE)


async def ok(ctx: RequestContext) -> Outcome:
    """A yes before the terms were read: typed, it was meant for the welcome; the button itself
    stands below the terms, so its presser has them even if we have lost that."""
    return await (agree(ctx) if ctx.argument else terms(ctx))


async def decline(ctx: RequestContext) -> Outcome:
    """A no keeps nothing and closes no door."""
    kind = _asked(ctx)
    if kind is ConsentKind.COMPARE or await _declines_comparing(ctx, kind):
        return await compare_consent.decline(ctx)
    if kind is None or kind in ctx.given:
        return reply_and_show()
    if kind is ConsentKind.TERMS:
        back = button(ctx.texts, "terms-button-again", Intent.TERMS)
        return reply(ctx.say("terms-declined", column(back)), state=State.AGREE)
    back = button(ctx.texts, "training-button-again", Intent.WHERE)
    return reply(ctx.say("training-declined", column(back)), state=State.AGREE)


async def revoke(ctx: RequestContext) -> Outcome:
    """Withdraw the consent to training: ask first, then end all that rests on it. The one to
    comparing goes without a question, since nothing is lost with it."""
    if ctx.argument == ConsentKind.COMPARE:
        return await compare_consent.withdraw(ctx)
    if ConsentKind.TRAINING not in ctx.given:
        return reply_and_show(ctx.say("revoke-none"))
    if ctx.argument == "yes":
        return await _withdraw(ctx)
    if ctx.argument == "no":
        return reply_and_show(ctx.say("revoke-kept"))
    buttons = [
        button(ctx.texts, "revoke-button-yes", Intent.REVOKE, "yes"),
        button(ctx.texts, "revoke-button-no", Intent.REVOKE, "no"),
    ]
    if ConsentKind.COMPARE in ctx.given:
        buttons.append(button(ctx.texts, "compare-revoke", Intent.REVOKE, ConsentKind.COMPARE))
    return reply(ctx.say("revoke-ask", column(*buttons)))


async def subject_screen(ctx: RequestContext) -> Outcome:
    """The word for the person, below the question that may be left unanswered."""
    optional = await compare_consent.asked(ctx)
    return reply(*optional, ctx.say("subject-ask", _subjects(ctx)), state=State.SUBJECT)


async def subject_nudge(ctx: RequestContext) -> Say:
    return ctx.say("subject-nudge", _subjects(ctx))


async def subject(ctx: RequestContext) -> Outcome:
    """Woman, man or neither: opens the order that takes the photos."""
    if ctx.argument not in {one.value for one in Subject}:
        return reply_and_show()
    data = {**ctx.data, "subject": ctx.argument}
    if ctx.order is None:
        await consent.require(ctx.tx, ctx.user)
        await orders.begin(ctx.tx, ctx.deps.cipher, ctx.user, ctx.now)
    elif ctx.order.state is not OrderState.COLLECTING:
        return reply_and_show()
    return Outcome(data=data, then=Then.SCREEN)


async def ask_subject(ctx: RequestContext) -> Say:
    """For a choice that was lost with its session."""
    return ctx.say("subject-ask", _subjects(ctx))


async def _withdraw(ctx: RequestContext) -> Outcome:
    """Unpaid orders are cancelled, unfinished ones refunded, finished avatars erased."""
    await consent.withdraw(ctx.tx, ctx.user, ConsentKind.TRAINING, ctx.now)
    for order in await ctx.tx.find(Order, user_id=ctx.user.id, product=Product.AVATAR):
        if order.state in orders.UNPAID:
            await orders.cancel(ctx.tx, order, ctx.now, "withdrawn")
        elif order.state is OrderState.PAID:
            await orders.refund(ctx.tx, order, "withdrawn", ctx.now)
        elif order.state is OrderState.DONE:
            await avatars.revoke(ctx.tx, order, "withdrawn", ctx.now)
    after = await reload_context(ctx, State.NEW)
    back = button(after.texts, "training-button-again", Intent.WHERE)
    said: Reply = after.say("revoke-done", column(back), tone=Tone.RECEIPT)
    return Outcome((said,), after.state)


def _asked(ctx: RequestContext) -> ConsentKind | None:
    """Which consent a yes or a no is about. A typed one is about those that are demanded: a yes to
    the optional one is a button's."""
    if ctx.argument:
        known = {one.value: one for one in ConsentKind}
        return known.get(ctx.argument)
    return next((kind for kind in consent.REQUIRED if kind not in ctx.given), None)


async def _declines_comparing(ctx: RequestContext, kind: ConsentKind | None) -> bool:
    """A no that is typed while the optional question is the only one it can answer."""
    alone = kind is None and not ctx.argument and ctx.state is State.SUBJECT
    return alone and await compare_consent.is_open(ctx)


async def _ask_terms(ctx: RequestContext) -> Outcome:
    """Before the first pains that somebody takes, whether they could buy at all."""
    asked = _terms(ctx, _terms_choice(ctx))
    return reply(*await sales_warning.warning(ctx), asked, state=State.AGREE)


def _terms(ctx: RequestContext, buttons: Keyboard = ()) -> Say:
    return ctx.say("terms", buttons, hours=ctx.deps.settings.upload_hours)


def _terms_choice(ctx: RequestContext) -> Keyboard:
    return column(
        button(ctx.texts, "terms-button-yes", Intent.AGREE, ConsentKind.TERMS),
        button(ctx.texts, "terms-button-no", Intent.DECLINE, ConsentKind.TERMS),
        button(ctx.texts, "terms-button-privacy", Intent.PRIVACY),
    )


def _training_choice(ctx: RequestContext) -> Keyboard:
    return column(
        button(ctx.texts, "training-button-yes", Intent.AGREE, ConsentKind.TRAINING),
        button(ctx.texts, "training-button-no", Intent.DECLINE, ConsentKind.TRAINING),
    )


def _subjects(ctx: RequestContext) -> Keyboard:
    woman, man, person = (
        button(ctx.texts, f"subject-button-{one}", Intent.SUBJECT, one) for one in Subject
    )
    return (*pairs(woman, man), (person,))
