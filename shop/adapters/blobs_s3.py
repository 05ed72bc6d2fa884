"""Blobs as objects of a bucket that speaks S3. Their bytes are encrypted by the caller.

Whatever the store does not do is an outage: each error is raised as
:class:`shop.errors.Unavailable`, whose text names the operation and the kind of the error, and no
path, address or key. Time-outs and retries are bounded. No link to an object is ever made: whoever
looks at a picture gets it from us, signed and labelled.
"""

import asyncio
import atexit
import errno
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError, GenericError, PreconditionError
from obstore.store import S3Store

from shop.adapters.blob_paths import checked, is_path
from shop.errors import Duplicate, NotFound, Unavailable
from shop.ports import BlobPlace

if TYPE_CHECKING:
    from obstore.store import S3Config  # a type alone

PART_BYTES: Final = 8 << 20
"""What is larger goes and comes in parts of that size, so that no request takes long."""

REQUEST_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 20.0
OPERATION_SECONDS: Final = 600.0  # of everything that one call does: a LoRA may have a gigabyte
_RETRIES: Final = 3
_PAGE: Final = 1000
_PARTS_AT_ONCE: Final = 4
_ROUNDS: Final = 5
_MARK_SECONDS: Final = 5.0
_PROBE_SECONDS: Final = 60.0
_PROBE: Final = ".probe"  # no blob's path begins so
_NO_VERSION: Final = (None, "null")
_LAST_SECONDS: Final = 0.2

PLACE: Final = BlobPlace(
    "EIDER_BLOBS_URL",
    restore="set it to the bucket and the prefix that the database was made with",
    repair="see that the service answers, and that these keys may read, write, list and delete",
)

T = TypeVar("T")


class BucketError(OSError):
    """What is wrong with a bucket, in words that hold neither address nor path."""


class VersionedBucket(BucketError):
    """The bucket keeps what is replaced or deleted as an old version: nothing is erased there."""

    def __init__(self) -> None:
        super().__init__(
            errno.EPERM,
            "the bucket keeps old versions, so that nothing would be erased: take one without "
            "versioning",
        )


class NoSuchBucket(BucketError):
    """The service answers, and has no bucket of that name."""

    def __init__(self) -> None:
        super().__init__(errno.ENXIO, "there is no such bucket")


class NoAnswer(BucketError):
    """Nothing answers at the service's address, or not in time."""

    def __init__(self) -> None:
        super().__init__(errno.EHOSTUNREACH, "the service does not answer")


def open_bucket(
    url: str,
    *,
    endpoint: str = "",
    region: str = "us-east-1",
    key_id: str = "",
    secret_key: str = "",
    request_seconds: float = REQUEST_SECONDS,
    retry_seconds: float = RETRY_SECONDS,
) -> S3Store:
    """The bucket and prefix of ``s3://bucket/prefix``; connects later. ``endpoint``: of another
    service than Amazon's; one whose host begins with the bucket's name is asked by that host.
    Without keys the machine's own role is used."""
    atexit.unregister(_wait_for_threads)
    atexit.register(_wait_for_threads)
    parts = urlsplit(url)
    bucket = parts.hostname or ""
    config: S3Config = {
        "region": region,
        "virtual_hosted_style_request": (urlsplit(endpoint).hostname or "").startswith(
            f"{bucket}."
        ),
    }
    if endpoint:
        config["endpoint"] = endpoint
    if key_id:
        config |= {"access_key_id": key_id, "secret_access_key": secret_key}
    return S3Store(
        bucket,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={
            "allow_http": endpoint.startswith("http:"),
            "connect_timeout": timedelta(seconds=min(CONNECT_SECONDS, request_seconds)),
            "timeout": timedelta(seconds=request_seconds),
        },
        retry_config={
            "max_retries": _RETRIES,
            "retry_timeout": timedelta(seconds=retry_seconds),
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=2),
                "base": 2,
            },
        },
    )


def _wait_for_threads() -> None:
    """The library's threads give Python's objects back after an answer; one that comes to it while
    the interpreter ends aborts the process, and its exit status is lost."""
    time.sleep(_LAST_SECONDS)


