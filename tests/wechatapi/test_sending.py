"""Customer-service messages: what they must be like, and how many there may be."""

import pytest

from tests.wechatapi import Person, Wechat
from tests.wechatapi.conftest import jpeg
from tests.wechatapi.quota import Quota
from tests.wechatapi.records import Refusal


@pytest.fixture
def writes(ada, wechat):
    """She wrote just now, so there is room."""
    wechat.quota.opened(ada.openid, "payment", wechat.clock())
    return ada


async def codes(bot, person, count):
    return [await bot.say(person) for _ in range(count)]


async def test_five_after_a_message_and_anew_after_the_next(wechat, bot, ada):
    await ada.say("一")
    assert await codes(bot, ada, 6) == [0] * 5 + [45047]
    await ada.say("二")
    assert await codes(bot, ada, 6) == [0] * 5 + [45047]
    assert ada.texts() == ["你好"] * 10
    assert wechat.problems == ["message/custom/send: 45047 out of response count limit"] * 2
    assert wechat.quota.refusals == 2


async def test_nothing_before_a_message_and_48_hours_after(wechat, bot, ada):
    assert await bot.say(ada) == 45015
    await ada.say("一")
    await bot.later(hours=47, minutes=59)
    assert await bot.say(ada) == 0
    wechat.clock.forward(minutes=1)
    assert await bot.say(ada) == 45015


@pytest.mark.parametrize("deed", ["click", "follow", "scan", "follow by a scan"])
async def test_three_in_a_minute_after_a_click_a_follow_and_a_scan(wechat, bot, ada, deed):
    await bot.post("menu/create", {"button": [{"type": "click", "name": "开始", "key": "go"}]})
    scene = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}}
    ticket = (await bot.post("qrcode/create", scene))["ticket"]
    ada.follows = "follow" not in deed
    deeds = {"click": lambda: ada.click("开始"), "follow": ada.follow}
    await deeds.get(deed, lambda: ada.scan(ticket))()
    assert await codes(bot, ada, 4) == [0] * 3 + [45047]
    await ada.click("开始")
    wechat.clock.forward(seconds=59)
    assert await bot.say(ada) == 0
    wechat.clock.forward(seconds=1)
    assert await bot.say(ada) == 45015


async def test_any_number_for_48_hours_after_a_payment(wechat, bot, ada):
    wechat.paid(ada.openid)
    assert await codes(bot, ada, 30) == [0] * 30
    await bot.later(hours=48)
    assert await bot.say(ada) == 45015
    assert wechat.quota.left(ada.openid, wechat.clock()) == {}


async def test_a_line_of_a_message_menu_is_a_click_and_a_page_of_the_menu_is_nothing(
    wechat, bot, ada
):
    await ada.say("一")
    items = [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}]
    assert await bot.send(ada, "msgmenu", head_content="?", list=items, tail_content="!") == 0
    await bot.later(hours=48)
    await ada.pick("101")
    assert await codes(bot, ada, 4) == [0] * 3 + [45047]
    page = {"type": "view", "name": "网页", "url": "https://bot.example/"}
    await bot.post("menu/create", {"button": [page]})
    wechat.clock.forward(minutes=1)
    await ada.click("网页")
    assert await bot.say(ada) == 45015


def open_after(strict):
    quota = Quota(strict)
    quota.opened("o", "message", 0.0)
    quota.opened("o", "click", 0.0)
    sent = 0
    while True:
        try:
            quota.take("o", 1.0)
        except Refusal:
            return sent
        sent += 1


def test_two_open_allowances_are_counted_strictly_or_apart():
    assert open_after(strict=True) == 5
    assert open_after(strict=False) == 8


async def test_who_left_never_came_or_is_not_known(wechat, bot, ada):
    await ada.say("一")
    await ada.unfollow()
    assert await bot.say(ada) == 45015
    assert await bot.say(Person(wechat)) == 43004
    assert wechat.problems == []
    body = {"touser": "nobody", "msgtype": "text", "text": {"content": "x"}}
    assert (await bot.post("message/custom/send", body))["errcode"] == 40003
    assert len(wechat.problems) == 1


