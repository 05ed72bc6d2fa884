"""Fleets of studios: scaled as KEDA and Kubernetes scale them, taken away, paid for."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from benchmarks.day.studio import KINDS, Lane, SimulatedWorker, Studio, Took, by_policy, moment
from benchmarks.day.trace import DAY, Arrival, Durations
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM, VIDEO
from shop.jobs import eta, owed
from shop.jobs.kinds import JobKind
from shop.jobs.scheduler import QueuedJob, SchedulingRules
from shop.records import Job, JobId, JobState, UserId

LOOK: Final = 15.0  # seconds between two looks at the number, as values.yaml has it
STEADY: Final = 300.0  # seconds for which the most that was wanted lately stays: scaleDown's window
ONE_LESS: Final = 120.0  # seconds from one that goes to the next
TOLERANCE: Final = 0.1  # of Kubernetes' own autoscaler: so near to what is wanted nothing is done
CHECKPOINT_STEPS: Final = 10
RESUMING: Final = 5.0  # seconds to begin again from a checkpoint

Wanted = Callable[["Cluster"], float]
"""What a fleet is scaled by."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Studios of one kind. ``each``: of the number, for which one studio is there; 0: ``most`` are
    there always. ``beyond``: of the number what others are there for, until somebody has waited for
    ``patience`` seconds. ``dollars`` an hour;
    ``losses``: how often an hour each is taken away; ``warm``: from which hour to which one is
    there whatever is owed; ``away``: likewise, none can be."""

    most: int
    each: float = 0.0
    beyond: float = 0.0
    patience: float = 900.0
    dollars: float = 1.0
    losses: float = 0.0
    warm: tuple[float, float] = (0.0, 0.0)
    away: tuple[float, float] = (0.0, 0.0)


@dataclass(slots=True)
class Paid:
    """What a fleet has cost: seconds of its studios, how often one was taken away, work done twice
    for that and for those that were let go, and how many there were at most."""

    seconds: float = 0.0
    lost: int = 0
    twice: float = 0.0
    most: int = 0


@dataclass(slots=True)
class _Running:
    """A fleet under way. ``came`` is when each studio was asked for; ``ready`` those that work."""

    fleet: Fleet
    paid: Paid = field(default_factory=Paid)
    came: dict[str, float] = field(default_factory=dict)
    ready: dict[str, SimulatedWorker] = field(default_factory=dict)
    wishes: list[tuple[float, int]] = field(default_factory=list)
    owed_at: float = -math.inf
    less_at: float = -math.inf


def seconds_owed(cluster: "Cluster") -> float:
    """Ours: GPU-seconds owed, by the function that the endpoint answers with."""
    return cluster.seconds_owed()


def jobs_owed(cluster: "Cluster") -> float:
    """The rival: how long the queue is, running jobs included, as KEDA reads it of Redis."""
    return float(cluster.jobs_owed())


class Cluster(Studio):
    """A day's work by fleets. ``cold``: seconds from asking for a studio until it works. ``empty``:
    seconds for which no studio was there, and none was asked for."""

    def __init__(
        self, trace: list[Arrival], durations: Durations, fleets: Sequence[Fleet], wanted: Wanted,
        cold: float, seed: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(trace, durations, 0, SchedulingRules(), by_policy, estimate=False)
        self._wanted, self._cold, self._losing = wanted, cold, random.Random(f"{seed} losses")
        self._count, self._expected, self.empty = 0, len(trace), 0.0
        self._rows: dict[JobKind, tuple[Took, list[Job]]] = {}
        self.fleets = [_Running(fleet) for fleet in fleets]
        usual = {TRAIN: durations.training, PAINT: durations.shoot, FILM: durations.film,
                 VIDEO: durations.video}  # fmt: skip
        for kind, seconds in usual.items():  # a house that was at work yesterday
            self._measured[kind] += [Took(f"y{n}", -seconds, 0.0) for n in range(eta.RECENT)]
        for one in self.fleets:
            if not one.fleet.each:
                for _ in range(one.fleet.most):
                    self._join(one)
        self._at(0.0, self._scale)

    def work_day(self) -> list[Paid]:
        """Work the day off; what each fleet has cost."""
        self.work()
        return [one.paid for one in self.fleets]

    def jobs_owed(self) -> int:
        waiting = sum(len(line) for line in self.line.values())
        return waiting + sum(len(lane.jobs) for one in self.workers for lane in one.lanes.values())

    def seconds_owed(self) -> float:
        now = moment(self.now)
        parts = [
            part.seconds
            for kind in KINDS
            for part in owed.work_in(kind, self._queue(kind), self._ended_rows(kind), {}, now)
        ]
        return sum(parts)

    def _waited(self) -> float:
        """How long the first of those that wait has waited."""
        firsts = [line[0][0] for line in self.line.values() if line]
        return (moment(self.now) - min(firsts)).total_seconds() if firsts else 0.0

    def _queue(self, kind: JobKind) -> eta.QueueSnapshot:
        """As :meth:`_snapshot`; of those that wait only how many they are matters here."""
        some = Job(JobId("waits"), kind, "waits", UserId(""), JobState.WAITING, moment(self.now))
        waiting = (some,) * len(self.line[kind])
        return replace(self._snapshot(kind, with_rivals=False), waiting=waiting)

    def _ended_rows(self, kind: JobKind) -> list[Job]:
        """The rows of the jobs that :meth:`_snapshot` measures; made anew when one has ended."""
        last = self._measured[kind][-1]
        if kind not in self._rows or self._rows[kind][0] is not last:
            self._rows[kind] = last, self._made_rows(kind)
        return self._rows[kind][1]

    def _made_rows(self, kind: JobKind) -> list[Job]:
        return [
            Job(
                JobId(""), kind, "", UserId(""), JobState.DONE, moment(took.begun),
                worker=took.worker, started_at=moment(took.begun), ended_at=moment(took.ended),
            )
            for took in self._measured[kind]
        ]  # fmt: skip

    def _scale(self) -> None:
        """One look at the number, by each fleet's autoscaler."""
        if len(self.ended) == self._expected and self.now >= DAY:
            for one in self.fleets:
                one.paid.seconds += sum(self.now - came for came in one.came.values())
                one.came.clear()
            return
        self.empty += LOOK * (not any(one.came for one in self.fleets))
        number = self._wanted(self) if any(one.fleet.each for one in self.fleets) else 0.0
        for one in self.fleets:
            if one.fleet.each:
                beyond = one.fleet.beyond if self._waited() <= one.fleet.patience else 0.0
                self._scale_fleet(one, max(0.0, number - beyond))
            one.paid.most = max(one.paid.most, len(one.came))
        self._at(self.now + LOOK, self._scale)

    def _scale_fleet(self, one: _Running, number: float) -> None:
        fleet, there, hour = one.fleet, len(one.came), self.now / 3600 % 24
        if fleet.away[0] <= hour < fleet.away[1]:
            for name in list(one.came):
                self._leave(one, name, lost=True)
            return
        one.owed_at = self.now if number > 0 else one.owed_at
        least = int(fleet.warm[0] <= hour < fleet.warm[1])
        wish = min(fleet.most, max(least, _autoscaled(number, fleet.each, there)))
        one.wishes = [(at, old) for at, old in one.wishes if self.now - at < STEADY]
        one.wishes.append((self.now, wish))
        if wish > there:  # Kubernetes doubles at most, or adds four
            for _ in range(min(wish - there, max(there, 4))):
                self._join(one)
        elif there > 1 and max(old for _, old in one.wishes) < there:
            if self.now - one.less_at >= ONE_LESS:
                one.less_at = self.now
                self._leave(one, self._spared(one))
        elif there == 1 and not least and number <= 0 and self.now - one.owed_at >= 600.0:
            self._leave(one, next(iter(one.came)))

    def _spared(self, one: _Running) -> str:
        """Which goes: one that is not ready; of others Kubernetes knows nothing but their age."""
        unready = [name for name in one.came if name not in one.ready]
        return unready[-1] if unready else list(one.came)[-1]

    def _join(self, one: _Running) -> None:
        self._count += 1
        name = f"g{self._count}"
        one.came[name] = self.now
        cold = self._cold if one.fleet.each else 0.0
        self._at(self.now + cold, lambda: self._begin_work(one, name))
        if one.fleet.losses:
            left = self._losing.expovariate(one.fleet.losses / 3600)
            self._at(self.now + left, lambda: self._leave(one, name, lost=True))

    def _begin_work(self, one: _Running, name: str) -> None:
        if name in one.came:
            worker = SimulatedWorker(name)
            one.ready[name] = worker
            self.workers.append(worker)
            self._look(worker)

    def _leave(self, one: _Running, name: str, *, lost: bool = False) -> None:
        """It is told to stop, and hands on what it has."""
        if name not in one.came:
            return
        one.paid.seconds += self.now - one.came.pop(name)
        one.paid.lost += lost
        worker = one.ready.pop(name, None)
        if worker is not None:
            self.workers.remove(worker)
            for kind, lane in worker.lanes.items():
                one.paid.twice += self._hand_back(kind, lane)
            worker.lanes.clear()
            self._all_look()

    def _hand_back(self, kind: JobKind, lane: Lane) -> float:
        """Its jobs wait again at their old place; a training keeps its last checkpoint. Gives the
        seconds of work that were done for nothing."""
        lane.version += 1  # its ending does not come
        twice = 0.0
        for arrival in lane.jobs:
            done = arrival.work - max(0.0, lane.rest - max(0.0, self.now - lane.since))
            every = CHECKPOINT_STEPS * self.durations.step
            kept = done // every * every - RESUMING if kind is TRAIN and done >= every else 0.0
            twice += done - max(0.0, kept)
            since = self._fair_times[arrival.id]
            base = {FILM: "", VIDEO: "video"}.get(kind, "base")
            again = replace(arrival, work=arrival.work - kept)
            queued = QueuedJob(
                JobId(arrival.id), kind, since, base, arrival.avatar if kind is PAINT else ""
            )
            self.line[kind].append((since, arrival.id, again, queued))
        self.line[kind].sort(key=lambda entry: entry[:2])
        return twice


def _autoscaled(number: float, each: float, there: int) -> int:
    """How many Kubernetes' autoscaler wants for an average of ``each``, where so many are there."""
    wish = math.ceil(number / each)
    if there and abs(number / (each * there) - 1) <= TOLERANCE:
        return there
    return wish
