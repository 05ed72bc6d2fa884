"""The optional consent: may the first portraits be compared with the photos while they are made?

Asked once, beside a question that has to be answered anyhow, so that nobody is held up by it: two
equal buttons, and no answer is a no. Both answers can be changed under /privacy.
"""

from dataclasses import replace

from handlers.chat import Button, Keyboard, Say
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.progress import training, untouched
from handlers.session import State
from shop.people import consent
from shop.records import ConsentKind, Order, OrderState, Product

KIND = ConsentKind.COMPARE
SLOT = "compare"  # the answer takes the question's place
NO = "no"  # in the session: somebody who has answered is not asked again


async def asked(turn: RequestContext) -> tuple[Say, ...]:
    """The question, if it is still to be asked: before a first order, and until it is answered."""
    return (_ask(turn),) if await is_open(turn) else ()


async def is_open(turn: RequestContext) -> bool:
    if KIND in turn.given or turn.data.get(SLOT) == NO or turn.avatar is not None:
        return False
    if await consent.ever_given(turn.tx, turn.user, KIND):
        return False
    return not await turn.tx.count(Order, user_id=turn.user.id, product=Product.AVATAR)


async def question(turn: RequestContext) -> Outcome:
    """Asked for under /privacy: the whole of it, before a yes can be given."""
    if not consent.enough(turn.given):
        return reply_and_show(state=State.AGREE)
    return reply(_ask(turn))


async def accept(turn: RequestContext) -> Outcome:
    """A yes. It needs photos that may be used at all: the other two first."""
    if not consent.enough(turn.given):
        return reply_and_show(state=State.AGREE)
    await consent.give(turn.tx, turn.user, KIND, turn.now)
    late = await _begun(turn) or (turn.order is None and turn.avatar is not None)
    said = _answer(turn, "compare-yes-later" if late else "compare-yes")
    return replace(said, data={key: turn.data[key] for key in turn.data if key != SLOT})


async def decline(turn: RequestContext) -> Outcome:
    """A no; where there was a yes, that one is taken back."""
    if KIND in turn.given:
        return await withdraw(turn)
    return replace(_answer(turn, "compare-no"), data={**turn.data, SLOT: NO})


async def withdraw(turn: RequestContext) -> Outcome:
    """Take the yes back. What is compared by a training that has begun is thrown away
    (:func:`shop.avatars.initial_portraits.begin`)."""
    if KIND not in turn.given:
        return _answer(turn, "compare-no")
    await consent.withdraw(turn.tx, turn.user, KIND, turn.now)
    return _answer(turn, "compare-off-begun" if await _begun(turn) else "compare-off")


def switch(turn: RequestContext) -> tuple[Button, ...]:
    """The button under /privacy: to be asked, or to take the yes back; none before the photos may
    be used at all."""
    if KIND in turn.given:
        return (button(turn.texts, "compare-privacy-off", Intent.REVOKE, KIND),)
    if consent.enough(turn.given):
        return (button(turn.texts, "compare-privacy-ask", Intent.PRIVACY, KIND),)
    return ()


async def _begun(turn: RequestContext) -> bool:
    """Whether the avatar that was paid for is being made already."""
    if turn.order is None or turn.order.state is not OrderState.PAID:
        return False
    return not untouched(await training(turn, turn.order))


def _answer(turn: RequestContext, key: str) -> Outcome:
    return reply(turn.say(key, column(button(turn.texts, "button-where", Intent.WHERE)), slot=SLOT))


def _ask(turn: RequestContext) -> Say:
    return turn.say("compare-ask", _choice(turn), slot=SLOT)


def _choice(turn: RequestContext) -> Keyboard:
    return pairs(
        button(turn.texts, "compare-button-yes", Intent.AGREE, KIND),
        button(turn.texts, "compare-button-no", Intent.DECLINE, KIND),
    )
