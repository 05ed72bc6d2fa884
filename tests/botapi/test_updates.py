"""The bot asks what happened."""

import asyncio

from tests.botapi import until


async def test_what_is_confirmed_does_not_come_again(api, bot, customer):
    ids = [customer.say(f"word {n}") for n in range(5)]
    found = await bot.call("getUpdates", limit=2)
    assert [each["update_id"] for each in found] == ids[:2]
    found = await bot.call("getUpdates", offset=ids[2])
    assert [each["update_id"] for each in found] == ids[2:]
    assert api.confirmed == ids[:2]
    found = await bot.call("getUpdates", offset=-1)
    assert [each["update_id"] for each in found] == ids[-1:]
    assert api.confirmed == ids[:4]


async def test_a_long_poll_ends_when_something_happens(api, bot, customer):
    poll = asyncio.create_task(bot.call("getUpdates", timeout=3600))
    await until(lambda: api.made("getUpdates"))
    update = customer.say("hello")
    assert [each["update_id"] for each in await poll] == [update]
    await bot.call("getUpdates", offset=update + 1)
    assert await bot.call("getUpdates", timeout=0) == []


async def test_updates_that_make_no_sense_wait_and_are_confirmed_like_others(api, bot, customer):
    api.inject({"update_id": "first", "message": {"chat": {"id": [1]}}})
    api.inject({"message": "words"})
    update = customer.say("hello")
    assert len(await bot.call("getUpdates")) == 3
    await bot.call("getUpdates", offset=update + 1)
    assert api.pending == []


async def test_of_two_pollers_the_older_is_told_to_stop(api, bot):
    older = asyncio.create_task(bot.answer("getUpdates", timeout=5))
    await until(lambda: api.made("getUpdates"))
    assert await bot.call("getUpdates") == []
    said = await older
    assert said["error_code"] == 409
    assert said["description"].startswith("Conflict: terminated by other getUpdates request")


async def test_only_what_was_asked_for_is_kept_from_then_on(api, bot, customer):
    customer.edit("before")
    await bot.call("getUpdates", allowed_updates=["message"])
    customer.edit("after")
    customer.say("hello")
    kinds = [set(each) - {"update_id"} for each in await bot.updates()]
    assert kinds == [{"edited_message"}, {"message"}]
    await bot.call("getUpdates", allowed_updates=[])
    customer.edit("again")
    member = {"user": customer.user, "status": "member"}
    api.push(
        chat_member={
            "chat": customer.chat.described(),
            "from": customer.user,
            "date": 1,
            "old_chat_member": member,
            "new_chat_member": member,
        }
    )
    kinds = [set(each) - {"update_id"} for each in await bot.updates()]
    assert kinds == [{"edited_message"}]
    assert api.problems == []
    await bot.call("getUpdates", allowed_updates=["mesage"])
    assert api.problems == ["getUpdates: 'mesage' is no kind of update"]
