"""Server-sent events from the server to the page: written here, and read again by the driver."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.playground.hub import End
from bot.playground.transcript import Change, Forgotten, Shown


def plain(shown: Shown) -> dict[str, Any]:
    """A message in its place, as JSON has it; times are milliseconds since 1970."""
    return {**json.loads(shown.message.json()), "id": shown.id, "at": millis(shown.at)}


def changed(change: Change) -> bytes:
    """The event of one change."""
    if isinstance(change, Forgotten):
        return written("forgotten", {"before": millis(change.before)})
    return written("shown", plain(change))


def told(news: Change | End | None) -> bytes:
    """What the page is sent: a change, a sign of life, or why the stream ends. One that was lost
    just ends, and a browser connects again by itself."""
    match news:
        case None:
            return written("beat", {})
        case End.SUPERSEDED:
            return written("superseded", {})
        case End.LOST:
            return b""
    return changed(news)


def written(name: str, data: Mapping[str, Any]) -> bytes:
    """An event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


async def read(stream: Any) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """The events of an aiohttp stream, as (name, data)."""
    name = ""
    async for raw in _lines(stream):
        if raw.startswith("event: "):
            name = raw.removeprefix("event: ")
        elif raw.startswith("data: "):
            yield name, json.loads(raw.removeprefix("data: "))


def millis(at: datetime) -> int:
    """Milliseconds since 1970, as the JSON has times."""
    return int(at.timestamp() * 1000)


def moment(at: float) -> datetime:
    """The time that the JSON means."""
    return datetime.fromtimestamp(at / 1000, UTC)


async def _lines(stream: Any) -> AsyncIterator[str]:
    """Lines of any length: a snapshot is one, and longer than aiohttp's own limit for a line."""
    rest = b""
    async for chunk in stream.iter_any():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode()
