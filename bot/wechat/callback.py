"""The callback ``/wechat``: WeChat posts each message and event, waits five seconds, and posts it
again three times.

It hears ``success`` or a passive reply only when the effect is stored. Until then it is kept
waiting for almost as long as it waits, through short outages of ours; then it hears 503, and the
next attempt joins the work that goes on. What is not WeChat's is refused before anything is done
for it: 403 without its signature, beside its time or with a signature that has served another
message, 400 for what is no message.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web

from bot.web.address_limits import forged
from bot.web.body import read_body
from bot.wechat.envelope import Envelope, Malformed, text_of
from bot.wechat.inbound import Received, read
from bot.wechat.nonces import Nonces
from bot.wechat.passive import text_reply
from handlers.limits import Limiter
from shop.encryption import KeyedHash
from shop.errors import Forged, Stale, Unavailable
from shop.outages import CLOCKS_DIFFER, REPEATS, told
from shop.ports import Clock

PATH: Final = "/wechat"
LARGEST: Final = 64 * 1024  # bytes of a body; a text has at most a few thousand
TOLERATED_SECONDS: Final = 300
PATIENCE_SECONDS: Final = 4.3
"""How long WeChat is kept waiting, of its five seconds; the rest is the way."""
SUCCESS: Final = "success"

_RETRY_SECONDS: Final = 0.3
_AGAIN: Final = {"Retry-After": "1"}

Take = Callable[[Received], Awaitable[str]]
"""The text of the passive reply, or "", once the message's effect is stored."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """What the address of a callback says."""

    signature: str = field(repr=False)
    msg_signature: str = field(repr=False)
    timestamp: str
    nonce: str

    @classmethod
    def of(cls, request: web.Request) -> "CallbackRequest":
        """Raises Malformed without a nonce, and a time as it is written alone: with another zero in
        front the same signature would be another's."""
        query = request.query
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not re.fullmatch(r"[1-9][0-9]{9}", timestamp) or not re.fullmatch(
            r"[!-~]{1,128}", nonce
        ):
            raise Malformed
        signature, msg_signature = query.get("signature", ""), query.get("msg_signature", "")
        return cls(signature, msg_signature, timestamp, nonce)


@dataclass(frozen=True, slots=True)
class Callback:
    """The route."""

    envelope: Envelope
    nonces: Nonces
    ids: KeyedHash
    take: Take
    limiter: Limiter
    clock: Clock
    patience: float = PATIENCE_SECONDS

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._verified, allow_head=False), web.post(PATH, self._posted)]

    async def _verified(self, request: web.Request) -> web.Response:
        """WeChat's question whether we know the token, when the operator names our address."""
        try:
            self._require_signed(CallbackRequest.of(request))
        except (Malformed, Forged) as refusal:
            raise await self._refused(request, refusal) from None
        return web.Response(text=request.query.get("echostr", ""))

    async def _posted(self, request: web.Request) -> web.Response:
        try:
            asked = CallbackRequest.of(request)
            if not self.envelope.encrypts:  # before anything of the body is read
                self._require_signed(asked)
            body = bytes(await read_body(request, LARGEST))
            received = read(self._opened(asked, body), self.ids)
        except web.HTTPRequestEntityTooLarge:
            raise await self._refused(request, Malformed()) from None
        except (Malformed, Forged) as refusal:
            raise await self._refused(request, refusal) from None
        text = await self._taken(request, asked, received)
        return self._answer(asked, received, text)

    async def _taken(self, request: web.Request, asked: CallbackRequest, received: Received) -> str:
        """The passive reply's text. An outage is waited out, for as long as WeChat waits."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        while True:
            try:
                async with asyncio.timeout_at(until):
                    if not await self.nonces.serve(self._signatures(asked), received.event_id):
                        raise await self._refused(request, Forged())
                    return await self.take(received)
            except TimeoutError as late:
                outage = late if isinstance(late, Unavailable) else Unavailable("work goes on")
            except Unavailable as away:
                outage = away
            if loop.time() + _RETRY_SECONDS > until:
                log.warning("wechat_callback_postponed", update=received.event_id, **told(outage))
                raise web.HTTPServiceUnavailable(headers=_AGAIN)
            await asyncio.sleep(_RETRY_SECONDS)

    def _signatures(self, asked: CallbackRequest) -> list[str]:
        """Those that the message has served with: of what the address says, and of the body."""
        ours = self.envelope.signature(asked.timestamp, asked.nonce)
        return [ours, asked.msg_signature] if self.envelope.encrypts else [ours]

    def _require_signed(self, asked: CallbackRequest) -> None:
        """By the signature of the address, which says nothing of the body."""
        if not self.envelope.is_signed(asked.signature, asked.timestamp, asked.nonce):
            raise Forged
        self._require_time(asked)

    def _require_time(self, asked: CallbackRequest) -> None:
        seconds = int(self.clock().timestamp()) - int(asked.timestamp)
        if abs(seconds) > TOLERATED_SECONDS:
            raise Stale(seconds=seconds)

    def _opened(self, asked: CallbackRequest, body: bytes) -> str:
        """The message. Where it must come encrypted, the plain one beside it, which the compatible
        mode has, is not looked at: nobody has signed it."""
        if not self.envelope.encrypts:
            return text_of(body)
        message = self.envelope.open(body, asked.msg_signature, asked.timestamp, asked.nonce)
        self._require_time(asked)
        return message

    def _answer(self, asked: CallbackRequest, received: Received, text: str) -> web.Response:
        if not text:
            return web.Response(text=SUCCESS)
        reply = text_reply(received.openid, received.account, text, self.clock())
        if self.envelope.encrypts:
            reply = self.envelope.seal(reply, asked.timestamp, asked.nonce)
        return web.Response(text=reply, content_type="application/xml")

    async def _refused(
        self, request: web.Request, refusal: Malformed | Forged
    ) -> web.HTTPException:
        """The answer, logged once in a while."""
        if isinstance(refusal, Malformed):
            log.info("wechat_callback_malformed", **{REPEATS: "wechat_callback_malformed"})
            return web.HTTPBadRequest()
        if isinstance(refusal, Stale):
            seconds, repeats = int(refusal.details["seconds"]), {REPEATS: "wechat_callback_stale"}
            log.warning("wechat_callback_stale", seconds=seconds, why=CLOCKS_DIFFER, **repeats)
        elif (await forged(self.limiter, request, web.HTTPForbidden()))[1]:
            log.warning("wechat_callback_forged")
        return web.HTTPForbidden()
