"""What the bot's URL is told, how often, and what its answers become."""

import asyncio
import xml.etree.ElementTree as ET

import pytest
from aiohttp import web

from tests.wechatapi import BANNER, Account, Person, Wechat, serving, until
from tests.wechatapi.conftest import Site, hosted, jpeg
from tests.wechatapi.crypto import sign, signed
from tests.wechatapi.xml import written

MODES = ("plain", "compatible", "safe")


@pytest.fixture
def read(wechat):
    """The fields of a callback, deciphered."""

    def read(asked):
        query, body = asked
        root = ET.fromstring(body)
        sealed = root.findtext("Encrypt")
        token = wechat.account.token
        assert signed(query["signature"], token, query["timestamp"], query["nonce"])
        if sealed is not None:
            parts = (token, query["timestamp"], query["nonce"], sealed)
            assert signed(query["msg_signature"], *parts)
            root = ET.fromstring(wechat.account.sealer().open(sealed))
        return {each.tag: each.text or "" for each in root}

    return read


@pytest.fixture
def reply(wechat, ada):
    """A passive reply, enciphered, with some fields changed."""

    def reply(content="回答", **changed):
        fields = {
            "ToUserName": ada.openid,
            "FromUserName": wechat.account.original_id,
            "CreateTime": 1,
            "MsgType": "text",
            "Content": content,
        }
        fields = {name: each for name, each in (fields | changed).items() if each is not None}
        return sealed(wechat, written(fields))

    return reply


def sealed(wechat, xml, signature=None):
    encrypt = wechat.account.sealer().seal(xml.encode())
    signature = signature or sign(wechat.account.token, "1", "n", encrypt)
    outside = {"Encrypt": encrypt, "MsgSignature": signature, "TimeStamp": 1, "Nonce": "n"}
    return web.Response(text=written(outside), content_type="text/xml")


@pytest.mark.parametrize("mode", MODES)
async def test_each_mode_as_the_documentation_has_it(mode):
    async with serving(Wechat(Account(mode=mode))) as wechat:
        site = Site()
        async with hosted(site.hear) as url:
            wechat.callbacks.url = url
            ada = Person(wechat)
            await ada.follow()
            await ada.say("你好 ]]> \x0b<b>")
        (_, first), (query, body) = site.asked
        assert b"subscribe" in first or mode == "safe"
        assert query["openid"] == ada.openid
        assert (query.get("encrypt_type") == "aes") == (mode != "plain")
        assert (b"Encrypt" in body) == (mode != "plain")
        assert (b"FromUserName" in body) == (mode != "safe")
        assert (b"]]]]><![CDATA[> \x0b<b>" in body) == (mode != "safe")
        assert wechat.problems == []


async def test_the_console_verifies_a_url(wechat, site):
    site.answer = lambda request, body: request.query["echostr"]
    assert await wechat.callbacks.verify()
    ((query, _),) = site.asked
    assert signed(query["signature"], wechat.account.token, query["timestamp"], query["nonce"])
    site.answer = lambda request, body: request.query["echostr"] + "\n"
    assert not await wechat.callbacks.verify()
    site.answer = web.Response(status=403)
    assert not await wechat.callbacks.verify()


async def test_what_people_do_comes_with_its_fields(wechat, site, ada, read):
    deeds = [ada.say("一"), ada.send_photo(jpeg()), ada.send_voice(), ada.send_video()]
    deeds += [ada.send_video(short=True), ada.send_location(), ada.send_link("https://x.example")]
    deeds += [ada.send_card(), ada.send_file(), ada.send_emoji(), ada.unfollow(), ada.follow()]
    for each in deeds:
        await each
    told = {}
    for asked in site.asked:
        fields = read(asked)
        told[fields["MsgType"], fields.get("Event", fields.get("Content", ""))] = fields
    head = {"ToUserName", "FromUserName", "CreateTime", "MsgType"}
    assert {kind: set(fields) - head for (kind, _), fields in told.items() if kind != "event"} == {
        "text": {"Content", "MsgId"},
        "image": {"PicUrl", "MediaId", "MsgId"},
        "voice": {"MediaId", "Format", "MsgId"},
        "video": {"MediaId", "ThumbMediaId", "MsgId"},
        "shortvideo": {"MediaId", "ThumbMediaId", "MsgId"},
        "location": {"Location_X", "Location_Y", "Scale", "Label", "MsgId"},
        "link": {"Title", "Description", "Url", "MsgId"},
        "miniprogrampage": {"Title", "AppId", "PagePath", "MsgId"},
        "file": {"Title", "Description", "FileKey", "FileMd5", "FileTotalLen", "MsgId"},
    }
    assert "MsgId" not in told["event", "subscribe"]
    assert told["event", "subscribe"]["EventKey"] == ""
    assert told["event", "unsubscribe"]["FromUserName"] == ada.openid
    ids = [fields["MsgId"] for fields in told.values() if "MsgId" in fields]
    assert len(set(ids)) == len(ids)
    assert all(2**53 < int(each) < 2**63 for each in ids)


