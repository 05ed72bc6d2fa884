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


async def screen(turn: RequestContext) -> Outcome:
    """Whichever consent is open; when none is, the word for the person."""
    if ConsentKind.TERMS not in turn.given:
        return await _ask_terms(turn)
    if ConsentKind.TRAINING not in turn.given:
        return reply(turn.say("training-ask", _training_choice(turn)), state=State.AGREE)
    return await subject_screen(turn)


async def nudge(turn: RequestContext) -> Say:
    if ConsentKind.TERMS not in turn.given:
        read = button(turn.texts, "terms-button-again", Intent.TERMS)
        return turn.say("terms-nudge", (*_terms_choice(turn), (read,)))
    return turn.say("training-nudge", _training_choice(turn))


async def terms(turn: RequestContext) -> Outcome:
    """The terms, at any time; on the way in they also ask for the yes."""
    if ConsentKind.TERMS in turn.given:
        agreed = turn.say(
            "terms-agreed",
            column(button(turn.texts, "button-where", Intent.WHERE)),
            version=consent.VERSION[ConsentKind.TERMS],
        )
        return reply(_terms(turn), agreed)
    return await _ask_terms(turn)


async def privacy(turn: RequestContext) -> Outcome:
    if turn.argument == ConsentKind.COMPARE:
        return await compare_consent.question(turn)
    buttons = column(
        button(turn.texts, "privacy-button-terms", Intent.TERMS),
        *compare_consent.switch(turn),
        button(turn.texts, "button-where", Intent.WHERE),
    )
    return reply(turn.say("privacy", buttons))


async def agree(turn: RequestContext) -> Outcome:
    """A yes: to what the button names, or, typed, to what is being asked."""
    kind = _asked(turn)
    if kind is ConsentKind.COMPARE:
        return await compare_consent.accept(turn)
    if kind is None or kind in turn.given:
        return reply_and_show()
    if kind is ConsentKind.TRAINING and ConsentKind.TERMS not in turn.given:
        return reply_and_show(
            state=State.AGREE
        )  # nobody agrees to training without having read the terms
    await consent.give(turn.tx, turn.user, kind, turn.now)
    complete = consent.enough(turn.given | {kind})
    if complete and turn.avatar is not None and turn.order is None:
        return reply_and_show(state=State.SUBJECT)
    return reply_and_show(state=State.AGREE)


async def ok(turn: RequestContext) -> Outcome:
    """A yes before the terms were read: typed, it was meant for the welcome; the button itself
    stands below the terms, so its presser has them even if we have lost that."""
    return await (agree(turn) if turn.argument else terms(turn))


async def decline(turn: RequestContext) -> Outcome:
    """A no keeps nothing and closes no door."""
    kind = _asked(turn)
    if kind is ConsentKind.COMPARE or await _declines_comparing(turn, kind):
        return await compare_consent.decline(turn)
    if kind is None or kind in turn.given:
        return reply_and_show()
    if kind is ConsentKind.TERMS:
        back = button(turn.texts, "terms-button-again", Intent.TERMS)
        return reply(turn.say("terms-declined", column(back)), state=State.AGREE)
    back = button(turn.texts, "training-button-again", Intent.WHERE)
    return reply(turn.say("training-declined", column(back)), state=State.AGREE)


async def revoke(turn: RequestContext) -> Outcome:
    """Withdraw the consent to training: ask first, then end all that rests on it. The one to
    comparing goes without a question, since nothing is lost with it."""
    if turn.argument == ConsentKind.COMPARE:
        return await compare_consent.withdraw(turn)
    if ConsentKind.TRAINING not in turn.given:
        return reply_and_show(turn.say("revoke-none"))
    if turn.argument == "yes":
        return await _withdraw(turn)
    if turn.argument == "no":
        return reply_and_show(turn.say("revoke-kept"))
    buttons = [
        button(turn.texts, "revoke-button-yes", Intent.REVOKE, "yes"),
        button(turn.texts, "revoke-button-no", Intent.REVOKE, "no"),
    ]
    if ConsentKind.COMPARE in turn.given:
        buttons.append(button(turn.texts, "compare-revoke", Intent.REVOKE, ConsentKind.COMPARE))
    return reply(turn.say("revoke-ask", column(*buttons)))


