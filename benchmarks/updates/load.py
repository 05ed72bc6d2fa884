"""Posting updates: as fast as they are taken, or at a steady rate."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

CONNECTIONS: Final = 100  # as many as Telegram opens at most
PATH: Final = "/telegram"
SECRET: Final = "benchmark-webhook-secret_0123456789"


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of a run: each update's seconds from the POST to its 200, and of the whole."""

    seconds: tuple[float, ...]
    took: float
    refused: int

    def quantile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def telegram_request(port: int, body: bytes) -> bytes:
    """The whole request that posts an update."""
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


Request = Callable[[int, bytes], bytes]


async def flood(
    port: int, updates: Iterator[bytes], count: int, request: Request = telegram_request
) -> Posted:
    """``count`` updates over all connections, each as soon as the one before it was taken."""
    return await _run(port, updates, count, None, request)


async def steady(
    port: int,
    updates: Iterator[bytes],
    count: int,
    rate: float,
    request: Request = telegram_request,
) -> Posted:
    """``count`` updates at ``rate`` a second. One that finds no connection free waits, and its
    wait counts: a slow server must not slow down its own measurement."""
    return await _run(port, updates, count, rate, request)


async def _run(
    port: int, updates: Iterator[bytes], count: int, rate: float | None, request: Request
) -> Posted:
    due: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    seconds: list[float] = []
    refused = 0
    began = time.perf_counter()

    async def post() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (job := await due.get()) is not None:
            at, body = job
            since = at or time.perf_counter()
            writer.write(request(port, body))
            status = await _answered(reader)
            seconds.append(time.perf_counter() - since)
            refused += status != b"200"
        writer.close()

    posters = [asyncio.create_task(post()) for _ in range(CONNECTIONS)]
    for number in range(count):
        body = next(updates)
        if rate is not None:
            at = began + number / rate
            while (wait := at - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            due.put_nowait((at, body))
        else:
            due.put_nowait((0.0, body))
    for _ in posters:
        due.put_nowait(None)
    await asyncio.gather(*posters)
    return Posted(tuple(seconds), time.perf_counter() - began, refused)


async def _answered(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.lower().find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    if length:
        await reader.readexactly(length)
    return head.split(b" ", 2)[1]
