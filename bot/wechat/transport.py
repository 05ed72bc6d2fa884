"""HTTP to WeChat: no redirect is followed, no answer is larger than it may be, and no error holds
an address, for addresses hold the access token and the account's secret.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    FormData,
    TCPConnector,
)
from pydantic_core import from_json, to_json

from bot.outbound import RetryLater
from bot.web.body import no_budget
from bot.wechat.errors import NotReached
from handlers.chat import Reserve
from shop.errors import PhotoTooLarge

MEGABYTE: Final = 1024 * 1024
LARGEST_ANSWER: Final = MEGABYTE  # bytes of JSON
CALL_SECONDS: Final = 10.0
FILE_SECONDS: Final = 60.0
BUSY_SECONDS: Final = 10.0  # after an answer of 5xx

_CONNECTIONS: Final = 64
_CHUNK: Final = 64 * 1024


class Transport:
    """Makes requests to one base URL. Proxies are taken from ``HTTPS_PROXY`` and its kin.

    Every method raises ConnectionError where WeChat was not reached or its answer is none, and
    :class:`bot.outbound.RetryLater` for a status of 429 or 5xx.
    """

    def __init__(self, session: ClientSession, base_url: str) -> None:
        self._session = session
        self._base = base_url

    async def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object that it answers."""
        async with self._asked("GET", path, query) as answer:
            return _object(await _whole(answer))

    async def post(
        self, path: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Likewise; ``body`` goes as JSON in UTF-8, in which nothing but ``"`` and controls is
        escaped: WeChat shows other escapes to people as they stand."""
        data = to_json(_clean(body))
        headers = {"Content-Type": "application/json; charset=utf-8"}
        async with self._asked("POST", path, query, data=data, headers=headers) as answer:
            return _object(await _whole(answer))

    async def upload(
        self, path: str, query: Mapping[str, str], data: bytes, filename: str, media_type: str
    ) -> dict[str, Any]:
        """Likewise, of a form whose field ``media`` is the file."""
        form = FormData(quote_fields=False)
        form.add_field("media", data, filename=filename, content_type=media_type)
        timeout = ClientTimeout(FILE_SECONDS)
        async with self._asked("POST", path, query, data=form, timeout=timeout) as answer:
            return _object(await _whole(answer))

    async def download(
        self, path: str, query: Mapping[str, str], reserve: Reserve, most: int
    ) -> bytearray | dict[str, Any]:
        """A file of at most ``most`` bytes, or the JSON object that stands for an error. Raises
        :class:`shop.errors.PhotoTooLarge` as soon as it shows to be larger."""
        timeout = ClientTimeout(FILE_SECONDS)
        async with self._asked("GET", path, query, timeout=timeout) as answer:
            if (answer.content_length or 0) > most:
                raise PhotoTooLarge(megabytes=most // MEGABYTE)
            data = await _parts(answer, most, reserve)
        if answer.content_type.startswith("image/") or not data.startswith(b"{"):
            return data
        return _object(data)

    @asynccontextmanager
    async def _asked(
        self, method: str, path: str, query: Mapping[str, str], **more: Any
    ) -> AsyncIterator[ClientResponse]:
        more.setdefault("timeout", ClientTimeout(CALL_SECONDS))
        try:
            async with self._session.request(
                method, self._base + path, params=query, allow_redirects=False, **more
            ) as answer:
                if answer.status == 429 or answer.status >= 500:
                    raise RetryLater(BUSY_SECONDS)
                if answer.status != 200:
                    raise ConnectionError(f"wechat answered {answer.status}")
                yield answer
        except (ClientError, OSError) as trouble:  # TimeoutError is an OSError
            if type(trouble) is ConnectionError:
                raise
            if isinstance(trouble, ClientConnectorError):
                raise NotReached(f"wechat was not reached: {type(trouble).__name__}") from None
            raise ConnectionError(f"wechat did not answer: {type(trouble).__name__}") from None


@asynccontextmanager
async def open_transport(base_url: str) -> AsyncIterator[Transport]:
    """A transport, open within the block. Sends nothing yet."""
    connector = TCPConnector(limit=_CONNECTIONS, ttl_dns_cache=300)
    async with ClientSession(
        connector=connector, cookie_jar=DummyCookieJar(), trust_env=True
    ) as session:
        yield Transport(session, base_url)


async def _whole(answer: ClientResponse) -> bytearray:
    try:
        return await _parts(answer, LARGEST_ANSWER, no_budget)
    except PhotoTooLarge:
        raise ConnectionError("wechat's answer is too large") from None


async def _parts(answer: ClientResponse, most: int, reserve: Reserve) -> bytearray:
    data = bytearray()
    async for part in answer.content.iter_chunked(_CHUNK):
        if len(data) + len(part) > most:
            raise PhotoTooLarge(megabytes=most // MEGABYTE)
        await reserve(len(part))
        data += part
    return data


def _object(data: bytes | bytearray) -> dict[str, Any]:
    """WeChat says ``text/plain`` of much of its JSON."""
    try:
        found = from_json(bytes(data))
    except ValueError:
        raise ConnectionError("wechat's answer is no JSON") from None
    if not isinstance(found, dict):
        raise ConnectionError("wechat's answer is no JSON object")
    return found


def _clean(value: Any) -> Any:
    """Without half surrogate pairs, which no UTF-8 can carry."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case Mapping():
            return {key: _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
    return value
