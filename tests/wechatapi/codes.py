"""QR codes with a parameter, and OAuth codes."""

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.wechatapi.clock import Clock
from tests.wechatapi.records import Json, Refusal

MOST_SECONDS, LEAST_SECONDS = 2_592_000, 60
PERMANENT = 100_000
SCENE = 64
CODE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class QrCode:
    """``scene`` is what an event bears; ``until`` is None for ever."""

    ticket: str
    url: str
    scene: str
    until: float | None


class QrCodes:
    """Those that were made."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, QrCode] = {}
        self._permanent = 0

    def create(self, said: Json) -> Json:
        """As ``qrcode/create`` takes it."""
        action = said.get("action_name")
        if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
            raise Refusal(40052)
        permanent = "LIMIT" in action
        scene = self._scene(said, "STR" in action, permanent)
        seconds = said.get("expire_seconds", LEAST_SECONDS)
        if not isinstance(seconds, int) or not 1 <= seconds <= MOST_SECONDS:
            raise Refusal(40035)
        if permanent and self._permanent >= PERMANENT:
            raise Refusal(45009, fault=True)
        self._permanent += permanent
        ticket = "gQ" + secrets.token_urlsafe(60) + "=="
        url = f"http://weixin.qq.com/q/02{secrets.token_urlsafe(14)}"
        until = None if permanent else self._clock() + seconds
        self._all[ticket] = QrCode(ticket, url, scene, until)
        told: Json = {"ticket": ticket, "url": url}
        return told if permanent else told | {"expire_seconds": seconds}

    def all(self) -> list[QrCode]:
        """Those that were made, the oldest first."""
        return list(self._all.values())

    def find(self, ticket_or_url: str) -> QrCode:
        """Raises LookupError: never made, or run out."""
        for code in self._all.values():
            if ticket_or_url in (code.ticket, code.url):
                if code.until is not None and code.until <= self._clock():
                    raise LookupError("the QR code has run out")
                return code
        raise LookupError("no such QR code")

    def _scene(self, said: Json, text: bool, permanent: bool) -> str:
        info = said.get("action_info")
        scene = info.get("scene") if isinstance(info, dict) else None
        if not isinstance(scene, dict):
            raise Refusal(40053)
        if text:
            value = scene.get("scene_str")
            good = isinstance(value, str) and 1 <= len(value) <= SCENE
        else:
            value = scene.get("scene_id")
            most = PERMANENT if permanent else 2**32 - 1
            good = isinstance(value, int) and 1 <= value <= most
        if not good:
            raise Refusal(40053)
        return str(value)


class OAuthCodes:
    """Codes that a browser carries to the bot: for five minutes, for one use. ``domains`` are those
    of the console (网页授权域名); None takes any."""

    def __init__(self, clock: Clock) -> None:
        self.domains: set[str] | None = None
        self._clock = clock
        self._all: dict[str, tuple[str, str, float]] = {}
        self._used: set[str] = set()

    def may_return_to(self, uri: str) -> bool:
        """Whether a code may be carried there; otherwise the page says 10003."""
        parts = urlsplit(uri)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return False
        return self.domains is None or parts.hostname in self.domains

    def issue(self, openid: str, scope: str) -> str:
        code = secrets.token_urlsafe(24)
        self._all[code] = (openid, scope, self._clock() + CODE_SECONDS)
        return code

    def redeem(self, code: str) -> tuple[str, str]:
        """Whose it is, and its scope. Raises 41008, 40163 or 40029."""
        if not code:
            raise Refusal(41008)
        if code in self._used:
            raise Refusal(40163)
        openid, scope, until = self._all.get(code, ("", "", 0.0))
        if until <= self._clock():
            raise Refusal(40029)
        self._used.add(code)
        return openid, scope
