"""In company, over the real container: a group, a portrait for a friend, the friend who comes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.container import Container, open_container, open_redis
from handlers import groups
from shop.records import User
from shop.settings import Settings
from tests.bot.telegram.journey_steps import EN, agree, chatting, environment, photo, press, working
from tests.botapi import BotApi, Customer, Group, until


@pytest.fixture
async def container(api: BotApi, tmp_path: Path) -> AsyncIterator[Container]:
    settings = Settings.from_env(environment(api, tmp_path))
    async with open_redis(settings), open_container(settings) as container:
        yield container


async def people(container: Container) -> list[str]:
    async with container.database.begin() as tx:
        return [one.platform_id for one in await tx.find(User, order="created_at")]


async def test_in_a_group_it_speaks_only_when_it_is_asked(api, container):
    group = Group(api)
    anna, ben = group.member(4201), group.member(4202, "fr")
    async with chatting(container):
        group.brings(anna)
        anna.say("hello everybody")
        anna.say("/erase")
        anna.say("/portrait@SomebodyElsesBot")
        last = ben.say("/portrait")
        await until(lambda: group.chat.shown, "an answer")
        await until(lambda: last in api.confirmed)
    (said,) = group.chat.shown
    assert "studio photo" in said.text
    (key,) = said.buttons().values()
    assert key["url"] == f"https://t.me/EiderTestBot?start={groups.START_PAYLOAD}"
    assert group.texts() == [said.text]
    assert api.made("leaveChat") == []
    assert await people(container) == []


async def test_the_button_in_the_group_opens_the_dialogue(api, container):
    member = Group(api).member(4203)
    async with chatting(container):
        member.say("/start")
        await until(lambda: member.chat.shown)
        alone = member.in_private()
        (key,) = member.chat.shown[0].buttons().values()
        alone.opens(key["url"])
        await alone.sees_button(EN("welcome-button-begin"))
    assert await people(container) == ["4203"]


@pytest.mark.slow
async def test_a_portrait_is_shared_and_a_friend_comes_by_the_invitation(api, customer, container):
    group, friend = Group(api), Customer(api, 4202)
    member = group.member(4201)
    async with chatting(container), working(container):
        await agree(customer)
        customer.send_album([photo(n) for n in range(10)])
        customer.send_album([photo(n) for n in range(10, 14)])
        await customer.sees(EN("tally-head", sent=14, accepted=14))
        await press(customer, "photos-button-done")
        await press(customer, "few-button-go")
        await press(customer, "first-button-others")
        await customer.sees_button("Classic studio")
        customer.press("Classic studio")
        style = EN("first-chosen", style="Classic studio")
        await customer.sees(style)
        await until(lambda: _bills(customer) == customer.texts()[-1:], "one bill, below the choice")
        assert "in the style “Classic studio”" in customer.texts()[-1]
        await press(customer, "bill-button-pay")
        await press(customer, "portraits-button-share")
        third = EN("share-button-one", number=3)
        button = (await customer.sees_button(third)).buttons()[third]

        offered = await customer.asks(button["switch_inline_query_chosen_chat"]["query"])
        sent = customer.chooses(offered, 0, friend.chat)
        album = [shown for shown in customer.chat.shown if shown.photo and shown.group]
        assert sent.photo == album[-4:][2].photo
        assert sent.caption == EN("share-caption")

        member.say("/portrait 3")
        await until(lambda: any(shown.photo for shown in group.chat.shown), "the portrait")
        (posted,) = group.chat.shown
        assert posted.caption.endswith("AI-generated")
        assert not posted.buttons()
        assert await friend.asks(offered.results[0]["id"])
        assert (await friend.asks(offered.results[0]["id"])).results == []

        customer.say("/invite")
        await customer.sees(EN("invite", credits=8))
        card = customer.chooses(await customer.asks("invite"), "invite", friend.chat)
        (key,) = card.buttons().values()
        friend.opens(key["url"])
        await friend.sees(EN("invited-taken", credits=8))
        async with container.database.begin() as tx:
            host, guest = await tx.find(User, order="created_at")
        assert guest.invited_by == host.id
        customer.opens(key["url"])
        await customer.sees(EN("invited-own"))


def _bills(customer: Customer) -> list[str]:
    """A bill that is shown anew stands there twice until the older one is gone."""
    return [text for text in customer.texts() if "in the style" in text]
