"""Jobs and their workers, and the outbox."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from shop.records.ids import JobId, UserId

JobKindName = NewType("JobKindName", str)
"""The name of a :class:`shop.jobs.kinds.JobKind`, such as "train"."""

CHAT: Final = "chat"
"""The queue of the outbox worker. All other queues bear the name of a job kind."""


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work owed. This row, with its lease, is the truth; arq only wakes workers up.

    ``ref`` is the id of what it is for (photo, avatar, shoot); ``fair_queue_at`` its place in the
    fair queue (:mod:`shop.jobs.scheduler`; None is ``created_at``). A running job belongs to its
    worker until ``lease_until``; a waiting one with ``lease_until`` may not be leased before it.
    ``attempts`` are the leases that were not handed back uncounted; ``failures`` those of them that
    ended in an error on a host whose self-test passed straight after.
    ``halted_at`` is since when its customer knows that nobody is there to do it: from the beginning
    (``created_at``), or because they were told (:mod:`shop.jobs.standstills`); None: somebody is.
    ``stage``, ``step``, ``steps`` and ``seconds_left`` are its last heartbeat's progress.
    ``trace`` is where it came from (:mod:`shop.tracing`), "" where nothing is traced.
    """

    id: JobId
    kind: JobKindName
    ref: str
    user_id: UserId
    state: JobState
    created_at: datetime
    attempts: int = 0
    worker: str = ""
    lease_until: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    stage: str = ""
    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    error: str = ""
    fair_queue_at: datetime | None = None
    failures: int = 0
    trace: str = ""
    halted_at: datetime | None = None


def works_with(bases: Collection[str], base: str) -> bool:
    """Whether who works with those bases (none: with every one) takes what needs that base; "" is
    what needs none."""
    return not bases or base in bases or not base


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that was alive at ``seen_at``: the names of the job kinds that it does, the avatars
    whose LoRA it used last, the latest first, and the bases that it works with; none: every one.
    """

    id: str
    kinds: tuple[str, ...]
    seen_at: datetime
    recent_avatars: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a process of a role (``web``, ``courier``, ``studio``) last was at work, and what that
    role does: names of job kinds, or :data:`CHAT`. Kept when none is there any more.

    ``id`` is the role, and behind it the ``bases`` that these processes work with, if not every
    one.
    """

    id: str
    kinds: tuple[str, ...]
    seen_at: datetime
    bases: tuple[str, ...] = ()

    @property
    def role(self) -> str:
        return self.id.partition(" ")[0]


class OutboxState(StrEnum):
    """Where an outbox message stands; :data:`shop.jobs.outbox.TRANSITIONS` has the legal moves."""

    WAITING = "waiting"
    """Not handed to anybody yet. With a key it gathers later messages of that key."""
    DISPATCHED = "dispatched"
    """Handed to whoever does it, and signalled again until it is done. It gathers nothing more."""
    SCRUBBING = "scrubbing"
    """Done, but for the scrub of the stores' files; the row has forgotten whom it was about."""
    KEPT = "kept"
    """News for somebody who blocked us: it waits, unsignalled, until they come back."""
    GIVEN_UP = "given_up"
    """News that could not be delivered however often it was tried: for admins to look at."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """An outbox row: something to do after the commit, at least once.

    ``queue`` says who does it: the outbox worker (:data:`CHAT`), or the workers of a job kind, for
    whom it is a wake-up. ``name`` says what; ``payload`` holds ids and numbers only, and of a
    channel's own message what the channel sealed (WeChat's photos). ``user_id`` is whom the news is
    for, "" for what is no news; a channel's own message may have another owner there (WeChat's: a
    keyed name of the chat), by which it is found. ``due_at`` is when it is signalled next; of one
    that is done or given up, when it is forgotten. ``attempts`` counts its signals.

    ``unique_key`` is the key while no second message of that key may be added: as long as this one
    waits, and of one that is to be there ``once`` for as long as the row is there. Else None.
    ``trace`` as a job's.
    """

    id: str
    queue: str
    name: str
    payload: dict[str, str | int | float]
    created_at: datetime
    due_at: datetime
    state: OutboxState = OutboxState.WAITING
    attempts: int = 0
    key: str = ""
    once: bool = False
    unique_key: str | None = None
    user_id: str = ""
    trace: str = ""
