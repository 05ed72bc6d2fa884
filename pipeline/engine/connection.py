"""The conversation with one child: several orders under way, each with its number and its clock.

Only one order's clock runs at a time. While a training lets a portrait pass between two of its
steps, the portrait pays for the time; while nothing has begun, whoever has waited longest does. So
a training's limit counts its own work, and a child that hangs is found whatever waits for it.
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

from pipeline.engine.messages import EngineCrashed, EngineError, EngineTimeout, Progress
from pipeline.engine.outcomes import ErrorMessage, ProgressMessage
from pipeline.engine.wire import BadWireFrame, WireFrame, encode, receive, record

Report = Callable[[int, Progress], Awaitable[None]]
T = TypeVar("T")

LAST_WORD = 30.0  # seconds that a withdrawn order may still take to stop
GOODBYE = 5.0  # seconds that a child may take to leave


@dataclass(slots=True)
class PendingRequest:
    """One order under way: seconds left to it, and what the child said that nobody has read."""

    kind: str
    left: float
    inbox: asyncio.Queue[WireFrame | EngineError] = field(default_factory=asyncio.Queue)
    withdrawn: bool = False


class EngineConnection:
    """A living child and the orders it works at; to be made inside a running event loop."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        if child.stdin is None or child.stdout is None:
            raise ValueError("a child without pipes")
        self._child, self._to, self._from = child, child.stdin, child.stdout
        self._numbers = itertools.count(1)
        self._errands: dict[int, PendingRequest] = {}  # as they were asked
        self._begun: list[int] = []  # the innermost last
        self._since = asyncio.get_running_loop().time()
        self._changed = asyncio.Event()
        self._late: PendingRequest | None = None  # whose time was up
        self.ended = False
        self._listening = asyncio.create_task(self._listen())
        self._watching = asyncio.create_task(self._watch())

    @property
    def pid(self) -> int | None:
        """The child's process id while it lives."""
        return None if self.ended or self._child.returncode is not None else self._child.pid

    async def ask(
        self, asked: WireFrame, read: Callable[[WireFrame], T], report: Report, seconds: float
    ) -> T:
        """Send an order, pass its news on, and `read` its answer.

        Raises the child's EngineError, EngineTimeout, EngineCrashed, or what `report` raised; a
        report that fails or is cancelled withdraws the order.
        """
        number, errand = next(self._numbers), PendingRequest(asked.kind, seconds)
        with self._change():
            self._errands[number] = errand
        try:
            await self._send(replace(asked, id=number))
            return await _converse(errand, read, report)
        except BadWireFrame as error:
            await self.end()
            raise EngineCrashed(f"{asked.kind}: the child spoke nonsense") from error
        except EngineError:
            raise
        except BaseException:
            await self._withdraw(number)
            raise

    async def close(self) -> None:
        """Let the child go; it leaves at the end of its input, or is killed."""
        self._to.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._child.wait(), GOODBYE)
        await self.end()

    async def end(self) -> None:
        """Kill the child's whole process group; what is under way fails as EngineCrashed."""
        self.ended = True
        if self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
        await self._child.wait()
        for errand in self._errands.values():
            errand.inbox.put_nowait(self._why(errand))
        self._errands.clear()
        for task in {self._listening, self._watching} - {asyncio.current_task()}:
            task.cancel()

    def _why(self, errand: PendingRequest) -> EngineError:
        if errand is self._late:
            return EngineTimeout(f"{errand.kind} took too long")
        return EngineCrashed(f"{errand.kind}: child ended with {self._child.returncode}")

    async def _send(self, message: WireFrame) -> None:
        # A broken pipe is a dead child: whoever listens to it learns that, and says so.
        with contextlib.suppress(ConnectionError):
            self._to.write(encode(message))
            await self._to.drain()

    async def _withdraw(self, number: int) -> None:
        """Take an order back. Alone it ends with its child, which may be stuck; else the child is
        told, and has a moment to stop."""
        if number not in self._errands:
            return
        if all(errand.withdrawn for n, errand in self._errands.items() if n != number):
            await self.end()
            return
        with self._change():
            errand = self._errands[number]
            errand.withdrawn, errand.left = True, min(errand.left, LAST_WORD)
        await self._send(WireFrame("withdraw", id=number))

    async def _listen(self) -> None:
        try:
            while True:
                self._hear(await receive(self._from))
        except (asyncio.IncompleteReadError, ConnectionError, BadWireFrame):
            await self.end()

    def _hear(self, message: WireFrame) -> None:
        if message.id not in self._errands:
            raise BadWireFrame(f"nobody asked for {message.kind}")
        with self._change():
            if message.kind == "begun":
                self._begun.append(message.id)
                return
            errand = self._errands[message.id]
            errand.inbox.put_nowait(message)
            if message.kind != "progress":
                del self._errands[message.id]
                if message.id in self._begun:
                    self._begun.remove(message.id)

    async def _watch(self) -> None:
        """End the child when the order that it works at has used up its time."""
        while True:
            self._changed.clear()
            payer = self._payer()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(payer.left if payer else None):
                    await self._changed.wait()
            with self._change():
                late = payer is not None and payer is self._payer() and payer.left <= 0
            if late:
                self._late = payer
                await self.end()
                return

    def _payer(self) -> PendingRequest | None:
        number = self._begun[-1] if self._begun else next(iter(self._errands), None)
        return None if number is None else self._errands.get(number)

    @contextlib.contextmanager
    def _change(self) -> Iterator[None]:
        """Charge the time so far to whom it was spent on, before that changes."""
        now = asyncio.get_running_loop().time()
        payer = self._payer()
        if payer is not None:
            payer.left -= now - self._since
        self._since = now
        yield
        self._changed.set()


async def _converse(errand: PendingRequest, read: Callable[[WireFrame], T], report: Report) -> T:
    while True:
        answer = await errand.inbox.get()
        if isinstance(answer, EngineError):
            raise answer
        if answer.kind == "error":
            raise record(ErrorMessage, answer).raised()
        if answer.kind != "progress":
            return read(answer)
        news = record(ProgressMessage, answer)
        await report(news.order, news.progress)
