"""What an update led to: its outcome, with the screen of the state that it leads to."""

from dataclasses import dataclass, replace

from handlers import router
from handlers.context import QUESTIONS, Outcome, RequestContext, Then, reload_context
from handlers.session import State


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What the transaction of an update led to."""

    ctx: RequestContext
    outcome: Outcome
    repeated: bool = False  # it was stored before: this is only its answer
    upload_kept: bool = False  # the photo's blob has its row


async def with_screen(ctx: RequestContext, outcome: Outcome) -> UpdateResult:
    """Find the new state, and add its screen if the step asked for it."""
    if outcome.forget:
        return UpdateResult(ctx, outcome)
    ctx = await reload_context(
        replace(ctx, data=ctx.data if outcome.data is None else outcome.data),
        _next_state(ctx, outcome),
    )
    if outcome.then is Then.NOTHING:
        return UpdateResult(ctx, replace(outcome, state=ctx.state))
    shown = await router.screen(ctx)
    replies = (*outcome.replies, *shown.replies)
    return UpdateResult(ctx, replace(shown, replies=replies, state=shown.state or ctx.state))


def _next_state(ctx: RequestContext, outcome: Outcome) -> State:
    """The state to go on from: a question like "which language?" ends with any other answer."""
    if outcome.state is not None:
        return outcome.state
    return State.NEW if ctx.state in QUESTIONS else ctx.state
