"""Posts callbacks as WeChat does: signed, in each of its three modes."""

import itertools
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Final

from aiohttp import ClientSession
from werobot.crypto import MessageCrypt

from tests.bot.wechat.account import AES_KEY, APP_ID, TOKEN

ADA: Final = "oAda_0123456789-abcdefghijkl"
ACCOUNT: Final = "gh_0123456789ab"
NOW: Final = 1_784_000_000

numbers = itertools.count(24_000_000_000_000_001)


def xml_of(**fields: str) -> str:
    """A message of ADA's, of now. A field of "" is left out."""
    whole = {
        "ToUserName": ACCOUNT,
        "FromUserName": ADA,
        "CreateTime": str(NOW),
        "MsgType": "text",
    } | fields
    inner = "".join(
        f"<{name}><![CDATA[{value}]]></{name}>" for name, value in whole.items() if value != ""
    )
    return f"<xml>{inner}</xml>"


def text(content: str, **fields: str) -> str:
    return xml_of(**{"MsgId": str(next(numbers)), "Content": content} | fields)


def image(media_id: str, **fields: str) -> str:
    number = str(next(numbers))
    picture = {"MsgType": "image", "MediaId": media_id, "PicUrl": "http://x", "MsgId": number}
    return xml_of(**picture | fields)


def event(name: str, key: str = "", **fields: str) -> str:
    return xml_of(**{"MsgType": "event", "Event": name, "EventKey": key} | fields)


def signature(*parts: str) -> str:
    return sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


@dataclass
class Poster:
    """Posts to one address. ``mode``: plain, compatible or safe."""

    http: ClientSession
    url: str
    mode: str = "plain"
    timestamp: int = NOW
    nonces: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))

    async def post(self, xml: str | bytes, **query: str) -> tuple[int, str]:
        """The status, and the answer as a person's phone would show it: decrypted. ``query`` takes
        the place of what would be sent; "" leaves it out."""
        body, asked = self.made(xml)
        asked = {name: value for name, value in (asked | query).items() if value != ""}
        async with self.http.post(self.url, params=asked, data=body) as answer:
            said = await answer.text()
            if self.mode != "plain" and "<Encrypt>" in said:
                said = self._opened(said)
            return answer.status, said

    def made(self, xml: str | bytes) -> tuple[bytes, dict[str, str]]:
        """Body and query."""
        raw = xml if isinstance(xml, bytes) else xml.encode("utf-8", "surrogatepass")
        stamp, nonce = str(self.timestamp), str(next(self.nonces))
        query = {"timestamp": stamp, "nonce": nonce, "signature": signature(stamp, nonce)}
        if self.mode == "plain":
            return raw, query
        sealed = self.crypt.encrypt_message(raw, stamp, nonce)
        encrypted = sealed.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
        shown = raw.decode().removeprefix("<xml>").removesuffix("</xml>")
        plain = shown if self.mode == "compatible" else f"<ToUserName>{ACCOUNT}</ToUserName>"
        body = f"<xml>{plain}<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode()
        return body, self.signed(query, encrypted)

    def signed(self, query: dict[str, str], encrypted: str) -> dict[str, str]:
        parts = query["timestamp"], query["nonce"], encrypted
        return query | {"encrypt_type": "aes", "msg_signature": signature(*parts)}

    @property
    def crypt(self) -> MessageCrypt:
        return MessageCrypt(TOKEN, AES_KEY, APP_ID)

    def _opened(self, said: str) -> str:
        field_of = lambda name: said.partition(f"<{name}><![CDATA[")[2].partition("]]>")[0]  # noqa: E731
        stamp = said.partition("<TimeStamp>")[2].partition("</")[0]
        parts = stamp, field_of("Nonce"), field_of("MsgSignature"), field_of("Encrypt")
        plain = self.crypt.decrypt_message(*parts)
        return plain.decode() if isinstance(plain, bytes) else plain
