"""Whose turn it is: the one policy by which workers take jobs, also where a wait is foretold
(:mod:`shop.jobs.eta`) and where a day is simulated (``benchmarks/day``). Pure: it reads nothing.

A job's turn is a moment, given to it once (:func:`fair_queue_at`): when it was left, or, for a
customer who waits for others of the same kind already, a :data:`QUANTUM` after the last of those.
Work is taken in the order of turns, so whoever asks for fifty sets stands among the others as if
they had asked for one after the other; and since nobody's turn moves away, nobody waits for ever.

A worker does one thing of each kind at a time. Portraits go before trainings: a training begins
when no portrait waits, or when it has itself waited long. Once it runs, portraits pass it between
its steps. What has killed a worker or failed once has no company the next time, so that it can
only harm itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shop.records import JobId, JobQueue

QUANTUM: Final[Mapping[JobQueue, timedelta]] = {
    JobQueue.CHECK: timedelta(seconds=1),
    JobQueue.PAINT: timedelta(minutes=1),
    JobQueue.TRAIN: timedelta(minutes=30),
    JobQueue.CHAT: timedelta(0),
}
"""How far apart a customer's own turns are. At least as long as such a job takes: a shorter one
would let whoever asks for much have more than one worker's work while others wait."""

ADAPTERS: Final = 8
"""Avatars that a worker is believed to wear still. Its memory is counted in bytes, elsewhere."""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job in the line.

    base    the base model that it wants; a worker loads one at a time
    wears   a portrait's avatar; "" for others
    tried   it failed before, or its worker died
    """

    job: JobId
    kind: JobQueue
    turn: datetime
    base: str = ""
    wears: str = ""
    tried: bool = False


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker as the policy sees it.

    kinds     which kinds of job it does
    busy      which of them it does now
    wears     avatars that it painted last
    learning  the base of the training that it does now; "" if it does none (or if that is not
              known: it is asked of the worker itself alone)
    alone     what it does now must not have company
    """

    name: str
    kinds: frozenset[JobQueue]
    busy: frozenset[JobQueue] = frozenset()
    wears: tuple[str, ...] = ()
    learning: str = ""
    alone: bool = False

    def free_for(self, queue: JobQueue) -> bool:
        return queue in self.kinds and queue not in self.busy and not self.alone


@dataclass(frozen=True, slots=True)
class SchedulingRules:
    """What an operator or a recipe may choose.

    together  most customers whose avatars are trained in one batch
    abreast   most shoots painted in one batch
    grace     how long a portrait is left to a worker that suits it better, and how far one that
              suits may be preferred to an earlier one
    patience  after which a training no longer waits for portraits
    """

    together: int = 1
    abreast: int = 1
    grace: timedelta = timedelta(seconds=2)
    patience: timedelta = timedelta(minutes=3)


def fair_queue_at(queue: JobQueue, now: datetime, last: datetime | None) -> datetime:
    """The turn of a job that is left ``now``, by a customer whose last one still owed has ``last``
    (None: there is none).
    """
    return now if last is None else max(now, last + QUANTUM[queue])


def in_fair_order(line: Iterable[QueuedJob]) -> list[QueuedJob]:
    """By turn; equals by their ids, so that every worker sees one order."""
    return sorted(line, key=lambda ticket: (ticket.turn, ticket.job))


