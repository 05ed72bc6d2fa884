"""What a stranger sees first: samples with their names, the price, the wait, and no promise that
could not be kept if they said yes at once."""

from datetime import timedelta

import pytest

from bot.preview_sheet import PreviewSheets
from handlers.chat import Show
from handlers.steps.first_sight import read_sheet, samples
from handlers.texts import texts
from shop import feature_flags
from shop.avatars.avatars import TRAIN
from shop.people import users
from shop.people.users import LANGUAGES
from shop.records import (
    Clip,
    ClipId,
    ClipState,
    FeatureFlag,
    Job,
    JobId,
    JobState,
    Subject,
    UserId,
    Worker,
    new_id,
)
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest
from tests.handlers.test_alive import TO_MOTIONS

GIFT = "Your first clip is a gift"
PRICE = "A clip costs 10 credits"


async def flag(harness: DialogueHarness, name: str) -> None:
    async with harness.database.begin() as tx:
        await tx.add(FeatureFlag(name, False, "playground:boss", harness.now))


async def trained(harness: DialogueHarness) -> None:
    """A worker is there, and avatars took ten minutes each."""
    async with harness.database.begin() as tx:
        await tx.add(Worker("w1", (TRAIN.name,), harness.now + timedelta(seconds=30)))
        for number in range(5):
            ended = harness.now - timedelta(minutes=number)
            begun = ended - timedelta(minutes=10)
            await tx.add(
                Job(
                    JobId(new_id()), TRAIN.name, new_id(), UserId(new_id()), JobState.DONE, begun,
                    started_at=begun, ended_at=ended,
                )
            )  # fmt: skip


def shown(guest: Guest) -> Show:
    (first,) = (one for one in guest.heard if isinstance(one, Show))
    return first


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_stranger_sees_samples_price_and_wait_and_one_way_to_begin(harness, language):
    say = texts(language)
    await trained(harness)
    guest = harness.guest("anna", language.replace("_", "-"))
    await harness.play(guest, "> /start\n< 9")
    first = shown(guest)
    assert say("welcome-wait", known="yes", span=say.span(540, 640)) in first.caption
    assert len(first.caption.encode("utf-16-le")) // 2 <= 1024, "one message in Telegram"
    named = {one.names[language] for one in harness.catalog.templates if one.shown_by}
    assert len(first.pictures) == 4
    assert {one.caption for one in first.pictures} <= named
    assert first.buttons[0][0].label == say("welcome-button-begin")
    assert first.buttons[1][0].label == say("alive-button")
    sheet = await PreviewSheets(harness.labelling.signer).as_shown(first)
    assert isinstance(sheet, Show)
    assert read_sheet(sheet.pictures[0].id) == (language, Subject.PERSON)


async def test_no_wait_is_promised_without_a_worker_or_a_measurement(harness):
    guest = harness.guest("anna")
    await harness.play(guest, "> /start\n< No machine is at work right now")
    async with harness.database.begin() as tx:
        await tx.add(Worker("w1", (TRAIN.name,), harness.now + timedelta(seconds=30)))
    await harness.play(guest, "> /start\n< I can’t say yet how long it takes\n! likely")


async def test_the_gift_is_promised_to_those_alone_who_can_have_it(harness):
    guest = harness.guest("anna")
    await harness.play(guest, f"> /start\n< {GIFT}")
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, guest)
        await users.lock(tx, user.id)
        id, state = ClipId(new_id()), ClipState.ERASED
        await tx.add(Clip(id, user.id, state, None, harness.now, harness.now, gift=True))
    await harness.play(guest, f"> /start\n! gift\n< {PRICE}")
    await flag(harness, feature_flags.SALES)
    ben = harness.guest("ben")
    await harness.play(ben, "> /start\n! gift\n! comes alive\n! ¥\n< I’m not taking new orders")
    await harness.play(guest, f"> /start\n< {PRICE}")


async def test_the_menu_of_motions_promises_no_gift_while_nothing_is_sold(harness):
    await flag(harness, feature_flags.SALES)
    guest = harness.guest("anna")
    await harness.play(guest, "> /start\n" + TO_MOTIONS)
    assert "gift" not in guest.text
    await harness.play(guest, "> continue\n! gift\n< I’m not bringing pictures alive at the moment")


async def test_clips_that_are_off_are_not_spoken_of(harness):
    await flag(harness, feature_flags.CLIPS)
    await harness.play(harness.guest("anna"), "> /start\n< ¥9.90\n! comes alive\n! gift")


@pytest.mark.parametrize("subject", Subject)
async def test_samples_are_of_people_like_the_customer(harness, subject):
    found = await samples(harness.catalog, harness.deps.previews, "mini", subject, "en")
    by = [harness.catalog.template(one.id.partition(":")[2]).shown_by for one in found]
    like = {Subject.WOMAN, Subject.MAN} if subject is Subject.PERSON else {subject}
    assert set(by) == like
    assert len(by) == 4
