"""Workers in virtual time: whoever takes jobs, what they do with them and when it ends."""

import bisect
import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from benchmarks.day.trace import Left, Made
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.jobs import eta, scheduler
from shop.jobs.dispatch import WINDOW
from shop.jobs.kinds import JobKind
from shop.jobs.scheduler import QueuedJob, SchedulingRules, WorkerState
from shop.records import Job, JobId, JobState, UserId

MIDNIGHT: Final = datetime(2026, 3, 14, tzinfo=UTC)
QUEUES: Final = frozenset({TRAIN, PAINT})
LOOK: Final = 1.0  # seconds between two looks of a worker, as pipeline.worker.loop has it
BASE: Final = "base"


def moment(at: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=at)


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's whole way, in seconds of the day. ``told`` is what was foretold when it was left, as
    seconds from then; ``training`` whether every worker was training then.
    """

    left: Left
    begun: float
    ended: float
    told: eta.Estimate | None
    training: bool

    @property
    def waited(self) -> float:
        return self.ended - self.left.at


class Took(NamedTuple):
    """What the row of an ended job tells of it."""

    worker: str
    begun: float
    ended: float


@dataclass(slots=True)
class Lane:
    """What a worker does of one kind: ``rest`` seconds of work from ``since`` on."""

    jobs: tuple[Left, ...]
    begun: float
    rest: float
    since: float
    version: int = 0  # of its ending: one that was put off is known by it


@dataclass(slots=True)
class Hand:
    """A worker."""

    name: str
    lanes: dict[JobKind, Lane] = field(default_factory=dict)
    wears: tuple[str, ...] = ()

    @property
    def place(self) -> WorkerState:
        learning = BASE if TRAIN in self.lanes else ""
        return WorkerState(self.name, QUEUES, frozenset(self.lanes), self.wears, learning)


Choose = Callable[["Studio", Hand], tuple[Left, ...]]
"""A policy: what that worker takes now."""


class Studio:
    """A day's work. ``foretell`` says whether each customer is told a time when they come."""

    def __init__(
        self, trace: list[Left], made: Made, hands: int, rules: SchedulingRules, choose: Choose,
        foretell: bool, seed: int = 0,
    ) -> None:  # fmt: skip
        self.made, self.rules, self.now = made, rules, 0.0
        self.hands = [Hand(f"w{number}") for number in range(hands)]
        self.ended: list[Ended] = []
        self.line: dict[JobKind, list[tuple[datetime, str, Left, QueuedJob]]] = {
            q: [] for q in QUEUES
        }
        self._choose, self._foretell, self._rng = choose, foretell, random.Random(seed)
        self._owed: dict[tuple[str], list[datetime]] = {}
        self._turns: dict[str, datetime] = {}
        self._told: dict[str, tuple[eta.Estimate | None, bool]] = {}
        self._measured = {queue: deque[Took](maxlen=eta.RECENT)
                          for queue in QUEUES}  # fmt: skip
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = 0
        for left in trace:
            self._at(left.at, lambda left=left: self._come(left))

    def work(self) -> list[Ended]:
        """The day, until nothing is owed."""
        while self._events:
            self.now, _, event = heapq.heappop(self._events)
            event()
        return self.ended

    def tickets(self) -> list[QueuedJob]:
        """The line as a worker reads it."""
        return [ticket for line in self.line.values() for _, _, _, ticket in line[:WINDOW]]

    def _at(self, when: float, event: Callable[[], None]) -> None:
        self._numbers += 1
        heapq.heappush(self._events, (when, self._numbers, event))

    def _come(self, left: Left) -> None:
        owed = self._owed.setdefault((left.user, left.queue), [])
        turn = scheduler.fair_queue_at(left.queue, moment(self.now), max(owed, default=None))
        owed.append(turn)
        self._turns[left.id] = turn
        wears = left.avatar if left.queue is PAINT else ""
        entry = (turn, left.id, left, QueuedJob(JobId(left.id), left.queue, turn, BASE, wears))
        before = bisect.bisect_left(self.line[left.queue], entry)
        training = all(TRAIN in hand.lanes for hand in self.hands)
        scene = self._scene(left.queue) if self._foretell else None
        told = eta.until_end(scene, before, moment(self.now), turn) if scene else None
        self._told[left.id] = told, training
        self.line[left.queue].insert(before, entry)
        rung = self._rng.choice(self.hands)  # a ring reaches one, the others look by themselves
        self._look(rung)
        for hand in self.hands:
            if hand is not rung and len(hand.lanes) < len(QUEUES):
                self._at(self.now + self._rng.random() * LOOK, lambda hand=hand: self._look(hand))
        self._at(self.now + self.rules.grace.total_seconds() + LOOK, self._all_look)

    def _all_look(self) -> None:
        for hand in self.hands:
            self._look(hand)

    def _look(self, hand: Hand) -> None:
        while any(self.line[queue] for queue in QUEUES if queue not in hand.lanes):
            taken = self._choose(self, hand)
            if not taken:
                return
            self._begin(hand, taken)

    def _begin(self, hand: Hand, taken: tuple[Left, ...]) -> None:
        queue = taken[0].kind
        for left in taken:
            line = self.line[queue]
            line.pop(next(n for n, (_, id, *_) in enumerate(line) if id == left.id))
        lane = Lane(taken, self.now, sum(left.work for left in taken), self.now)
        hand.lanes[queue] = lane
        if queue is PAINT:
            self._wear(hand, lane)
            if training := hand.lanes.get(TRAIN):
                lane.since += self._to_step(training)
                training.rest -= max(0.0, lane.since - training.since)
                training.since, training.version = math.inf, training.version + 1
        elif PAINT in hand.lanes:
            lane.since = math.inf  # it works when the portraits are painted
            return
        self._schedule(hand, queue)

    def _wear(self, hand: Hand, lane: Lane) -> None:
        lane.rest += self.made.load * sum(left.avatar not in hand.wears for left in lane.jobs)
        worn = dict.fromkeys((*(left.avatar for left in lane.jobs), *hand.wears))
        hand.wears = tuple(worn)[: scheduler.ADAPTERS]

    def _to_step(self, training: Lane) -> float:
        """Seconds until the step that is being done is done."""
        done = max(0.0, self.now - training.since)
        return min(self.made.step - done % self.made.step, max(0.0, training.rest - done))

    def _schedule(self, hand: Hand, queue: JobKind) -> None:
        lane = hand.lanes[queue]
        lane.version += 1
        version = lane.version

        def end() -> None:
            if lane.version == version:  # else it was put off by a portrait
                self._end(hand, queue)

        self._at(lane.since + max(0.0, lane.rest), end)

    def _end(self, hand: Hand, queue: JobKind) -> None:
        lane = hand.lanes.pop(queue)
        for left in lane.jobs:
            told, training = self._told.pop(left.id)
            self.ended.append(Ended(left, lane.begun, self.now, told, training))
            self._measured[queue].append(Took(hand.name, lane.begun, self.now))
            self._owed[left.user, queue].remove(self._turns.pop(left.id))
        if queue is PAINT and (training_lane := hand.lanes.get(TRAIN)):
            training_lane.since = self.now
            self._schedule(hand, TRAIN)
        self._look(hand)

    def _scene(self, queue: JobKind) -> eta.QueueSnapshot:
        """What :func:`shop.jobs.eta.snapshot` would read in the rows."""
        measured = self._measured[queue]
        running = [
            self._row(hand, lane, left)
            for hand in self.hands
            if (lane := hand.lanes.get(queue))
            for left in lane.jobs
        ]
        leases = {(one.worker, one.begun) for one in measured}
        return eta.QueueSnapshot(
            tuple(sorted(one.ended - one.begun for one in measured)),
            len(self.hands), tuple(running), (),
            len(measured) / len(leases) if leases else 1.0,
            len(measured) / max(1.0, self.now - measured[0].ended) if measured else 0.0,
        )  # fmt: skip

    def _row(self, hand: Hand, lane: Lane, left: Left) -> Job:
        """The engine says what it has still to do, not what may come between."""
        done = 0.0 if lane.since == math.inf else max(0.0, self.now - lane.since)
        return Job(
            JobId(left.id), left.queue, left.id, UserId(left.user), JobState.RUNNING,
            moment(left.at), worker=hand.name, started_at=moment(lane.begun),
            seconds_left=max(0.0, lane.rest - done),
        )  # fmt: skip


def by_turns(studio: Studio, hand: Hand) -> tuple[Left, ...]:
    """Ours: :func:`shop.jobs.scheduler.choose`, with all workers in sight."""
    others = [other.place for other in studio.hands if other is not hand]
    chosen = scheduler.choose(
        hand.place, studio.tickets(), others, studio.rules, moment(studio.now)
    )
    wanted = [ticket.job for ticket in chosen]
    queue = chosen[0].kind if chosen else PAINT
    by_id = {id: left for _, id, left, _ in studio.line[queue][:WINDOW]}
    return tuple(by_id[job] for job in wanted)


def first_come(studio: Studio, hand: Hand) -> tuple[Left, ...]:
    """The rival: one line, whoever came first, one thing at a time, a training to its end."""
    if hand.lanes:
        return ()
    firsts = [min(line, key=lambda one: one[2].at)[2] for line in studio.line.values() if line]
    return (min(firsts, key=lambda left: (left.at, left.id)),)
