"""Whoever types that they want to pay gets to the bill, from wherever they are."""

import pytest

from handlers.intents import Intent, action
from handlers.texts import every
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_journey import TO_PHOTOS

NOTHING = "There is no bill to pay right now"
PHRASES = [phrase for say in every() for phrase in say("words-pay").split("|")]


def offered(guest: Guest) -> set[str]:
    return {one.action for reply in guest.heard for one in buttons(reply)}


async def _with_photos(harness: DialogueHarness, count: int) -> Guest:
    guest = harness.guest("anna")
    await harness.play(guest, f"{TO_PHOTOS}\n+ {count} photos\n* the photos are checked")
    return guest


async def test_below_the_number_that_was_asked_for_it_warns_as_the_button_does(
    harness: DialogueHarness,
) -> None:
    guest = await _with_photos(harness, 12)
    done = action(Intent.DONE)
    assert done in offered(guest)
    await harness.press(guest, done)
    warned = guest.text
    for phrase in PHRASES:
        await harness.type(guest, phrase)
        assert guest.text == warned, phrase
        assert action(Intent.DONE, "go") in offered(guest)
    await harness.play(guest, "[That’s all, go to payment]\n< ¥9.90, once")


@pytest.mark.parametrize("phrase", PHRASES)
async def test_with_enough_photos_it_places_the_order(
    harness: DialogueHarness, phrase: str
) -> None:
    guest = await _with_photos(harness, 20)
    for _ in range(2):  # the second time it is the open bill
        await harness.play(guest, f"> {phrase}\n< (bill: Eider · one digital avatar)\n! {NOTHING}")


async def test_with_too_few_or_unchecked_ones_it_says_what_is_missing(
    harness: DialogueHarness,
) -> None:
    guest = await _with_photos(harness, 3)
    await harness.play(guest, f"> pay\n< Only 3 usable so far; I need at least 12\n! {NOTHING}")
    await harness.play(guest, f"+ 17 photos\n> pay\n< I’m still looking at 17 more\n! {NOTHING}")


async def test_an_open_bill_for_credits_comes_first(harness: DialogueHarness) -> None:
    guest = await _with_photos(harness, 20)
    await harness.play(
        guest, "> /credits\n[60 credits · ¥6.00]\n> pay\n< (bill: Eider · 60 credits"
    )


async def test_who_it_is_of_is_asked_before(harness: DialogueHarness) -> None:
    await harness.play(
        harness.guest("anna"),
        """
        > hello
        [Portraits of me]
        > yes
        > yes
        > pay
        < What should I call the person
        """,
    )
