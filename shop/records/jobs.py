"""Jobs and their workers, and the outbox."""

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
    ``stage``, ``step``, ``steps`` and ``seconds_left`` are its last heartbeat's progress.
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


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that was alive at ``seen_at``: the names of the job kinds that it does, and the
    avatars whose LoRA it used last, the latest first.
    """

    id: str
    kinds: tuple[str, ...]
    seen_at: datetime
    recent_avatars: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """An outbox row: something to do after the commit, at least once.

    ``queue`` says who does it: the outbox worker (:data:`CHAT`), or the workers of a job kind, for
    whom it is a wake-up. ``name`` says what; ``payload`` holds ids and numbers only.
    """

    id: str
    queue: str
    name: str
    payload: dict[str, str | int | float]
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None = None
    done_at: datetime | None = None
    attempts: int = 0
    key: str = ""  # messages of one key are gathered into one while the first is unsent
