"""JSON of strangers: UTF-8 and of this world, or refused."""

import pytest

from bot.web.body import json_of


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"[Infinity]", b"-Infinity",
        b'"\xff"', b'"\\ud800"', b'"\\udc00\\ud800"', b'{"\\ud800":1}', b'"\xed\xa0\x80"',
        '"x"'.encode("utf-16"), b"\xef\xbb\xbf1", b"1" * 60_000, b"\0", b'"\0"', b"[1,]",
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of any kind
        json_of(body)


def test_what_is_json_is_read() -> None:
    body = '{"a": [1, 2.5, null, true, "\\ud83e\\udd86", "é"]}'.encode()
    assert json_of(body) == {"a": [1, 2.5, None, True, "🦆", "é"]}
