"""What a message or an event means."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.wechat.envelope import Malformed
from bot.wechat.inbound import SentImage, read
from handlers.chat import Left, Person, Pressed, Said, SentOther
from shop.encryption import KeyedHash
from tests.bot.wechat.posting import ACCOUNT, ADA, NOW, event, image, text, xml_of
from tests.keys import MASTER_KEY

IDS = KeyedHash(MASTER_KEY, "tests")


def content(xml: str):
    return read(xml, IDS).content


def test_a_text_is_said_by_its_sender_in_chinese_until_they_choose():
    received = read(text(" 你好 ]] <b> ", MsgId="24000000000000001"), IDS)
    assert (received.event_id, received.kind, received.event) == (
        "wechat:24000000000000001",
        "text",
        "",
    )
    assert (received.openid, received.account) == (ADA, ACCOUNT)
    incoming = received.incoming(Said("x"))
    assert incoming.person == Person("wechat", ADA, "zh-CN")
    assert incoming.at == datetime.fromtimestamp(NOW, UTC)
    assert content(text("你好 <b>")) == Said("你好 <b>")
    assert content(text("x").replace("<![CDATA[x]]>", "")) == Said(""), "an empty element"


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("voice", "voice"),
        ("video", "video"),
        ("shortvideo", "video"),
        ("location", "place"),
        ("link", "other"),
        ("file", "file"),
        ("miniprogrampage", "other"),
    ],
)
def test_other_messages_are_of_a_kind(kind, other):
    assert content(xml_of(MsgType=kind, MsgId="1")) == SentOther(other)


def test_a_sticker_comes_as_words_of_wechats():
    assert content(text("【收到不支持的消息类型，暂无法显示】")) == SentOther("sticker")


def test_a_photo_is_a_media_id_and_no_bytes():
    assert content(image("m-1", MsgId="17")) == SentImage("m-1", 17)


@pytest.mark.parametrize(
    ("xml", "meant"),
    [
        (event("subscribe"), Pressed("start")),
        (event("subscribe", "qrscene_t-noir"), Pressed("start:t-noir")),
        (event("SCAN", "t-noir"), Pressed("start:t-noir")),
        (event("SCAN", "r-" + "a" * 60), Said("/start r-" + "a" * 60)),
        (event("SCAN", "no payload!"), Pressed("start")),
        (event("unsubscribe"), Left()),
        (event("CLICK", "styles"), Pressed("styles")),
        (event("CLICK", "invented\n"), Pressed("invented")),
        (event("VIEW", "https://e.example"), None),
        (event("LOCATION"), None),
        (event("TEMPLATESENDJOBFINISH"), None),
        (event("what_comes_next_year"), None),
    ],
)
def test_events(xml, meant):
    assert content(xml) == meant


def test_a_scan_by_a_newcomer_is_a_subscription_and_its_id_says_nothing():
    one = read(event("subscribe", "qrscene_t-noir"), IDS)
    assert one.event == "subscribe"
    assert ADA not in one.event_id


def test_events_are_told_apart_by_person_time_event_and_key_and_repeated_ones_are_not():
    def id_of(name="CLICK", key="styles", **fields: str) -> str:
        return read(event(name, key, **fields), IDS).event_id

    assert id_of() == id_of()
    others = [
        id_of(),
        id_of(key="help"),
        id_of(name="SCAN"),
        id_of(CreateTime=str(NOW + 1)),
        id_of(FromUserName="oBob"),
    ]
    assert len(set(others)) == len(others)


NEEDED = {
    "text": text("x"),
    "image": image("m-1"),
    "event": event("CLICK", "styles"),
}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *[(kind, name) for kind in NEEDED for name in ("ToUserName", "FromUserName", "CreateTime")],
        *[(kind, "MsgType") for kind in NEEDED],
        ("text", "MsgId"),
        ("text", "Content"),
        ("image", "MsgId"),
        ("image", "MediaId"),
        ("event", "Event"),
        ("event", "EventKey"),
    ],
)
@pytest.mark.parametrize(
    "instead", ["", "<{0}/>", "<{0}><a>1</a></{0}>", "<{0}>1</{0}><{0}>2</{0}>"]
)
def test_what_every_message_has_must_be_there_once_as_text(kind, name, instead):
    xml = NEEDED[kind]
    start, end = xml.index(f"<{name}>"), xml.index(f"</{name}>") + len(name) + 3
    broken = xml[:start] + instead.format(name) + xml[end:]
    if name == "Content":
        broken = broken.replace(f"<{name}/>", "")  # an empty text, which WeChat does send
    with pytest.raises(Malformed):
        read(broken, IDS)


@pytest.mark.parametrize(
    "fields",
    [
        {"MsgType": "hologram", "MsgId": "1"},
        {"MsgType": "device_event"},
        {"MsgId": "1e3", "Content": "x"},
        {"MsgId": "١٢", "Content": "x"},
        {"MsgId": "-1", "Content": "x"},
        {"MsgId": "1", "Content": "x", "CreateTime": "99999999999"},
        {"MsgId": "1", "Content": "x", "CreateTime": "soon"},
        {"MsgId": "1", "Content": "x", "FromUserName": "../:*"},
        {"MsgId": "1", "Content": "x", "FromUserName": "o" * 129},
        {"MsgId": "1", "MsgType": "image", "MediaId": "a b"},
        {"MsgType": "event", "Event": "CLICK", "EventKey": "x" * 129},
    ],
)
def test_what_wechat_never_writes_is_malformed(fields):
    with pytest.raises(Malformed):
        read(xml_of(**fields), IDS)


@given(st.text(max_size=200) | st.binary(max_size=200).map(repr))
@example("<xml>" * 20_000)
@example("<xml><MsgType><![CDATA[event]]></MsgType></xml>")
def test_nothing_but_malformed_is_ever_raised(noise: str):
    spoken = xml_of(MsgId="1", Content="@@").replace("@@", noise)
    for xml in (noise, f"<xml>{noise}</xml>", spoken):
        with contextlib.suppress(Malformed):
            read(xml, IDS)


def test_whoever_follows_by_a_code_without_a_scene_follows():
    plain = content(event("subscribe"))
    assert content(event("subscribe", "qrscene_")) == plain
    assert plain == Pressed("start")
