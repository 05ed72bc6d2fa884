"""Workers in virtual time: whoever takes jobs, what they do with them and when it ends."""

import bisect
import heapq
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from benchmarks.day.trace import Arrival, Durations
from pipeline.child.process import PATIENCE
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM, VIDEO
from shop.jobs import eta, scheduler
from shop.jobs.dispatch import WINDOW
from shop.jobs.kinds import JobKind
from shop.jobs.scheduler import QueuedJob, SchedulingRules, WorkerState
from shop.records import Job, JobId, JobState, UserId

MIDNIGHT: Final = datetime(2026, 3, 14, tzinfo=UTC)
KINDS: Final = frozenset({TRAIN, PAINT, FILM, VIDEO})
PASSES: Final = {PAINT: 0, FILM: 1, TRAIN: 2, VIDEO: 2}
"""Who passes whom in the torch process, as ``pipeline/child/request_queue.py`` has it."""
FRAME: Final = 0.04  # seconds
BASE: Final = "base"


def moment(at: float) -> datetime:
    return MIDNIGHT + timedelta(seconds=at)


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's whole way, in seconds of the day. ``estimated`` is what was said when it came, as
    seconds from then; ``training`` whether every worker was training then.
    """

    arrival: Arrival
    begun: float
    ended: float
    estimated: eta.Estimate | None
    training: bool

    @property
    def waited(self) -> float:
        return self.ended - self.arrival.at


class Took(NamedTuple):
    """What the row of an ended job tells of it."""

    worker: str
    begun: float
    ended: float


@dataclass(slots=True)
class Lane:
    """What a worker does of one kind: ``rest`` seconds of work from ``since`` on."""

    jobs: tuple[Arrival, ...]
    begun: float
    rest: float
    since: float
    version: int = 0  # of its ending: one that was put off is known by it
    passed: float = 0.0  # seconds by which others passed it
    passed_at: float = 0.0  # when it was passed last


@dataclass(slots=True)
class SimulatedWorker:
    """A worker."""

    name: str
    lanes: dict[JobKind, Lane] = field(default_factory=dict)
    recent_avatars: tuple[str, ...] = ()

    @property
    def state(self) -> WorkerState:
        learning = BASE if TRAIN in self.lanes else ""
        return WorkerState(self.name, KINDS, frozenset(self.lanes), self.recent_avatars, learning)

    def running(self) -> JobKind | None:
        """What it works at now; all else that it has begun waits for that."""
        return next((kind for kind, lane in self.lanes.items() if lane.since < math.inf), None)


Choose = Callable[["Studio", SimulatedWorker], tuple[Arrival, ...]]
"""A policy: what that worker takes now."""


class Studio:
    """A day's work. ``estimate`` says whether each customer is told a time when they come."""

    def __init__(
        self, trace: list[Arrival], durations: Durations, workers: int, rules: SchedulingRules,
        choose: Choose, estimate: bool, seed: int = 0,
    ) -> None:  # fmt: skip
        self.durations, self.rules, self.now = durations, rules, 0.0
        self.workers = [SimulatedWorker(f"w{number}") for number in range(workers)]
        self.ended: list[Ended] = []
        self.line: dict[JobKind, list[tuple[datetime, str, Arrival, QueuedJob]]] = {
            q: [] for q in KINDS
        }
        self._choose, self._estimate, self._rng = choose, estimate, random.Random(seed)
        self._owed: dict[tuple[str], list[datetime]] = {}
        self._fair_times: dict[str, datetime] = {}
        self._estimated: dict[str, tuple[eta.Estimate | None, bool]] = {}
        self._measured = {kind: deque[Took](maxlen=eta.RECENT)
                          for kind in KINDS}  # fmt: skip
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = 0
        for arrival in trace:
            self._at(arrival.at, lambda arrival=arrival: self._come(arrival))

    def work(self) -> list[Ended]:
        """The day, until nothing is owed."""
        while self._events:
            self.now, _, event = heapq.heappop(self._events)
            event()
        return self.ended

    def queued_jobs(self) -> list[QueuedJob]:
        """The line as a worker reads it."""
        return [queued for line in self.line.values() for _, _, _, queued in line[:WINDOW]]

    def _at(self, when: float, event: Callable[[], None]) -> None:
        self._numbers += 1
        heapq.heappush(self._events, (when, self._numbers, event))

    def _come(self, arrival: Arrival) -> None:
        owed = self._owed.setdefault((arrival.user, arrival.kind), [])
        since = scheduler.fair_queue_at(arrival.kind, moment(self.now), max(owed, default=None))
        owed.append(since)
        self._fair_times[arrival.id] = since
        avatar = arrival.avatar if arrival.kind is PAINT else ""
        base = {FILM: "", VIDEO: "video"}.get(arrival.kind, BASE)
        queued = QueuedJob(JobId(arrival.id), arrival.kind, since, base, avatar)
        entry = (since, arrival.id, arrival, queued)
        before = bisect.bisect_left(self.line[arrival.kind], entry)
        training = all(TRAIN in worker.lanes for worker in self.workers)
        snapshot = self._snapshot(arrival.kind) if self._estimate else None
        estimated = (
            eta.estimate_of_waiting(snapshot, before, moment(self.now), since) if snapshot else None
        )
        self._estimated[arrival.id] = estimated, training
        self.line[arrival.kind].insert(before, entry)
        self._all_look()
        self._at(self.now + self.rules.affinity_wait.total_seconds(), self._all_look)

    def _all_look(self) -> None:
        """A wake-up reaches one worker, which passes on to the others what it does not take."""
        for worker in self._rng.sample(self.workers, len(self.workers)):
            self._look(worker)

    def _look(self, worker: SimulatedWorker) -> None:
        while any(self.line[kind] for kind in KINDS if kind not in worker.lanes):
            taken = self._choose(self, worker)
            if not taken:
                return
            self._begin(worker, taken)

    def _begin(self, worker: SimulatedWorker, taken: tuple[Arrival, ...]) -> None:
        kind = taken[0].kind
        for arrival in taken:
            line = self.line[kind]
            line.pop(next(n for n, (_, id, *_) in enumerate(line) if id == arrival.id))
        lane = Lane(taken, self.now, sum(arrival.work for arrival in taken), self.now)
        under_way = worker.running()
        worker.lanes[kind] = lane
        if kind is PAINT:
            self._load(worker, lane)
        patience = under_way is FILM and worker.lanes[FILM].passed >= PATIENCE
        if under_way is not None and (patience or PASSES[under_way] <= PASSES[kind]):
            lane.since = math.inf  # it works when what is more urgent has ended
            return
        if under_way is not None:
            passed = worker.lanes[under_way]
            lane.since += self._to_step(under_way, passed)
            passed.rest -= max(0.0, lane.since - passed.since)
            passed.since, passed.version = math.inf, passed.version + 1
            passed.passed_at = lane.since
        self._schedule(worker, kind)

    def _load(self, worker: SimulatedWorker, lane: Lane) -> None:
        lane.rest += self.durations.load * sum(
            arrival.avatar not in worker.recent_avatars for arrival in lane.jobs
        )
        recent = dict.fromkeys((*(arrival.avatar for arrival in lane.jobs), *worker.recent_avatars))
        worker.recent_avatars = tuple(recent)[: scheduler.RECENT_AVATARS]

    def _to_step(self, kind: JobKind, lane: Lane) -> float:
        """Seconds until the step, or frame, that is being done is done."""
        steps = {TRAIN: self.durations.step, VIDEO: self.durations.video_step}
        step = steps.get(kind, FRAME)
        done = self.now - lane.since
        if done < 0:  # it waits itself for the end of another's step
            return -done
        return min(step - done % step, max(0.0, lane.rest - done))

    def _schedule(self, worker: SimulatedWorker, kind: JobKind) -> None:
        lane = worker.lanes[kind]
        lane.version += 1
        version = lane.version

        def end() -> None:
            if lane.version == version:  # else it was put off by what is more urgent
                self._end(worker, kind)

        self._at(lane.since + max(0.0, lane.rest), end)

    def _end(self, worker: SimulatedWorker, kind: JobKind) -> None:
        lane = worker.lanes.pop(kind)
        for arrival in lane.jobs:
            estimated, training = self._estimated.pop(arrival.id)
            self.ended.append(Ended(arrival, lane.begun, self.now, estimated, training))
            self._measured[kind].append(Took(worker.name, lane.begun, self.now))
            self._owed[arrival.user, kind].remove(self._fair_times.pop(arrival.id))
        if worker.lanes and worker.running() is None:
            following = min(worker.lanes, key=lambda one: PASSES[one])
            gone_on = worker.lanes[following]
            gone_on.passed += self.now - gone_on.passed_at if gone_on.passed_at else 0.0
            gone_on.since, gone_on.passed_at = self.now, 0.0
            self._schedule(worker, following)
        self._look(worker)

    def _snapshot(self, kind: JobKind, *, with_rivals: bool = True) -> eta.QueueSnapshot:
        """What :func:`shop.jobs.eta.snapshot` would read in the rows."""
        measured = self._measured[kind]
        running = [
            self._row(worker, lane, arrival)
            for worker in self.workers
            if (lane := worker.lanes.get(kind))
            for arrival in lane.jobs
        ]
        leases = {(one.worker, one.begun) for one in measured}
        return eta.QueueSnapshot(
            tuple(sorted(one.ended - one.begun for one in measured)),
            len(self.workers), tuple(running), (),
            len(measured) / len(leases) if leases else 1.0,
            len(measured) / max(1.0, self.now - measured[0].ended) if measured else 0.0,
            names=frozenset(worker.name for worker in self.workers),
            rivals=tuple(
                replace(self._snapshot(rival, with_rivals=False), waiting=self._waiting(rival))
                for rival in KINDS
                if with_rivals and rival.name in kind.rivals
            ),
        )  # fmt: skip

    def _waiting(self, kind: JobKind) -> tuple[Job, ...]:
        """The rows of the jobs of that kind that wait, as far as an estimate reads them."""
        return tuple(
            Job(
                JobId(id), kind, id, UserId(arrival.user), JobState.WAITING, moment(arrival.at),
                fair_queue_at=since,
            )
            for since, id, arrival, _ in self.line[kind]
        )  # fmt: skip

    def _row(self, worker: SimulatedWorker, lane: Lane, arrival: Arrival) -> Job:
        """The engine says what it has still to do, not what may come between."""
        done = 0.0 if lane.since == math.inf else max(0.0, self.now - lane.since)
        return Job(
            JobId(arrival.id), arrival.kind, arrival.id, UserId(arrival.user), JobState.RUNNING,
            moment(arrival.at), worker=worker.name, started_at=moment(lane.begun),
            seconds_left=max(0.0, lane.rest - done),
        )  # fmt: skip


def by_policy(studio: Studio, worker: SimulatedWorker) -> tuple[Arrival, ...]:
    """Ours: :func:`shop.jobs.scheduler.choose`, with all workers in sight."""
    others = [other.state for other in studio.workers if other is not worker]
    chosen = scheduler.choose(
        worker.state, studio.queued_jobs(), others, studio.rules, moment(studio.now)
    )
    wanted = [queued.job for queued in chosen]
    kind = chosen[0].kind if chosen else PAINT
    by_id = {id: arrival for _, id, arrival, _ in studio.line[kind][:WINDOW]}
    return tuple(by_id[job] for job in wanted)


def first_come(studio: Studio, worker: SimulatedWorker) -> tuple[Arrival, ...]:
    """The rival: one line, whoever came first, one thing at a time, a training to its end."""
    if worker.lanes:
        return ()
    firsts = [min(line, key=lambda one: one[2].at)[2] for line in studio.line.values() if line]
    return (min(firsts, key=lambda arrival: (arrival.at, arrival.id)),)
