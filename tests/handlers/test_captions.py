"""What stands below a photo is part of it: done after the photo where it asks for something that
counts there, passed over otherwise. No caption loses a photo."""

import random

import pytest

from handlers.chat import Reply, Reserve, SentPhoto
from handlers.intents import WORDS
from handlers.texts import every
from shop.records import Consent, Order, Photo, PhotoState
from tests.doubles import photo as jpeg
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.test_alive import TO_RELATION
from tests.handlers.test_journey import TO_PHOTOS

PHRASES = sorted({one for say in every() for key in WORDS for one in say(key).split("|")})


async def send(
    harness: DialogueHarness,
    guest: Guest,
    number: int,
    caption: str,
    album: str = "",
    event: str = "",
) -> list[Reply]:
    async def read(_: Reserve) -> bytes:
        return jpeg(number)

    guest.lines.append(f"+ photo {number}: {caption}")
    return await harness.send(guest, SentPhoto(read, album, str(number), caption), event)


async def stored(harness: DialogueHarness) -> list[Photo]:
    async with harness.database.begin() as tx:
        return await tx.find(Photo, order="created_at")


@pytest.mark.parametrize("seed", range(4))
async def test_no_caption_loses_a_photo_or_is_not_understood(harness, seed: int) -> None:
    """Phrases of every intent and language, commands and noise; each sent twice, as if the first
    answer had been lost."""
    chance = random.Random(seed)
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS)
    captions = [*chance.sample(PHRASES, 8), "me in Lisbon", "/nonsense", "3", "/erase"]
    for number, caption in enumerate(captions):
        for _ in range(2):
            await send(harness, guest, number, caption, "a", f"e{seed}-{number}")
            assert "didn’t understand" not in guest.text
        if not await stored(harness):  # it was a word for "cancel": the order, with all, is gone
            return
        assert len(await stored(harness)) == number + 1, caption


async def test_whoever_says_there_that_they_are_a_minor_is_heard(harness) -> None:
    """Also where no photo is taken yet, and below one's own that is to come alive; below another's
    it may be said of them."""
    for relation, heard in (("It’s me", True), ("Somebody living, who agreed", False)):
        other = harness.guest(relation[:2])
        await harness.play(other, TO_RELATION + f"[{relation}]")
        await send(harness, other, 1, "I'm 17")
        assert ("adults only" in other.text) is heard
    new = harness.guest("new")
    await send(harness, new, 1, "I'm 17")
    assert "I make portraits and clips of adults only" in new.text
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS)
    await send(harness, guest, 1, "I'm 17 btw")
    assert "I make portraits and clips of adults only" in guest.text
    await harness.play(guest, "* the photos are checked")
    (photo,) = await stored(harness)
    assert photo.state is PhotoState.HELD


async def test_these_are_all_counts_for_the_whole_album(harness) -> None:
    """The caption comes with the first of an album: the bill comes once all are checked."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS)
    for number in range(20):
        await send(harness, guest, number, "that's all" if number == 0 else "", "album")
    async with harness.database.begin() as tx:
        (order,) = await tx.find(Order)
        assert order.complete
    await harness.play(guest, "* the photos are checked\n< Are these all you? 20 photos")


async def test_another_album_is_not_ended_by_it(harness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS)
    await send(harness, guest, 0, "done", "one")
    await send(harness, guest, 1, "", "two")
    async with harness.database.begin() as tx:
        (order,) = await tx.find(Order)
    assert not order.complete


async def test_a_language_and_a_cancel_are_done_after_the_photo(harness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS)
    await send(harness, guest, 0, "Français")
    assert "continuons en français" in guest.text
    assert [one.state for one in await stored(harness)] == [PhotoState.CHECKING]
    await send(harness, guest, 1, "a day in May")
    assert len(await stored(harness)) == 2
    assert len(guest.heard) == 0, "the count was told a moment ago"


async def test_before_the_terms_a_caption_agrees_to_nothing(harness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, "> hello\n[Portraits of me]")
    await send(harness, guest, 0, "yes")
    assert not await stored(harness)
    async with harness.database.begin() as tx:
        assert not await tx.find(Consent)
