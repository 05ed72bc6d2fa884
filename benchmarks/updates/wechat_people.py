"""People in WeChat, and the callbacks that they cause: in the safe mode, signed and encrypted."""

import itertools
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from hashlib import sha1
from typing import Final

from wechatpy.crypto import PrpCrypto

from handlers.texts import texts

PATH: Final = "/wechat"
APP_ID: Final = "wx0123456789abcdef"
SECRET: Final = "0123456789abcdef" * 2
TOKEN: Final = "benchmarkToken"
AES_KEY: Final = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
_KEY: Final = b64decode(f"{AES_KEY}=")
ENVIRONMENT: Final = {
    "EIDER_WECHAT_APP_ID": APP_ID,
    "EIDER_WECHAT_SECRET": SECRET,
    "EIDER_WECHAT_TOKEN": TOKEN,
    "EIDER_WECHAT_AES_KEY": AES_KEY,
    "EIDER_WECHAT_API_URL": "{api}",
}

_say = texts("zh_CN")
_numbers = itertools.count(24_000_000_000_000_001)


def text(person: int, words: str = "帮助") -> bytes:
    """A message of a person, counted from 0."""
    return _message(person, MsgType="text", Content=words)


def click(person: int, action: str = "tips") -> bytes:
    """A menu's entry: each in a second of its own, or it would be the same event."""
    second = next(_numbers) % 1_000_000_000
    event = {"MsgType": "event", "Event": "CLICK", "EventKey": action}
    return _message(person, CreateTime=str(1_000_000_000 + second), MsgId="", **event)


def photo(person: int) -> bytes:
    """A photo; what it shows is fetched by another process."""
    media = f"media-{next(_numbers)}"
    return _message(person, MsgType="image", PicUrl="http://x", MediaId=media)


KINDS: Final[dict[str, Callable[[int], bytes]]] = {"text": text, "click": click, "photo": photo}
WALK: Final[tuple[Callable[[int], bytes], ...]] = (
    lambda one: text(one, _say("welcome-button-begin")),
    lambda one: text(one, _say("welcome-button-begin")),
    lambda one: text(one, _say("terms-button-yes")),
    lambda one: text(one, _say("training-button-yes")),
    lambda one: text(one, _say("subject-button-woman")),
)
"""From the first word, which is answered by a welcome, to the place where photos are taken."""


def in_turn(kind: str, people: int) -> Iterator[bytes]:
    """Callbacks without end, one person after the other."""
    return (KINDS[kind](person) for person in itertools.cycle(range(people)))


def request(port: int, xml: bytes) -> bytes:
    """The whole request that posts a message, signed now."""
    stamp, nonce = str(int(time.time())), str(next(_numbers))
    encrypted = PrpCrypto(_KEY).encrypt(xml, APP_ID).decode()
    query = (
        f"timestamp={stamp}&nonce={nonce}&encrypt_type=aes&signature={_signature(stamp, nonce)}"
        f"&msg_signature={_signature(stamp, nonce, encrypted)}"
    )
    body = f"<xml><ToUserName>gh_1</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    head = (
        f"POST {PATH}?{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: text/xml\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def _message(person: int, **fields: str) -> bytes:
    whole = {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": f"oBenchmark_{person:017d}",
        "CreateTime": str(int(time.time())),
        "MsgId": str(next(_numbers)),
    } | fields
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in whole.items())
    return f"<xml>{inner}</xml>".encode()


def _signature(*parts: str) -> str:
    return sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()
