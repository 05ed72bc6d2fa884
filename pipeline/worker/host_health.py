"""Whether this worker's host is well: a self-test before it takes jobs, and after what went wrong.

A worker whose host fails the test is out of service: it takes no jobs, gives back what it has
uncounted, and tests itself again and again, ever more rarely, until the host is well. Admins are
told once a day of each fault.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import structlog

from pipeline.engine.engine import (
    Engine,
    EngineError,
    EngineTimeout,
    HostError,
    LabelText,
    OutOfMemory,
)
from shop import installation
from shop.errors import Unavailable
from shop.installation import BlobStoreBroken, ForeignBlobStore, Unregistered, WrongMasterKey
from shop.ports import Blobs, Database

PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Seconds between two self-tests of a host that is not well: the first, the second ...; then the
last one for ever."""

log = structlog.get_logger()


class Verdict(StrEnum):
    """What a self-test has shown. UNABLE: the host is well, but cannot do that base. UNKNOWN:
    nothing, for the database was away."""

    WELL = "well"
    FAULTY = "faulty"
    UNABLE = "unable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HostFault:
    """What is wrong with the host. ``what`` is one word, for metrics and texts; ``why`` a sentence
    for the operator, with the way out."""

    what: str
    why: str


_ROOM: Final = 2**23  # bytes that a store must have room for: a LoRA's and its portraits'
_OF_ONE_PROCESS: Final = ("device", "base", "memory", "engine")
"""What may be wrong with a process whose host is well: after a CUDA error it computes no more."""
NOT_REGISTERED: Final = "installation"
NOT_TESTED: Final = HostFault("not_tested", "the first self-test has not ended")


class HostHealth(Protocol):
    """What a worker knows of its host. ``fault`` None: it is well, and the worker in service."""

    fault: HostFault | None

    async def examine(self, base: str = "") -> Verdict:
        """Test the host now, with ``base`` ("" for the settings' own)."""

    @property
    def pause(self) -> float:
        """Seconds until the next test of a host that is not well."""


class AlwaysWell:
    """A host that is not tested: for tools and tests that need none."""

    fault: HostFault | None = None
    pause = PAUSES[0]

    async def examine(self, base: str = "") -> Verdict:
        return Verdict.WELL


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What every job of this worker needs: the stores, the key, and the engine with its device,
    base and folders. ``base`` "": the engine only inspects photos."""

    database: Database
    blobs: Blobs
    master_keys: tuple[bytes, ...]
    engine: Engine
    base: str
    label: LabelText

    async def run(self, base: str = "") -> HostFault | None:
        """The first fault that is found. Raises :class:`Unavailable` while the database is away."""
        return await self._fault_of_stores() or await self._fault_of_engine(base)

    async def _fault_of_stores(self) -> HostFault | None:
        try:
            await installation.require(self.database, self.blobs, *self.master_keys)
            await installation.require_writable(self.blobs, _ROOM)
        except WrongMasterKey as wrong:
            return HostFault("master_key", str(wrong))
        except (ForeignBlobStore, BlobStoreBroken) as wrong:
            return HostFault("blob_store", str(wrong))
        except Unregistered as too_early:
            return HostFault(NOT_REGISTERED, str(too_early))
        return None

    async def _fault_of_engine(self, base: str) -> HostFault | None:
        """A process that may be broken alone is replaced before the host is blamed."""
        fault = await self._ask_engine(base)
        if fault is None or fault.what not in _OF_ONE_PROCESS:
            return fault
        log.warning("engine_replaced", what=fault.what, why=fault.why)
        await self.engine.close()
        return await self._ask_engine(base)

    async def _ask_engine(self, base: str) -> HostFault | None:
        try:
            await self.engine.self_test(self.base and (base or self.base), self.label)
        except HostError as error:
            return HostFault(error.what, str(error))
        except OutOfMemory as error:
            return HostFault("memory", f"{error}: no memory; end what else uses it, or add some")
        except EngineTimeout as error:
            return HostFault("engine", f"{error}: the host is too slow or stuck; see its load")
        except (EngineError, OSError) as error:
            why = str(error) or type(error).__name__
            return HostFault("engine", f"the engine does not work ({why}): see this worker's log")
        return None


class ExaminedHost:
    """The :class:`HostHealth` of a worker in production."""

    def __init__(
        self,
        own_base: str,
        test: Callable[[str], Awaitable[HostFault | None]],
        tell: Callable[[HostFault], Awaitable[None]],
        count: Callable[[str], None],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """``own_base`` is the settings'; ``test`` is :meth:`SelfTest.run`; ``tell`` tells the
        admins; ``count`` is told of each test: ``passed``, ``unknown``, or what was found."""
        self._own_base = own_base
        self._test, self._tell, self._count, self._pauses = test, tell, count, pauses
        self._one_at_a_time = asyncio.Lock()
        self._failed = 0
        self.fault: HostFault | None = NOT_TESTED

    @property
    def pause(self) -> float:
        return self._pauses[min(max(0, self._failed - 1), len(self._pauses) - 1)]

    async def examine(self, base: str = "") -> Verdict:
        async with self._one_at_a_time:
            try:
                other = await self._found(base) if base not in ("", self._own_base) else None
                found = await self._found("")
            except Unavailable:
                self._count(Verdict.UNKNOWN.value)
                self._failed += self.fault is not None
                log.warning("self_test_without_database")
                return Verdict.UNKNOWN
            self._note(found)
        if found is not None:
            if found.what != NOT_REGISTERED:  # nobody has ordered anything yet
                await self._tell_admins(found)
            return Verdict.FAULTY
        if other is not None:
            log.error("base_not_here", base=base, what=other.what, why=other.why)
            await self._tell_admins(other)
            return Verdict.UNABLE
        return Verdict.WELL

    async def _found(self, base: str) -> HostFault | None:
        try:
            return await self._test(base)
        except Unavailable:
            raise
        except Exception as error:  # boundary: a test that breaks is no test that passed
            log.exception("self_test_broke")
            return HostFault("self_test", f"the self-test broke: {type(error).__name__}")

    def _note(self, found: HostFault | None) -> None:
        self._count(found.what if found else "passed")
        before, self.fault = self.fault, found
        if found is not None:
            self._failed += 1
            if found.what == NOT_REGISTERED:
                log.warning("worker_waits", why=found.why)
            else:
                log.error(
                    "worker_out_of_service", what=found.what, why=found.why, tests=self._failed
                )
            return
        self._failed = 0
        if before is not None:
            log.info("worker_in_service", after=before.what)

    async def _tell_admins(self, fault: HostFault) -> None:
        try:
            await self._tell(fault)
        except Exception as error:  # boundary: the log has said it
            log.warning("admins_not_told", error=type(error).__name__)
