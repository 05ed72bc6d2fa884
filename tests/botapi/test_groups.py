"""Groups: what the bot hears there, and what it may do."""

from tests.botapi import Chat, Group


async def test_a_bot_with_privacy_hears_what_is_meant_for_it(api, bot):
    group = Group(api, hears_all=False)
    member = group.member(1)
    heard = [member.say(text) for text in ("hello", "/x", "/x@EiderTestBot", "/x@other")]
    assert [bool(each) for each in heard] == [False, True, True, False]
    member.answer("yes", to=5)
    group.hears_all = True
    member.say("hello")
    texts = [each["message"]["text"] for each in await bot.updates()]
    assert texts == ["/x", "/x@EiderTestBot", "yes", "hello"]


async def test_a_group_brings_the_bot_and_throws_it_out(api, bot):
    group = Group(api)
    group.brings(by := group.member(1))
    group.throws_out(by)
    added, service, removed = await bot.updates()
    assert added["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert service["message"]["new_chat_members"] == [api.me]
    assert removed["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert group.member(1).in_private().chat.type == "private"


async def test_in_a_group_only_an_administrator_deletes_others_words(api, bot):
    group = Group(api)
    group.member(1).say("hello")
    (theirs,) = group.chat.said
    at = {"chat_id": group.chat.id, "message_id": theirs}
    assert "can't be deleted" in await bot.refused("deleteMessage", **at)
    group.chat.standing = "administrator"
    assert await bot.call("deleteMessage", **at)


async def test_a_group_is_left_thrown_out_of_and_grows(api, bot):
    group = Group(api, -100, type="group")
    by = group.member(1)
    said = {"chat_id": -100, "text": "x"}
    group.throws_out(by)
    assert "kicked from the group" in await bot.refused("sendMessage", **said)
    group.brings(by)
    assert await bot.call("sendMessage", **said)
    new = group.grows(by)
    answer = await bot.answer("sendMessage", **said)
    assert answer["parameters"] == {"migrate_to_chat_id": new.id}
    assert await bot.call("leaveChat", chat_id=new.id)
    assert api.left == {new.id}
    said["chat_id"] = new.id
    assert "not a member of the supergroup" in await bot.refused("sendMessage", **said)


async def test_a_chat_may_be_named_by_its_username(api, bot):
    chat = api.chats[-100] = Chat(-100, "supergroup", username="friends")
    sent = await bot.call("sendMessage", chat_id="@friends", text="x")
    assert sent["chat"] == chat.described()
    assert api.problems == []
