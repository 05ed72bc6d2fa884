"""Signatures and encryption, beside WeRoBot's independent implementation and wechatpy's own."""

import base64
import struct
from hashlib import sha1

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto as Wechatpy
from werobot.crypto import MessageCrypt as Werobot

from bot.wechat.envelope import Envelope, Malformed, fields_of
from shop.errors import Forged
from tests.bot.wechat.account import AES_KEY, APP_ID, TOKEN

OURS = Envelope(TOKEN, AES_KEY, APP_ID)
MESSAGE = "<xml><ToUserName>gh_1</ToUserName><Content>你好</Content></xml>"


def signed(*parts: str) -> str:
    return sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


def body_of(encrypted: str) -> bytes:
    return f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()


def sealed(plain: bytes) -> str:
    """AES by hand, so that what is inside may be wrong."""
    key = base64.b64decode(AES_KEY + "=")
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def framed(message: bytes, app_id: str = APP_ID, length: int | None = None) -> bytes:
    size = struct.pack(">I", len(message) if length is None else length)
    plain = bytes(range(16)) + size + message + app_id.encode()
    pad = 32 - len(plain) % 32
    return plain + bytes([pad]) * pad


def opened(encrypted: str, signature: str | None = None) -> str:
    signature = signed("1", "2", encrypted) if signature is None else signature
    return OURS.open(body_of(encrypted), signature, "1", "2")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_what_we_seal_others_open_and_what_others_seal_we_open(text: str):
    theirs = Werobot(TOKEN, AES_KEY, APP_ID)
    reply = fields_of(OURS.seal(f"<xml>{text}</xml>", "1", "2"))
    assert reply["MsgSignature"] == signed("1", "2", reply["Encrypt"])
    assert (reply["TimeStamp"], reply["Nonce"]) == ("1", "2")
    for other in (theirs, Wechatpy(TOKEN, AES_KEY, APP_ID)):
        plain = other.decrypt_message(*_in_order(other, reply))
        assert (plain.decode() if isinstance(plain, bytes) else plain) == f"<xml>{text}</xml>"
    made = fields_of(theirs.encrypt_message(MESSAGE, "1", "2"))
    assert OURS.open(body_of(made["Encrypt"]), made["MsgSignature"], "1", "2") == MESSAGE


def _in_order(crypto, reply):
    if isinstance(crypto, Wechatpy):
        return dict(reply), reply["MsgSignature"], "1", "2"
    return "1", "2", reply["MsgSignature"], reply["Encrypt"]


@pytest.mark.parametrize("size", range(100))
def test_every_length_is_padded_to_blocks_of_32(size):
    encrypted = fields_of(OURS.seal("x" * size, "1", "2"))["Encrypt"]
    assert len(base64.b64decode(encrypted)) % 32 == 0
    assert opened(encrypted) == "x" * size


@pytest.mark.parametrize(
    ("encrypted", "error"),
    [
        ("", Malformed),
        ("!!!!", Malformed),
        ("AAA", Malformed),
        (base64.b64encode(bytes(17)).decode(), Malformed),
        (base64.b64encode(bytes(range(64))).decode(), (Malformed, Forged)),
        (sealed(bytes(16)), (Malformed, Forged)),
        (sealed(framed(MESSAGE.encode(), length=1 << 31)), (Malformed, Forged)),
        (sealed(framed(b"\xe4\xbd")), Malformed),
        (sealed(framed(MESSAGE.encode(), "wxffffffffffffffff")), Forged),
    ],
)
def test_what_is_not_for_us_or_is_none_is_refused(encrypted, error):
    with pytest.raises(error):
        opened(encrypted)


def test_without_its_own_signature_nothing_is_decrypted():
    encrypted = sealed(framed(MESSAGE.encode()))
    assert opened(encrypted) == MESSAGE
    for wrong in ("", signed("1", "2"), signed("1", "3", encrypted), "é" * 40, "\udcff" * 40):
        with pytest.raises(Forged):
            opened(encrypted, wrong)


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "x",
        "<xml/>",
        "<xml>text</xml>",
        "<other><a>1</a></other>",
        "<xml><a>1</xml>",
        "<xml><a>\x00</a></xml>",
        "<xml><a>\x08</a></xml>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><a>&b;</a></xml>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
    ],
)
def test_what_is_no_message_is_malformed(xml):
    with pytest.raises(Malformed):
        fields_of(xml)


def test_its_repr_holds_no_secret():
    assert repr(OURS) == "Envelope(...)"


@pytest.mark.parametrize("count", [0, 33, 255])
def test_a_padding_of_another_length_is_malformed(count: int):
    plain = framed(MESSAGE.encode())
    with pytest.raises(Malformed):
        opened(sealed(plain[:-1] + bytes([count])))


def test_every_byte_of_the_padding_counts():
    plain = framed(MESSAGE.encode() + b" " * 8)
    pad = plain[-1]
    assert pad > 2
    for place in range(2, pad + 1):
        wrong = bytearray(plain)
        wrong[-place] ^= 1
        with pytest.raises(Malformed):
            opened(sealed(bytes(wrong)))
    assert opened(sealed(plain)).rstrip() == MESSAGE