async def subject_screen(turn: RequestContext) -> Outcome:
    """The word for the person, below the question that may be left unanswered."""
    optional = await compare_consent.asked(turn)
    return reply(*optional, turn.say("subject-ask", _subjects(turn)), state=State.SUBJECT)


async def subject_nudge(turn: RequestContext) -> Say:
    return turn.say("subject-nudge", _subjects(turn))


async def subject(turn: RequestContext) -> Outcome:
    """Woman, man or neither: opens the order that takes the photos."""
    if turn.argument not in {one.value for one in Subject}:
        return reply_and_show()
    data = {**turn.data, "subject": turn.argument}
    if turn.order is None:
        await consent.demand(turn.tx, turn.user)
        await orders.begin(turn.tx, turn.house.cipher, turn.user, turn.now)
    elif turn.order.state is not OrderState.COLLECTING:
        return reply_and_show()
    return Outcome(data=data, then=Then.SCREEN)


async def ask_subject(turn: RequestContext) -> Say:
    """For a choice that was lost with its session."""
    return turn.say("subject-ask", _subjects(turn))


async def _withdraw(turn: RequestContext) -> Outcome:
    """Unpaid orders are cancelled, unfinished ones refunded, finished avatars erased."""
    await consent.withdraw(turn.tx, turn.user, ConsentKind.TRAINING, turn.now)
    for order in await turn.tx.find(Order, user_id=turn.user.id, product=Product.AVATAR):
        if order.state in orders.UNPAID:
            await orders.cancel(turn.tx, order, turn.now, "withdrawn")
        elif order.state is OrderState.PAID:
            await orders.refund(turn.tx, order, "withdrawn", turn.now)
        elif order.state is OrderState.DONE:
            await avatars.revoke(turn.tx, order, "withdrawn", turn.now)
    after = await reload_context(turn, State.NEW)
    back = button(after.texts, "training-button-again", Intent.WHERE)
    said: Reply = after.say("revoke-done", column(back), tone=Tone.RECEIPT)
    return Outcome((said,), after.state)


def _asked(turn: RequestContext) -> ConsentKind | None:
    """Which consent a yes or a no is about. A typed one is about those that are demanded: a yes to
    the optional one is a button's."""
    if turn.argument:
        known = {one.value: one for one in ConsentKind}
        return known.get(turn.argument)
    return next((kind for kind in consent.DEMANDED if kind not in turn.given), None)


async def _declines_comparing(turn: RequestContext, kind: ConsentKind | None) -> bool:
    """A no that is typed while the optional question is the only one it can answer."""
    alone = kind is None and not turn.argument and turn.state is State.SUBJECT
    return alone and await compare_consent.is_open(turn)


async def _ask_terms(turn: RequestContext) -> Outcome:
    """Before the first pains that somebody takes, whether they could buy at all."""
    asked = _terms(turn, _terms_choice(turn))
    return reply(*await sales_warning.warning(turn), asked, state=State.AGREE)


def _terms(turn: RequestContext, buttons: Keyboard = ()) -> Say:
    return turn.say("terms", buttons, hours=turn.house.settings.upload_hours)


def _terms_choice(turn: RequestContext) -> Keyboard:
    return column(
        button(turn.texts, "terms-button-yes", Intent.AGREE, ConsentKind.TERMS),
        button(turn.texts, "terms-button-no", Intent.DECLINE, ConsentKind.TERMS),
        button(turn.texts, "terms-button-privacy", Intent.PRIVACY),
    )


def _training_choice(turn: RequestContext) -> Keyboard:
    return column(
        button(turn.texts, "training-button-yes", Intent.AGREE, ConsentKind.TRAINING),
        button(turn.texts, "training-button-no", Intent.DECLINE, ConsentKind.TRAINING),
    )


def _subjects(turn: RequestContext) -> Keyboard:
    woman, man, person = (
        button(turn.texts, f"subject-button-{one}", Intent.SUBJECT, one) for one in Subject
    )
    return (*pairs(woman, man), (person,))
