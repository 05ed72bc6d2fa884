"""Groups: a few commands, no user is created, and a portrait only for its owner who asks."""

import pytest
from structlog.testing import capture_logs

from handlers import groups
from handlers.chat import Incoming, Person, Pressed, Reply, Reserve, Said, Say, SentPhoto, Show
from shop.avatars import portraits
from shop.errors import Unavailable
from shop.people import users
from shop.records import Portrait, ProcessedEvent, User
from tests.channels import PLAYGROUND
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_journey import TO_PHOTOS, TO_STUDIO

GROUP = "-100123"


async def asks(harness: DialogueHarness, who: str, text: str, language: str = "en") -> list[Reply]:
    harness.events += 1
    person = Person(PLAYGROUND, who, language)
    event = f"playground:group{harness.events}"
    return await harness.dispatcher.handle(Incoming(event, person, harness.now, Said(text), GROUP))


async def people(harness: DialogueHarness) -> int:
    async with harness.database.begin() as tx:
        return await tx.count(User)


@pytest.fixture
async def anna(harness: DialogueHarness) -> Guest:
    anna = harness.guest("anna")
    return await harness.play(anna, TO_STUDIO)


@pytest.mark.parametrize("text", ["/start", "/help", "/portrait", "/portrait 3", "/START x"])
async def test_a_stranger_learns_what_this_is_and_stays_a_stranger(
    harness: DialogueHarness, text: str
) -> None:
    (said,) = await asks(harness, "zoe", text, "fr")
    assert isinstance(said, Say)
    assert "studio photo" in said.text
    assert [(one.start, one.action) for one in buttons(said)] == [(groups.START_PAYLOAD, "")]
    assert await people(harness) == 0
    assert await harness.sessions.load("playground", "zoe") is None
    async with harness.database.begin() as tx:
        assert await tx.count(ProcessedEvent) == 0


@pytest.mark.parametrize(
    "text", ["hello", "/erase", "/stats", "/styles", "portrait", "/", "", "yes"]
)
async def test_anything_else_is_no_business_of_ours(
    harness: DialogueHarness, anna: Guest, text: str
) -> None:
    assert await asks(harness, "anna", text) == []


async def test_no_button_and_no_photo_counts_there(harness: DialogueHarness, anna: Guest) -> None:
    async def read(_: Reserve) -> bytes:
        raise AssertionError("a photo in a group was read")

    person = Person(PLAYGROUND, "anna")
    for content in (Pressed("erase:yes"), SentPhoto(read)):
        assert (
            await harness.dispatcher.handle(Incoming("x:1", person, harness.now, content, GROUP))
            == []
        )


async def test_ones_own_newest_portrait_and_older_ones_by_number(
    harness: DialogueHarness, anna: Guest
) -> None:
    await harness.play(anna, "[More like me]\n* the portraits are painted")
    async with harness.database.begin() as tx:
        user = await users.find(tx, PLAYGROUND, "anna")
        assert user is not None
        first, second = reversed(await portraits.recent_shoots(tx, user))
        sets = [
            one.id
            for shoot in (second, first)
            for one in await portraits.pictures_of_shoot(tx, shoot)
        ]
    for number, expected in [("", 0), ("1", 0), ("2", 1), (" 5", 4), ("8", 7), ("x", 0), ("-1", 0)]:
        (shown,) = await asks(harness, "anna", f"/portrait {number}")
        assert isinstance(shown, Show)
        assert [one.id for one in shown.pictures] == [sets[expected]], number
        assert shown.caption == "Portrait session · AI-generated"
        assert not shown.buttons
    for number in ("9", "0", "41", "99"):
        (said,) = await asks(harness, "anna", f"/portrait {number}")
        assert isinstance(said, Say), number
        assert "no portrait in that place" in said.text


async def test_it_speaks_the_askers_language(harness: DialogueHarness, anna: Guest) -> None:
    await harness.play(anna, "> 中文")
    (shown,) = await asks(harness, "anna", "/portrait", "en")
    assert isinstance(shown, Show)
    assert shown.caption.endswith("AI 生成")


async def test_somebody_without_portraits_is_shown_the_way(harness: DialogueHarness) -> None:
    await harness.play(harness.guest("ben"), TO_PHOTOS)
    (said,) = await asks(harness, "ben", "/portrait")
    assert "no portrait yet" in said.text  # type: ignore[union-attr]
    assert [one.start for one in buttons(said)] == [groups.START_PAYLOAD]


async def test_erased_and_banned_people_have_nothing_to_post(
    harness: DialogueHarness, anna: Guest
) -> None:
    await harness.play(harness.guest("boss"), "> /ban playground:anna")
    assert "portrait studio inside a chat" in (await asks(harness, "anna", "/portrait"))[0].text  # type: ignore[union-attr]
    await harness.play(harness.guest("boss"), "> /unban playground:anna")
    await harness.play(anna, "> /erase\n[Erase everything]")
    before = await people(harness)
    assert "portrait studio inside a chat" in (await asks(harness, "anna", "/portrait"))[0].text  # type: ignore[union-attr]
    assert await people(harness) == before


async def test_a_portrait_whose_file_has_gone(harness: DialogueHarness, anna: Guest) -> None:
    await harness.blobs.remove("portraits")
    assert "no portrait yet" in (await asks(harness, "anna", "/portrait"))[0].text  # type: ignore[union-attr]


async def test_the_dialogue_is_not_disturbed(harness: DialogueHarness) -> None:
    ben = harness.guest("ben")
    await harness.play(ben, TO_PHOTOS)
    before = await harness.sessions.load("playground", "ben")
    await asks(harness, "ben", "/start")
    assert await harness.sessions.load("playground", "ben") == before
    async with harness.sessions.lock("playground", "ben"):  # no lock of theirs is waited for
        assert await asks(harness, "ben", "/help")


async def test_an_outage_is_raised_and_trouble_says_no_more_than_sorry(
    harness: DialogueHarness, anna: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> list[Portrait]:
        raise failure

    monkeypatch.setattr(portraits, "newest_portraits", broken)
    failure: Exception = Unavailable("away")
    with pytest.raises(Unavailable):
        await asks(harness, "anna", "/portrait")
    failure = RuntimeError("no")
    with capture_logs() as logs:
        (sorry,) = await asks(harness, "anna", "/portrait")
    assert isinstance(sorry, Say)
    assert str(logs[0]["code"]) in sorry.text
    assert not sorry.buttons