class S3Blobs:
    """A :class:`shop.ports.Blobs` in a bucket, or below a prefix of one.

    A bucket that keeps old versions is refused by every write and removal that notices. Uploads in
    parts whose writer was killed are nobody's blob and cannot be listed here: a lifecycle rule of
    the bucket ends them (docs/deploy.md).

    What :meth:`bind` promises is looked at every few seconds, and anew before anything is called
    absent, empty or removed.
    """

    place = PLACE

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self._mark: tuple[str, bytes] | None = None
        self._own_until = 0.0
        self._unversioned_until = 0.0

    def bind(self, path: str, mark: bytes) -> None:
        self._mark = (checked(path), mark)

    async def put(self, path: str, data: bytes) -> None:
        target = checked(path)
        await self._done("put", lambda: self._put(target, data))

    async def create(self, path: str, data: bytes) -> None:
        target = checked(path)
        await self._done("create", lambda: self._create(target, data))

    async def get(self, path: str) -> bytes:
        target = checked(path)
        return await self._done("get", lambda: self._get(target))

    async def remove(self, prefix: str) -> int:
        target = checked(prefix)
        return await self._done("remove", lambda: self._remove(target))

    async def walk(self, prefix: str) -> AsyncIterator[str]:
        start = checked(prefix) if prefix else ""
        async with aclosing(self._pages(start)) as pages:
            while page := await self._done("walk", partial(anext, pages, None)):
                for path in page:
                    yield path

    async def remove_drafts(self, age: timedelta) -> int:
        return 0  # an object is there when it is whole

    async def _done(self, operation: str, work: Callable[[], Awaitable[T]]) -> T:
        """What the work gives. Raises :class:`Unavailable`."""
        try:
            async with asyncio.timeout(OPERATION_SECONDS):
                await self._require_own()
                return await work()
        except (BaseError, OSError, TimeoutError) as error:
            known = _known(error)
            raise Unavailable(f"the blob store fails: {operation}, {_why(known)}") from known

    async def _require_own(self, *, now: bool = False) -> None:
        """Raises OSError where another store is in this one's place."""
        if self._mark is None or (not now and time.monotonic() < self._own_until):
            return
        path, mark = self._mark
        try:
            own = bytes(await (await self._store.get_async(path)).bytes_async()).strip() == mark
        except FileNotFoundError:
            own = False
        if not own:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        self._own_until = time.monotonic() + _MARK_SECONDS

    async def _require_no_versions(self) -> None:
        """Raises OSError if what is removed now would stay as an old version."""
        if time.monotonic() >= self._unversioned_until:
            await self._put(_PROBE, b"")

    async def _put(self, path: str, data: bytes) -> None:
        parts = len(data) > PART_BYTES
        result = await self._store.put_async(
            path, data, use_multipart=parts, chunk_size=PART_BYTES, max_concurrency=_PARTS_AT_ONCE
        )
        self._note_versions(result["version"])

    async def _create(self, path: str, data: bytes) -> None:
        if await self._is_there(path):  # where a service does not look at If-None-Match
            raise Duplicate
        try:
            result = await self._store.put_async(path, data, mode="create")
        except (AlreadyExistsError, FileExistsError):
            raise Duplicate from None
        self._note_versions(result["version"])

    def _note_versions(self, version: str | None) -> None:
        if version not in _NO_VERSION:
            self._unversioned_until = 0.0
            raise VersionedBucket
        self._unversioned_until = time.monotonic() + _PROBE_SECONDS

    async def _get(self, path: str) -> bytes:
        for _ in range(_ROUNDS):
            try:
                result = await self._store.get_async(path)
                size, tag = result.meta["size"], result.meta["e_tag"]
                if size <= PART_BYTES:
                    return bytes(await result.bytes_async())
                return await self._in_parts(path, size, tag)
            except FileNotFoundError as absent:
                if isinstance(known := _known(absent), NoSuchBucket):
                    raise known from absent
                await self._require_own(now=True)
                raise NotFound from None
            except PreconditionError:  # it was replaced meanwhile
                continue
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    async def _in_parts(self, path: str, size: int, tag: str | None) -> bytes:
        """Its bytes, several parts at once, all of the same object."""
        places = asyncio.Semaphore(_PARTS_AT_ONCE)

        async def part(start: int) -> bytes:
            async with places:
                until = min(start + PART_BYTES, size)
                got = await self._store.get_async(
                    path, options={"range": (start, until), "if_match": tag}
                )
                return bytes(await got.bytes_async())

        parts = await asyncio.gather(*(part(start) for start in range(0, size, PART_BYTES)))
        return b"".join(parts)

    async def _remove(self, prefix: str) -> int:
        """Done when nothing is found any more."""
        await self._require_no_versions()
        removed: set[str] = set()
        for _ in range(_ROUNDS):
            found = [path async for page in self._pages(prefix) for path in page]
            if not found:
                return len(removed)
            await self._store.delete_async(found)
            removed.update(found)
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))

    async def _pages(self, prefix: str) -> AsyncGenerator[Sequence[str], None]:
        """What is at and below it, none of the pages empty; that there is nothing is believed only
        of our own store."""
        empty = True
        if prefix and await self._is_there(prefix):
            empty = False
            yield [prefix]
        async for listed in self._store.list(prefix or None, chunk_size=_PAGE):
            if page := [one["path"] for one in listed if is_path(one["path"])]:
                empty = False
                yield page
        if empty:
            await self._require_own(now=True)

    async def _is_there(self, path: str) -> bool:
        try:
            await self._store.head_async(path)
        except FileNotFoundError:
            return False
        return True


def _known(error: Exception) -> Exception:
    """The same as one of ours, where the service's own words say which: its library has a kind for
    neither."""
    words = str(error)
    if isinstance(error, FileNotFoundError) and "NoSuchBucket" in words:
        return NoSuchBucket()
    if isinstance(error, GenericError) and "error sending request" in words:
        return NoAnswer()
    return error


def _why(error: Exception) -> str:
    """Of the system's errors their name; of the service's the kind, without its words, which quote
    addresses and paths."""
    if isinstance(error, BucketError):
        return str(error.strerror)
    if isinstance(error, FileNotFoundError):
        return "NoSuchBucket"
    if isinstance(error, OSError) and error.errno:
        return errno.errorcode.get(error.errno, "unknown")
    return type(error).__name__.removesuffix("Error")
