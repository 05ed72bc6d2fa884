"""The account's own menu."""

import pytest

CLICK = {"type": "click", "name": "开始", "key": "go"}
VIEW = {"type": "view", "name": "网页", "url": "https://bot.example/x"}


def below(*buttons):
    return {"name": "更多", "sub_button": list(buttons)}


MENUS = {
    "one": (0, [CLICK]),
    "full": (0, [below(*[CLICK] * 5)] * 3),
    "none": (40016, []),
    "four": (40016, [CLICK] * 4),
    "six below": (40023, [below(*[CLICK] * 6)]),
    "three levels": (40022, [below(below(CLICK))]),
    "long name": (40018, [CLICK | {"name": "一二三四五六"}]),
    "no name": (40018, [CLICK | {"name": ""}]),
    "long name below": (40025, [below(CLICK | {"name": "名" * 21})]),
    "16 letters below": (0, [below(CLICK | {"name": "Sixteen letters."})]),
    "long key": (40019, [CLICK | {"key": "k" * 129}]),
    "no key below": (40026, [below({"type": "click", "name": "x"})]),
    "long address": (40020, [VIEW | {"url": "https://" + "u" * 1017}]),
    "no address below": (40027, [below({"type": "view", "name": "x", "key": "https://u"})]),
    "another scheme": (40055, [VIEW | {"url": "bot.example"}]),
    "another scheme below": (40054, [below(VIEW | {"url": "tel:1"})]),
    "unknown type": (40017, [CLICK | {"type": "press"}]),
    "no type below": (40024, [below({"name": "x"})]),
    "a permanent medium": (40007, [{"type": "media_id", "name": "x", "media_id": "m"}]),
    "no button": (47001, ["x"]),
}


@pytest.mark.parametrize("name", MENUS)
async def test_what_a_menu_must_be_like(wechat, bot, name):
    code, buttons = MENUS[name]
    assert (await bot.post("menu/create", {"button": buttons}))["errcode"] == code
    assert (wechat.menu.buttons is None) == (code != 0)
    assert len(wechat.problems) == (code != 0)


async def test_a_menu_is_made_read_and_taken_away(wechat, bot, ada):
    assert (await bot.get("menu/get"))["errcode"] == 46003
    await bot.post("menu/create", {"button": [CLICK, below(VIEW)]})
    shown = [
        CLICK | {"sub_button": []},
        {"name": "更多", "sub_button": [VIEW | {"sub_button": []}]},
    ]
    assert await bot.get("menu/get") == {"menu": {"button": shown}}
    clicked, viewed = await ada.click("开始"), await ada.click("网页")
    assert (clicked.event, clicked.fields["EventKey"]) == ("CLICK", "go")
    assert (viewed.event, viewed.fields["EventKey"]) == ("VIEW", VIEW["url"])
    with pytest.raises(LookupError):
        ada.click("更多")
    assert (await bot.get("menu/delete"))["errcode"] == 0
    with pytest.raises(LookupError):
        ada.click("开始")
    assert wechat.problems == []


async def test_names_that_a_phone_cuts_are_noted(wechat, bot):
    buttons = [
        CLICK | {"name": "我的数字写真"[:5]},
        below(CLICK | {"name": "再来一组更像我的写真"}),
    ]
    assert (await bot.post("menu/create", {"button": buttons}))["errcode"] == 0
    assert wechat.menu.shown() == {"我的数字…": [], "更多": ["再来一组更像我的…"]}
    assert len(wechat.problems) == 2
