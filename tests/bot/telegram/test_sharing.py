"""Sharing by inline queries: the asker's own, by file ids, and a way in for everybody else."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from telegram import Update

from bot.telegram import TELEGRAM, sharing
from handlers.chat import Picture, Show, ShowClip
from handlers.sharing import Shareable, ShareableInvitation, SharedClip, SharedPortrait
from tests.bot.telegram.journey_steps import photo
from tests.bot.telegram.test_clips import MP4, clip
from tests.botapi import Customer, Group

ME, FRIEND = "4201", "4202"
IDS = [f"{number:032x}" for number in range(3)]
INVITATION = ShareableInvitation(
    "Invite", "you both get 8", "Come!", "Have a look", "r-" + "f" * 32
)
NOBODY = Shareable((), None, "Open this first", "Open Eider")


class Offering:
    """A dispatcher that lets one person share three portraits."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.clips: tuple[SharedClip, ...] = ()

    async def shareable(self, person, query) -> Shareable:
        self.asked.append((person.id, query))
        if person.id != ME:
            return NOBODY
        found = [id for id in IDS if query in ("", id)]
        shared = tuple(SharedPortrait(id, "Noir", "AI-generated", f"p-{id}") for id in found)
        invites = INVITATION if query in ("", "invite") else None
        return Shareable(shared, invites, NOBODY.show_first, NOBODY.open, self.clips)


@pytest.fixture
def dispatcher() -> Offering:
    return Offering()


@pytest.fixture
def answering(api, client, message_ids, dispatcher):
    """Every inline query is answered within the block."""

    async def answer() -> None:
        known = 0
        while True:
            for each in await client.fetch(known + 1, 0.1, kinds=("inline_query",)):
                known = each.id
                assert isinstance(each.update, Update)
                await sharing.answer(client, dispatcher, message_ids, each.update.inline_query)
            await asyncio.sleep(0.01)

    @asynccontextmanager
    async def run():
        task = asyncio.create_task(answer())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return run


@pytest.fixture
async def shown(outbound, customer):
    """The first two portraits stand in the person's own chat."""
    pictures = tuple(Picture(id, photo(n), "image/jpeg") for n, id in enumerate(IDS[:2]))
    await outbound.send(ME, Show(pictures, "Here they are"))
    return [each.file_id for each in customer.chat.shown]


async def test_ones_own_portraits_and_the_invitation(customer, answering, shown, dispatcher):
    async with answering():
        offered = await customer.asks("")
    assert [each["id"] for each in offered.results] == [*IDS[:2], "invite"]
    assert [each.get("photo_file_id") for each in offered.results[:2]] == shown
    assert {each["caption"] for each in offered.results[:2]} == {"AI-generated"}
    assert (offered.personal, offered.cache_time, offered.button) == (True, 0, None)
    assert dispatcher.asked == [(ME, "")]


async def test_a_clip_is_shared_as_the_video_that_it_is(
    api, customer, answering, outbound, dispatcher
):
    friends = Group(api)
    dispatcher.clips = (SharedClip("c" * 32, "Smile", "AI-generated", "c-" + "c" * 32),)
    async with answering():
        before = await customer.asks("")
        await outbound.send(ME, ShowClip(clip("c" * 32), "She smiles"))
        offered = await customer.asks("")
        sent = customer.chooses(offered, "c" * 32, friends.chat)
    assert before.button == {"text": "Open this first", "start_parameter": "c-" + "c" * 32}
    assert [(one["type"], one["title"]) for one in offered.results[:1]] == [("video", "Smile")]
    assert (sent.video, sent.caption) == (MP4, "AI-generated")
    assert len([call for call in api.made("sendVideo") if call.files]) == 1


async def test_the_chosen_one_goes_where_the_person_sends_it(api, customer, answering, shown):
    friends = Group(api)
    async with answering():
        offered = await customer.asks(IDS[1])
        sent = customer.chooses(offered, IDS[1], friends.chat)
    assert [each["id"] for each in offered.results] == [IDS[1]]
    assert sent.photo == customer.chat.shown[1].photo
    assert sent.markup is None
    assert api.made("sendPhoto") == []


async def test_an_invitation_leads_to_the_bot_by_the_persons_link(api, customer, answering):
    friend = Customer(api, int(FRIEND))
    async with answering():
        sent = customer.chooses(await customer.asks("invite"), "invite", friend.chat)
    assert sent.text == "Come!"
    url = sent.buttons()["Have a look"]["url"]
    assert url == f"https://t.me/EiderTestBot?start={INVITATION.start}"
    assert friend.opens(url)


async def test_anothers_portrait_and_strangers_get_a_way_in_alone(api, answering, shown):
    stranger = Customer(api, int(FRIEND))
    async with answering():
        for query in ("", IDS[0], "invite"):
            offered = await stranger.asks(query)
            assert offered.results == []
            assert offered.button == {"text": "Open Eider", "start_parameter": "room"}


async def test_what_telegram_has_not_seen_is_shown_in_our_chat_first(customer, answering, shown):
    async with answering():
        offered = await customer.asks(IDS[2])
    assert offered.results == []
    assert offered.button == {"text": "Open this first", "start_parameter": f"p-{IDS[2]}"}


async def test_files_that_telegram_forgot_cost_nobody_the_answer(
    customer, answering, message_ids, shown
):
    await message_ids.put(TELEGRAM, ME, f"~file:{IDS[0]}", "AgADforgotten")
    async with answering():
        one, everything = await customer.asks(IDS[0]), await customer.asks("")
    assert one.results == []
    assert one.button == {"text": "Open this first", "start_parameter": f"p-{IDS[0]}"}
    assert [each["id"] for each in everything.results] == ["invite"]
    assert everything.button is not None


async def test_after_an_erasure_nothing_is_left_to_send(customer, answering, message_ids, shown):
    await message_ids.drop(TELEGRAM, ME)
    async with answering():
        offered = await customer.asks(IDS[0])
    assert offered.results == []
