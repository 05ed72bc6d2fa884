"""WeChat's API as far as messages go, and the phones behind it: strict about the budget.

A call beyond it is refused as WeChat refuses it, and counted: the product is to count for itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.outbound import Unreachable
from bot.wechat.budget import Contact
from bot.wechat.errors import ApiRefused, BudgetSpent, WindowClosed

WINDOWS = {
    Contact.MESSAGE: (timedelta(hours=48), 5),
    Contact.EVENT: (timedelta(minutes=1), 3),
    Contact.PAYMENT: (timedelta(hours=48), 10**9),
}


class KilledError(BaseException):
    """The process dies here."""


@dataclass
class Phone:
    """What one person did and sees, oldest first. A picture is ``(name)``."""

    seen: list[str] = field(default_factory=list)
    contacts: dict[Contact, datetime] = field(default_factory=dict)
    sent: list[datetime] = field(default_factory=list)
    templates: list[Mapping[str, str]] = field(default_factory=list)
    follows: bool = True

    def contacted(self, contact: Contact, at: datetime) -> None:
        """They do something."""
        self.contacts[contact] = at


@dataclass
class WechatPhones:
    """Implements what the outbound calls of :class:`bot.wechat.api.WechatApi`.

    ``trouble`` may raise before a call (``reached`` False) and after it had its effect.
    """

    clock: Callable[[], datetime]
    phones: dict[str, Phone] = field(default_factory=dict)
    media: dict[str, tuple[str, bytes, datetime]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    trouble: Callable[[str, bool], None] = lambda call, reached: None

    def __getitem__(self, openid: str) -> Phone:
        return self.phones.setdefault(openid, Phone())

    async def send_text(self, openid: str, content: str) -> None:
        assert 0 < len(content.encode()) <= 2048, "45002"
        self._send(openid, "text", content)

    async def send_image(self, openid: str, media_id: str) -> None:
        name, _, at = self.media.get(media_id, ("", b"", self.clock()))
        if not name or self.clock() - at > timedelta(days=3):
            raise ApiRefused(40007)
        self._send(openid, "image", f"({name})")

    async def send_video(self, openid: str, media_id: str) -> None:
        name, _, at = self.media.get(media_id, ("", b"", self.clock()))
        if not name or self.clock() - at > timedelta(days=3):
            raise ApiRefused(40007)
        self._send(openid, "video", f"[{name}]")

    async def upload_video(self, data: bytes, filename: str) -> str:
        assert len(data) <= 10 * 1024 * 1024
        assert filename.endswith(".mp4")
        self.trouble("upload", False)
        media_id = f"media-{len(self.media)}"
        self.media[media_id] = (filename.removesuffix(".mp4"), data, self.clock())
        self.uploads.append(filename)
        return media_id

    async def upload_image(self, data: bytes, filename: str, media_type: str) -> str:
        assert len(data) <= 2 * 1024 * 1024
        assert filename.endswith(".jpg")
        assert media_type == "image/jpeg"
        assert data.startswith(b"\xff\xd8")
        self.trouble("upload", False)
        media_id = f"media-{len(self.media)}"
        self.media[media_id] = (filename.removesuffix(".jpg"), data, self.clock())
        self.uploads.append(filename)
        return media_id

    async def create_qrcode(self, scene: str, seconds: int) -> tuple[str, str]:
        assert 0 < len(scene) <= 64
        self.trouble("qrcode", False)
        return "ticket", f"http://weixin.qq.com/q/{scene}"

    async def send_template(
        self, openid: str, template_id: str, url: str, data: Mapping[str, str]
    ) -> None:
        self.trouble("template", False)
        assert all(len(value) <= 20 for value in data.values())
        self[openid].templates.append({"template": template_id, "url": url, **data})

    def _send(self, openid: str, call: str, content: str) -> None:
        self.trouble(call, False)
        phone, now = self[openid], self.clock()
        if not phone.follows:
            raise Unreachable
        if not (open_ := self._open(phone, now)):
            self.refused.append("45015")
            raise WindowClosed
        if all(sum(one >= at for one in phone.sent) >= most for at, most in open_):
            self.refused.append("45047")
            raise BudgetSpent
        phone.sent.append(now)
        phone.seen.append(content)
        self.trouble(call, True)

    @staticmethod
    def _open(phone: Phone, now: datetime) -> list[tuple[datetime, int]]:
        return [
            (at, WINDOWS[contact][1])
            for contact, at in phone.contacts.items()
            if now < at + WINDOWS[contact][0]
        ]
