"""How far the work is, in words: honest about what is not known, edited in place."""

from dataclasses import dataclass

from handlers.chat import Keyboard, Say, Tone
from handlers.context import RequestContext
from handlers.intents import Intent, button, column
from shop.jobs import eta, jobs
from shop.records import Avatar, Job, JobQueue, JobState, Order, Shoot

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


async def work_on(turn: RequestContext, queue: JobQueue, ref: str) -> Work | None:
    owed = await jobs.owed(turn.tx, queue, ref)
    if not owed:
        return None
    return Work(owed[0], await eta.queue_position(turn.tx, owed[0], turn.now))


async def training(turn: RequestContext, order: Order) -> Work | None:
    """The training of the order's avatar, if it is still owed."""
    made = await turn.tx.find(Avatar, order_id=order.id)
    return await work_on(turn, JobQueue.TRAIN, made[0].id) if made else None


def untouched(work: Work | None) -> bool:
    """Whether no worker has ever begun: then cancelling costs nobody anything."""
    return work is not None and work.job.state is JobState.WAITING and work.job.attempts == 0


async def progress(turn: RequestContext, order: Order) -> Say:
    """The waiting message: position or progress, an honest time, and leave to close the chat."""
    work = await training(turn, order)
    lines = [_where(turn, work), remaining(turn, work), turn.texts("waiting-leave")]
    share = work.share if work and work.standing.running and work.job.stage == TRAINING else None
    return Say(
        "\n".join(lines), _buttons(turn, work), f"progress:{order.id[:8]}", Tone.PROGRESS, share
    )


async def painting(turn: RequestContext, shoot: Shoot, style: str, before: str = "") -> Say:
    """The message of a shoot that is being painted."""
    work = await work_on(turn, JobQueue.PAINT, shoot.id)
    share = work.share if work and work.standing.running else None
    if share is not None:
        text = turn.texts("shoot-working", style=style, percent=turn.texts.percent(share))
    else:
        ahead = work.standing.ahead if work else 0
        text = turn.texts("shoot-queued", style=style, credits=shoot.credits, ahead=ahead)
    lines = [line for line in (before, text, remaining(turn, work)) if line]
    more = column(button(turn.texts, "portraits-button-styles", Intent.STYLES))
    return Say("\n".join(lines), more, f"shoot:{shoot.id[:8]}", Tone.PROGRESS, share)


def remaining(turn: RequestContext, work: Work | None) -> str:
    """A range from measured times; where nothing was measured, that."""
    span = work.standing.seconds if work else None
    if span is None:
        return turn.texts("waiting-eta-unknown")
    return turn.texts("waiting-eta", span=turn.texts.span(span.low, span.high))


def _where(turn: RequestContext, work: Work | None) -> str:
    if work is None:
        return turn.texts("waiting-nudge")
    if not work.standing.running:
        return turn.texts("waiting-queue", ahead=work.standing.ahead)
    if work.job.stage == TRAINING and work.share is not None:
        return turn.texts("waiting-working", percent=turn.texts.percent(work.share))
    stage = work.job.stage if work.job.stage in STAGES else "loading"
    return turn.texts(f"waiting-stage-{stage}")


def _buttons(turn: RequestContext, work: Work | None) -> Keyboard:
    refresh = button(turn.texts, "waiting-button-refresh", Intent.WHERE)
    if untouched(work):
        return column(refresh, button(turn.texts, "waiting-button-cancel", Intent.CANCEL))
    return column(refresh)
