"""The registry of progress messages by kind of job, and what they have in common."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from handlers.chat import Reply, Say, Tone
from handlers.context import RequestContext
from handlers.registry import Registry
from shop.jobs import eta, jobs
from shop.jobs.kinds import JobKind
from shop.records import Job


@dataclass(frozen=True, slots=True)
class JobProgressText:
    """How the progress of one kind of job is told.

    ``kind`` is the kind's name; ``message`` renders a job that has not ended, and raises
    :class:`shop.errors.NotFound` where the job is about nothing of this person's. ``places`` are
    the message keys in which a job's progress may stand, each with the message that closes it: its
    variable ``how`` is ``done``, ``failed`` or ``cancelled``.
    """

    kind: str
    message: Callable[[RequestContext, Job], Awaitable[Say]]
    places: Callable[[Job], Mapping[str, str]]


class Held(StrEnum):
    """What the person gave for the work."""

    MONEY = "money"
    CREDITS = "credits"
    NOTHING = "nothing"


TWENTY: Final = 20
TEXTS: Final = Registry[JobProgressText]("progress message of job kind")


def register(text: JobProgressText) -> None:
    """Add a kind of job. Raises ValueError for one that is registered."""
    TEXTS.register(str(text.kind), text)


async def progress_message(ctx: RequestContext, job: Job) -> Say | None:
    """The progress message of a job, or None for a kind that has none."""
    text = TEXTS.find(str(job.kind))
    return await text.message(ctx, job) if text else None


def closing(ctx: RequestContext, job: Job) -> list[Reply]:
    """The last words of a job's progress messages, once it has ended: one quiet line each."""
    text = TEXTS.find(str(job.kind))
    if text is None or job.state not in jobs.ENDED:
        return []
    return [
        Say(ctx.texts(ended, how=job.state.value), message_key=place, closes=True)
        for place, ended in text.places(job).items()
    ]


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A job that has not ended, and its position in the queue or its time left."""

    job: Job
    position: eta.QueuePosition

    @property
    def share(self) -> float | None:
        """0..1 of the present stage, as it is told in words and drawn as a bar; None before it
        counts steps. In whole twentieths, rounded down, and never all of a job that goes on."""
        if not self.job.steps:
            return None
        return min(self.job.step * TWENTY // self.job.steps, TWENTY - 1) / TWENTY


async def job_progress(ctx: RequestContext, kind: JobKind, ref: str) -> JobProgress | None:
    """The progress of the job of that kind on ``ref``; None if no such job is open."""
    open_jobs = await jobs.owed(ctx.tx, kind, ref)
    if not open_jobs:
        return None
    job = open_jobs[0]
    return JobProgress(job, await eta.queue_position(ctx.tx, job, kind, ctx.now))


def not_started(progress: JobProgress | None) -> bool:
    """Whether no worker has ever begun: then cancelling costs nobody anything."""
    return progress is not None and progress.job.started_at is None


def tone_of(progress: JobProgress | None) -> Tone:
    """Of the message that says how far it is."""
    return Tone.HALTED if progress and not progress.position.attended else Tone.PROGRESS


def ahead_text(progress: JobProgress | None) -> int | str:
    """How many are before it, for its words; "halted" where none is, but nobody is there either."""
    ahead = progress.position.ahead if progress else 0
    return "halted" if not ahead and tone_of(progress) is Tone.HALTED else ahead


def eta_text(ctx: RequestContext, progress: JobProgress | None, held: Held | None = None) -> str:
    """The time left as a range, from measured times; where nothing was measured, or no worker is
    there, it says so: of what was ordered also that what is ``held`` for it is kept."""
    span = progress.position.seconds if progress else None
    if tone_of(progress) is Tone.HALTED:
        return _halted_text(ctx, progress, held)
    if span is None:
        return ctx.texts("waiting-eta-unknown")
    return ctx.texts("waiting-eta", span=ctx.texts.span(span.low, span.high))


def _halted_text(ctx: RequestContext, progress: JobProgress | None, held: Held | None) -> str:
    if not progress or not held:
        return ctx.texts("waiting-eta-no-worker")
    since = progress.job.halted_at
    stopped = since is not None and since > progress.job.created_at
    return ctx.texts("waiting-halted", held=held.value, stopped="yes" if stopped else "no")
