"""A person with WeChat on their phone: what they do becomes callbacks, what they see is kept."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.wechatapi.callbacks import Callback
from tests.wechatapi.menu import KEYED
from tests.wechatapi.people.browser import ANDROID, Browser
from tests.wechatapi.people.watching import Watching
from tests.wechatapi.records import Seen
from tests.wechatapi.xml import Value

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat

UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"
"""The text that a bot gets for an emoji of WeChat's shop, and for what else has no MsgType."""


class Person(Watching):
    """Each deed returns its :class:`Callback`, on its way already: ``await`` it to wait until the
    bot has answered. ``follows``: they may write only then."""

    def __init__(self, wechat: Wechat, openid: str = "", language: str = "zh_CN") -> None:
        self.wechat, self.language = wechat, language
        self.openid = openid or "o" + secrets.token_urlsafe(21)[:27]
        self.follows = self.followed_once = False
        self.since = 0.0
        self.scene = ""
        self.transcript: list[Seen] = []
        self._latest = 0
        wechat.people[self.openid] = self

    # What they do

    def follow(self) -> Callback:
        """Finds the account and follows it."""
        return self._joins()

    def unfollow(self) -> Callback:
        """Leaves: nothing can be sent to them any more."""
        self.follows = False
        self.wechat.quota.close(self.openid)
        return self.happens("unsubscribe", EventKey="")

    def scan(self, ticket_or_url: str) -> Callback:
        """Holds the phone before a QR code of ``qrcode/create``; follows by that, if they do not
        yet. Raises LookupError if the code has run out."""
        code = self.wechat.qrcodes.find(ticket_or_url)
        if not self.follows:
            self.scene = code.scene
            return self._joins(f"qrscene_{code.scene}", code.ticket)
        self._opens("scan")
        return self.happens("SCAN", EventKey=code.scene, Ticket=code.ticket)

    def say(self, text: str) -> Callback:
        """Types something."""
        return self._writes("text", Seen("person", "text", text), {"Content": text})

    def pick(self, id: str) -> Callback:
        """Touches a line of the newest message menu: counts as a click, not as a message."""
        menu = next(each for each in reversed(self.transcript) if id in each.choices)
        text = menu.choices[id]
        seen = Seen("person", "text", text)
        return self._writes("text", seen, {"Content": text, "bizmsgmenuid": id}, "click")

    def send_photo(self, data: bytes) -> Callback:
        """A photo; one message each."""
        medium = self.wechat.media.keep("image", data, ".jpg")
        url = f"{self.wechat.url}/mmbiz_jpg/{medium.id}/0"
        seen = Seen("person", "image", data=data)
        return self._writes("image", seen, {"PicUrl": url, "MediaId": medium.id})

    def send_photos(self, photos: list[bytes]) -> list[Callback]:
        """Several chosen at once: as many messages, without anything that says so."""
        return [self.send_photo(each) for each in photos]

    def send_voice(self, data: bytes = b"#!AMR\n") -> Callback:
        medium = self.wechat.media.keep("voice", data, ".amr")
        seen = Seen("person", "voice", data=data)
        return self._writes("voice", seen, {"MediaId": medium.id, "Format": "amr"})

    def send_video(self, data: bytes = b"\0\0\0\x18ftypmp42", short: bool = False) -> Callback:
        medium = self.wechat.media.keep("video", data, ".mp4")
        thumb = self.wechat.media.keep("thumb", b"\xff\xd8\xff", ".jpg")
        kind = "shortvideo" if short else "video"
        seen = Seen("person", kind, data=data)
        return self._writes(kind, seen, {"MediaId": medium.id, "ThumbMediaId": thumb.id})

    def send_location(self, x: float = 23.134521, y: float = 113.358803) -> Callback:
        seen = Seen("person", "location", f"{x}, {y}")
        place: dict[str, Value] = {
            "Location_X": x,
            "Location_Y": y,
            "Scale": 20,
            "Label": "位置信息",
        }
        return self._writes("location", seen, place)

    def send_link(self, url: str, title: str = "标题") -> Callback:
        seen = Seen("person", "link", url)
        more: dict[str, Value] = {"Title": title, "Description": "描述", "Url": url}
        return self._writes("link", seen, more)

    def send_card(self, title: str = "小程序") -> Callback:
        """A mini program's card. The fields are those that a mini program's own service gets: for
        an account a guess."""
        card: dict[str, Value] = {
            "Title": title,
            "AppId": "wx1111111111111111",
            "PagePath": "pages/index",
        }
        return self._writes("miniprogrampage", Seen("person", "card", title), card)

    def send_file(self, name: str = "a.pdf", size: int = 1000) -> Callback:
        """A document: its bytes cannot be fetched. The fields are second-hand."""
        about: dict[str, Value] = {
            "Title": name,
            "Description": "",
            "FileKey": secrets.token_hex(16),
        }
        about |= {"FileMd5": secrets.token_hex(16), "FileTotalLen": size}
        return self._writes("file", Seen("person", "file", name), about)

    def send_emoji(self) -> Callback:
        """One from the shop."""
        return self._writes("text", Seen("person", "emoji"), {"Content": UNSUPPORTED})

    def click(self, name: str) -> Callback:
        """Touches a button of the account's menu. Raises LookupError if there is none."""
        button = self.wechat.menu.find(name)
        if button["type"] == "view":
            return self.happens("VIEW", name, EventKey=button["url"], MenuId=430000001)
        assert button["type"] in KEYED, button
        if button["type"] in ("click", "scancode_push", "scancode_waitmsg"):
            self._opens("click")
        event = "CLICK" if button["type"] == "click" else button["type"]
        return self.happens(event, name, EventKey=button["key"])

    def browser(self, agent: str = ANDROID) -> Browser:
        """To open pages with."""
        return Browser(self, agent)

    # How it reaches the bot

    def happens(self, event: str, seen_as: str = "", /, **more: Value) -> Callback:
        """An event. No two of one person bear the same second: repetitions are told by that."""
        self.transcript.append(
            Seen("person", "event", f"{event} {seen_as}".strip(), at=self._now())
        )
        self._latest = max(self._latest + 1, self._now())
        fields = self._head("event", self._latest) | {"Event": event} | more
        return self.wechat.callbacks.push(self.openid, fields)

    def sees_now(self, seen: Seen) -> None:
        """Something comes to the phone."""
        self.transcript.append(replace(seen, at=self.wechat.clock()))

    def _joins(self, key: str = "", ticket: str = "") -> Callback:
        assert not self.follows, "they follow already"
        self.follows = self.followed_once = True
        self.since = self.wechat.clock()
        self._opens("scan" if ticket else "follow")
        more = {"Ticket": ticket} if ticket else {}
        return self.happens("subscribe", EventKey=key, **more)

    def _writes(
        self, kind: str, seen: Seen, more: dict[str, Value], deed: str = "message"
    ) -> Callback:
        assert self.follows, "one writes to accounts that one follows"
        self.transcript.append(replace(seen, at=self.wechat.clock()))
        self._opens(deed)
        fields = self._head(kind, self._now()) | more | {"MsgId": self.wechat.new_id()}
        return self.wechat.callbacks.push(self.openid, fields)

    def _head(self, kind: str, at: int) -> dict[str, Value]:
        return {
            "ToUserName": self.wechat.account.original_id,
            "FromUserName": self.openid,
            "CreateTime": at,
            "MsgType": kind,
        }

    def _opens(self, deed: str) -> None:
        self.wechat.quota.opened(self.openid, deed, self.wechat.clock())

    def _now(self) -> int:
        return int(self.wechat.clock.wall())
