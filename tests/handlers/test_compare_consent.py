"""The optional consent: may the first portraits be compared with the photos?"""

import pytest

from handlers.chat import Pressed, Say
from handlers.session import State
from shop.avatars import initial_portraits
from shop.avatars.delivery import deliver_training
from shop.avatars.portraits import PAINT
from shop.people import consent, users
from shop.people.users import LANGUAGES
from shop.records import Avatar, AvatarState, ConsentKind, Job
from tests.handlers.dialogue_harness import DialogueHarness, catalog
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO
from tests.handlers.test_router import where

ASKED = "Shall I compare your first portraits with your photos"
SUBJECT = "< What should I call the person"
TO_SUBJECT = """
> hello
[Portraits of me]
[Yes, and I’m an adult]
! Shall I compare
[Yes, make my avatar]
< Shall I compare your first portraits with your photos
< What should I call the person
"""


async def given(harness: DialogueHarness, guest: Guest) -> bool:
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, guest)
        return await consent.is_given(tx, user, ConsentKind.COMPARE)


async def test_it_holds_nobody_up_and_no_answer_is_a_no(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    assert not await given(harness, anna)
    assert sum(ASKED in getattr(reply, "text", "") for reply in anna.all_heard) == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_its_two_answers_are_equals_and_neither_is_marked(
    harness: DialogueHarness, language: str
) -> None:
    """Side by side, alike in length, no sign beside either, and the way on stands below both."""
    guest = harness.guest("anna", language)
    await harness.play(guest, "> /start\n[terms]\n[agree:terms]\n[agree:training]")
    question, subject = guest.heard
    [row] = question.buttons
    assert [one.action for one in row] == ["agree:compare", "decline:compare"]
    assert all(
        label.replace("’", "").replace(" ", "").isalpha() for label in (b.label for b in row)
    )
    assert max(len(one.label) for one in row) <= 16
    assert buttons(subject)[0].action == "subject:woman"


async def test_a_yes_is_written_down_and_the_answer_takes_the_questions_place(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_SUBJECT + "[Compare]\n< keep nothing of it\n! What should I call")
    assert [reply.message_key for reply in anna.heard if isinstance(reply, Say)] == ["compare"]
    assert await given(harness, anna)
    await harness.play(anna, f"> continue\n! {ASKED}\n< What should I call\n[Man]\n< 20 is best")
    assert await where(harness, anna) is State.PHOTOS


@pytest.mark.parametrize("no", ["[Don’t compare]", "> no"])
async def test_a_no_is_remembered(harness: DialogueHarness, no: str) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, f"{TO_SUBJECT}\n{no}\n< I won’t compare\n> continue\n! {ASKED}")
    assert not await given(harness, anna)


async def test_a_typed_yes_is_no_yes_to_this(harness: DialogueHarness) -> None:
    """Who said yes twice to the training has not agreed to more."""
    anna = harness.guest("anna")
    await harness.play(anna, f"{TO_SUBJECT}\n> yes\n< {ASKED}\n< What should I call the person")
    assert not await given(harness, anna)


async def test_an_answer_counts_wherever_it_is_pressed(harness: DialogueHarness) -> None:
    """The question stands above; meanwhile its reader sends photos."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS + "[Compare]\n< keep nothing of it")
    assert await given(harness, anna)
    assert await where(harness, anna) is State.PHOTOS
    await harness.play(
        anna, "[Don’t compare]\n< I don’t compare your portraits with your photos any more"
    )
    assert not await given(harness, anna)


async def test_privacy_turns_it_on_and_off(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, "> /privacy\n! [Compare portraits and photos?]")
    await harness.play(
        anna,
        TO_STUDIO
        + f"""
        > /privacy
        < compared with them once
        [Compare portraits and photos?]
        < {ASKED}
        [Compare]
        < for your next one I’ll compare once
        > /privacy
        [Stop comparing portraits and photos]
        < Withdrawn: I don’t compare your portraits with your photos any more
        > /privacy
        < [Compare portraits and photos?]
        """,
    )
    assert not await given(harness, anna)


async def test_to_revoke_it_alone_keeps_the_avatar(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_SUBJECT + "[Compare]" + TO_STUDIO.partition(SUBJECT)[2])
    await harness.play(
        anna,
        """
        > /revoke
        [Only stop comparing, keep my avatar]
        < I don’t compare your portraits with your photos any more
        > continue
        < What shall we shoot?
        """,
    )
    assert not await given(harness, anna)


async def test_a_banned_person_may_take_it_back(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_SUBJECT + "[Compare]")
    async with harness.database.begin() as tx:
        await users.ban(tx, await harness.user_in(tx, anna))
    await harness.play(
        anna, "> /privacy\n[Stop comparing portraits and photos]\n< I don’t compare your portraits"
    )
    assert not await given(harness, anna)


async def test_while_the_avatar_is_made_the_answers_say_what_becomes_of_it(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_BILL + "[Compare]\n< keep nothing of it\n[Pay here in the chat]")
    await harness.play(
        anna,
        """
        [Don’t compare]
        < Withdrawn
        ! thrown away
        [Compare]
        < I’ll compare them once
        * a worker trains
        [Don’t compare]
        < whatever was compared is thrown away
        [Compare]
        < too late for an avatar already in the making
        """,
    )


async def test_nobody_agrees_to_it_before_the_other_two(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    for forged in ("agree:compare", "privacy:compare"):
        await harness.send(anna, Pressed(forged))
        assert "What happens to your photos, in plain words" in anna.text
    assert not await given(harness, anna)


async def trained_with(harness: DialogueHarness, came: int) -> None:
    """The worker's end of it: what was laid out was painted, and so many passed."""
    async with harness.database.begin() as tx:
        [avatar] = await tx.find(Avatar, state=AvatarState.WAITING)
        first = await initial_portraits.plan(tx, catalog(), avatar)
        assert first is not None
    pictures = harness.pictures_for(first.seeds[:came])
    [begun] = await harness.waiting_avatars()
    await deliver_training(
        harness.database, harness.cipher, harness.blobs, catalog(), begun, harness.made(),
        first, pictures,
    )  # fmt: skip
    await harness.deliver()


async def test_the_first_portraits_come_with_the_avatar(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_BILL + "[Compare]\n[Pay here in the chat]")
    anna.heard.clear()
    await trained_with(harness, came=3)
    await harness.play(
        anna,
        """
        < Your avatar is ready
        < (3 pictures)
        < I’m sorry: of the 4 portraits in this set only 3 passed my own check
        < 2 credits are back with you
        < [More like me · 8 credits]
        """,
    )
    async with harness.database.begin() as tx:
        assert await tx.count(Job, kind=PAINT.name) == 0
