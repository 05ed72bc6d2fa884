"""The demo's customer in WeChat, before a shop that says what the test has it say."""

import asyncio

import pytest
from aiohttp import ClientSession, web

from bot.demo import wechat_chat, wechat_phone
from bot.demo.customer_chat import PAY, Choice, Failed, NotOffered
from bot.demo.environment import APART, demo_env, fresh_folder
from bot.demo.wechat_chat import offered_in, open_wechat_chat, words_in
from bot.demo.wechat_doubles import NoDoubles, open_doubles
from bot.demo.wechat_phone import OPENID
from tests.wechatapi import Wechat, serving
from tests.wechatapi.conftest import Bot, hosted, jpeg
from tests.wechatapi.control import Control

WORDS = words_in("zh_CN")
MORE, STYLES = (Choice("", (WORDS(f"portraits-button-{one}"),)) for one in ("more", "styles"))
SET = f"一套写真。\n\n1 {MORE.labels[0]}\n2 {STYLES.labels[0]}"


@pytest.fixture
async def wechat():
    wechat = Wechat()
    async with serving(wechat, more=Control(wechat).routes()):
        yield wechat


@pytest.fixture
async def bot(wechat):
    async with ClientSession() as session:
        bot = Bot(session, wechat)
        await bot.fetch_token()
        yield bot


async def hear(request: web.Request) -> web.Response:
    """A shop that says nothing in its responses."""
    return web.Response(text=request.query.get("echostr", "success"))


@pytest.fixture
async def chat(wechat, monkeypatch):
    monkeypatch.setattr(wechat_chat, "READING_SECONDS", 0.0)
    monkeypatch.setattr(wechat_chat, "WORDS_SECONDS", 5.0)
    for module in (wechat_chat, wechat_phone):
        monkeypatch.setattr(module, "PAUSE", 0.02)
    async with hosted(hear) as url, open_wechat_chat(wechat.url, "", "zh_CN") as chat:
        wechat.callbacks.url = url
        await chat.open()
        yield chat


@pytest.fixture
def person(wechat, chat):
    return wechat.people[OPENID]


async def show(wechat, bot, person, text, pictures=0):
    """A set as WeChat delivers it; paid for, so that there is room."""
    wechat.paid(OPENID)
    for number in range(pictures):
        uploaded = await bot.upload(jpeg(shade=number))
        assert await bot.send(person, "image", media_id=uploaded["media_id"]) == 0
    assert await bot.say(person, text) == 0


def test_the_choices_of_a_message_are_its_last_lines_whose_numbers_rise():
    text = "20 张照片\n1 张不行\n\n1 黑白肖像 — 去掉颜色。\n2 经典棚拍 — 灰背景。\n\n3 返回"
    assert offered_in(text) == {"黑白肖像": "1", "经典棚拍": "2", "返回": "3"}
    assert offered_in("20 张照片\n\n4 更像我\n7 换风格") == {"更像我": "4", "换风格": "7"}
    assert offered_in("收到 20 张，都能用。") == {}


async def test_a_number_is_typed_while_the_newest_message_offers_it_and_then_the_words(
    wechat, bot, chat, person
):
    await show(wechat, bot, person, SET)
    offer = await chat.look_for(STYLES)
    assert offer.shown == "2 · 换风格"
    await chat.take(offer)
    assert person.transcript[-1].text == "2"
    await show(wechat, bot, person, "删好了。\n\n1 换风格")
    offer = await chat.look_for(MORE)
    taking = asyncio.create_task(chat.take(offer))
    async with asyncio.timeout(5):
        while person.transcript[-1].text != "更像我":
            await asyncio.sleep(0.01)
    assert offer.shown == "更像我"
    await show(wechat, bot, person, "再拍一组要 8 点。\n\n1 更像我 · 8 点")
    await taking
    assert person.transcript[-1].text == "1"


async def test_what_was_asked_is_answered_before_anything_is_chosen(wechat, bot, chat, person):
    """The same words are on offer already, and mean something else there."""
    await show(wechat, bot, person, SET)
    await chat.say("换个说法")
    choosing = asyncio.create_task(chat.look_for(STYLES))
    await show(wechat, bot, person, "1 换风格")
    assert (await choosing).shown == "1 · 换风格"


async def test_what_is_not_offered_is_told_with_what_was(wechat, bot, chat, person, monkeypatch):
    monkeypatch.setattr(wechat_chat, "WORDS_SECONDS", 0.1)
    await show(wechat, bot, person, SET)
    with pytest.raises(NotOffered, match="一套写真"):
        await chat.look_for(PAY)


async def test_a_set_is_the_pictures_before_its_words(wechat, bot, chat, person):
    await show(wechat, bot, person, "样片", pictures=2)
    since = len(person.transcript)
    await show(wechat, bot, person, SET, pictures=4)
    came = await chat.portraits_since(since, 5)
    assert [data for data, _ in came.pictures] == [jpeg(shade=number) for number in range(4)]
    assert MORE.is_among(came.offers)


@pytest.mark.parametrize(
    "apology",
    [
        WORDS("news-avatar-failed", amount="¥9.90"),
        WORDS("news-shoot-failed", style="黑白", credits=8) + "\n\n1 再试一次\n2 挑风格",
    ],
)
async def test_an_apology_ends_the_wait_for_portraits(wechat, bot, chat, person, apology):
    await show(wechat, bot, person, apology)
    with pytest.raises(Failed, match="对不起"):
        await chat.portraits_since(0, 5)


async def test_what_the_platform_refused_is_told(wechat, bot, chat, person):
    costs = await chat.costs()
    assert (costs.sent, costs.passive, costs.refused, costs.problems) == (0, 0, 0, ())
    assert [await bot.say(person) for _ in range(4)] == [0, 0, 0, 45047]
    costs = await chat.costs()
    assert (costs.sent, costs.refused) == (3, 1)
    assert "45047" in costs.problems[0]


async def test_without_the_doubles_it_says_what_is_missing(tmp_path):
    with pytest.raises(NoDoubles, match=r"tests/wechatapi.*whole checkout"):
        async with open_doubles({}, tmp_path, "http://127.0.0.1:1", root=tmp_path):
            pytest.fail("it opened")


def test_label_keys_lie_where_no_worker_reads(tmp_path):
    """The data of a demo that sells; another demo that runs there is not disturbed."""
    env = demo_env({}, fresh_folder(tmp_path / "demo"), 8080, APART)
    assert env["EIDER_DATA"] == str(tmp_path / "demo" / "data")
    assert env["EIDER_LABEL_KEYS"] == str(tmp_path / "demo" / "labels")
