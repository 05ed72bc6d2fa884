"""What else may come to a bot's URL: forged, stale, broken, too large. None of it is work, and none
of it may be an error of the bot's own (5xx)."""

from __future__ import annotations

import secrets
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.wechatapi.account import Account
from tests.wechatapi.crypto import Sealer, sign
from tests.wechatapi.xml import Fields, written

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat

BOMB = b"""<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>
<xml><MsgType>text</MsgType><Content>&d;</Content></xml>"""
FILE = b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'
LARGE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attack:
    """A POST. ``genuine``: signed as WeChat signs, so a bot can but find the inside wrong."""

    name: str
    query: dict[str, str]
    body: bytes
    genuine: bool


def attacks(wechat: Wechat, openid: str) -> Iterator[Attack]:
    """Each may be answered 400, 401, 403 or 413."""
    yield from _forged(wechat, openid)
    yield from _broken(wechat, openid)
    if wechat.account.mode == "safe":
        yield from _unsealed(wechat, openid)


def _text(account: Account, openid: str, at: int, number: int = 1) -> dict[str, str | int]:
    return {
        "ToUserName": account.original_id,
        "FromUserName": openid,
        "CreateTime": at,
        "MsgType": "text",
        "Content": "hostile",
        "MsgId": number,
    }


def _forged(wechat: Wechat, openid: str) -> Iterator[Attack]:
    """Not WeChat's."""
    callbacks, at = wechat.callbacks, int(wechat.clock.wall())
    xml = written(_text(wechat.account, openid, at))
    query, body = callbacks.wrapped(xml, openid)
    for name in query:
        if name not in ("openid", "encrypt_type"):
            less = {each: value for each, value in query.items() if each != name}
            needless = name == "signature" and wechat.account.mode != "plain"
            if not needless:
                yield Attack(f"no {name}", less, body, genuine=False)
            if name in ("msg_signature", "timestamp", "nonce"):
                changed = "0" + query[name][1:] if query[name][0] != "0" else "1" + query[name][1:]
                yield Attack(f"another {name}", query | {name: changed}, body, genuine=False)
    yield Attack("nothing", {}, b"", genuine=False)
    stamp = str(at - 3600)
    sealed = wechat.account.sealer().seal(xml.encode())
    yield Attack("an hour old", *_signed(wechat.account, sealed, xml, stamp, openid), False)
    ahead = str(at + 3600)
    yield Attack("an hour ahead", *_signed(wechat.account, sealed, xml, ahead, openid), False)
    no_number = _signed(wechat.account, sealed, xml, "now", openid)
    yield Attack("a stamp that is no number", *no_number, False)


def _broken(wechat: Wechat, openid: str) -> Iterator[Attack]:
    """WeChat's by the signature, nonsense inside."""
    fields: Fields = _text(wechat.account, openid, int(wechat.clock.wall()))
    good = written(fields).encode()
    missing = [
        (f"no {name}", written({each: value for each, value in fields.items() if each != name}))
        for name in ("FromUserName", "MsgType", "CreateTime")
    ]
    cases: list[tuple[str, str | bytes]] = [
        ("empty", b""),
        ("no xml", b"hello"),
        ("json", b'{"MsgType": "text"}'),
        ("cut in a character", good.replace(b"hostile", b"\xe4\xbd")),
        ("cut short", good[: len(good) // 2]),
        ("entities", BOMB),
        ("a file", FILE),
        ("nested", b"<xml>" * 20_000 + b"</xml>" * 20_000),
        ("a megabyte", good.replace(b"hostile", b"x" * LARGE)),
        ("no time", good.replace(str(fields["CreateTime"]).encode(), b"soon")),
        *missing,
    ]
    for name, xml in cases:
        query, body = wechat.callbacks.wrapped(xml, openid)
        yield Attack(name, query, body, genuine=True)


def _unsealed(wechat: Wechat, openid: str) -> Iterator[Attack]:
    """Signed, but not enciphered as it should be."""
    account, at = wechat.account, int(wechat.clock.wall())
    xml = written(_text(account, openid, at))
    sealed = account.sealer().seal(xml.encode())
    raw = b64decode(sealed)
    other = Sealer(account.aes_key, "wxffffffffffffffff").seal(xml.encode())
    longer = struct.pack(">I", 2**31) + xml.encode()
    cases = {
        "another app": other,
        "another key": Sealer("B" * 43, account.app_id).seal(xml.encode()),
        "no base64": "%%%%",
        "odd base64": sealed[:-3],
        "half a block": b64encode(raw[:-8]).decode(),
        "cut blocks": b64encode(raw[:32]).decode(),
        "swapped blocks": b64encode(raw[32:] + raw[:32]).decode(),
        "empty": "",
        "no message in it": account.sealer().seal(longer),
    }
    for name, encrypt in cases.items():
        query, body = _signed(account, encrypt, xml, str(at), openid)
        yield Attack(f"sealed: {name}", query, body, genuine=True)
    query, _ = wechat.callbacks.wrapped(xml, openid)
    yield Attack("not sealed at all", query, xml.encode(), genuine=False)
    plain = {name: query[name] for name in ("signature", "timestamp", "nonce")}
    yield Attack("plain in safe mode", plain, xml.encode(), genuine=False)


def _signed(
    account: Account, sealed: str, xml: str, stamp: str, openid: str
) -> tuple[dict[str, str], bytes]:
    """With a stamp or a sealed text of one's own."""
    nonce = str(secrets.randbelow(2**31))
    query = {"signature": sign(account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce}
    query |= {"openid": openid}
    if account.mode == "plain":
        return query, xml.encode()
    query |= {"encrypt_type": "aes", "msg_signature": sign(account.token, stamp, nonce, sealed)}
    body = written({"ToUserName": account.original_id, "Encrypt": sealed})
    return query, body.encode()
