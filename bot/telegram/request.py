"""python-telegram-bot's HTTP over aiohttp, which the web side uses anyway.

A call costs a third of the CPU that it costs over httpx, one of many at once a ninth; and a
download ends as soon as it shows to be too large. No error that leaves here holds an address, for
the token is part of each.
"""

import asyncio
import io
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    FormData,
    TCPConnector,
)
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

DOWNLOADS: Final = 16
"""Files that one client fetches at the same time; the others wait, so memory stays bounded."""

_KEEP_ALIVE_SECONDS: Final = 30.0
_CHUNK: Final = 64 * 1024
_NONE: Final = BaseRequest.DEFAULT_NONE
_JSON: Final = {"Content-Type": "application/json"}
_ASKS_WHO: Final = "getMe"
"""The one method that every Bot API server has: where it is not found, the token is not."""
_DONE: Final = (b'{"ok":true,"result":', b'{"ok": true, "result":')
"""How all that Telegram has done begins: nothing else of it need be read twice."""
_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404


class TooMuch(Exception):
    """The file is larger than it may be. What came of it is dropped."""


class AiohttpRequest(BaseRequest):
    """:class:`telegram.request.BaseRequest` with connections of its own. Seconds everywhere.

    Each request has an end, whatever the other side does: connecting, writing and reading together
    take at most the sum of what each may take. Proxies are taken from ``HTTPS_PROXY`` and its kin.
    """

    __slots__ = (
        "_connect", "_connections", "_downloads", "_proxies", "_read", "_session", "_upload",
        "_write",
    )  # fmt: skip

    def __init__(
        self,
        connections: int,
        *,
        connect: float = 10.0,
        read: float = 30.0,
        write: float = 30.0,
        upload: float = 120.0,
    ) -> None:
        """``connections`` at most are open at once; a request waits for one as for connecting.

        ``read``: from the last byte sent to the first one received, and from each to the next.
        ``write``, or with files in it ``upload``: until the last byte is sent.
        """
        self._connections = connections
        self._connect = connect
        self._read = read
        self._write = write
        self._upload = upload
        self._downloads = asyncio.Semaphore(DOWNLOADS)
        self._proxies: Mapping[str, str] = {}
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._read

    async def initialize(self) -> None:
        if self._session is None:
            self._proxies = getproxies()
            connector = TCPConnector(
                limit=self._connections, keepalive_timeout=_KEEP_ALIVE_SECONDS, ttl_dns_cache=300
            )
            self._session = ClientSession(
                connector=connector,
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = _NONE,
        write_timeout: object = _NONE,
        connect_timeout: object = _NONE,
        pool_timeout: object = _NONE,
    ) -> tuple[int, bytes]:
        """The status and the body. Raises TimedOut, or NetworkError for everything else.

        A 404 of any method but getMe is given as a 400: that server does not do this one, which the
        library would call a bad token. A refusal that came as a 200 gets the status it names.
        """
        posted = method == "POST"
        uploads = request_data is not None and request_data.contains_files
        timeout = _timeout(
            _given(connect_timeout, self._connect) + _given(pool_timeout, 0.0),
            _given(write_timeout, self._upload if uploads else self._write),
            _given(read_timeout, self._read),
        )
        try:
            async with self._open.request(
                method,
                url,
                data=_body(request_data) if request_data else None,
                headers=_JSON if request_data and not uploads else None,
                timeout=timeout,
                proxy=self._proxy(url),
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
                # Whatever is not posted is a file.
                return (_status(url, answer.status, body) if posted else answer.status), body
        except (ClientError, OSError) as error:
            raise _ours(error) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """An answer of the Bot API: its result, or what it says of a refusal.

        Raises NetworkError for anything else: whoever wrote that, a proxy or a server on its way
        down, has not told us what became of the call, so it is an outage and tried again.
        """
        try:
            said = json.loads(payload)
        except ValueError:
            said = None
        if isinstance(said, dict) and (said.get("ok") is not True or "result" in said):
            return said
        raise NetworkError("the answer is none of a Bot API") from None

    async def download(self, url: str, most: int) -> bytes:
        """A file of at most ``most`` bytes. Raises :class:`TooMuch` as soon as that shows,
        TimedOut, or NetworkError.
        """
        timeout = _timeout(self._connect, self._write, self._upload)
        try:
            async with (
                self._downloads,
                self._open.get(
                    url, timeout=timeout, proxy=self._proxy(url), allow_redirects=False
                ) as answer,
            ):
                if answer.status != 200:
                    raise NetworkError(f"no file ({answer.status})")
                if (answer.content_length or 0) > most:
                    raise TooMuch
                body = bytearray()
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    body += chunk
                    if len(body) > most:
                        raise TooMuch
                return bytes(body)
        except (ClientError, OSError) as error:
            raise _ours(error) from None

    @property
    def _open(self) -> ClientSession:
        if self._session is None:
            raise NetworkError("the client is not open")
        return self._session

    def _proxy(self, url: str) -> str | None:
        """Telegram is out of reach in some countries but for a proxy."""
        parts = urlsplit(url)
        proxy = self._proxies.get(parts.scheme)
        return None if proxy is None or proxy_bypass(parts.hostname or "") else proxy


def _status(url: str, status: int, body: bytes) -> int:
    """What the answer means, see :meth:`AiohttpRequest.do_request`."""
    if status == _NOT_FOUND:
        method = urlsplit(url).path.rpartition("/")[2]
        return status if method == _ASKS_WHO else _BAD_REQUEST
    if status // 100 != 2 or body.startswith(_DONE):
        return status
    said = AiohttpRequest.parse_json_payload(body)
    if said.get("ok") is True:
        return status
    code = said.get("error_code")
    if said.get("ok") is False and isinstance(code, int) and 400 <= code < 600:
        return _status(url, code, body)
    raise NetworkError("the answer is none of a Bot API")


def _given(value: object, default: float) -> float:
    """What a call asks for. Nothing may wait for ever, so None means the default as well."""
    return float(value) if isinstance(value, int | float) else default


def _timeout(connect: float, write: float, read: float) -> ClientTimeout:
    return ClientTimeout(total=connect + write + read, connect=connect, sock_read=read)


def _body(data: RequestData) -> FormData | bytes:
    """A form where there are files; otherwise JSON, which costs less to write."""
    if not data.contains_files:
        return data.json_payload
    form = FormData(data.json_parameters, quote_fields=False)
    for name, (filename, content, kind) in data.multipart_data.items():
        # As a stream, so that a large picture is not written to the socket in one piece.
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=kind)
    return form


def _ours(error: Exception) -> TelegramError:
    """The kind of the error alone: aiohttp's texts hold the address."""
    return TimedOut() if isinstance(error, TimeoutError) else NetworkError(type(error).__name__)
