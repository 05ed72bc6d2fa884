"""A job's ids in the logs, and its spans in the traces, while a worker is at it."""

import contextlib
from collections.abc import Awaitable, Iterator, Sequence
from typing import TypeVar

import structlog

from shop import tracing
from shop.records import Job

T = TypeVar("T")


async def traced(batch: Sequence[Job], working: Awaitable[T]) -> T:
    """What the work gives, with a span of each job's trace for its time."""
    with contextlib.ExitStack() as stack:
        for job in batch:
            name = f"{job.kind}.run"
            stack.enter_context(tracing.span(name, job.trace, job=job.id, together=len(batch)))
        return await working


@contextlib.contextmanager
def bound(job: Job, what: str) -> Iterator[None]:
    """The job's ids in the logs, and a span of its trace."""
    ids: dict[str, str | int] = {"job": job.id, "kind": job.kind, "ref": job.ref}
    ids["attempt"] = job.attempts
    with (
        structlog.contextvars.bound_contextvars(user=job.user_id, **ids),
        tracing.span(f"{job.kind}.{what}", job.trace, **ids),
    ):
        yield
