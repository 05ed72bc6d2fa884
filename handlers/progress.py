"""How far the work is, in words: honest about what is not known, edited in place."""

from dataclasses import dataclass

from handlers.chat import Keyboard, Say, Tone
from handlers.context import RequestContext
from handlers.intents import Intent, button, column
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.jobs import eta, jobs
from shop.jobs.kinds import JobKind
from shop.records import Avatar, Job, JobState, Order, Shoot

TRAINING = "training"
STAGES = frozenset({"loading", "preparing", TRAINING, "sampling", "painting", "checking"})


@dataclass(frozen=True, slots=True)
class Work:
    """A job that is owed, and where it stands."""

    job: Job
    standing: eta.QueuePosition

    @property
    def share(self) -> float | None:
        """0..1 of the present stage; None before it counts."""
        return min(1.0, self.job.step / self.job.steps) if self.job.steps else None


async def work_on(ctx: RequestContext, kind: JobKind, ref: str) -> Work | None:
    owed = await jobs.owed(ctx.tx, kind, ref)
    if not owed:
        return None
    return Work(owed[0], await eta.queue_position(ctx.tx, owed[0], ctx.now))


async def training(ctx: RequestContext, order: Order) -> Work | None:
    """The training of the order's avatar, if it is still owed."""
    made = await ctx.tx.find(Avatar, order_id=order.id)
    return await work_on(ctx, TRAIN, made[0].id) if made else None


def untouched(work: Work | None) -> bool:
    """Whether no worker has ever begun: then cancelling costs nobody anything."""
    return work is not None and work.job.state is JobState.WAITING and work.job.attempts == 0


async def progress(ctx: RequestContext, order: Order) -> Say:
    """The waiting message: position or progress, an honest time, and leave to close the chat."""
    work = await training(ctx, order)
    lines = [_where(ctx, work), remaining(ctx, work), ctx.texts("waiting-leave")]
    share = work.share if work and work.standing.running and work.job.stage == TRAINING else None
    return Say(
        "\n".join(lines), _buttons(ctx, work), f"progress:{order.id[:8]}", Tone.PROGRESS, share
    )


async def painting(ctx: RequestContext, shoot: Shoot, style: str, before: str = "") -> Say:
    """The message of a shoot that is being painted."""
    work = await work_on(ctx, PAINT, shoot.id)
    share = work.share if work and work.standing.running else None
    if share is not None:
        text = ctx.texts("shoot-working", style=style, percent=ctx.texts.percent(share))
    else:
        ahead = work.standing.ahead if work else 0
        text = ctx.texts("shoot-queued", style=style, credits=shoot.credits, ahead=ahead)
    lines = [line for line in (before, text, remaining(ctx, work)) if line]
    more = column(button(ctx.texts, "portraits-button-styles", Intent.STYLES))
    return Say("\n".join(lines), more, f"shoot:{shoot.id[:8]}", Tone.PROGRESS, share)


def remaining(ctx: RequestContext, work: Work | None) -> str:
    """A range from measured times; where nothing was measured, that."""
    span = work.standing.seconds if work else None
    if span is None:
        return ctx.texts("waiting-eta-unknown")
    return ctx.texts("waiting-eta", span=ctx.texts.span(span.low, span.high))


def _where(ctx: RequestContext, work: Work | None) -> str:
    if work is None:
        return ctx.texts("waiting-nudge")
    if not work.standing.running:
        return ctx.texts("waiting-queue", ahead=work.standing.ahead)
    if work.job.stage == TRAINING and work.share is not None:
        return ctx.texts("waiting-working", percent=ctx.texts.percent(work.share))
    stage = work.job.stage if work.job.stage in STAGES else "loading"
    return ctx.texts(f"waiting-stage-{stage}")


def _buttons(ctx: RequestContext, work: Work | None) -> Keyboard:
    refresh = button(ctx.texts, "waiting-button-refresh", Intent.WHERE)
    if untouched(work):
        return column(refresh, button(ctx.texts, "waiting-button-cancel", Intent.CANCEL))
    return column(refresh)
