"""Which photo: each one's fate, the album before paying, and verdicts that always come."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from bot.channels import Capabilities, PhotoMarks
from bot.fitting import adapt
from handlers.chat import Invoice, Mark, Marks, PhotoFate, Pressed, Say, Show
from handlers.steps import fates
from handlers.steps.album import read_numbers
from shop.adapters.tills.sandbox import BillClosed
from shop.errors import NotFound
from shop.orders import orders
from shop.photos import chosen, reviews, sheet
from shop.ports import Bill
from shop.records import Flaw, Order, OrderState, Photo, PhotoState
from tests.handlers.dialogue_harness import EVENTS, START, DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.photo_findings import flawed, good
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO

CHECKED = TO_PHOTOS + "\n+ 20 photos\n* the photos are checked\n"
TO_ALBUM = CHECKED + "[Use these]\n"


def album_of(guest: Guest) -> Show:
    return next(one for one in reversed(guest.all_heard) if isinstance(one, Show) and one.passing)


def bill_of(guest: Guest) -> Invoice:
    return next(one for one in reversed(guest.all_heard) if isinstance(one, Invoice))


async def photos_of(harness: DialogueHarness) -> dict[int, Photo]:
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
        return await chosen.numbered(tx, order.id)


async def test_before_paying_all_accepted_photos_are_seen_and_some_taken_out(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        TO_ALBUM
        + """
        < Are these all you? 20 photos
        < (bill: Eider · one digital avatar)
        [Some aren’t me]
        < Which ones aren’t you?
        < [1] [2] [3] [4] [5]
        [7]
        < Photo 7 is taken out
        ! [7]
        < 20 photos received, 19 usable
        < 1 was taken out by you
        > 3, 12
        < Photos 3 and 12 are taken out
        > take out 40
        < None of the usable photos has that number
        > 3
        < None of the usable photos
        [All of these are me]
        < 17 are usable
        [That’s all, go to payment]
        < Are these all you? 17 photos
        < made from your photos (17)
        [Pay here in the chat]
        """,
    )
    found = await photos_of(harness)
    out = {number for number, one in found.items() if one.flaw is Flaw.TAKEN_OUT}
    assert out == {3, 7, 12}
    assert all(not found[one].blob and not found[one].sha256 for one in out)
    kept = [path async for path in harness.blobs.walk("uploads")]
    assert len(kept) == 17


async def test_a_bill_for_too_few_photos_cannot_be_paid(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    out = ", ".join(str(number) for number in range(1, 10))
    await harness.play(guest, f"""
        {TO_ALBUM}
        > {out}
        < are taken out
        [Pay here in the chat]
        ! thank you
        """)  # fmt: skip
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
        assert order.state is OrderState.COLLECTING
        assert order.charge is None
    await harness.play(
        guest,
        """
        + 3 photos
        * the photos are checked
        [Use these]
        [That’s all, go to payment]
        < Are these all you? 14 photos
        [Pay here in the chat]
        < thank you
        """,
    )


@pytest.mark.parametrize(
    "change",
    [
        "> 3, 7\n< 18 usable",
        "+ 1 photo\n* the photos are checked\n< 21 usable",
        "* a held photo is approved\n< 21 usable",
    ],
)
async def test_a_bill_whose_photos_have_changed_cannot_be_paid(
    harness: DialogueHarness, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor at the till's own page."""
    monkeypatch.setitem(EVENTS, "a held photo is approved", approve)
    guest = harness.guest("anna")
    await hold_one(harness, guest)
    await harness.play(guest, "[Use these]\n< made from your photos (20)")
    (old,) = [one.action for one in buttons(bill_of(guest)) if one.action.startswith("pay:")]
    await harness.play(guest, change)
    said = [one for one in guest.all_heard if isinstance(one, Say)]
    place = f"bill:{old.removeprefix('pay:')[:8]}"
    assert "This bill is out of date" in next(
        one.text for one in reversed(said) if one.message_key == place
    )
    with pytest.raises(BillClosed):
        await harness.till.pay(bill_of(guest).reference)
    await harness.send(guest, Pressed(old))
    assert "This bill is out of date" in guest.text
    assert "Use these" in [one.label for said in guest.heard for one in buttons(said)]
    await harness.play(guest, "[Use these]")
    if "That’s all, go to payment" in guest.text:
        await harness.play(guest, "[That’s all, go to payment]")
    await harness.send(guest, Pressed(old))  # a page that has missed all that
    assert "That was an earlier bill" in guest.text
    assert bill_of(guest).text in guest.text
    await harness.play(guest, "! received\n[Pay here in the chat]\n< received, thank you")


