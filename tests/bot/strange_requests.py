"""Requests that no honest client sends, for every route of the real application.

All that is quoted anywhere bears :data:`MARKER`, so that a log can be searched for it.
"""

import gzip
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MARKER = "m4rk3r"
_M = MARKER.encode()
NEVER_HTTP = "malformed"


@dataclass(frozen=True)
class Strange:
    """``headers`` replace the usual ones; ``malformed``: it is not HTTP, 400 is expected."""

    name: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    query: bytes = b""
    host: bytes = b"127.0.0.1"
    is_raw: bool = False  # without a Content-Length of ours

    def request(self, method: bytes, path: bytes, cookie: bytes) -> bytes:
        lines = [b"%s %s%s HTTP/1.1" % (method, path, self.query)]
        if self.host:
            lines.append(b"Host: " + self.host)
        named = {name.lower() for name, _ in self.headers}
        usual = [(b"X-Eider-Chat", b"1"), (b"Cookie", cookie + b"; other=" + _M)]
        if self.body and not self.is_raw:
            usual.append((b"Content-Length", b"%d" % len(self.body)))
        for name, value in (*(one for one in usual if one[0].lower() not in named), *self.headers):
            lines.append(name + b": " + value)
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def with_header(name: str, *values: bytes) -> Iterator[Strange]:
    for number, value in enumerate(values):
        yield Strange(f"{name} {number}", ((name.encode(), value),))


def json_body(name: str, body: bytes, kind: bytes = b"application/json") -> Strange:
    return Strange(name, ((b"Content-Type", kind),), body)


