"""One decoder process as its pool sees it: started, asked, watched, killed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

import structlog

from pipeline.decoding.messages import (
    ANSWER_BYTES,
    REFUSALS,
    Decoded,
    DecodeRefusal,
    DecodeRequest,
    DecoderLimits,
    Heavy,
    LabelRequest,
    Labels,
    SheetRequest,
)
from pipeline.engine.wire import (
    HEADER_LIMIT,
    BadWireFrame,
    WireFrame,
    pack,
    pieces,
    receive,
    unpack,
)
from shop.errors import PhotoBomb, PhotoRefused, PhotoUnreadable, Unavailable
from shop.labels.verification import LabelFindings
from shop.photos.decoding import SanitizedPhoto, SheetTile

T = TypeVar("T")

_CHECKOUT: Final = Path(__file__).resolve().parents[2]
_START_SECONDS: Final = 60.0
_CHUNK: Final = 256 * 1024  # bytes written at a time: the pipe's buffer must not copy a whole photo
_JPEG: Final = b"\xff\xd8\xff"
_EXIT_SECONDS: Final = 1.0
_SLOW_NICENESS: Final = 10
_ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # they are looked for in all installed packages
    # A usual photo's pixels stay mapped for the next one: given back, they cost a quarter of the
    # time, in page faults. What is freed (more than a kilobyte) is overwritten: a decoder that is
    # taken over finds no earlier photo there.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
    "MALLOC_PERTURB_": "1",
}
"""A decoder's whole environment. The last three are glibc's; other C libraries ignore them."""

log = structlog.get_logger()


class DecoderProcess:
    """A living process. ``worn`` once it is to be replaced."""

    def __init__(self, process: asyncio.subprocess.Process, limits: DecoderLimits) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a process without pipes")
        self._process, self._to, self._from = process, process.stdin, process.stdout
        self._limits = limits
        self._photos = 0
        self._resident = 0

    @classmethod
    async def start(cls, limits: DecoderLimits) -> "DecoderProcess":
        """A new process, in its sandbox. Raises :class:`Unavailable`."""
        options = json.dumps({"memory": limits.memory, "parent": os.getpid()})
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "pipeline.decoding", options),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # what decoders print, strangers have chosen
                cwd=_CHECKOUT,
                env=_ENVIRONMENT,
                start_new_session=True,
                limit=HEADER_LIMIT,
            )
        except OSError as error:
            raise Unavailable("no decoder process can be started") from error
        started = cls(process, limits)
        try:
            async with asyncio.timeout(_START_SECONDS):
                filtered = unpack(bool, await receive(started._from))
        except BaseException as error:
            await started.kill()
            if isinstance(error, (TimeoutError, asyncio.IncompleteReadError, BadWireFrame)):
                raise Unavailable("a decoder process does not start") from error
            raise
        if not filtered:
            log.warning("decoder_without_filter", hint="install libseccomp (Debian: libseccomp2)")
        return started

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def worn(self) -> bool:
        """Whether it is dead, or has served its time: see :class:`DecoderLimits`."""
        limits = self._limits
        worn = self._photos >= limits.photos or self._resident > limits.resident
        return worn or self.ended

    @property
    def ended(self) -> bool:
        """Whether the process is gone, by whatever."""
        return self._process.returncode is not None

    async def decode(
        self, raw: bytes | bytearray, patience: float, *, painted: bool = False
    ) -> SanitizedPhoto | Heavy:
        """Decode a photo, whatever it takes within the limits; ``painted``: also one that a model
        made.

        Raises as :meth:`shop.photos.decoding.PhotoDecoder.decode`. If cancelled, or out of time,
        the process is dead afterwards.
        """
        request = DecodeRequest(b"", self._limits.cpu, patience, painted)
        return await self._ask(pack("decode", request), (raw,), self._read)

    async def read_label(self, raw: bytes | bytearray, anchors: str) -> LabelFindings:
        """Read a file's labels.

        Raises as :meth:`shop.labels.verification.LabelReader.read_label`; otherwise as
        :meth:`decode`.
        """
        request = LabelRequest(b"", self._limits.cpu, anchors)
        return await self._ask(pack("label", request), (raw,), self._read_labels)

    async def sheet(self, tiles: Sequence[SheetTile]) -> SanitizedPhoto | Heavy:
        """Draw sanitized photos as one. Raises as :meth:`decode`."""
        photos = tuple(tile.jpeg for tile in tiles)
        numbers = tuple(tile.number for tile in tiles)
        marked = tuple(tile.number for tile in tiles if tile.marked)
        turns = tuple(tile.turns for tile in tiles)
        request = SheetRequest(photos, numbers, turns, self._limits.cpu, marked)
        return await self._ask(pack("sheet", request), photos, self._read)

    async def _ask(
        self,
        request: WireFrame,
        raw: Sequence[bytes | bytearray],
        read: Callable[[WireFrame], T],
    ) -> T:
        self._photos += 1
        # The photo itself is not copied: whoever holds it has counted its bytes once.
        frame = replace(request, id=self._photos, blobs=tuple(raw))
        try:
            async with asyncio.timeout(self._limits.wall):
                await self._send(frame)
                return read(await receive(self._from, ANSWER_BYTES))
        except TimeoutError:
            await self.kill()
            raise PhotoBomb from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise await self._why_it_ended() from None
        except BadWireFrame:
            await self.kill()
            raise PhotoUnreadable from None
        except asyncio.CancelledError:
            await self.kill()
            raise

    def yield_cpu(self) -> None:
        """Let whatever else wants the CPU go first, from now on."""
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, _SLOW_NICENESS)

    async def kill(self) -> None:
        """End it at once. Idempotent."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._to.close()
        await self._process.wait()

    async def _why_it_ended(self) -> Exception:
        """Of a process whose output has ended: by the photo's fault, or by nobody's."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_EXIT_SECONDS):
                await self._process.wait()
        ended_by = self._process.returncode
        await self.kill()
        if ended_by == -signal.SIGKILL:  # for the machine's lack of memory, or by an operator
            return Unavailable("a decoder process was killed")
        return PhotoBomb() if ended_by == -signal.SIGXCPU else PhotoUnreadable()

    async def _send(self, frame: WireFrame) -> None:
        for piece in pieces(frame):
            whole = memoryview(piece)
            for start in range(0, len(whole), _CHUNK):
                self._to.write(bytes(whole[start : start + _CHUNK]))
                await self._to.drain()

    def _read(self, answer: WireFrame) -> SanitizedPhoto | Heavy:
        if answer.id != self._photos:
            raise BadWireFrame("an answer to another request")
        match answer.kind:
            case "photo":
                decoded = unpack(Decoded, answer)
                if not decoded.jpeg.startswith(_JPEG):
                    raise BadWireFrame("no JPEG")
                self._resident = decoded.resident
                return SanitizedPhoto(decoded.jpeg, decoded.width, decoded.height)
            case "heavy":
                return unpack(Heavy, answer)
        raise self._refusal(answer)

    def _read_labels(self, answer: WireFrame) -> LabelFindings:
        if answer.id != self._photos:
            raise BadWireFrame("an answer to another request")
        if answer.kind != "labels":
            raise self._refusal(answer)
        labels = unpack(Labels, answer)
        self._resident = labels.resident
        return labels.found

    def _refusal(self, answer: WireFrame) -> PhotoRefused:
        refused = unpack(DecodeRefusal, answer)
        self._resident = refused.resident
        return REFUSALS.get(refused.why, PhotoUnreadable)(**refused.details)
