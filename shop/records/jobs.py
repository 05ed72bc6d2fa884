"""Jobs and their workers, and the outbox."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shop.records.ids import JobId, UserId


class JobQueue(StrEnum):
    CHECK = "check"
    TRAIN = "train"
    PAINT = "paint"
    CHAT = "chat"


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work owed. This row, with its lease, is the truth; arq only rings the bell.

    ``ref`` is the id of the photo, avatar or shoot; ``fair_queue_at`` its place in the line
    (:mod:`shop.jobs.scheduler`; None is ``created_at``). Until ``lease_until`` no other worker may
    take it, and while it waits none at all. ``stage``, ``step``, ``steps`` and ``seconds_left`` are
    the worker's last word on its progress.
    """

    id: JobId
    kind: JobQueue
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


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that was at work at ``seen_at``: which ``kinds`` of job it does, and the avatars
    that it painted last, the latest first.
    """

    id: str
    kinds: tuple[str, ...]
    seen_at: datetime
    recent_avatars: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """An outbox row: a thing to do after the commit, at least once, by the courier or a queue.

    ``queue`` and ``name`` say who and what; ``payload`` holds ids and numbers only.
    """

    id: str
    queue: JobQueue
    name: str
    payload: dict[str, str | int | float]
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None = None
    done_at: datetime | None = None
    attempts: int = 0
    key: str = ""  # errands of one key are gathered into one while the first is unsent
