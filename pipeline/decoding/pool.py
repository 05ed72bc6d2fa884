"""A few decoder processes, shared by everybody who sends photos.

Two lanes. Every photo begins in the quick one, where people take turns; a usual photo takes a tenth
of a second. One whose headers promise more, or that is not done in time, goes on in the slow lane,
which yields to the other: there the cheap come before the dear. So a flood of photos that are slow
to decode, or whose labels are slow to read, however made, delays its own kind.

A photo whose process ended over it is refused only once another process has started, and so has
decoded a sample of every format: on a host that cannot do that it is no photo's fault.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final, TypeVar

import structlog

from pipeline.decoding.decoder_process import DecoderProcess
from pipeline.decoding.messages import DecoderLimits, Heavy
from shop.errors import PhotoRefused, Unavailable
from shop.fair_slots import FairSlots
from shop.labels.verification import LabelFindings, LabelReader
from shop.photos.decoding import PhotoDecoder, SanitizedPhoto, SheetTile

T = TypeVar("T")

_PATIENT: Final = float("inf")

_Ask = Callable[[DecoderProcess, float], Awaitable[T | Heavy]]
"""What is asked of a process, with the patience in seconds."""

log = structlog.get_logger()


class DecoderPool(PhotoDecoder, LabelReader):
    """Decodes in at most ``processes`` quick and as many slow processes at a time.

    They are started when they are first needed, and replaced when they are worn or dead. To be
    closed; usable as a context manager.
    """

    def __init__(
        self, processes: int = 2, limits: DecoderLimits | None = None, anchors: str = ""
    ) -> None:
        """``anchors``: the roots, in PEM, under which a label's signature counts."""
        self._processes = processes
        self._anchors = anchors
        self._limits = limits or DecoderLimits()
        self._quick = FairSlots(processes)
        self._slow = FairSlots(processes)
        self._idle: list[DecoderProcess] = []
        self._idle_slow: list[DecoderProcess] = []  # their priority cannot be raised again
        self._busy: set[DecoderProcess] = set()
        self._broken = False  # whether the latest start failed

    async def __aenter__(self) -> "DecoderPool":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def pids(self) -> frozenset[int]:
        """The process ids of those that live."""
        return frozenset(one.pid for one in self._all() if not one.worn)

    async def decode(
        self, raw: bytes | bytearray, owner: str, *, painted: bool = False
    ) -> SanitizedPhoto:
        """See :class:`PhotoDecoder`. ``painted``: a picture is taken too whose label states that a
        model made it."""

        def decode(decoder: DecoderProcess, patience: float) -> Awaitable[SanitizedPhoto | Heavy]:
            return decoder.decode(raw, patience, painted=painted)

        return await self._in_lanes(decode, owner)

    async def read_label(self, raw: bytes | bytearray, owner: str) -> LabelFindings:
        """See :class:`LabelReader`. In the same lanes: its cost is not known beforehand."""

        def read(decoder: DecoderProcess, patience: float) -> Awaitable[LabelFindings]:
            return decoder.read_label(raw, self._anchors)

        return await self._in_lanes(read, owner)

    async def sheet(self, tiles: Sequence[SheetTile], owner: str) -> SanitizedPhoto:
        """See :class:`PhotoDecoder`."""

        def draw(decoder: DecoderProcess, _: float) -> Awaitable[SanitizedPhoto | Heavy]:
            return decoder.sheet(tiles)

        return await self._in_lanes(draw, owner)

    async def ready(self) -> bool:
        """Whether photos can be decoded on this host: the latest process started, or one does
        now."""
        if self._broken or not self._all():
            with contextlib.suppress(Unavailable):
                await self._put_back(await self._start(), self._idle)
        return not self._broken

    async def close(self) -> None:
        """End all processes; what is being decoded fails."""
        for decoder in self._all():
            await decoder.kill()
        self._idle.clear()
        self._idle_slow.clear()

    def _all(self) -> list[DecoderProcess]:
        return [*self._idle, *self._idle_slow, *self._busy]

    async def _in_lanes(self, ask: _Ask[T], owner: str) -> T:
        outcome = await self._in_quick_lane(ask, owner)
        if not isinstance(outcome, Heavy):
            return outcome
        async with self._slow.slot(owner, outcome.seconds):
            decoder = await self._take(self._idle_slow)
            decoder.yield_cpu()
            try:
                return _finished(await self._proven(decoder, ask(decoder, _PATIENT)))
            finally:
                await self._put_back(decoder, self._idle_slow)

    async def _in_quick_lane(self, ask: _Ask[T], owner: str) -> T | Heavy:
        """The answer; or what it is expected to cost in the slow lane, if it was not there in time
        and could not move there as it was."""
        slots, idle = self._quick, self._idle
        await slots.acquire(owner)
        try:
            decoder = await self._take(idle)
            decoding = asyncio.ensure_future(
                self._proven(decoder, ask(decoder, self._limits.patience))
            )
            try:
                await asyncio.wait({decoding}, timeout=self._limits.quick)
                if decoding.done():
                    return decoding.result()
                if not self._slow.try_acquire(owner):
                    return Heavy(self._limits.cpu)
                decoder.yield_cpu()
                slots.release(owner)
                slots, idle = self._slow, self._idle_slow
                return await decoding
            finally:
                if not decoding.done():
                    decoding.cancel()
                    await asyncio.wait({decoding})
                await self._put_back(decoder, idle)
        finally:
            slots.release(owner)

    async def _take(self, idle: list[DecoderProcess]) -> DecoderProcess:
        while idle:
            decoder = idle.pop()
            if not decoder.worn:
                break
            await decoder.kill()
        else:
            decoder = await self._start()
        self._busy.add(decoder)
        return decoder

    async def _start(self) -> DecoderProcess:
        try:
            started = await DecoderProcess.start(self._limits)
        except Unavailable as outage:
            self._broken = True
            log.error("decoder_does_not_start", why=str(outage))
            raise
        self._broken = False
        return started

    async def _proven(self, decoder: DecoderProcess, decoding: Awaitable[T]) -> T:
        """What comes of it; :class:`Unavailable` where it ended the process and none starts."""
        try:
            return await decoding
        except PhotoRefused:
            if decoder.ended:
                await self._put_back(await self._start(), self._idle)
            raise

    async def _put_back(self, decoder: DecoderProcess, idle: list[DecoderProcess]) -> None:
        self._busy.discard(decoder)
        if decoder.worn or len(idle) >= self._processes:
            await decoder.kill()
        else:
            idle.append(decoder)


def _finished(outcome: T | Heavy) -> T:
    if isinstance(outcome, Heavy):
        raise Unavailable("a decoder process does not decode")
    return outcome
