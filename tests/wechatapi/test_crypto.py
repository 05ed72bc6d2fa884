"""Our crypto by the published vectors, and by two libraries that others wrote."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from werobot.crypto import MessageCrypt

from tests.wechatapi.account import Account
from tests.wechatapi.crypto import Broken, Sealer, sign, signed

TOKEN, APP_ID, AES_KEY = "AAAAA", "wxba5fad812f8e6fb9", "A" * 43
SEALED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZq"
    "zDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pe"
    "de2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebu"
    "fAlr7F9mFUPAJGj04="
)
ANSWER = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="


@pytest.fixture
def sealer():
    return Sealer(AES_KEY, APP_ID)


def test_the_signatures_of_the_documentation():
    assert sign(TOKEN, "1714036504", "1514711492") == "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert sign(TOKEN, "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    theirs = "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    assert signed(theirs, TOKEN, "1714112445", "415670741", SEALED)
    assert not signed(theirs, TOKEN, "1714112446", "415670741", SEALED)


def test_the_messages_of_the_documentation(sealer):
    assert json.loads(sealer.open(SEALED)) == {
        "ToUserName": "gh_97417a04a28d",
        "FromUserName": "o9AgO5Kd5ggOC-bXrbNODIiE3bGY",
        "CreateTime": 1714112445,
        "MsgType": "event",
        "Event": "debug_demo",
        "debug_str": "hello world",
    }
    assert sealer.seal(b'{"demo_resp":"good luck"}', b"707722b803182950") == ANSWER


@given(st.binary(max_size=200))
def test_two_libraries_read_ours_and_we_theirs(message):
    ours = Sealer(AES_KEY, APP_ID)
    werobot = MessageCrypt(TOKEN, AES_KEY, APP_ID).prp_crypto
    assert werobot.decrypt(ours.seal(message), APP_ID) == message
    assert ours.open(werobot.encrypt(message, APP_ID).decode()) == message
    assert ours.open(ours.seal(message)) == message


@pytest.mark.parametrize("length", range(64))
def test_padding_of_every_length(sealer, length):
    text = "a" * length
    wechatpy = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    xml = f"<xml><ToUserName>x</ToUserName><Encrypt>{sealer.seal(text.encode())}</Encrypt></xml>"
    sealed = xml.partition("<Encrypt>")[2].partition("<")[0]
    assert wechatpy.decrypt_message(xml, sign(TOKEN, "1", "n", sealed), "1", "n") == text


@pytest.mark.parametrize(
    "sealed",
    ["", "%", "AAAA", "A" * 22 + "==", ANSWER[:-24] + "A" * 22 + "==", "é"],
    ids=["empty", "no base64", "no block", "half a block", "tampered", "no ascii"],
)
def test_what_is_not_sealed_here_is_broken(sealer, sealed):
    with pytest.raises(Broken):
        sealer.open(sealed)


def test_another_app_or_key_is_broken(sealer):
    with pytest.raises(Broken, match="app id"):
        sealer.open(Sealer(AES_KEY, "wx0").seal(b"x" * 40))
    with pytest.raises(Broken):
        sealer.open(Sealer("B" * 43, APP_ID).seal(b"x"))
    with pytest.raises(ValueError, match="43"):
        Sealer("A" * 40, APP_ID)


def test_an_account_has_a_key_of_its_own_and_hides_it():
    account, other = Account(), Account()
    assert len(account.aes_key) == 43
    assert account.aes_key.isalnum()
    assert account.aes_key != other.aes_key
    assert account.aes_key not in repr(account)
    assert account.secret not in repr(account)
    assert account.token not in repr(account)
