"""Steps of the optional consent: may the first portraits be compared with the photos?

Asked once, beside a question that has to be answered anyhow, so that nobody is held up by it: two
equal buttons, and no answer is a no. The answer can be changed under /privacy.
"""

from dataclasses import dataclass, replace
from typing import Final

from handlers.chat import Button, Keyboard, Say
from handlers.context import Outcome, RequestContext, Step, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.progress.registry import not_started
from handlers.progress.training import training_progress
from handlers.session import State
from shop.people import consent
from shop.records import ConsentKind, Order, OrderState, Product

KIND = ConsentKind.COMPARE
MESSAGE_KEY = "compare"  # the answer edits the question's message
NO = "no"  # in the session data: somebody who has answered is not asked again


@dataclass(frozen=True, slots=True)
class OptionalConsent:
    """The steps of a consent that nothing depends on, and the keys of its buttons: two under
    /privacy, one below the question of /revoke."""

    kind: ConsentKind
    ask: Step
    accept: Step
    decline: Step
    withdraw: Step
    privacy_ask: str
    privacy_off: str
    revoke: str

    def privacy_button(self, ctx: RequestContext) -> tuple[Button, ...]:
        """To be asked, or to withdraw; none before the demanded consents."""
        if self.kind in ctx.given:
            return (button(ctx.texts, self.privacy_off, Intent.REVOKE, self.kind),)
        if consent.is_sufficient(ctx.given):
            return (button(ctx.texts, self.privacy_ask, Intent.PRIVACY, self.kind),)
        return ()

    def revoke_button(self, ctx: RequestContext) -> tuple[Button, ...]:
        """To withdraw this one alone, if it is given."""
        if self.kind not in ctx.given:
            return ()
        return (button(ctx.texts, self.revoke, Intent.REVOKE, self.kind),)


async def question_if_open(ctx: RequestContext) -> tuple[Say, ...]:
    """The question, if it is still to be asked: before a first order, and until it is answered."""
    return (_question(ctx),) if await is_open(ctx) else ()


async def is_open(ctx: RequestContext) -> bool:
    if KIND in ctx.given or ctx.data.get(MESSAGE_KEY) == NO or ctx.avatar is not None:
        return False
    if await consent.was_ever_given(ctx.tx, ctx.user, KIND):
        return False
    return not await ctx.tx.count(Order, user_id=ctx.user.id, product=Product.AVATAR)


async def ask(ctx: RequestContext) -> Outcome:
    """Ask again, as chosen under /privacy."""
    if not consent.is_sufficient(ctx.given):
        return reply_and_show(state=State.AGREE)
    return reply(_question(ctx))


async def accept(ctx: RequestContext) -> Outcome:
    """A yes. The two demanded consents come first."""
    if not consent.is_sufficient(ctx.given):
        return reply_and_show(state=State.AGREE)
    await consent.give(ctx.tx, ctx.user, KIND, ctx.now)
    late = await _training_begun(ctx) or (ctx.order is None and ctx.avatar is not None)
    said = _answer(ctx, "compare-yes-later" if late else "compare-yes")
    return replace(said, data={key: ctx.data[key] for key in ctx.data if key != MESSAGE_KEY})


async def decline(ctx: RequestContext) -> Outcome:
    """A no; an earlier yes is withdrawn."""
    if KIND in ctx.given:
        return await withdraw(ctx)
    return replace(_answer(ctx, "compare-no"), data={**ctx.data, MESSAGE_KEY: NO})


async def withdraw(ctx: RequestContext) -> Outcome:
    """Withdraw the yes. What a training that has begun has compared is thrown away
    (:func:`shop.avatars.initial_portraits.deliver_or_request`)."""
    if KIND not in ctx.given:
        return _answer(ctx, "compare-no")
    await consent.withdraw(ctx.tx, ctx.user, KIND, ctx.now)
    return _answer(ctx, "compare-off-begun" if await _training_begun(ctx) else "compare-off")


CONSENT: Final = OptionalConsent(
    KIND,
    ask,
    accept,
    decline,
    withdraw,
    "compare-privacy-ask",
    "compare-privacy-off",
    "compare-revoke",
)


async def _training_begun(ctx: RequestContext) -> bool:
    """Whether the training of the paid order has begun."""
    if ctx.order is None or ctx.order.state is not OrderState.PAID:
        return False
    return not not_started(await training_progress(ctx, ctx.order))


def _answer(ctx: RequestContext, key: str) -> Outcome:
    """Where the question beside it was not answered yet and can no more be pressed, it is asked
    again at once."""
    if ctx.typed and ctx.state is State.SUBJECT:
        return reply_and_show(ctx.say(key, message_key=MESSAGE_KEY))
    return reply(
        ctx.say(
            key, column(button(ctx.texts, "button-where", Intent.WHERE)), message_key=MESSAGE_KEY
        )
    )


def _question(ctx: RequestContext) -> Say:
    return ctx.say("compare-ask", _buttons(ctx), message_key=MESSAGE_KEY)


def _buttons(ctx: RequestContext) -> Keyboard:
    return pairs(
        button(ctx.texts, "compare-button-yes", Intent.AGREE, KIND),
        button(ctx.texts, "compare-button-no", Intent.DECLINE, KIND),
    )
