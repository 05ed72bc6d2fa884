"""Photos as the outbox worker handles them: fetched in the order in which they were sent, and
answered together once a person has stopped sending.

A photo's row is done when its answer is out. Until then every signal looks again: what the shop has
stored is not fetched twice (:mod:`shop.inbox`), and a process that died leaves at most words to be
said anew. What the checks of the photos will say is left to their own news, which
:class:`QuietOutbound` holds back meanwhile: twenty photos are answered by one message.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from redis.asyncio import Redis

from bot.outbound import RetryLater
from bot.state.locks import Locks, LockTimeout
from bot.wechat.api import WechatApi
from bot.wechat.errors import ApiRefused
from bot.wechat.inbound import person_of
from bot.wechat.photo_queue import PhotoQueue, QueuedPhoto
from handlers.chat import Content, Incoming, Pressed, Reply, Reserve, Say, SentPhoto
from handlers.dispatcher import Dispatcher
from handlers.intents import Intent, action
from handlers.steps.photos import TALLY
from shop import inbox
from shop.errors import CannotStart, NotFound, PhotoTooLarge, Unavailable
from shop.jobs import outbox
from shop.orders import orders
from shop.outages import told
from shop.people import users
from shop.photos.decoding import MAX_BYTES
from shop.ports import Database, Tx
from shop.records import OrderState, OutboxMessage, Photo, PhotoState, User

LARGEST: Final = MAX_BYTES
KEPT_BY_WECHAT: Final = timedelta(days=3)
LOOK_SECONDS: Final = 2.0
"""Between two looks for more photos of one person, of which the first alone is signalled."""
_BUSY_SECONDS: Final = 2.0
_FIRST_RETRY: Final = 5.0
_LAST_RETRY: Final = 600.0
_IN_A_ROW: Final = 2
_REMEMBERED: Final = 1000
_TALLY_NEWS: Final = "tally"  # the kind of notice that every check leaves
_AGAIN: Final = action(Intent.WHERE)

SendLate = Callable[[str, Sequence[Reply], Sequence[Reply], datetime], Awaitable[None]]
"""Sends the answer to photos, the screen where their sender stands, and when the last of them was
sent: :meth:`bot.adaptation.ReplyAdapter.send_late`."""

log = structlog.get_logger()


class _NotNow(RetryLater, Unavailable):
    """To the dispatcher an outage, of which nothing is stored; to the outbox worker the wish to be
    asked later."""


class PhotoBatches:
    """The handler of :data:`bot.wechat.photo_queue.PHOTO`. Safe to run twice, and side by side."""

    def __init__(
        self,
        database: Database,
        queue: PhotoQueue,
        dispatcher: Dispatcher,
        api: WechatApi,
        redis: Redis,
        send_late: SendLate,
        *,
        photos_asked: int = 0,
    ) -> None:
        """``photos_asked``: up to how many of an order, more are waited for longer."""
        self._database = database
        self._queue = queue
        self._dispatcher = dispatcher
        self._api = api
        self._locks = Locks(redis, lease=10.0, patience=0.25)
        self._send_late = send_late
        self._asked = photos_asked
        self._said: dict[str, dict[str, list[Reply]]] = {}  # by owner and event, until it is sent

    async def handle(self, message: OutboxMessage) -> None:
        """Bring the photos of its person forward. Returns when this one is answered. Raises
        :class:`bot.outbound.RetryLater` when it is to be looked at again, or Unavailable."""
        try:
            photo = self._queue.read(message)
        except NotFound:
            log.error("wechat_photo_unreadable")  # sealed by another master key
            return
        try:
            async with self._locks.of(f"eider:lock:wechat_photos:{message.user_id}"):
                await self._bring_forward(photo)
        except LockTimeout:
            raise RetryLater(_BUSY_SECONDS) from None

    async def _bring_forward(self, photo: QueuedPhoto) -> None:
        openid, owner = photo.openid, photo.message.user_id
        photos, late = await self._take_all(openid)
        if photo.event_id in late:
            raise late[photo.event_id]
        if not photos:  # another worker was faster
            return
        enough = await self._is_enough(openid)
        if left := await self._queue.quiet_in(openid, enough=enough):
            # More may come meanwhile.
            raise RetryLater(min(max(0.5, left), LOOK_SECONDS), tried=False)
        answer = self._replies(owner, photos)
        screen = [] if answer else await self._screen(photos)
        if any(map(is_tally, (*answer, *screen))):
            if await is_checking(self._database, openid) and await self._queue.checks_in(openid):
                raise RetryLater(_BUSY_SECONDS, tried=False)
            answer, screen = ([x for x in part if not is_tally(x)] for part in (answer, screen))
            screen += await self._tally(photos[-1])
        if answer or screen:
            await self._send_late(openid, answer, screen, photos[-1].at)
        async with self._database.begin() as tx:
            now = await tx.now()
            for one in photos:  # this one, too: whoever waits for the lock must find none
                await outbox.take_up(tx, one.message.id, now)
                await outbox.mark_done(tx, one.message.id, now)
        self._said.pop(owner, None)

    async def _is_enough(self, openid: str) -> bool:
        """Whether no more photos are asked of them."""
        async with self._database.snapshot() as tx:
            user = await _user_of(tx, openid)
            order = await orders.current(tx, user) if user else None
            if order is None or order.state is not OrderState.COLLECTING:
                return True
            return await tx.count(Photo, order_id=order.id) >= self._asked

    async def _take_all(self, openid: str) -> tuple[list[QueuedPhoto], dict[str, _NotNow]]:
        """Have every photo that waits taken in, those that come meanwhile as well: which were, and
        why which others could not be yet. One alone holds up no other; two in a row do."""
        done: list[QueuedPhoto] = []
        late: dict[str, _NotNow] = {}
        seen: set[str] = set()
        in_a_row = 0
        while True:
            async with self._database.snapshot() as tx:
                waiting = await self._queue.waiting(tx, openid)
            fresh = [one for one in waiting if one.event_id not in seen]
            if not fresh:
                return done, late
            for one in fresh:
                seen.add(one.event_id)
                try:
                    if in_a_row >= _IN_A_ROW:
                        raise _NotNow(_FIRST_RETRY)
                    await self._take(one)
                except _NotNow as trouble:
                    late[one.event_id] = trouble
                    in_a_row += 1
                else:
                    done.append(one)
                    in_a_row = 0

    async def _take(self, photo: QueuedPhoto) -> None:
        """Have it taken in, unless it was. Raises :class:`_NotNow`."""
        said = self._said_to(photo.message.user_id)
        if photo.event_id in said:
            return
        async with self._database.snapshot() as tx:
            if await inbox.was_processed(tx, photo.event_id):
                return
            sender = await _user_of(tx, photo.openid)
            now = await tx.now()
        if photo.sender not in ("", sender.id if sender else ""):
            said[photo.event_id] = []  # whoever had sent it was erased since
            return
        age = (now - photo.message.created_at).total_seconds()
        content = SentPhoto(self._reader(photo, age))
        try:
            said[photo.event_id] = await self._dispatcher.handle(_incoming(photo, content))
        except _NotNow:
            raise
        except Unavailable as outage:  # of ours: the person's lock, memory, the database
            log.info("wechat_photo_waits", **told(outage))
            raise _NotNow(_pause(age)) from None

    def _said_to(self, owner: str) -> dict[str, list[Reply]]:
        if len(self._said) > _REMEMBERED:  # what another process has answered is never taken out
            self._said.pop(next(iter(self._said)))
        return self._said.setdefault(owner, {})

    def _reader(self, photo: QueuedPhoto, age: float) -> Callable[[Reserve], Awaitable[bytearray]]:
        """Fetches it. OSError: it is not to be had any more. What may be mended raises
        :class:`_NotNow`, and the photo is fetched later."""

        async def read(reserve: Reserve) -> bytearray:
            try:
                return await self._api.fetch_media(photo.media_id, reserve, LARGEST)
            except PhotoTooLarge:
                raise
            except ApiRefused as refusal:
                log.warning("wechat_photo_refused", code=refusal.code)
                raise OSError("wechat has no such file") from None
            except (ConnectionError, RetryLater, CannotStart, Unavailable) as trouble:
                if age > KEPT_BY_WECHAT.total_seconds():
                    raise OSError("wechat has forgotten the file") from None
                log.warning("wechat_photo_waits", **told(trouble))
                raise _NotNow(max(_pause(age), getattr(trouble, "after", 0.0))) from None

        return read

    def _replies(self, owner: str, photos: Sequence[QueuedPhoto]) -> list[Reply]:
        """What is to be said of all of them: of equal message keys the newest, as if it had been
        edited in place."""
        said = self._said.get(owner, {})
        newest: dict[object, Reply] = {}
        for photo in photos:
            for reply in said.get(photo.event_id, ()):
                key: object = reply.message_key or reply
                newest.pop(key, None)
                newest[key] = reply
        return list(newest.values())

    async def _screen(self, photos: Sequence[QueuedPhoto]) -> list[Reply]:
        """Where the person stands, if a process died before it said what became of these."""
        last, said = photos[-1], self._said.get(photos[-1].message.user_id, {})
        if any(one.event_id in said for one in photos):
            return []
        return await self._dispatcher.handle(_incoming(last, Pressed(_AGAIN)))

    async def _tally(self, last: QueuedPhoto) -> list[Reply]:
        """The count as it is now; none where news of theirs wait to be sent that will say it."""
        async with self._database.snapshot() as tx:
            user = await _user_of(tx, last.openid)
            id = user.id if user else ""
            news = await tx.find(OutboxMessage, user_id=id, state=outbox.PENDING) if id else []
        if any(one.payload.get("kind") == _TALLY_NEWS for one in news):
            return []
        screen = await self._dispatcher.handle(_incoming(last, Pressed(_AGAIN)))
        return [one for one in screen if is_tally(one)]


def is_tally(reply: Reply) -> bool:
    """Whether it is the running count of photos, which the next one replaces."""
    return isinstance(reply, Say) and reply.message_key.startswith(TALLY)


async def is_checking(database: Database, openid: str) -> bool:
    """Whether photos of theirs are being checked, so that their count will change."""
    async with database.snapshot() as tx:
        user = await _user_of(tx, openid)
        if user is None:
            return False
        return await tx.count(Photo, user_id=user.id, state=PhotoState.CHECKING) > 0


async def _user_of(tx: Tx, openid: str) -> User | None:
    person = person_of(openid)
    return await users.find(tx, person.platform, person.id)


def _pause(age: float) -> float:
    """Seconds until a photo that is so old is fetched again."""
    return min(max(_FIRST_RETRY, age / 2), _LAST_RETRY)


def _incoming(photo: QueuedPhoto, content: Content) -> Incoming:
    return Incoming(photo.event_id, person_of(photo.openid), photo.at, content, later=True)
