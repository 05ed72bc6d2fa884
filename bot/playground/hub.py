"""The open streams of one process: how they hear of changes, and how many there may be.

All of them share one subscription to Redis. It only says that a chat has changed: each stream then
reads the changes from the chat's own stream, a few at a time, and so misses none when a message of
the subscription is lost.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from bot.playground.transcript import Change, Shown, Transcript, channel_of
from shop.outages import REDIS_AWAY, REPEATS

BEAT_SECONDS: Final = 15.0  # between two signs of life, and two looks for what no message told
STREAMS_PER_PERSON: Final = 4
_LISTEN_SECONDS: Final = 60.0  # of one look for what is published
_READERS: Final = 2  # streams that read at the same time, each over a connection of its own

log = structlog.get_logger()


class End(Enum):
    """Why a stream ends."""

    SUPERSEDED = auto()  # the person has opened newer ones: the page waits until it is looked at
    LOST = auto()  # Redis was away: the page connects again


@dataclass(eq=False)
class OpenStream:
    """One page that follows a chat, from ``cursor`` on."""

    cursor: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    end: End | None = None

    def close(self, why: End) -> None:
        self.end = self.end or why
        self.woken.set()


class Crowded(Exception):
    """There are too many streams; ``of_client``: of this one's address."""

    def __init__(self, *, of_client: bool) -> None:
        super().__init__()
        self.of_client = of_client


class StreamPlaces:
    """Counts the streams of a process: ``most`` in all, ``per_address`` of one client."""

    def __init__(self, most: int, per_address: int) -> None:
        self._most = most
        self._per_address = per_address
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, address: str) -> Iterator[None]:
        """A place within the block. Raises :class:`Crowded`."""
        if self._taken[address] >= self._per_address:
            raise Crowded(of_client=True)
        if self._taken.total() >= self._most:
            raise Crowded(of_client=False)
        self._taken[address] += 1
        try:
            yield
        finally:
            self._taken -= Counter({address: 1})  # what is zero is dropped


class ChangesHub:
    """Follows the chats of all open pages. Close it in the end."""

    def __init__(
        self,
        redis: Redis,
        transcript: Transcript,
        *,
        beat_seconds: float = BEAT_SECONDS,
        per_person: int = STREAMS_PER_PERSON,
    ) -> None:
        self._redis = redis
        self._transcript = transcript
        self._beat = beat_seconds
        self._per_person = per_person
        self._streams: dict[str, list[OpenStream]] = {}  # by channel, oldest first
        self._subscription: PubSub | None = None
        self._listener: asyncio.Task[None] | None = None
        self._changing = asyncio.Lock()
        self._readers = asyncio.Semaphore(_READERS)

    async def snapshot(self, chat: str) -> tuple[list[Shown], str]:
        """As :meth:`Transcript.snapshot`; in turn, for all pages come back at the same moment when
        a server does."""
        async with self._readers:
            return await self._transcript.snapshot(chat)

    async def follow(self, chat: str, cursor: str) -> AsyncGenerator[Change | End | None, None]:
        """Every change of the chat after ``cursor``; None as a sign of life; at the end, why it
        ends. Beyond :data:`STREAMS_PER_PERSON` of a chat the oldest is ended."""
        stream = OpenStream(cursor)
        try:
            await self._enter(channel_of(chat), stream)
            while stream.end is None:
                stream.woken.clear()
                async with self._readers:
                    changes = await self._transcript.changes(chat, stream.cursor)
                for stream.cursor, change in changes:
                    yield change
                if not changes and not await self._woken(stream):
                    yield None
        except Exception as error:  # boundary: whatever broke, the page connects again
            log.warning("stream_lost", error=type(error).__name__, **{REPEATS: REDIS_AWAY})
            stream.close(End.LOST)
        finally:
            await self._leave(channel_of(chat), stream)
        yield stream.end or End.LOST

    async def close(self) -> None:
        """End all streams, and the subscription."""
        await self._lose()

    async def _enter(self, channel: str, stream: OpenStream) -> None:
        streams = self._streams.setdefault(channel, [])
        streams.append(stream)
        for old in streams[: -self._per_person]:
            old.close(End.SUPERSEDED)
        async with self._changing:
            if self._subscription is None:
                self._subscription = self._redis.pubsub()
            await self._subscription.subscribe(channel)
            if self._listener is None:
                self._listener = asyncio.create_task(self._listen(self._subscription))

    async def _leave(self, channel: str, stream: OpenStream) -> None:
        streams = self._streams.get(channel, [])
        if stream in streams:
            streams.remove(stream)
        if streams:
            return
        self._streams.pop(channel, None)
        with suppress(RedisError, OSError):
            async with self._changing:
                if self._subscription and channel not in self._streams:
                    await self._subscription.unsubscribe(channel)

    async def _woken(self, stream: OpenStream) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._beat):
                await stream.woken.wait()
        return stream.woken.is_set()

    async def _listen(self, subscription: PubSub) -> None:
        """Wake up whom a message is for: also by the answer to a subscription, since what came
        between the first look and that was told to nobody."""
        try:
            while True:
                message = await subscription.get_message(timeout=_LISTEN_SECONDS)
                if message is None:  # silence is no outage
                    continue
                for stream in self._streams.get(message["channel"].decode(), ()):
                    stream.woken.set()
        except Exception as error:  # boundary: the next stream begins another one
            log.warning("streams_lost", error=type(error).__name__, **{REPEATS: REDIS_AWAY})
            self._listener = None
            await self._lose()

    async def _lose(self) -> None:
        for streams in self._streams.values():
            for stream in streams:
                stream.close(End.LOST)
        async with self._changing:
            listener, self._listener = self._listener, None
            subscription, self._subscription = self._subscription, None
            if listener:
                listener.cancel()
                await asyncio.gather(listener, return_exceptions=True)
            if subscription:
                with suppress(RedisError, OSError):
                    await subscription.aclose()  # type: ignore[no-untyped-call]