def batch_share(waiting: int, hands: int, most: int) -> int:
    """How many of ``waiting`` jobs one of ``hands`` takes at once: one while there are hands
    enough, more when the line is longer, never above ``most``.
    """
    return max(1, min(most, -(-waiting // max(1, hands))))


def choose(
    place: WorkerState,
    line: Iterable[QueuedJob],
    others: Sequence[WorkerState],
    rules: SchedulingRules,
    now: datetime,
) -> tuple[QueuedJob, ...]:
    """What that worker takes now: some tickets of one kind, to be done together; () for nothing.

    Asked again until it is (): a worker may paint and train at once. ``others`` are the other
    workers alive. Tickets of kinds that the place does not do are passed over.
    """
    waiting = [ticket for ticket in in_fair_order(line) if ticket.kind in place.kinds]
    waiting = _open_to(place, waiting, rules, now)
    for queue in (JobQueue.CHECK, JobQueue.PAINT, JobQueue.TRAIN):
        kind = [ticket for ticket in waiting if ticket.kind is queue]
        if not kind or not place.free_for(queue):
            continue
        if queue is JobQueue.CHECK:
            return (kind[0],)
        if queue is JobQueue.PAINT:
            chosen = _portraits(place, kind, others, rules, now)
        else:
            portraits = any(ticket.kind is JobQueue.PAINT for ticket in waiting)
            chosen = _trainings(kind, portraits, others, rules, now)
        if chosen:
            return chosen
    return ()


def _open_to(
    place: WorkerState, waiting: Sequence[QueuedJob], rules: SchedulingRules, now: datetime
) -> list[QueuedJob]:
    """What may be taken at all: of a busy place nothing that was tried; and once such a one has
    waited long, nothing behind it, so that the place comes to rest for it. Photos and portraits
    still pass a training that runs already.
    """
    outcasts = (one for one in waiting if one.tried and now - one.turn >= rules.patience)
    last = next(outcasts, None)
    passing = {JobQueue.CHECK, JobQueue.PAINT} if JobQueue.TRAIN in place.busy else set()
    return [
        ticket
        for ticket in waiting
        if (not ticket.tried or not place.busy)
        and (last is None or ticket.turn <= last.turn or ticket.kind in passing)
    ]


def _portraits(
    place: WorkerState,
    line: Sequence[QueuedJob],
    others: Sequence[WorkerState],
    rules: SchedulingRules,
    now: datetime,
) -> tuple[QueuedJob, ...]:
    """The first whose turn it is, or one shortly behind whose avatar is worn here; and company."""
    able = [ticket for ticket in line if place.learning in ("", ticket.base)]
    mine = [ticket for ticket in able if not _left(ticket, place, others, rules, now)]
    if not mine or mine[0].tried:
        return tuple(mine[:1])
    mates = [ticket for ticket in mine if not ticket.tried]
    near = (ticket for ticket in mates if ticket.turn - mates[0].turn <= rules.grace)
    head = next((ticket for ticket in near if ticket.wears in place.wears), mates[0])
    hands = 1 + sum(other.free_for(JobQueue.PAINT) for other in others)
    company = [ticket for ticket in mates if ticket.base == head.base and ticket is not head]
    return (head, *company[: batch_share(len(mates), hands, rules.abreast) - 1])


def _trainings(
    line: Sequence[QueuedJob],
    portraits: bool,
    others: Sequence[WorkerState],
    rules: SchedulingRules,
    now: datetime,
) -> tuple[QueuedJob, ...]:
    """The first, with company when the line is long; none while portraits wait, for a while."""
    head = line[0]
    if portraits and now - head.turn < rules.patience:
        return ()
    if head.tried:
        return (head,)
    hands = 1 + sum(JobQueue.TRAIN in other.kinds for other in others)
    company = [ticket for ticket in line if ticket.base == head.base and not ticket.tried]
    return tuple(company[: batch_share(len(line), hands, rules.together)])


def _left(
    ticket: QueuedJob,
    place: WorkerState,
    others: Sequence[WorkerState],
    rules: SchedulingRules,
    now: datetime,
) -> bool:
    """Whether a portrait had better be another worker's: one that could take it at once and wears
    its avatar, or at least does not train. Only for a moment.
    """
    if now - ticket.turn >= rules.grace:
        return False
    free = (other for other in others if other.free_for(JobQueue.PAINT))
    return any(_suits(other, ticket) > _suits(place, ticket) for other in free)


def _suits(place: WorkerState, ticket: QueuedJob) -> tuple[bool, bool]:
    return ticket.wears in place.wears, JobQueue.TRAIN not in place.busy
