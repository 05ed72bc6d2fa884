"""Telegram's side of the wire, as lean as it can be: it shares a core with the load."""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from benchmarks.updates.people import PHOTO_ID, PHOTOS

_BOT: Final = {"id": 7_000_000_001, "is_bot": True, "first_name": "Eider", "username": "EiderBot"}
_END: Final = b"\r\n\r\n"
QUIET_SECONDS: Final = 1.5


class Cloud:
    """Counts calls by method, and answers each as if it had been done."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: Counter[str] = Counter()
        self.called_at = 0.0
        self._messages = itertools.count(1000)
        self._photos = itertools.count()

    def answer(self, target: str) -> tuple[str, bytes]:
        """Content type and body for the request target."""
        if target.startswith("/file/"):
            return "image/jpeg", PHOTOS[next(self._photos) % len(PHOTOS)]
        method = target.rpartition("/")[2].partition("?")[0].lower()
        self.calls[method] += 1
        self.called_at = time.perf_counter()
        result = self._result(method)
        return "application/json", json.dumps({"ok": True, "result": result}).encode()

    async def quiet(self) -> float:
        """Wait until nothing is said any more; when the last word was, or this was asked, by
        ``time.perf_counter``."""
        asked = time.perf_counter()
        while time.perf_counter() - max(self.called_at, asked) < QUIET_SECONDS:
            await asyncio.sleep(0.1)
        return max(self.called_at, asked)

    def _result(self, method: str) -> object:
        match method:
            case "getme":
                return _BOT
            case "getfile":
                return {
                    "file_id": PHOTO_ID, "file_unique_id": "u", "file_size": 200_000,
                    "file_path": "photos/1.jpg",
                }  # fmt: skip
            case "sendmediagroup":
                return [self._message(), self._message()]
            case _ if method.startswith(("send", "editmessage")):
                return self._message()
            case _:
                return True

    def _message(self) -> dict[str, object]:
        chat = {"id": 1, "type": "private", "first_name": "C"}
        return {
            "message_id": next(self._messages), "date": 1_790_000_000, "from": _BOT,
            "chat": chat, "text": "x",
        }  # fmt: skip


class _Line(asyncio.Protocol):
    """One keep-alive connection; requests with a Content-Length, or chunked, one at a time."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (whole := self._whole()) >= 0:
            target = self._buffer[: self._buffer.index(b"\r\n")].split(b" ")[1].decode()
            self._buffer = self._buffer[whole:]
            kind, body = self._cloud.answer(target)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(head.encode() + body)  # type: ignore[attr-defined]

    def _whole(self) -> int:
        """Bytes of the first request; -1 until it is there."""
        end = self._buffer.find(_END)
        if end < 0:
            return -1
        head = self._buffer[:end].lower()
        if b"transfer-encoding: chunked" in head:
            last = self._buffer.find(b"0\r\n\r\n", end)
            return last + 5 if last >= 0 else -1
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        whole = end + len(_END) + length
        return whole if len(self._buffer) >= whole else -1


@asynccontextmanager
async def serving() -> AsyncIterator[Cloud]:
    """The cloud on a free port of loopback."""
    cloud = Cloud()
    server = await asyncio.get_running_loop().create_server(lambda: _Line(cloud), "127.0.0.1", 0)
    cloud.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield cloud
    finally:
        server.close()