MESSAGES = {
    "no text": (44004, "text", {}),
    "empty": (44004, "text", {"content": ""}),
    "not a text": (44004, "text", {"content": 5}),
    "2,049 bytes": (45002, "text", {"content": "啊" * 683}),
    "2,048 bytes": (0, "text", {"content": "啊" * 682 + "ab"}),
    "unknown type": (40008, "file", {"media_id": "x"}),
    "no such picture": (40007, "image", {"media_id": "x"}),
    "no picture": (40007, "image", {}),
    "no card": (40035, "news", {"articles": []}),
    "two cards": (45008, "news", {"articles": [{"title": "T", "url": "https://u"}] * 2}),
    "a card that opens nothing": (40035, "news", {"articles": [{"title": "T"}]}),
    "another scheme": (40066, "news", {"articles": [{"title": "T", "url": "javascript:1"}]}),
    "long title": (45003, "news", {"articles": [{"title": "T" * 65, "url": "https://u"}]}),
    "a card": (0, "news", {"articles": [{"title": "T", "url": "https://u"}]}),
    "no address": (40035, "music", {"thumb_media_id": "x"}),
    "an empty menu": (40035, "msgmenu", {"list": []}),
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_what_a_message_must_be_like(wechat, bot, writes, name):
    code, kind, inner = MESSAGES[name]
    assert await bot.send(writes, kind, **inner) == code
    assert len(wechat.problems) == (code != 0)
    assert len(writes.seen()) == (code == 0)


async def test_a_refused_message_costs_nothing(wechat, bot, ada):
    await ada.say("一")
    for _ in range(5):
        assert await bot.say(ada, "") == 44004
    assert await codes(bot, ada, 6) == [0] * 5 + [45047]


async def test_pictures_are_of_their_kind(wechat, bot, writes):
    picture = (await bot.upload(jpeg()))["media_id"]
    assert await bot.send(writes, "image", media_id=picture) == 0
    assert await bot.send(writes, "voice", media_id=picture) == 40007
    assert writes.pictures() == [jpeg()]
    await bot.later(days=3)
    wechat.paid(writes.openid)
    assert await bot.send(writes, "image", media_id=picture) == 40007


async def test_escapes_are_read_as_they_are(wechat, bot, writes):
    body = b'{"touser": "%s", "msgtype": "text", "text": {"content": "%s"}}'
    content = rb"\u4f60\n\\u \"" + "好".encode()
    await bot.post("message/custom/send", body % (writes.openid.encode(), content))
    assert writes.texts() == [r"\u4f60" + "\n" + r'\u "好']
    assert wechat.problems == ["message/custom/send: \\u escapes, which people see as they are"]


async def test_typing_needs_a_window_and_costs_nothing(bot, ada):
    body = {"touser": ada.openid, "command": "Typing"}
    assert (await bot.post("message/custom/typing", body))["errcode"] == 45015
    await ada.say("一")
    assert (await bot.post("message/custom/typing", body))["errcode"] == 0
    body["command"] = "Dancing"
    assert (await bot.post("message/custom/typing", body))["errcode"] == 40035
    assert await codes(bot, ada, 5) == [0] * 5


@pytest.fixture
def template(wechat, ada):
    wechat.templates["t1"] = ("thing1", "time2")
    data = {"thing1": {"value": "写真"}, "time2": {"value": "2026年11月27日"}}
    return {"touser": ada.openid, "template_id": "t1", "url": "https://u", "data": data}


async def test_a_template_needs_no_window_and_its_end_is_told(wechat, bot, ada, site, template):
    said = await bot.post("message/template/send", template)
    assert said["errcode"] == 0
    assert ada.texts() == ["thing1: 写真\ntime2: 2026年11月27日\nhttps://u"]
    (told,) = wechat.callbacks.sent
    await told
    assert told.event == "TEMPLATESENDJOBFINISH"
    assert (told.fields["MsgID"], told.fields["Status"]) == (said["msgid"], "success")


async def test_what_a_template_must_be_like(wechat, bot, ada, template):
    async def code(**changed):
        return (await bot.post("message/template/send", template | changed))["errcode"]

    assert await code(template_id="t2") == 40037
    assert await code(touser="x") == 40003
    assert await code(url="x") == 40066
    assert await code(data={"thing1": {"value": "写真"}}) == 47003
    assert await code(data=template["data"] | {"thing1": {"value": "写" * 21}}) == 47003
    wechat.limits["message/template/send"] = 6
    assert await code() == 0
    assert await code() == 45009
    wechat.limits.clear()
    await ada.unfollow()
    assert await code() == 43004


def test_strictness_is_chosen():
    assert Wechat().quota.strict
    assert not Wechat(strict=False).quota.strict