def strange_headers() -> Iterator[Strange]:
    yield Strange("plain")
    yield from with_header(
        "Cookie", b"eider_chat=\xff." + _M, b"eider_chat=" + _M + b".\xff", b"\xfe\xff;;=;" + _M,
        b"eider_chat=\xc3\xbc." + _M, b"eider_chat=" + b"." * 4000, b'eider_chat="\\377' + _M,
        b"eider_chat=; eider_chat; =x; $Path=" + _M, b"a=" + b"[" * 7000,
    )  # fmt: skip
    yield from with_header(
        "X-Telegram-Bot-Api-Secret-Token", b"\xff" + _M, b"\xed\xa0\x80" + _M, b"", _M
    )
    yield from with_header(
        "Accept-Language", b"\xff" + _M, b"x" * 5000, b",;q=" + _M, b"zh_" + _M + b"-\x80"
    )
    yield from with_header(
        "Range", b"bytes=99999999999999999999-", b"bytes=-", b"bytes=5-1", b"bytes=-0", _M,
        b"bytes=0-1,3-4", b"bytes=\xff-",
    )  # fmt: skip
    for name in ("If-Modified-Since", "If-Unmodified-Since", "If-Range"):
        yield from with_header(name, _M, b"Mon, 01 Jan 99999 00:00:00 GMT", b"\xff", b"Mon, 32 Q")
    for name in ("If-None-Match", "If-Match"):
        yield from with_header(name, _M, b'"\xff"', b"*", b'W/"' + _M)
    yield from with_header("Expect", b"100-continue", _M, b"\xff")
    yield from with_header("Upgrade", b"websocket", b"h2c", _M)
    yield Strange("upgrade", ((b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")))
    yield Strange("no host", host=b"")
    for number, host in enumerate(
        (b"evil.example", b"\xff" + _M, b"127.0.0.1:" + _M, b"127.0.0.1:99999999", b"[::1", b"[",
         b"127.0.0.1, evil", b"127.0.0.1@evil.example")
    ):  # fmt: skip
        yield Strange(f"host {number}", host=host)
    yield Strange("two hosts", ((b"Host", b"evil.example"),))
    yield from with_header(
        "X-Forwarded-For", b"\xff" + _M, b",,,", b"1.2.3.4" * 500, b"[::", b"fe80::1%" + _M
    )
    yield from with_header("Accept-Encoding", b"\xff", b"gzip;q=" + _M, b"br, *;q=0")
    yield from with_header("Sandbox-Signature", b"\xff", _M, b"0" * 64)


def strange_bodies() -> Iterator[Strange]:
    event = b'{"event":"0123456789abcdef","action":"m4rk3r","text":'
    for charset in (
        b"bogus", b"hex", b"klingon", b"utf-16", b"idna", b"\xff", b"rot13", b"undefined"
    ):  # fmt: skip
        kind = b"application/json; charset=" + charset
        yield json_body(f"charset {charset!r}", event + b'"m4rk3r"}', kind)
    for name, text in {
        "deep list": b"[" * 60_000,
        "deep object": b'{"a":' * 10_000,
        "deep and whole": event + b"[" * 5000 + b"]" * 5000 + b"}",
        "not utf-8": event + b'"\xff m4rk3r"}',
        "half a pair": event + b'"\\ud800 m4rk3r"}',
        "half a pair in bytes": event + b'"\xed\xa0\x80 m4rk3r"}',
        "half a pair as an id": b'{"event":"\\udfff\\udfff\\udfff\\udfff","text":"m4rk3r"}',
        "nul": event + b'"\\u0000 m4rk3r"}',
        "raw nul": event + b'"\x00 m4rk3r"}',
        "nan": event + b"NaN}",
        "huge number": event + b"1" * 50_000 + b"}",
        "huge exponent": event + b"1e999999999}",
        "number": b"1" * 5000,
        "string": b'"m4rk3r"',
        "bom": b"\xef\xbb\xbf" + event + b'"m4rk3r"}',
        "utf-16": (event + b'"m4rk3r"}').decode().encode("utf-16"),
        "twice": b'{"event":"0123456789abcdef","event":7,"text":"m4rk3r"}',
        "update": b'{"update_id":99999999999999999999999,"message":{"text":"m4rk3r \\ud800"}}',
    }.items():
        yield json_body(name, text)
    for kind in (
        b"multipart/form-data", b"multipart/form-data; boundary=" + b"b" * 300, b"\xff", b";;=",
        b"application/x-www-form-urlencoded; charset=hex",
    ):  # fmt: skip
        yield json_body(f"kind {kind!r}"[:40], b"--m4rk3r\r\n\r\n", kind)
    bomb = bytes(10_000_000)
    for coding, packed in (
        (b"gzip", gzip.compress(bomb)), (b"deflate", zlib.compress(bomb)), (b"br", b"\xff" * 50),
        (b"gzip", b"no gzip " + _M), (b"zstd", b"\x28\xb5\x2f\xfd" + _M),
        (b"gzip, gzip", bomb[:99]), (b"\xff" + _M, b"x"),
    ):  # fmt: skip
        yield Strange(f"coding {coding!r} {len(packed)}", ((b"Content-Encoding", coding),), packed)
    chunked = (b"Transfer-Encoding", b"chunked")
    for number, chunks in enumerate(
        (b"0\r\n\r\n", b"5\r\n" + _M + b"\r\n0\r\n\r\n", b"zz\r\n" + _M, b"-1\r\nx\r\n0\r\n\r\n",
         b"5;ext=" + _M + b"\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nx",
         b"3\r\nabc\r\n0\r\nTrailer: " + _M + b"\r\n\r\n", b"3\r\nabcX\r\n" + _M)
    ):  # fmt: skip
        yield Strange(f"chunks {number}", (chunked,), chunks, is_raw=True)
    for number, length in enumerate(
        (b"1" * 30, b"-1", b"+5", b"5, 5", b"0x5", b"", b"99999999", _M)
    ):
        yield Strange(f"length {number}", ((b"Content-Length", length),), b"m4rk3", is_raw=True)
    yield Strange("te gzip", ((b"Transfer-Encoding", b"gzip, chunked"),), b"0\r\n\r\n", is_raw=True)
    both = (chunked, (b"Content-Length", b"5"))
    yield Strange("te and length", both, b"0\r\n\r\n", is_raw=True)


QUERIES = (
    b"?pass=%ff", b"?pass=" + _M + b".%c3%28", b"?pass=%00", b"?pass=" + b"x" * 1500, b"?=&&=;",
    b"?pass=%ed%a0%80." + _M, b"?event=%00" + _M + b"&album=%0d%0aX:1", b"?" + b"a=b&" * 400,
    b"?event=0123456789abcdef&album=0123456789abcdef", b"?download=\xff", b"?%",
)  # fmt: skip

PATHS = (
    b"/playground/static/" + b"x" * 3000, b"/playground/static/" + b"x" * 300,
    b"/playground/static/../routes.py", b"/playground/static/%2e%2e/routes.py",
    b"/playground/static/..%2froutes.py", b"/playground/static/%00", b"/playground/static/",
    b"/playground/static/.", b"/playground/static//etc/passwd", b"/playground/static/%ff" + _M,
    b"/till/sandbox/%0d%0aX:1/cancel", b"/till/sandbox/%00/cancel", b"/till/sandbox/%00",
    b"/till/sandbox/" + _M + b"%E2%80%A8/pay", b"/till/sandbox/%ED%A0%80/cancel",
    b"/till/sandbox/" + b"9" * 2500, b"/pay/%00", b"/pay/%ed%a0%80", b"/pay/" + _M,
    b"/playground/words/%ff", b"/playground/words/" + b"x" * 900, b"/playground/words/en%00",
    b"/playground/picture/%0a", b"/playground/picture/preview:%00", b"/playground/picture/sample:",
    b"/playground/picture/preview:" + _M, b"/playground/picture/preview:../../" + _M,
    b"//evil.example/x", b"/%", b"/%zz" + _M, b"*", b"http://evil.example/playground",
    b"http://127.0.0.1/playground", b"http://[::1", b"/;" + _M, b"/\xff" + _M, b"/?" + b"q" * 5000,
    b"/" + b"a/" * 900,
)  # fmt: skip

METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"CONNECT",
           b"PROPFIND", b"get", b"M4RK3R")  # fmt: skip


def noise(count: int, seed: int = 10) -> Iterator[bytes]:
    """A request with bytes of it replaced, removed, doubled, or nothing but noise."""
    dice = random.Random(seed)
    good = Strange("noise", body=b'{"event":"0123456789abcdef","text":"' + _M + b'"}').request(
        b"POST", b"/playground/say", b"eider_chat=" + _M
    )
    for _ in range(count):
        data = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            place = dice.randrange(len(data))
            match dice.randrange(4):
                case 0:
                    data[place] = dice.randrange(256)
                case 1:
                    del data[place : place + dice.randint(1, 8)]
                case 2:
                    data[place:place] = data[place : place + 20]
                case 3:
                    data[place:place] = dice.randbytes(dice.randint(1, 12))
        yield bytes(data)
    yield from (dice.randbytes(200) + b"\r\n\r\n" for _ in range(count // 10))
