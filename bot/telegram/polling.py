"""Updates by long polling, none lost in a crash.

Telegram forgets an update when it is asked for a later one. python-telegram-bot's ``Updater`` asks
as soon as it has put a batch into a queue in memory, so whatever is in that queue when the process
is killed is gone: a photo, a payment. Here the offset moves only past updates whose effect is
stored. A crash has the rest redelivered, and the dispatcher recognises by their ids those that it
had stored already. For the same reason there is no second process: Telegram refuses two pollers.

While some updates are still being handled, the next ones are asked for in short polls: Telegram
then repeats the unfinished ones, which :class:`UpdateWindow` knows, and a slow person delays
nobody.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from itertools import chain, repeat

import structlog
from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.cancellation import unless
from bot.telegram.calls import seconds
from bot.telegram.client import Client, Fetched, TokenRefused
from shop.errors import Unavailable
from shop.outages import told

LONG_POLL_SECONDS = 50.0
BREATH_SECONDS = 0.3
GRACE_SECONDS = 10.0
_LONGEST_PAUSE = 30.0
_QUIET_SECONDS = 24 * 3600.0
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Between two tries of an update that could not be stored; the last one goes on for ever."""

log = structlog.get_logger()


class UpdateWindow:
    """Which of the delivered updates are under way, and up to where all of them are done."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._done: set[int] = set()
        self._next = 0

    @property
    def busy(self) -> bool:
        """Whether any update is under way."""
        return bool(self._open)

    @property
    def offset(self) -> int:
        """The lowest update that is not done; 0 when none was ever seen."""
        return min(self._open, default=self._next)

    def admit(self, update: int) -> bool:
        """Note an update as under way; False if it is, or is done and was merely repeated."""
        if update in self._open or update in self._done:
            return False
        self._open.add(update)
        return True

    def done(self, update: int) -> None:
        """Its effect is stored."""
        self._open.remove(update)
        self._done.add(update)
        self._next = max(self._next, update + 1)

    def confirmed(self, offset: int) -> None:
        """Telegram was asked from ``offset`` on: what is below will not come again."""
        self._done = {each for each in self._done if each >= offset}

    def rest(self) -> None:
        """Ask from the beginning again. After a quiet week Telegram's ids start anew, anywhere:
        an offset from before would then confirm, unseen, every update that is below it.
        """
        if not self._open:
            self._next = 0


class Poller:
    """Fetches updates, and hands each one to ``take`` in the order in which it came."""

    def __init__(
        self,
        client: Client,
        take: Callable[[Update], Awaitable[None]],
        unreadable: Callable[[Fetched], Awaitable[None]],
        *,
        wait: float = LONG_POLL_SECONDS,
    ) -> None:
        """``take`` returns when the update may be forgotten, ``unreadable`` when one may that
        cannot be read. ``wait``: seconds of a long poll."""
        self._client = client
        self._take = take
        self._unreadable = unreadable
        self._wait = wait
        self._window = UpdateWindow()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pause = 0.0
        self._heard_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set. Raises :class:`bot.telegram.client.TokenRefused`."""
        self._heard_at = asyncio.get_running_loop().time()
        grace = 0.0  # when it ends by an error, or is cancelled, at once
        try:
            while not stop.is_set():
                for fetched in await unless(stop, self._fetch()) or ():
                    if self._window.admit(fetched.id):
                        self._start(fetched)
                if self._tasks:
                    await asyncio.wait(
                        self._tasks, timeout=BREATH_SECONDS, return_when=asyncio.FIRST_COMPLETED
                    )
            grace = GRACE_SECONDS
        finally:
            await self._settle(grace)

    async def _fetch(self) -> list[Fetched]:
        """One poll, or one pause after a poll that failed."""
        await asyncio.sleep(self._pause)
        offset = self._window.offset
        try:
            found = await self._client.fetch(offset, 0 if self._window.busy else self._wait)
        except InvalidToken:
            raise TokenRefused() from None
        except RetryAfter as wait:
            self._pause = seconds(wait)
        except TelegramError as error:
            # Two processes that poll, or a webhook that someone set meanwhile, end up here too.
            level = log.warning if isinstance(error, Conflict) else log.info
            level("telegram_poll_failed", error=type(error).__name__)
            self._pause = min(max(self._pause * 2, 1.0), _LONGEST_PAUSE)
        else:
            self._pause = 0.0
            self._window.confirmed(offset)
            self._note_quiet(bool(found))
            return found
        return []

    def _note_quiet(self, received: bool) -> None:
        now = asyncio.get_running_loop().time()
        if received:
            self._heard_at = now
        elif now - self._heard_at > _QUIET_SECONDS:
            self._window.rest()

    def _start(self, fetched: Fetched) -> None:
        task = asyncio.create_task(self._see_to(fetched))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _see_to(self, fetched: Fetched) -> None:
        await self._hand_over(fetched)
        self._window.done(fetched.id)

    async def _hand_over(self, fetched: Fetched) -> None:
        """Until its effect is stored: through an outage, however long, it stays under way, and so
        does a payment that cannot be booked."""
        number, update = fetched.id, fetched.update
        for pause in chain(RETRY_SECONDS, repeat(RETRY_SECONDS[-1])):
            try:
                if update is None:
                    return await self._unreadable(fetched)
                return await self._take(update)
            except Unavailable as outage:
                log.warning("telegram_update_postponed", update=number, **told(outage))
                await asyncio.sleep(pause)
            except Exception as error:  # nothing that one update does may stop the others
                log.exception("telegram_update_dropped", update=number, error=type(error).__name__)
                return None
        return None

    async def _settle(self, grace: float) -> None:
        """Let what is under way end, then confirm to Telegram how far we came: not needed, since
        whatever it delivers again would be recognised.
        """
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if grace and self._window.offset:
            with contextlib.suppress(TelegramError):
                await self._client.fetch(self._window.offset, 0)
