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


async def asked(ctx: RequestContext) -> tuple[Say, ...]:
    """The question, if it is still to be asked: before a first order, and until it is answered."""
    return (_ask(ctx),) if await is_open(ctx) else ()


async def is_open(ctx: RequestContext) -> bool:
    if KIND in ctx.given or ctx.data.get(SLOT) == NO or ctx.avatar is not None:
        return False
    if await consent.was_ever_given(ctx.tx, ctx.user, KIND):
        return False
    return not await ctx.tx.count(Order, user_id=ctx.user.id, product=Product.AVATAR)


async def question(ctx: RequestContext) -> Outcome:
    """Asked for under /privacy: the whole of it, before a yes can be given."""
    if not consent.is_sufficient(ctx.given):
        return reply_and_show(state=State.AGREE)
    return reply(_ask(ctx))


async def accept(ctx: RequestContext) -> Outcome:
    """A yes. It needs photos that may be used at all: the other two first."""
    if not consent.is_sufficient(ctx.given):
        return reply_and_show(state=State.AGREE)
    await consent.give(ctx.tx, ctx.user, KIND, ctx.now)
    late = await _begun(ctx) or (ctx.order is None and ctx.avatar is not None)
    said = _answer(ctx, "compare-yes-later" if late else "compare-yes")
    return replace(said, data={key: ctx.data[key] for key in ctx.data if key != SLOT})


async def decline(ctx: RequestContext) -> Outcome:
    """A no; where there was a yes, that one is taken back."""
    if KIND in ctx.given:
        return await withdraw(ctx)
    return replace(_answer(ctx, "compare-no"), data={**ctx.data, SLOT: NO})


async def withdraw(ctx: RequestContext) -> Outcome:
    """Take the yes back. What is compared by a training that has begun is thrown away
    (:func:`shop.avatars.initial_portraits.deliver_or_request`)."""
    if KIND not in ctx.given:
        return _answer(ctx, "compare-no")
    await consent.withdraw(ctx.tx, ctx.user, KIND, ctx.now)
    return _answer(ctx, "compare-off-begun" if await _begun(ctx) else "compare-off")


def switch(ctx: RequestContext) -> tuple[Button, ...]:
    """The button under /privacy: to be asked, or to take the yes back; none before the photos may
    be used at all."""
    if KIND in ctx.given:
        return (button(ctx.texts, "compare-privacy-off", Intent.REVOKE, KIND),)
    if consent.is_sufficient(ctx.given):
        return (button(ctx.texts, "compare-privacy-ask", Intent.PRIVACY, KIND),)
    return ()


async def _begun(ctx: RequestContext) -> bool:
    """Whether the avatar that was paid for is being made already."""
    if ctx.order is None or ctx.order.state is not OrderState.PAID:
        return False
    return not untouched(await training(ctx, ctx.order))


def _answer(ctx: RequestContext, key: str) -> Outcome:
    return reply(
        ctx.say(key, column(button(ctx.texts, "button-where", Intent.WHERE)), message_key=SLOT)
    )


def _ask(ctx: RequestContext) -> Say:
    return ctx.say("compare-ask", _choice(ctx), message_key=SLOT)


def _choice(ctx: RequestContext) -> Keyboard:
    return pairs(
        button(ctx.texts, "compare-button-yes", Intent.AGREE, KIND),
        button(ctx.texts, "compare-button-no", Intent.DECLINE, KIND),
    )