async def test_events_of_one_person_never_share_a_second(wechat, site, ada, read):
    ada.follows = False
    for _ in range(3):
        await ada.follow()
        await ada.unfollow()
    times = [read(asked)["CreateTime"] for asked in site.asked]
    assert len(set(times)) == len(times) == 6


async def test_an_answer_is_shown_and_success_is_not(wechat, site, ada, reply):
    site.answer = reply()
    await ada.say("一")
    for said in ("success", b""):
        site.answer = said
        await ada.say("二")
    assert [(each.by, each.kind, each.text) for each in ada.seen()] == [("passive", "text", "回答")]
    assert wechat.problems == []


async def test_every_kind_of_answer(wechat, site, ada, reply):
    keep = lambda kind, ending: wechat.media.keep(kind, b"data", ending, False).id  # noqa: E731
    image, voice = keep("image", ".jpg"), keep("voice", ".mp3")
    video, thumb = keep("video", ".mp4"), keep("thumb", ".jpg")
    card = {"Title": "T", "Description": "D", "PicUrl": "P", "Url": "https://u"}
    for kind, inner in {
        "image": {"Image": {"MediaId": image}},
        "voice": {"Voice": {"MediaId": voice}},
        "video": {"Video": {"MediaId": video, "Title": "T", "Description": "D"}},
        "music": {"Music": {"Title": "T", "ThumbMediaId": thumb}},
        "news": {"ArticleCount": 1, "Articles": {"item": card}},
    }.items():
        site.answer = reply(None, MsgType=kind, **inner)
        await ada.say(kind)
    site.answer = reply(None, MsgType="transfer_customer_service")
    await ada.say("a human")
    assert wechat.problems == []
    assert [each.kind for each in ada.seen()] == ["image", "voice", "video", "music", "news"]
    assert ada.seen()[0].data == b"data"
    assert ada.seen()[-1].articles[0].url == "https://u"


WRONG = {
    "other person": {"ToUserName": "oSomebodyElse"},
    "other account": {"FromUserName": "gh_other"},
    "no time": {"CreateTime": "now"},
    "missing": {"CreateTime": None},
    "unknown type": {"MsgType": "file"},
    "empty text": {"Content": ""},
    "no text": {"Content": None},
    "long text": {"Content": "啊" * 683},
    "wrong nesting": {"MsgType": "image", "MediaId": "x"},
    "unknown media": {"MsgType": "image", "Image": {"MediaId": "x"}},
    "count": {"MsgType": "news", "ArticleCount": 2, "Articles": {"item": {"Title": "T"}}},
    "half a card": {"MsgType": "news", "ArticleCount": 1, "Articles": {"item": {"Title": "T"}}},
}


@pytest.mark.parametrize("changed", WRONG.values(), ids=WRONG)
async def test_a_wrong_answer_is_a_banner_at_once(wechat, site, ada, reply, changed):
    site.answer = reply(**changed)
    done = await ada.say("一")
    assert ada.texts() == [BANNER]
    assert len(done.attempts) == 1
    assert len(wechat.problems) == 1


BODIES = {
    "json": web.json_response({"errcode": 0}),
    "words": web.Response(text="ok"),
    "a line after success": web.Response(text="success\n"),
    "not enciphered": web.Response(text=written({"MsgType": "text", "Content": "x"})),
    "no xml": web.Response(text="<html></html>"),
    "cut": web.Response(body=b"<xml><Content>\xe4\xbd"),
    "entities": web.Response(
        text='<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>'
    ),
    "two roots": web.Response(text="<xml></xml><xml></xml>"),
}


@pytest.mark.parametrize("name", BODIES)
async def test_other_bodies_are_banners_too(wechat, site, ada, name):
    said = BODIES[name]
    site.answer = lambda request, body: web.Response(
        body=said.body, headers={"Content-Type": said.headers["Content-Type"]}
    )
    await ada.say("一")
    assert ada.texts() == [BANNER]


async def test_an_enciphered_answer_must_be_signed_and_of_this_app(wechat, site, ada):
    inner = written({"ToUserName": ada.openid})
    site.answer = sealed(wechat, inner, signature="0" * 40)
    await ada.say("一")
    other = Wechat(Account(aes_key=wechat.account.aes_key, app_id="wxother"))
    site.answer = sealed(other, inner)
    await ada.say("二")
    assert ada.texts() == [BANNER] * 2
    assert "MsgSignature" in wechat.problems[0]
    assert "app id" in wechat.problems[1]


