"""Updates by webhook: Telegram posts each one, and gets 200 only when its effect is stored.

After any other answer it posts again, so a crash before the answer loses nothing, and the
dispatcher recognises what it has stored already. The answer to a pressed button stops its spinner
as well: Telegram takes one call of its API there. Updates come side by side, up to
``max_connections`` of them: the update processor keeps those of one person in order.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from aiohttp import web
from telegram import Update, WebhookInfo

from bot.telegram.client import WANTED, Client, Fetched, TokenRefused
from bot.web.address_limits import forged
from bot.web.body import read_json
from handlers.limits import Limiter
from shop.errors import Unavailable
from shop.outages import told

PATH: Final = "/telegram"
CONNECTIONS: Final = 100  # the most that Telegram's own servers open; one waits for each photo
LARGEST: Final = 1024 * 1024  # bytes of an update; real ones have a few thousand
_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
_AGAIN_SECONDS: Final = "3"
_SPINNER_SECONDS: Final = 1.0  # that a spinner may wait for the answer to its update
_FORGIVEN_AFTER: Final = timedelta(minutes=10)
_SET_IT: Final = "python -m bot telegram set"

Take = Callable[[Update], Awaitable[None]]
Unreadable = Callable[[Fetched], Awaitable[None]]
Acknowledge = Callable[[str], None]
HasRoom = Callable[[], Awaitable[bool]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Webhook:
    """The route. ``take`` returns once an update's effect is stored, ``unreadable`` when one that
    cannot be read may be passed over. ``acknowledge`` begins the call that stops the spinner on a
    pressed button: for one whose update is not answered at once, or while ``has_room`` says that
    messages want all that Telegram takes."""

    client: Client
    take: Take
    unreadable: Unreadable
    acknowledge: Acknowledge
    has_room: HasRoom
    secret: str = field(repr=False)
    limiter: Limiter

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._posted)]

    async def _posted(self, request: web.Request) -> web.Response:
        given = request.headers.get(_HEADER, "")
        # Bytes that are no UTF-8 reach us as lone surrogates, which compare as what they are.
        if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self.secret.encode()):
            refusal, logged = await forged(self.limiter, request, web.HTTPForbidden())
            if logged:
                log.warning("telegram_update_forged", status=refusal.status)
            raise refusal
        fetched = self.client.read(_update(await read_json(request, LARGEST)))
        return await self._taken(fetched)

    async def _taken(self, fetched: Fetched) -> web.Response:
        query = fetched.update.callback_query if fetched.update else None
        if query is None:
            await self._take(fetched)
            return web.Response()
        spinner = Spinner(query.id, self.acknowledge)
        try:
            await self._take(fetched)
            if spinner.turning and await self.has_room():
                return spinner.stopped_by_answer()
            return web.Response()
        finally:
            spinner.stop()

    async def _take(self, fetched: Fetched) -> None:
        number = fetched.id
        try:
            if fetched.update is None:
                await self.unreadable(fetched)
            else:
                await self.take(fetched.update)
        except (Unavailable, TokenRefused) as outage:
            log.warning("telegram_update_postponed", update=number, **told(outage))
            raise web.HTTPServiceUnavailable(headers={"Retry-After": _AGAIN_SECONDS}) from None
        except Exception as error:  # it would fail again, and hold up all the others
            log.exception("telegram_update_dropped", update=number, error=type(error).__name__)


class Spinner:
    """The spinner on a pressed button. The answer to its update stops it; where that is not there
    at once, or is none that Telegram reads, a call does, made by ``acknowledge``."""

    def __init__(self, query: str, acknowledge: Acknowledge) -> None:
        self._query = query
        self._acknowledge = acknowledge
        self.turning = True
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_SPINNER_SECONDS, self.stop)

    def stop(self) -> None:
        """By a call, unless it was stopped before."""
        self._timer.cancel()
        if self.turning:
            self.turning = False
            self._acknowledge(self._query)

    def stopped_by_answer(self) -> web.Response:
        """The answer that stops it, if nothing has yet."""
        if not self.turning:
            return web.Response()
        self.turning = False
        return web.json_response(
            {"method": "answerCallbackQuery", "callback_query_id": self._query}
        )


async def set_webhook_to(client: Client, url: str, secret: str) -> None:
    """Have updates delivered to ``url``, those that wait as well. Idempotent."""
    await client.set_webhook(
        url, secret_token=secret, max_connections=CONNECTIONS, allowed_updates=list(WANTED)
    )


@dataclass(frozen=True, slots=True)
class WebhookStatus:
    """What Telegram says of our webhook. ``troubles`` is empty when all is well."""

    url: str
    waiting: int
    troubles: tuple[str, ...]


async def webhook_status(client: Client, url: str, now: datetime) -> WebhookStatus:
    """Ask Telegram, and compare with what :func:`set_webhook_to` would set."""
    info = await client.get_webhook_info()
    return WebhookStatus(info.url, info.pending_update_count, tuple(_troubles(info, url, now)))


def _troubles(info: WebhookInfo, url: str, now: datetime) -> list[str]:
    found = []
    if not info.url:
        found.append(f"no webhook is set, so that updates wait: {_SET_IT}")
    elif info.url != url:
        found.append(f"another address is set, {info.url}: {_SET_IT}")
    if info.url and set(info.allowed_updates or ()) != set(WANTED):
        found.append(f"it was set for other kinds of updates: {_SET_IT}")
    if info.last_error_date and info.last_error_message:
        ago = now - info.last_error_date.astimezone(UTC)
        if ago < _FORGIVEN_AFTER:
            found.append(
                f"{ago.total_seconds():.0f} s ago a delivery failed: {info.last_error_message}"
            )
    return found


def _update(posted: object) -> dict[str, Any]:
    number = posted.get("update_id") if isinstance(posted, dict) else None
    if not isinstance(posted, dict) or type(number) is not int or number < 0:
        raise web.HTTPBadRequest
    return dict(posted)
