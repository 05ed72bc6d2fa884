"""HTTP byte by byte, for tests of what no client library would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

PATIENCE = 30.0  # seconds until an answer counts as one that never comes


@dataclass(frozen=True)
class RawAnswer:
    """The head of an answer, with names in lower case."""

    status: int
    headers: dict[str, str]


@asynccontextmanager
async def connected(base: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to that address."""
    place = urlsplit(base)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def ask(base: str, request: bytes) -> RawAnswer | None:
    """Send it, and read the head of the answer; None if the connection closes without any."""
    async with connected(base) as (reader, writer):
        try:
            writer.write(request)
            return await answer_of(reader)
        except ConnectionError:
            return None


async def answer_of(reader: asyncio.StreamReader) -> RawAnswer | None:
    """The head that comes next, after a "100 Continue" if there is one."""
    async with asyncio.timeout(PATIENCE):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError as end:
            if end.partial:
                raise AssertionError(f"half an answer: {end.partial!r}") from None
            return None
        line, *rest = head.strip().split("\r\n")
        status = int(line.split()[1])
        if status == 100:
            return await answer_of(reader)
        pairs = (one.partition(":") for one in rest)
        return RawAnswer(status, {name.lower(): value.strip() for name, _, value in pairs})


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Everything until the other side closes."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read()
        except ConnectionError:
            return b""