async def test_json_in_the_right_words_has_the_wrong_type(wechat, site, ada, reply):
    body = reply().body
    site.answer = lambda request, _: web.Response(body=body, content_type="application/json")
    await ada.say("一")
    assert ada.texts() == [BANNER]
    assert "Content-Type" in wechat.problems[0]


async def test_silence_is_asked_four_times_with_one_id(wechat, site, ada, read):
    wechat.callbacks.wait = 0.05
    never = asyncio.Event()

    async def silent(request, body):
        await never.wait()

    site.answer = silent
    done = await ada.say("一")
    never.set()
    assert [each.problem for each in done.attempts] == ["no answer in 0.05 s"] * 4
    assert len({read(asked)["MsgId"] for asked in site.asked}) == 1
    assert len({asked[0]["nonce"] for asked in site.asked}) == 4
    assert ada.texts() == [BANNER]


async def test_a_late_answer_is_lost_and_the_repetition_is_shown(wechat, site, ada, reply):
    wechat.callbacks.wait = 0.2
    answers = iter(["late", "in time"])
    gone = asyncio.Event()

    async def slow(request, body):
        words = next(answers)
        if words == "late":
            await gone.wait()
        return reply(words)

    site.answer = slow
    await ada.say("一")
    gone.set()
    assert ada.texts() == ["in time"]
    assert wechat.problems == []


@pytest.mark.parametrize("status", [500, 503, 404, 302])
async def test_what_is_no_200_comes_again(wechat, site, ada, reply, status):
    answers = iter([web.Response(status=status), reply()])
    site.answer = lambda request, body: next(answers)
    done = await ada.say("一")
    assert [each.status for each in done.attempts] == [status, 200]
    assert ada.texts() == ["回答"]


async def test_nobody_there_is_a_banner_and_leaving_never_is(wechat, ada):
    wechat.callbacks.url = "http://127.0.0.1:9"
    done = await ada.say("一")
    assert len(done.attempts) == 4
    assert ada.texts() == [BANNER]
    await ada.unfollow()
    assert ada.texts() == [BANNER]


async def test_events_may_be_answered_with_more_articles(wechat, site, ada, reply):
    item = "<item><Title>T</Title><Description/><PicUrl/><Url>u</Url></item>"
    head = f"<ToUserName>{ada.openid}</ToUserName><CreateTime>1</CreateTime><MsgType>news</MsgType>"
    head += f"<FromUserName>{wechat.account.original_id}</FromUserName>"
    xml = f"<xml>{head}<ArticleCount>2</ArticleCount><Articles>{item * 2}</Articles></xml>"
    site.answer = sealed(wechat, xml)
    ada.follows = False
    await ada.follow()
    assert len(ada.seen()[0].articles) == 2
    await ada.say("一")
    assert ada.texts()[1] == BANNER


async def test_copies_come_at_once_and_are_shown_once(wechat, site, ada, read, reply):
    wechat.callbacks.copies = 3
    both = asyncio.Barrier(3)

    async def together(request, body):
        await both.wait()
        return reply()

    site.answer = together
    await ada.say("一")
    assert len({read(asked)["MsgId"] for asked in site.asked}) == 1
    assert len(site.asked) == 3
    assert ada.texts() == ["回答"]


async def test_what_is_held_back_can_be_shuffled_doubled_and_lost(wechat, site, ada, read):
    with wechat.callbacks.holding() as held:
        ada.say("一")
        ada.say("二")
        ada.say("三")
    assert site.asked == []
    for each in (held[2], held[0], held[0]):
        await wechat.callbacks.deliver(each)
    assert [read(asked)["Content"] for asked in site.asked] == ["三", "一", "一"]


async def test_anything_can_be_posted_with_any_query(wechat, site, ada):
    site.answer = web.Response(status=403)
    attempt = await wechat.callbacks.raw(b"\x00" * 1000, {"signature": "x"})
    assert (attempt.status, attempt.problem) == (403, "HTTP 403")
    wechat.callbacks.skew = -3600.0
    await ada.say("一")
    late, now = int(site.asked[-1][0]["timestamp"]), wechat.clock.wall()
    assert abs(now - 3600 - late) < 60


async def test_public_addresses_are_reached_here(wechat, site, ada):
    wechat.callbacks.url = "https://bot.example/wechat?x=1"
    wechat.callbacks.reach = {"https://bot.example": site.url.removesuffix("/wechat")}
    hosts = []
    site.answer = lambda request, _: hosts.append(request.host) or "success"
    await ada.say("一")
    await until(lambda: site.asked)
    assert site.asked[0][0]["x"] == "1"
    await wechat.callbacks.verify()
    async with ada.browser() as browser:
        await browser.get("https://bot.example/page")
    assert hosts == ["bot.example"] * 3, "a bot answers for no other"
