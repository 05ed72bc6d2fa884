"""Passive replies: what a bot may answer a callback with."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import ClassVar

from tests.wechatapi.account import Account
from tests.wechatapi.crypto import Broken, signed
from tests.wechatapi.media import Media
from tests.wechatapi.records import Article, Refusal, Seen
from tests.wechatapi.xml import NotXml, read, text

MOST_BYTES = 2048
MOST_ARTICLES = 8
TYPES = ("text/xml", "application/xml", "text/plain", "text/html")
"""A guess: PHP's text/html has always worked, JSON never has."""


class WrongReply(ValueError):
    """WeChat shows its banner instead; the text is why."""


class Replies:
    """Reads the body of a 200."""

    def __init__(self, account: Account, media: Media) -> None:
        self._account, self._media = account, media

    def read(self, body: bytes, type: str, openid: str, msg_type: str) -> Seen | None:
        """What the person sees; None for ``success`` and the empty answer. ``msg_type`` is that of
        the callback. Raises :class:`WrongReply`."""
        if body in (b"", b"success"):
            return None
        if type not in TYPES:
            raise WrongReply(f"Content-Type {type}")
        try:
            root = self._opened(read(body))
            return self._shown(root, openid, msg_type)
        except (NotXml, Broken) as why:
            raise WrongReply(str(why)) from None

    def _opened(self, root: ET.Element) -> ET.Element:
        """The message itself, deciphered if it is enciphered."""
        sealed = root.find("Encrypt") is not None
        if self._account.mode == "plain" and sealed:
            raise WrongReply("enciphered, in plain mode")
        if self._account.mode == "safe" and not sealed:
            raise WrongReply("not enciphered, in safe mode")
        if not sealed:
            return root
        names = ("TimeStamp", "Nonce", "Encrypt")
        stamp, nonce, encrypt = (text(root, name) for name in names)
        if not stamp.isdecimal():
            raise WrongReply("TimeStamp: not a number")
        if not signed(text(root, "MsgSignature"), self._account.token, stamp, nonce, encrypt):
            raise WrongReply("MsgSignature")
        return read(self._account.sealer().open(encrypt))

    def _shown(self, root: ET.Element, openid: str, msg_type: str) -> Seen | None:
        if text(root, "ToUserName") != openid:
            raise WrongReply("ToUserName: somebody else")
        if text(root, "FromUserName") != self._account.original_id:
            raise WrongReply("FromUserName: another account")
        if not text(root, "CreateTime").isdecimal():
            raise WrongReply("CreateTime: not a number")
        kind = text(root, "MsgType")
        if kind == "transfer_customer_service":
            return None
        if kind not in self._kinds:
            raise WrongReply(f"MsgType {kind}")
        return self._kinds[kind](self, root, msg_type)

    def _text(self, root: ET.Element, msg_type: str) -> Seen:
        content = text(root, "Content")
        if not content:
            raise WrongReply("Content: empty")
        if len(content.encode()) > MOST_BYTES:
            raise WrongReply(f"Content: {len(content.encode())} bytes, not {MOST_BYTES}")
        return Seen("passive", "text", content)

    def _image(self, root: ET.Element, msg_type: str) -> Seen:
        return Seen("passive", "image", data=self._file(root, "Image/MediaId", "image"))

    def _voice(self, root: ET.Element, msg_type: str) -> Seen:
        return Seen("passive", "voice", data=self._file(root, "Voice/MediaId", "voice"))

    def _video(self, root: ET.Element, msg_type: str) -> Seen:
        data = self._file(root, "Video/MediaId", "video")
        title = root.findtext("Video/Title", "")
        return Seen("passive", "video", title, data)

    def _music(self, root: ET.Element, msg_type: str) -> Seen:
        data = self._file(root, "Music/ThumbMediaId", "thumb")
        return Seen("passive", "music", root.findtext("Music/Title", ""), data)

    def _news(self, root: ET.Element, msg_type: str) -> Seen:
        items = root.findall("Articles/item")
        count = text(root, "ArticleCount")
        most = MOST_ARTICLES if msg_type == "event" else 1
        if count != str(len(items)) or not 1 <= len(items) <= most:
            raise WrongReply(f"{len(items)} articles of {count}, at most {most}")
        return Seen("passive", "news", articles=tuple(_article(each) for each in items))

    def _file(self, root: ET.Element, path: str, kind: str) -> bytes:
        try:
            return self._media.get(text(root, path), kind).data
        except Refusal as why:
            raise WrongReply(f"{path}: {why}") from None

    _kinds: ClassVar[dict[str, Callable[[Replies, ET.Element, str], Seen]]] = {
        "text": _text,
        "image": _image,
        "voice": _voice,
        "video": _video,
        "music": _music,
        "news": _news,
    }


def _article(item: ET.Element) -> Article:
    title, about, picture, url = (
        text(item, name) for name in ("Title", "Description", "PicUrl", "Url")
    )
    return Article(title, about, url, picture)
