"""Takes callbacks in: each message once, however often WeChat posts it, those of one person in
order, and each acknowledged only when its effect is stored.

WeChat posts a message again while the first attempt is still being worked on, and perhaps to
another process: within a process attempts join one piece of work, and between processes the inbox
knows what is stored. Words are handled here and never stored; a photo is stored and handled by the
outbox worker (:mod:`bot.wechat.photo_batches`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, Protocol

import structlog

from bot.state.locks import NamedLocks
from bot.wechat.inbound import Received, SentImage
from bot.wechat.photo_queue import PhotoQueue
from handlers.chat import Content, Incoming, Pressed, Reply, Said
from handlers.dispatcher import Dispatcher
from shop.errors import Unavailable
from shop.outages import told

ANSWERED_SECONDS: Final = 60.0
"""How long an answer is kept for attempts that come after it; WeChat's last comes after 15 s."""
LAST_ATTEMPT_SECONDS: Final = 15.0
"""After the first attempt; later none is expected, and an answer goes out as a message."""
PHOTOS_SECONDS: Final = 10.0
"""For how long words wait until the photos that were sent before them are taken in."""

_LOOK_SECONDS: Final = 0.25

Contacted = Callable[[Received], Awaitable[None]]
"""Notes that the person did that, which allows messages to them."""

log = structlog.get_logger()


class Answerer(Protocol):
    """Answers updates: :class:`bot.wechat.outbound.WechatOutbound`."""

    async def answer(self, incoming: Incoming, replies: Sequence[Reply]) -> str | None:
        """The text of the passive reply, of one message at most; None for none. What does not fit
        into it is sent, or waits."""

    async def say(self, chat: str, text: str) -> None:
        """Send a text for which there is no passive reply any more."""


class _Work:
    """A message that is being worked on: when it came first, and who waits for it."""

    def __init__(self, task: "asyncio.Task[str]", began: float) -> None:
        self.task = task
        self.began = began
        self.stored = False
        self.waiting = 0


class CallbackProcessor:
    """Takes messages and events in."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        photos: PhotoQueue,
        answerer: Answerer,
        contacted: Contacted,
        flush_outbox: Callable[[], Awaitable[None]],
    ) -> None:
        """``flush_outbox`` is called after each message that may have left messages there; of
        photos after the first."""
        self._dispatcher = dispatcher
        self._photos = photos
        self._answerer = answerer
        self._contacted = contacted
        self._flush = flush_outbox
        self._work: dict[str, _Work] = {}
        self._persons = NamedLocks()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def take(self, received: Received) -> str:
        """The text of the passive reply, or "", once the effect is stored. Cancelled, the work goes
        on, and the next attempt joins it. Raises :class:`shop.errors.Unavailable`."""
        work = self._work.get(received.event_id) or self._begin(received)
        work.waiting += 1
        try:
            return await asyncio.shield(work.task)
        except asyncio.CancelledError:
            if work.task.cancelled():  # the process ends
                raise Unavailable("the process ends") from None
            if work.stored and self._age(work) >= LAST_ATTEMPT_SECONDS:
                return ""  # or WeChat would tell them of a fault; `_answered` sends it as a message
            raise
        finally:
            work.waiting -= 1

    async def drain(self, seconds: float) -> None:
        """Let the work under way end, for at most so long; then stop it."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _begin(self, received: Received) -> _Work:
        loop = asyncio.get_running_loop()
        task = self._start(self._worked(received))
        work = self._work[received.event_id] = _Work(task, loop.time())

        def ended(_: object) -> None:
            if task.cancelled() or task.exception():
                self._work.pop(received.event_id, None)  # the next attempt begins anew
            else:
                loop.call_later(ANSWERED_SECONDS, self._work.pop, received.event_id, None)

        task.add_done_callback(ended)
        return work

    async def _worked(self, received: Received) -> str:
        content = received.content
        await self._contacted(received)
        async with self._persons.of(received.openid):
            if content is None:
                return ""
            text, flushed = "", True
            if isinstance(content, SentImage):
                flushed = await self._photos.add(received, content)
            else:
                text = await self._answered(received, content)
        if flushed:
            self._start(self._flush_outbox())
        return text

    async def _answered(self, received: Received, content: Content) -> str:
        if isinstance(content, Said | Pressed):
            await self._settle_photos(received.openid)
        incoming = received.incoming(content)
        replies = await self._dispatcher.handle(incoming)
        work = self._work[received.event_id]
        work.stored = True
        try:
            text = await self._answerer.answer(incoming, replies)
            if text and not work.waiting and self._age(work) >= LAST_ATTEMPT_SECONDS:
                await self._answerer.say(received.openid, text)
                return ""
        except Unavailable:
            raise
        except Exception as error:  # the effect is stored: again would be the same again
            log.error("wechat_reply_lost", update=received.event_id, error=type(error).__name__)
            return ""
        return text or ""

    async def _settle_photos(self, openid: str) -> None:
        """What people say after their photos is about them: it waits for them, for a while."""
        if not await self._photos.checks_in(openid):
            return
        await self._photos.hush(openid)
        try:
            async with asyncio.timeout(PHOTOS_SECONDS):
                while not await self._photos.is_settled(openid):
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            log.info("wechat_photos_unsettled")

    def _age(self, work: _Work) -> float:
        return asyncio.get_running_loop().time() - work.began

    async def _flush_outbox(self) -> None:
        try:
            await self._flush()
        except Exception as error:  # the outbox worker's own look finds it
            log.warning("wechat_flush_failed", **told(error))

    def _start(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
