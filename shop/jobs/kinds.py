"""Job kinds: one record for each kind of work, with everything that differs between kinds.

The record stands in the module whose work it is (``shop.photos.photos.CHECK``); what a worker does
for it is its :class:`pipeline.worker.job_batch.JobHandler`; how its news is told stands in
:mod:`handlers.notifications`. :mod:`shop.job_kinds` lists those that the product has.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shop.catalog import Catalog
from shop.ports import Tx
from shop.records import JobKindName
from shop.settings import Settings


class SchedulingClass(StrEnum):
    """How a kind shares a worker with the others, in the order in which they are considered.

    IMMEDIATE     one at a time, before everything else
    INTERACTIVE   somebody waits in the chat: several may be batched, they pass a background job
                  that runs already, and prefer a worker that has their adapter in memory
    BACKGROUND    long: begins when no interactive job waits, or when it has waited long itself
    """

    IMMEDIATE = "immediate"
    INTERACTIVE = "interactive"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a job needs in a worker's memory: a base model, and an avatar's LoRA; "" for neither."""

    base: str = ""
    avatar: str = ""


GiveUp = Callable[[Tx, str, str, datetime], Awaitable[None]]
"""End what the job was for (its ``ref``) for good: apology, money or credits back. The third
argument says why, for the operator. Called in the transaction that fails the job; idempotent."""

NeedsOf = Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, Needs]]]
"""The needs of jobs by their ``ref``; a ref that is missing needs nothing."""


async def needs_nothing(tx: Tx, refs: Sequence[str]) -> Mapping[str, Needs]:
    return {}


def free(catalog: Catalog) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    name        stored in ``jobs.kind``; also the name of its wake-up queue
    scheduling  how it shares a worker with other kinds
    quantum     how far apart one customer's own jobs stand in the fair queue: at least as long as
                such a job takes, else whoever asks for much has several workers' time
    timeout     seconds that one job may take, by the settings
    give_up     what its failure means
    needs       what it needs in memory
    price       credits that are held for one job, by the catalogue; 0 where an order pays for it
    batched     whether several are done together where they can be: no, where one after the other
                takes as long, and the first would wait for the last
    rivals      of a background kind: the names of the others, of which a worker does one at a time
    gives_way   of a background kind: its base leaves the device for interactive jobs that need
                another one, between two of its steps, instead of keeping them waiting
    told        whether its customer is told how far it is, and so that it has ended
    gathers     whether what its jobs leave when they succeed is gathered for a while, and so need
                not be signalled at once
    one_base    whether all its jobs need one base: a worker that lacks that does none of them
    """

    name: JobKindName
    scheduling: SchedulingClass
    quantum: timedelta
    timeout: Callable[[Settings], float]
    give_up: GiveUp
    needs: NeedsOf = needs_nothing
    price: Callable[[Catalog], int] = free
    batched: bool = True
    rivals: frozenset[str] = frozenset()
    gives_way: bool = False
    told: bool = True
    gathers: bool = False
    one_base: bool = False


class JobKinds(Mapping[str, JobKind]):
    """The kinds that a process knows, by their names."""

    def __init__(self, kinds: Iterable[JobKind]) -> None:
        """Raises :class:`ValueError` when two kinds bear one name."""
        self._kinds: dict[str, JobKind] = {}
        for kind in kinds:
            if kind.name in self._kinds:
                raise ValueError(f"two job kinds are named {kind.name}")
            self._kinds[kind.name] = kind

    def __getitem__(self, name: str) -> JobKind:
        return self._kinds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)
