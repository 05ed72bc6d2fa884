"""What can go wrong between a bot and WeChat."""

import asyncio

import aiohttp
import pytest

from tests.wechatapi.conftest import jpeg


async def test_refusals_by_order_have_no_effect_and_are_nobodys_fault(wechat, bot, ada):
    await ada.say("一")
    wechat.fail("message/custom/send", times=2)
    wechat.fail("message/custom/send", 45047)
    assert [await bot.say(ada) for _ in range(4)] == [-1, -1, 45047, 0]
    assert ada.texts() == ["你好"]
    assert wechat.problems == []
    assert wechat.refusals == [("message/custom/send", code) for code in (-1, -1, 45047)]
    assert [call.code for call in wechat.made("message/custom/send", well=False)] == [
        -1,
        -1,
        45047,
        0,
    ]
    assert len(wechat.made("message/custom/send")) == 1


async def test_any_path_may_fail_next(wechat, bot):
    wechat.fail("")
    assert (await bot.get("menu/get"))["errcode"] == -1
    assert (await bot.get("menu/get"))["errcode"] == 46003


async def test_an_answer_is_lost_with_its_effect_a_connection_without(wechat, bot, ada):
    await ada.say("一")
    wechat.lose_answer("message/custom/send")
    with pytest.raises(aiohttp.ClientError):
        await bot.say(ada, "lost")
    wechat.drop("message/custom/send")
    with pytest.raises(aiohttp.ClientError):
        await bot.say(ada, "dropped")
    assert ada.texts() == ["lost"]


async def test_it_is_slow_held_up_and_down(wechat, bot, ada):
    await ada.say("一")
    wechat.delays["message/custom/send"] = 0.01
    wechat.gates["message/custom/send"] = asyncio.Event()
    task = asyncio.create_task(bot.say(ada))
    await asyncio.sleep(0.05)
    assert not task.done()
    wechat.gates["message/custom/send"].set()
    assert await task == 0
    wechat.down = True
    with pytest.raises(aiohttp.ClientError):
        await bot.say(ada)


async def test_tokens_end_in_mid_flight(wechat, bot, ada):
    await ada.say("一")
    wechat.gates["message/custom/send"] = asyncio.Event()
    task = asyncio.create_task(bot.say(ada))
    await asyncio.sleep(0.05)
    wechat.tokens.revoke()
    wechat.gates["message/custom/send"].set()
    assert await task == 40001
    assert wechat.problems == []
    await bot.fetch_token()
    assert await bot.say(ada) == 0


async def test_a_conversation_can_be_read(wechat, site, bot, ada):
    await ada.send_photo(jpeg())
    await ada.say("一")
    await bot.say(ada, "二")
    assert ada.read() == f"  > [image] {len(jpeg())} bytes\n  > 一\n  custom 二"
    await ada.sees("二")
    with pytest.raises(AssertionError, match="never"):
        await ada.sees("三", seconds=0.01)
