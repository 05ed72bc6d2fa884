"""Photos unlike the rest are marked in the album before paying, with a consent of its own."""

import pytest

from handlers.chat import Pressed, Say
from handlers.texts import texts
from shop.people import consent
from shop.people.users import LANGUAGES
from shop.records import Compared, Consent, ConsentKind, Flaw, Job, Photo
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import buttons
from tests.handlers.test_album import TO_ALBUM, album_of, bill_of, photos_of
from tests.handlers.test_compare_consent import TO_SUBJECT

ASKED = "Shall I compare the photos that you send for an avatar with each other"
TO_COMPARED = f"""
{TO_ALBUM}
< Unless you ask me to, I don’t compare whether these photos show one person
[Compare them for me]
< {ASKED}
[Compare]
< All right, I’m comparing your photos with each other
< No machine is at work on this just now, so I can’t say how long it will take
* the photos are compared
"""


async def compared(harness: DialogueHarness) -> dict[int, Compared | None]:
    return {number: one.compared for number, one in (await photos_of(harness)).items()}


async def test_two_odd_photos_are_marked_and_taken_out_by_one_button(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    harness.odd = {5, 9}
    await harness.play(
        anna,
        TO_COMPARED
        + """
        < 5 and 9 look unlike the others to me, and are marked; I may be wrong. Take them out?
        ! different people
        [Take out the marked ones]
        < Photos 5 and 9 are taken out
        < none looks unlike the others to me
        < Are these all you? 18 photos
        ! [Compare again]
        [All of these are me]
        [That’s all, go to payment]
        < I’ve compared these photos with each other, as you asked. I may be wrong
        [Pay here in the chat]
        < received, thank you
        """,
    )
    found = await photos_of(harness)
    assert {n for n, one in found.items() if one.flaw is Flaw.TAKEN_OUT} == {5, 9}
    assert all(found[n].compared is None for n in (5, 9)), "nothing stays of what was taken out"


async def test_whoever_keeps_them_is_not_asked_again_of_them(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    harness.odd = {3}
    await harness.play(
        anna,
        TO_COMPARED
        + """
        < 3 looks unlike the others to me, and is marked; I may be wrong. Take it out?
        [Keep them, all are me]
        < none looks unlike
        < (bill: Eider · one digital avatar)
        + 2 photos
        * the photos are checked
        [Use these]
        < 2 of these haven’t been compared yet
        < So far I’ve compared only some of these photos
        [Compare again]
        * the photos are compared
        < none looks unlike
        ! haven’t been compared
        """,
    )
    marks = await compared(harness)
    assert marks.pop(3) is Compared.KEPT
    assert set(marks.values()) == {Compared.ALIKE}


async def test_of_two_people_the_fewer_are_marked(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    harness.odd = set(range(1, 9))
    await harness.play(
        anna,
        TO_COMPARED
        + """
        < These seem to be different people: photos 1, 2, 3, 4, 5, 6, 7
        [Take out the marked ones]
        < Are these all you? 12 photos
        """,
    )


async def test_who_of_two_people_the_customer_is_they_alone_know(
    harness: DialogueHarness,
) -> None:
    anna = harness.guest("anna")
    harness.odd = set(range(1, 9))
    await harness.play(
        anna,
        TO_COMPARED
        + """
        < Which of them is you, I can’t know
        [It’s the others that aren’t me]
        < Photos 9, 10, 11, 12, 13
        < 8 usable
        """,
    )


async def test_the_mark_is_drawn_on_the_sheet_and_said_within_a_caption(
    harness: DialogueHarness,
) -> None:
    """Whoever cannot see the colour reads the numbers."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_ALBUM)
    plain = album_of(anna).pictures[0]
    harness.odd = set(range(1, 11))
    await harness.play(anna, TO_COMPARED.removeprefix(f"\n{TO_ALBUM}").split("\n", 2)[2])
    shown = album_of(anna)
    assert shown.pictures[0].id != plain.id
    assert shown.pictures[0].data != plain.data
    assert len(shown.caption) <= 1024
    said = anna.all_heard[-1]
    assert isinstance(said, Say), "the sheet may stand far above: what was found comes last"
    assert said.text in shown.caption
    assert buttons(said) == buttons(shown)


@pytest.mark.parametrize("press", ["[Don’t compare]\n< I won’t compare your photos", ""])
async def test_a_no_or_no_answer_changes_nothing(harness: DialogueHarness, press: str) -> None:
    anna = harness.guest("anna")
    await harness.play(
        anna,
        f"""
        {TO_ALBUM}
        [Compare them for me]
        < {ASKED}
        {press}
        [Pay here in the chat]
        < received, thank you
        """,
    )
    assert set((await compared(harness)).values()) == {None}
    async with harness.database.snapshot() as tx:
        assert await tx.count(Job, kind="compare") == 0
        assert await tx.count(Consent, kind=ConsentKind.COMPARE_PHOTOS) == 0


async def test_the_consent_to_comparing_portraits_is_none_to_this(
    harness: DialogueHarness,
) -> None:
    """Nor the other way round: each is asked, granted and withdrawn for itself."""
    anna = harness.guest("anna")
    album = TO_ALBUM.partition("[Woman]")[2]
    await harness.play(
        anna,
        f"""
        {TO_SUBJECT}
        [Compare]
        [Woman]
        {album}
        [Compare them for me]
        < {ASKED}
        [Compare]
        * the photos are compared
        > /privacy
        [Stop comparing my photos]
        < Withdrawn: I don’t compare your photos with each other
        > /privacy
        < [Stop comparing portraits and photos]
        < [Compare my photos with each other?]
        """,
    )
    async with harness.database.snapshot() as tx:
        user = await harness.user_in(tx, anna)
        assert ConsentKind.COMPARE in await consent.given_kinds(tx, user)
    assert set((await compared(harness)).values()) == {None}, "the marks are forgotten"


@pytest.mark.parametrize(
    "meanwhile",
    [
        "> /privacy\n[Stop comparing my photos]",
        "> /revoke\n[Only stop comparing my photos]",
        "> cancel\n[cancel:yes-]",
        "> /revoke\n[Withdraw and erase]",
        "[Pay here in the chat]",
    ],
)
async def test_what_ends_meanwhile_is_not_compared(
    harness: DialogueHarness, meanwhile: str
) -> None:
    anna = harness.guest("anna")
    harness.odd = {5}
    asking = TO_COMPARED.partition("* the photos are compared")[0]
    await harness.play(anna, f"{asking}\n{meanwhile}\n* the photos are compared\n! unlike")
    async with harness.database.snapshot() as tx:
        assert all(one.compared is None for one in await tx.find(Photo))
        (job,) = await tx.find(Job, kind="compare")
    assert job.state == "cancelled"


async def test_a_comparison_outdates_the_bill_that_did_not_say_so(
    harness: DialogueHarness,
) -> None:
    """So does its withdrawal: the bill must not say that photos were compared."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_ALBUM)
    asking = TO_COMPARED.removeprefix(f"\n{TO_ALBUM}").split("\n", 2)[2]
    (old,) = [one.action for one in buttons(bill_of(anna)) if one.action.startswith("pay:")]
    await harness.play(anna, f"{asking}\n< This bill is out of date")
    await harness.send(anna, Pressed(old))
    assert "This bill is out of date" in anna.text
    await harness.play(
        anna,
        """
        ! received, thank you
        [All of these are me]
        < I’ve compared these photos with each other, as you asked
        > /privacy
        [Stop comparing my photos]
        < This bill is out of date
        [Use these]
        < Unless you ask me to, I don’t compare
        [Pay here in the chat]
        < received, thank you
        """,
    )


async def test_old_buttons_take_out_and_keep_nothing_else(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    harness.odd = {5}
    await harness.play(anna, TO_COMPARED + "< 5 looks unlike")
    old = [one.action for one in buttons(album_of(anna))[:2]]
    harness.odd = {5, 22}
    await harness.play(
        anna, "+ 2 photos\n* the photos are checked\n> /where\n[Use these]\n[Compare again]"
    )
    await harness.play(anna, "* the photos are compared\n< 5 and 22 look unlike")
    for action in old:
        await harness.send(anna, Pressed(action))
        assert "5 and 22 look unlike" in anna.text
    marks = await compared(harness)
    assert (marks[5], marks[22]) == (Compared.UNLIKE, Compared.UNLIKE)


async def test_what_cannot_be_compared_holds_nobody_up(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    asking = TO_COMPARED.partition("* the photos are compared")[0]
    await harness.play(
        anna,
        asking
        + """
        [Compare them for me]
        * the comparison fails
        < I couldn’t compare your photos. Nothing has changed
        [Compare again]
        * the photos are compared
        < none looks unlike
        [All of these are me]
        < (bill: Eider
        """,
    )
    async with harness.database.snapshot() as tx:
        assert await tx.count(Job, kind="compare") == 2, "asked twice at once is one"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_promises_what_holds_in_every_language(language: str) -> None:
    """What it says is kept is what is kept: which were alike, and with the photos."""
    said = texts(language)("compare-photos-ask")
    promise = {
        "en": "neither stored nor passed on", "fr": "ni conservé ni transmis",
        "ko": "저장하지도 내보내지도 않아요", "zh_CN": "不保存、不外传",
    }[language]  # fmt: skip
    assert promise in said
    assert len(said.encode()) <= 2048
