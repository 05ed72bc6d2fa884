"""The connection to one child: several requests under way, each with its id and its time limit.

Only one request is charged for the time that passes. While a training lets a portrait pass between
two of its steps, the portrait is charged; while nothing has begun, the request that has waited
longest is. So a training's limit counts its own work, and a child that hangs is always found.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pipeline.engine.answers import ErrorMessage, ProgressMessage
from pipeline.engine.messages import (
    EngineClosed,
    EngineCrashed,
    EngineError,
    EngineKilled,
    EngineTimeout,
    Progress,
)
from pipeline.engine.wire import BadWireFrame, WireFrame, encode, receive, unpack

Report = Callable[[int, Progress], Awaitable[None]]
"""Called with the index of a request in its batch, and its progress."""
T = TypeVar("T")

CANCEL_GRACE = 30.0  # seconds that a cancelled request may still take to stop
EXIT_GRACE = 5.0  # seconds that a child may take to exit


@dataclass(slots=True)
class PendingRequest:
    """A request under way: its remaining seconds, and frames from the child not yet read."""

    kind: str
    seconds_left: float
    inbox: asyncio.Queue[WireFrame | EngineError] = field(default_factory=asyncio.Queue)
    cancelled: bool = False


class EngineConnection:
    """A living child and its requests under way; to be made inside a running event loop."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        if child.stdin is None or child.stdout is None:
            raise ValueError("a child without pipes")
        self._child, self._to, self._from = child, child.stdin, child.stdout
        self._ids = itertools.count(1)
        self._pending: dict[int, PendingRequest] = {}  # oldest first
        self._begun: list[int] = []  # ids; the innermost last
        self._charged_until = asyncio.get_running_loop().time()
        self._changed = asyncio.Event()
        self._timed_out: PendingRequest | None = None
        self.ended = False
        self._closing = False
        self._ended_by_us = False
        self._reader = asyncio.create_task(self._read_frames())
        self._watchdog = asyncio.create_task(self._enforce_timeouts())

    @property
    def pid(self) -> int | None:
        """The child's process id while it lives."""
        return None if self.ended or self._child.returncode is not None else self._child.pid

    async def ask(
        self, frame: WireFrame, read: Callable[[WireFrame], T], report: Report, seconds: float
    ) -> T:
        """Send a request, report its progress, and `read` its answer.

        Raises the child's EngineError, EngineTimeout, EngineCrashed, or what `report` raised; a
        report that fails or is cancelled cancels the request.
        """
        id, request = next(self._ids), PendingRequest(frame.kind, seconds)
        with self._charging():
            self._pending[id] = request
        try:
            await self._send(replace(frame, id=id))
            return await _answer(request, read, report)
        except BadWireFrame as error:
            await self.end()
            raise EngineCrashed(f"{frame.kind}: the child broke the protocol") from error
        except EngineError:
            raise
        except BaseException:
            await self._cancel(id)
            raise

    async def close(self) -> None:
        """Close the child's input, at whose end it exits; else it is killed."""
        self._closing = True
        self._to.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._child.wait(), EXIT_GRACE)
        await self.end()

    async def end(self) -> None:
        """Kill the child's whole process group; what is under way fails as EngineCrashed."""
        self.ended = True
        if self._child.returncode is None:
            self._ended_by_us = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
        await self._child.wait()
        for request in self._pending.values():
            request.inbox.put_nowait(self._failure(request))
        self._pending.clear()
        for task in {self._reader, self._watchdog} - {asyncio.current_task()}:
            task.cancel()

    def _failure(self, request: PendingRequest) -> EngineError:
        if request is self._timed_out:
            return EngineTimeout(f"{request.kind} took too long")
        if self._closing:
            return EngineClosed(f"{request.kind}: the child was closed")
        killed = self._child.returncode == -signal.SIGKILL and not self._ended_by_us
        error = EngineKilled if killed else EngineCrashed
        return error(f"{request.kind}: child ended with {self._child.returncode}")

    async def _send(self, frame: WireFrame) -> None:
        # A broken pipe is a dead child: the reader task finds that out, and fails the requests.
        with contextlib.suppress(ConnectionError):
            self._to.write(encode(frame))
            await self._to.drain()

    async def _cancel(self, id: int) -> None:
        """Cancel a request. The last one ends its child, which may be stuck; else the child is
        asked to stop it, and has CANCEL_GRACE to do so."""
        if id not in self._pending:
            return
        if all(request.cancelled for other, request in self._pending.items() if other != id):
            await self.end()
            return
        with self._charging():
            request = self._pending[id]
            request.cancelled = True
            request.seconds_left = min(request.seconds_left, CANCEL_GRACE)
        await self._send(WireFrame("cancel", id=id))

    async def _read_frames(self) -> None:
        try:
            while True:
                self._dispatch(await receive(self._from))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.ended = True
            with contextlib.suppress(TimeoutError):  # it is dying: of what, its exit status tells
                async with asyncio.timeout(EXIT_GRACE):
                    await self._child.wait()
            await self.end()
        except BadWireFrame:
            await self.end()

    def _dispatch(self, frame: WireFrame) -> None:
        if frame.id not in self._pending:
            raise BadWireFrame(f"{frame.kind} for a request that is not under way")
        with self._charging():
            if frame.kind == "begun":
                self._begun.append(frame.id)
                return
            self._pending[frame.id].inbox.put_nowait(frame)
            if frame.kind != "progress":
                del self._pending[frame.id]
                if frame.id in self._begun:
                    self._begun.remove(frame.id)

    async def _enforce_timeouts(self) -> None:
        """End the child when the charged request has used up its time."""
        while True:
            self._changed.clear()
            charged = self._charged()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(charged.seconds_left if charged else None):
                    await self._changed.wait()
            with self._charging():
                used_up = charged is self._charged() and charged and charged.seconds_left <= 0
            if used_up:
                self._timed_out = charged
                await self.end()
                return

    def _charged(self) -> PendingRequest | None:
        """The request that pays for the time that passes now."""
        id = self._begun[-1] if self._begun else next(iter(self._pending), None)
        return None if id is None else self._pending.get(id)

    @contextlib.contextmanager
    def _charging(self) -> Iterator[None]:
        """Charge the time so far before a change of what is under way."""
        now = asyncio.get_running_loop().time()
        charged = self._charged()
        if charged is not None:
            charged.seconds_left -= now - self._charged_until
        self._charged_until = now
        yield
        self._changed.set()


async def _answer(request: PendingRequest, read: Callable[[WireFrame], T], report: Report) -> T:
    while True:
        frame = await request.inbox.get()
        if isinstance(frame, EngineError):
            raise frame
        if frame.kind == "error":
            raise unpack(ErrorMessage, frame).to_exception()
        if frame.kind != "progress":
            return read(frame)
        message = unpack(ProgressMessage, frame)
        await report(message.index, message.progress)