async def test_what_was_paid_for_an_outdated_bill_goes_back_and_the_next_can_be_paid(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_ALBUM)
    await harness.till.pay(bill_of(guest).reference)  # and its notification is late
    await harness.play(
        guest,
        """
        > 3, 7
        < This bill is out of date
        < but that bill was no longer open. It goes back to you in full
        [All of these are me]
        [That’s all, go to payment]
        < made from your photos (18)
        [Pay here in the chat]
        < received, thank you
        """,
    )
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
        assert order.state is OrderState.PAID
        assert len(await orders.charges(tx, order)) == 2


async def test_a_bill_that_is_outdated_while_it_is_made_is_not_shown(
    harness: DialogueHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the commit and the till's answer a photo is taken out: the till's bill is closed."""
    guest = harness.guest("anna")
    await harness.play(guest, CHECKED)
    made = harness.till.bill

    async def slow(order: Order, title: str) -> Bill:
        bill = await made(order, title)
        async with harness.database.begin() as tx:
            await chosen.take_out(tx, order, [(await chosen.numbered(tx, order.id))[3].id], START)
        return bill

    monkeypatch.setattr(harness.till, "bill", slow)
    await harness.play(guest, "[Use these]\n! (bill:\n< 19 usable")
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
    assert order.state is OrderState.COLLECTING
    with pytest.raises(BillClosed):
        await harness.till.pay(order.bill)


async def test_one_that_was_taken_out_can_be_sent_again(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_ALBUM + "> 20\n")
    harness.pictures -= 1
    await harness.play(
        guest, "+ 1 photo\n* the photos are checked\n< 21 photos received, 20 usable"
    )


async def test_a_button_of_another_order_or_person_takes_nothing_out(
    harness: DialogueHarness,
) -> None:
    anna, ben = harness.guest("anna"), harness.guest("ben")
    await harness.play(anna, TO_ALBUM)
    (theirs,) = [one for number, one in (await photos_of(harness)).items() if number == 5]
    await harness.play(ben, TO_ALBUM)
    await harness.send(ben, Pressed(f"out:{theirs.id}"))
    assert "None of the usable photos" in ben.text
    async with harness.database.snapshot() as tx:
        assert await tx.count(Photo, state=PhotoState.ACCEPTED) == 40


async def test_what_lay_on_its_side_is_turned_and_named(harness: DialogueHarness) -> None:
    harness.verdict = lambda number: replace(good(number), turns=1 if number in {2, 5} else 0)
    guest = harness.guest("anna")
    await harness.play(guest, TO_ALBUM)
    assert "Photos 2 and 5 didn’t stand upright: I’ve turned them." in album_of(guest).caption
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
        assert (await sheet.plan(tx, harness.cipher, order)).turns == {2: 1, 5: 1}


async def test_the_sheet_shows_each_photo_and_lies_nowhere(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_ALBUM)
    shown = album_of(guest).pictures[0]
    with Image.open(io.BytesIO(shown.data)) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (5 * 332 + 12, 4 * 332 + 12)
        assert not picture.getexif()
    before = {path async for path in harness.blobs.walk("")}
    assert all(path.startswith(("uploads/", "installation")) for path in before), before
    await harness.play(guest, "> cancel\n[cancel:yes-]")
    async with harness.database.snapshot() as tx:
        (order,) = await tx.find(Order)
        assert order.state is OrderState.CANCELLED
        with pytest.raises(NotFound):
            await sheet.plan(tx, harness.cipher, order)
    assert [path async for path in harness.blobs.walk("uploads")] == []


async def test_who_says_done_too_early_is_led_on_once_all_are_checked(
    harness: DialogueHarness,
) -> None:
    guest = harness.guest("anna")
    await harness.play(
        guest,
        CHECKED
        + """
        + 2 photos
        [Use these]
        < still looking at 2 more. As soon as that’s done, I go on by myself
        * the photos are checked
        < 22 photos received, 22 usable
        < Are these all you? 22 photos
        < [All of these are me]
        [All of these are me]
        < (bill: Eider · one digital avatar)
        """,
    )
    # Another photo: then it was not all.
    await harness.play(
        guest, "+ 1 photo\n* the photos are checked\n< 23 usable\n! Are these all you?"
    )


async def test_each_photo_is_marked_with_what_became_of_it(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    flaws = {2: Flaw.BLURRED, 5: Flaw.SEVERAL_FACES, 6: Flaw.MINOR}
    harness.verdict = lambda number: (
        flawed(number, flaws[number]) if number in flaws else good(number)
    )
    await harness.play(guest, TO_PHOTOS + "\n+ 20 photos\n* the photos are checked")
    marks = [one for one in guest.heard if isinstance(one, Marks)][-1].marks
    fates = {number: one.fate for number, one in enumerate(marks, start=1)}
    assert fates == dict.fromkeys(range(1, 21), PhotoFate.ACCEPTED) | {
        2: PhotoFate.REJECTED, 5: PhotoFate.REJECTED, 6: PhotoFate.HELD,
    }  # fmt: skip
    assert marks[1].words.startswith("Not counted: photo 2 is blurred: more light")
    assert marks[5].words.startswith("I’m unsure about photo 6")
    assert len({one.message for one in marks}) == 20


@pytest.mark.parametrize(
    ("script", "approve", "said"),
    [
        ("", True, "photo 1: it’s fine, and it counts"),
        ("", False, "photo 1: it can’t be used"),
        ("[Use these]\n[Pay here in the chat]", True, "photo 1: it’s fine, and it counts"),
        ("[Use these]\n[Pay here in the chat]\n* a worker trains", True, "went ahead without it"),
        ("[Use these]\n[Pay here in the chat]\n* a worker trains", False, "it can’t be used"),
    ],
)
async def test_the_verdict_on_a_held_photo_always_comes(
    harness: DialogueHarness, script: str, approve: bool, said: str
) -> None:
    guest = harness.guest("anna")
    await hold_one(harness, guest)
    await harness.play(guest, script)
    guest.heard.clear()
    async with harness.database.begin() as tx:
        (held,) = await tx.find(Photo, state=PhotoState.HELD)
        await (reviews.approve if approve else reviews.reject)(tx, held, harness.now)
    await harness.deliver()
    assert said in guest.text


async def test_who_waits_for_a_verdict_hears_that_nobody_looked(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await hold_one(harness, guest)
    await harness.play(
        guest,
        """
        [Use these]
        [Pay here in the chat]
        * the avatar is made
        < One photo was waiting for somebody to look at it
        """,
    )
    other = harness.guest("ben")
    await harness.play(other, TO_STUDIO + "\n! waiting for somebody")


async def approve(harness: DialogueHarness) -> None:
    async with harness.database.begin() as tx:
        (held,) = await tx.find(Photo, state=PhotoState.HELD)
        await reviews.approve(tx, held, harness.now)
    await harness.deliver()


async def hold_one(harness: DialogueHarness, guest: Guest) -> None:
    harness.verdict = lambda number: flawed(number, Flaw.MINOR) if number == 1 else good(number)
    await harness.play(guest, TO_PHOTOS + "\n+ 21 photos\n* the photos are checked")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3", "3"), ("3, 7", "3.7"), ("3 and 7", "3.7"), ("take out 3, 7 and 12", "3.7.12"),
        ("去掉3、7", "3.7"), ("拿掉 ３ 和 ７", "3.7"), ("不是我：4", "4"),
        ("retirer 3 et 7", "3.7"),
        ("빼기 3과 7", "3.7"), ("저 아니에요 4", "4"), ("I am 30 years old", ""), ("hello", ""),
        ("take out", ""), ("2026-11-27", ""),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(text: str, numbers: str) -> None:
    assert read_numbers(text) == numbers


async def test_typed_numbers_are_no_photos_elsewhere(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, "> hello\n> 3, 7\n! usable")
    await harness.play(harness.guest("ben"), TO_STUDIO + "> 3, 7\n! usable photos")


async def test_bill_and_album_come_with_one_press(harness: DialogueHarness) -> None:
    guest = harness.guest("anna")
    await harness.play(guest, TO_BILL)
    kinds = [type(one).__name__ for one in guest.heard]
    assert kinds[:2] == ["Show", "Invoice"]


async def test_photos_beyond_the_most_are_counted_and_not_told_one_by_one(
    harness: DialogueHarness,
) -> None:
    """Once taken out, another makes room: what was too much can be sent again."""
    guest = harness.guest("anna")
    await harness.play(guest, TO_PHOTOS + "\n+ 30 photos\n* the photos are checked")
    before = len(guest.all_heard)
    await harness.play(guest, "+ 8 photos\n! so I didn’t take this one")
    told = [one for one in guest.all_heard[before:] if isinstance(one, Say)]
    assert {one.message_key.partition(":")[0] for one in told} == {"tally"}
    last = [one for one in guest.all_heard if isinstance(one, Say)][-1].text
    assert "38 photos received, 30 usable" in last
    assert "8 weren’t taken: 30 at most" in last
    found = await photos_of(harness)
    assert [fates.fate_of(found[number]) for number in range(31, 39)] == [PhotoFate.SURPLUS] * 8
    marks = Marks((Mark("9", PhotoFate.SURPLUS, "too much"),))
    assert adapt([marks], Capabilities(marks=PhotoMarks.REPLIES)) == []
    assert adapt([marks], Capabilities(marks=PhotoMarks.TILES)) == [marks]
    await harness.play(guest, "> 1, 2\n+ 1 photo\n* the photos are checked\n< 39 photos received")
    assert "29 usable" in guest.text
