"""WeChat's API: the few calls that this channel makes, each once.

A call is repeated only if its access token was refused, once, after one renewal. What else went
wrong is said by an error as its cause demands (:mod:`bot.wechat.errors`), and whoever asked
decides: the outbox worker tries again, the dialogue does not.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from redis.asyncio import Redis

from bot.outbound import RetryLater
from bot.wechat.errors import (
    STALE_TOKEN,
    SUCCESS,
    AccessTokenRefused,
    AddressNotAllowed,
    ApiRefused,
    refusal,
    token_refusal,
)
from bot.wechat.token_store import AccessToken, TokenStore
from bot.wechat.transport import Transport, open_transport
from handlers.chat import Reserve
from shop.outages import told
from shop.settings import Settings

LARGEST_IMAGE: Final = 2 * 1024 * 1024  # bytes of an uploaded one
LARGEST_VIDEO: Final = 10 * 1024 * 1024  # bytes of an uploaded MP4
LONGEST_QR_SECONDS: Final = 30 * 24 * 3600

_NO_MENU: Final = 46003

log = structlog.get_logger()

Answer = dict[str, Any]


class WechatApi:
    """The account's API. ``openid`` is the platform's id of a person.

    Beside what a method names, every call raises ConnectionError (WeChat was not reached),
    :class:`bot.outbound.RetryLater` (it is busy, or a quota of calls is used up),
    :class:`~bot.wechat.errors.AccessTokenRefused`, :class:`~bot.wechat.errors.AddressNotAllowed`,
    Unavailable (Redis is away) and :class:`~bot.wechat.errors.ApiRefused` for everything else.
    """

    def __init__(self, transport: Transport, redis: Redis, settings: Settings) -> None:
        self._http = transport
        self._app_id = settings.wechat_app_id
        self._secret = settings.wechat_secret
        self._tokens = TokenStore(redis, self._app_id, settings.signing_key, self._fetch_token)

    async def send_text(self, openid: str, content: str) -> None:
        """A customer-service message. Raises :class:`~bot.wechat.errors.WindowClosed`,
        :class:`~bot.wechat.errors.BudgetSpent` or :class:`bot.outbound.Unreachable`, as all of
        ``send_...`` do."""
        await self._send(openid, "text", {"content": content})

    async def send_image(self, openid: str, media_id: str) -> None:
        """An image that was uploaded within three days."""
        await self._send(openid, "image", {"media_id": media_id})

    async def send_video(self, openid: str, media_id: str) -> None:
        """A video that was uploaded within three days."""
        await self._send(openid, "video", {"media_id": media_id})

    async def send_template(
        self, openid: str, template_id: str, url: str, data: Mapping[str, str]
    ) -> None:
        """A template message, which no window and no budget of messages bounds."""
        body = {
            "touser": openid,
            "template_id": template_id,
            "url": url,
            "data": {name: {"value": value} for name, value in data.items()},
        }
        await self._post("/cgi-bin/message/template/send", body)

    async def upload_image(self, data: bytes, filename: str, media_type: str) -> str:
        """The media id of an image, good for three days. ``filename`` has its extension, without
        which WeChat takes none. Raises ValueError for more than 2 MB or a name without one."""
        if len(data) > LARGEST_IMAGE or "." not in filename:
            raise ValueError(f"{len(data)} bytes, {filename!r}: not an image that WeChat takes")
        return await self._upload("image", data, filename, media_type)

    async def upload_video(self, data: bytes, filename: str) -> str:
        """The media id of an MP4, likewise. Raises ValueError for more than 10 MB, or a name that
        is no MP4's."""
        if len(data) > LARGEST_VIDEO or not filename.endswith(".mp4"):
            raise ValueError(f"{len(data)} bytes, {filename!r}: not a video that WeChat takes")
        return await self._upload("video", data, filename, "video/mp4")

    async def _upload(self, kind: str, data: bytes, filename: str, media_type: str) -> str:
        async def call(token: str) -> Answer:
            query = {"access_token": token, "type": kind}
            return await self._http.upload(
                "/cgi-bin/media/upload", query, data, filename, media_type
            )

        return _text(await self._with_token(call), "media_id")

    async def fetch_media(self, media_id: str, reserve: Reserve, most: int) -> bytearray:
        """What a person has sent within three days, of at most ``most`` bytes. Raises
        :class:`shop.errors.PhotoTooLarge`."""
        file = bytearray()

        async def call(token: str) -> Answer:
            query = {"access_token": token, "media_id": media_id}
            found = await self._http.download("/cgi-bin/media/get", query, reserve, most)
            if isinstance(found, dict):
                return found if found.get("errcode") else {"errcode": 40007}
            file[:] = found
            return {}

        await self._with_token(call)
        return file

    async def create_menu(self, menu: Mapping[str, Any]) -> None:
        """Set the account's menu; people see it within five minutes."""
        await self._post("/cgi-bin/menu/create", menu)

    async def get_menu(self) -> Answer:
        """The menu as :meth:`create_menu` took it; empty if there is none."""
        try:
            found = await self._get("/cgi-bin/menu/get", {})
        except ApiRefused as none:
            if none.code != _NO_MENU:
                raise
            return {}
        menu = found.get("menu")
        return menu if isinstance(menu, dict) else {}

    async def create_qrcode(self, scene: str, seconds: int) -> tuple[str, str]:
        """Ticket and address of a QR code that brings people here with ``scene`` (1 to 64
        characters), for so many ``seconds``, at most 30 days; 0: for good."""
        if not 1 <= len(scene) <= 64 or not 0 <= seconds <= LONGEST_QR_SECONDS:
            raise ValueError("a scene has 1 to 64 characters, a code at most 30 days")
        body: Answer = {"action_info": {"scene": {"scene_str": scene}}}
        body["action_name"] = "QR_STR_SCENE" if seconds else "QR_LIMIT_STR_SCENE"
        if seconds:
            body["expire_seconds"] = seconds
        found = await self._post("/cgi-bin/qrcode/create", body)
        return _text(found, "ticket"), _text(found, "url")

    async def callback_addresses(self) -> list[str]:
        """The networks from which WeChat calls us."""
        found = await self._get("/cgi-bin/getcallbackip", {})
        return [str(one) for one in found.get("ip_list", ())]

    async def oauth_openid(self, code: str) -> str:
        """Whose authorization (``snsapi_base``) that code stands for. Raises
        :class:`~bot.wechat.errors.ApiRefused` 40029 for an unknown one, 40163 for a used one."""
        query = {
            "appid": self._app_id,
            "secret": self._secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        found = await self._http.get("/sns/oauth2/access_token", query)
        _require_success(found)
        return _text(found, "openid")

    async def check_token(self) -> None:
        """Fetch the token anew, to see whether WeChat takes app id, secret and address."""
        await self._fetch_token(False)

    async def _send(self, openid: str, kind: str, content: Mapping[str, Any]) -> None:
        body = {"touser": openid, "msgtype": kind, kind: content}
        await self._post("/cgi-bin/message/custom/send", body)

    async def _post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return await self._with_token(
            lambda token: self._http.post(path, {"access_token": token}, body)
        )

    async def _get(self, path: str, query: Mapping[str, str]) -> Answer:
        return await self._with_token(
            lambda token: self._http.get(path, {"access_token": token, **query})
        )

    async def _with_token(self, call: Callable[[str], Awaitable[Answer]]) -> Answer:
        """Make the call, and once more if its token was refused and there is another one."""
        token = await self._tokens.get()
        found = await call(token)
        if _code(found) in STALE_TOKEN:
            found = await call(await self._tokens.renew(token))
            if (code := _code(found)) in STALE_TOKEN:
                log.error("wechat_token_refused", code=code)
                raise AccessTokenRefused(code)
        _require_success(found)
        return found

    async def _fetch_token(self, forced: bool) -> AccessToken:
        body = {
            "grant_type": "client_credential",
            "appid": self._app_id,
            "secret": self._secret,
            "force_refresh": forced,
        }
        found = await self._http.post("/cgi-bin/stable_token", {}, body)
        if code := _code(found):
            trouble = token_refusal(code)
            _log_address(trouble)
            raise trouble
        try:
            return AccessToken(_text(found, "access_token"), float(found["expires_in"]))
        except (KeyError, TypeError, ValueError):
            raise ConnectionError("wechat's token has no end") from None


@asynccontextmanager
async def open_api(settings: Settings, redis: Redis) -> AsyncIterator[WechatApi]:
    """The API, open within the block. Sends nothing until something is asked of it."""
    async with open_transport(settings.wechat_api_url) as transport:
        yield WechatApi(transport, redis, settings)


def _code(found: Answer) -> int:
    """``errcode``; 0 where it is not given. Raises RetryLater for one that is no number."""
    code = found.get("errcode", SUCCESS)
    if isinstance(code, int):
        return code
    raise RetryLater(5.0)


def _require_success(found: Answer) -> None:
    if code := _code(found):
        trouble = refusal(code)
        _log_address(trouble)
        raise trouble


def _log_address(trouble: Exception) -> None:
    if isinstance(trouble, AddressNotAllowed):
        log.error("wechat_address_not_allowed", **told(trouble))


def _text(found: Answer, name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise ConnectionError(f"wechat's answer has no {name}")
    return value
