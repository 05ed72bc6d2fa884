"""Notices that come late, twice, to nobody, or about nothing."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from handlers.chat import Incoming, Person, Pressed, Say
from shop.blob_erasure import BlobsRemain
from shop.orders import orders
from shop.records import Avatar, Job, Order, Portrait, Shoot, new_id
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.photo_findings import good
from tests.handlers.test_journey import TO_BILL, TO_PHOTOS, TO_STUDIO


async def _ids(harness: DialogueHarness, name: str) -> dict[str, str]:
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, harness.guest(name))
        found = {"user": user.id}
        for kind in (Order, Avatar, Shoot):
            for one in await tx.find(kind, user_id=user.id):
                found[kind.__name__.lower()] = one.id
        for job in await tx.find(Job, user_id=user.id):
            found[f"job-{job.kind}"] = job.id
    return found


async def test_of_work_that_has_ended_there_is_no_progress(harness: DialogueHarness) -> None:
    await harness.play(harness.guest("anna"), TO_STUDIO)
    ids = await _ids(harness, "anna")
    done = {id for name, id in ids.items() if name.startswith("job-")}
    assert len(done) == 3  # a photo's check, the training, the portraits
    for job in done:
        told = {"kind": "progress", "user": ids["user"], "job": job}
        assert await harness.notifications.replies(told) is None
    late = {"user": ids["user"], "order": ids["order"]}
    with capture_logs() as logged:
        assert await harness.notifications.replies(late | {"kind": "sample"}) is None
        told = await harness.notifications.replies(late | {"kind": "tally"})
    assert told is not None
    assert all(isinstance(one, Say) and one.closes for one in told[1])
    assert not [one for one in logged if one["log_level"] not in ("debug", "info")]


async def test_portraits_whose_pictures_are_gone_are_not_passed_over_in_silence(
    harness: DialogueHarness,
) -> None:
    """After an erasure, or because a blob was lost: then an operator must hear of it."""
    await harness.play(harness.guest("anna"), TO_STUDIO)
    ids = await _ids(harness, "anna")
    told = {"kind": "portraits", "user": ids["user"], "shoot": ids["shoot"]}
    assert await harness.notifications.replies(told) is not None
    async with harness.database.begin() as tx:
        painted = await tx.find(Portrait, shoot_id=ids["shoot"])
    await harness.blobs.remove(painted[0].blob)
    with capture_logs() as logged:
        assert await harness.notifications.replies(told) is None
    assert [one["event"] for one in logged] == ["notice_left_out"]


async def test_of_an_avatar_that_was_refunded_meanwhile_nothing_comes(
    harness: DialogueHarness,
) -> None:
    """A notice that waited (a chat out of reach, a courier away) must not promise portraits beside
    the refund's."""
    await harness.play(harness.guest("anna"), TO_STUDIO)
    ids = await _ids(harness, "anna")
    ready = {"kind": "avatar_ready", "user": ids["user"], "avatar": ids["avatar"]}
    assert await harness.notifications.replies(ready) is not None
    async with harness.database.begin() as tx:
        order = await tx.get(Order, ids["order"])
        assert order is not None
        await orders.refund(tx, order, "admin", harness.now)
    painted = {"kind": "portraits", "user": ids["user"], "shoot": ids["shoot"]}
    for told in (ready, painted):
        assert await harness.notifications.replies(told) is None, told["kind"]


async def test_portraits_that_did_not_come_are_apologised_for_and_paid_back(
    harness: DialogueHarness,
) -> None:
    await harness.play(
        harness.guest("anna"),
        TO_STUDIO
        + """
        > /credits
        < You have 40 credits
        [Another set]
        < Credits held: 8
        * two portraits are painted
        < (2 pictures)
        < I’m sorry: of the 4 portraits in this set only 2 passed my own check
        < 4 credits are back with you
        > /credits
        < You have 36 credits
        """,
    )


async def test_of_nobody_and_of_nothing(harness: DialogueHarness) -> None:
    await harness.play(harness.guest("anna"), TO_BILL)
    ids = await _ids(harness, "anna")
    nobody = {"kind": "tally", "user": new_id(), "order": ids["order"]}
    assert await harness.notifications.replies(nobody) is None
    for kind, name in [("paid", "order"), ("portraits", "shoot"), ("progress", "job")]:
        nothing = {"kind": kind, "user": ids["user"], name: new_id()}
        assert await harness.notifications.replies(nothing) is None
    with pytest.raises(ValueError, match="no such news"):
        await harness.notifications.replies({"kind": "weather", "user": ids["user"]})


async def test_a_notice_about_another_persons_order_is_not_told(harness: DialogueHarness) -> None:
    await harness.play(harness.guest("anna"), TO_STUDIO)
    await harness.play(harness.guest("eve"), TO_PHOTOS)
    anna, eve = await _ids(harness, "anna"), await _ids(harness, "eve")
    for kind, name in [("portraits", "shoot"), ("avatar_ready", "avatar"), ("tally", "order")]:
        mixed = {"kind": kind, "user": eve["user"], name: anna[name]}
        assert await harness.notifications.replies(mixed) is None


async def test_erased_people_hear_the_receipt_and_nothing_else(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    ids = await _ids(harness, "anna")
    told = {"kind": "portraits", "user": ids["user"], "shoot": ids["shoot"]}
    await harness.play(anna, "> /erase\n[Erase everything]\n< nothing is left")
    assert await harness.notifications.replies(told) is None
    await harness.blobs.put(f"portraits/{ids['avatar']}/left", b"over")
    address = {"platform": "playground", "person": "anna", "language": "fr"}
    with pytest.raises(BlobsRemain):
        await harness.notifications.replies({"kind": "erased", "user": ids["user"]} | address)
    await harness.blobs.remove(f"portraits/{ids['avatar']}")
    told = await harness.notifications.replies({"kind": "erased", "user": ids["user"]} | address)
    assert told is not None
    assert (told[0].platform_id, told[1][0].text[:8]) == ("anna", "J’ai vér")  # type: ignore[union-attr]


async def test_an_empty_order_needs_no_receipt(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_PHOTOS + "\n> cancel\n[Cancel it]\n< nothing was charged")
    assert "Receipt" not in anna.text


async def test_dispatcher_and_notice_say_the_same_of_a_payment(harness: DialogueHarness) -> None:
    """So that equal message keys make one message of the two."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_BILL)
    anna.heard.clear()
    await harness.press(anna, "Pay here in the chat")
    thanks = [
        reply
        for reply in anna.heard
        if reply.message_key.startswith("bill:") and isinstance(reply, Say)
    ]
    assert len(thanks) == 2
    assert thanks[0] == thanks[1]


async def test_a_payment_at_the_tills_page_is_told(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    await harness.play(anna, TO_BILL)
    ids = await _ids(harness, "anna")
    async with harness.database.begin() as tx:
        order = await tx.get(Order, ids["order"])
        assert order is not None
        told = await harness.till.pay(order.bill)
        event = await harness.till.read(told.headers, told.body)
        await orders.confirm_payment(tx, event, harness.now)
    await harness.deliver()
    assert "¥9.90 received" in anna.text
    await harness.play(anna, "> hello\n< You’re next")  # the records moved on without the session


async def test_the_tally_names_what_is_missing(harness: DialogueHarness) -> None:
    """Guided capture, once the minimum is near."""
    harness.verdict = lambda number: replace(good(number), view="front", face_share=0.5)
    anna = harness.guest("anna")
    await harness.play(
        anna,
        TO_PHOTOS
        + """
        + 2 photos
        * the photos are checked
        ! would help most
        + 6 photos
        * the photos are checked
        < 4 more usable photos make the minimum of 12
        < would help most: one in profile, facing left, one in profile, facing right
        < one from the waist up
        ! a close-up
        """,
    )


async def test_the_album_opens_from_portraits_and_from_the_studio(
    harness: DialogueHarness,
) -> None:
    """Where there is one; elsewhere nothing of it is said."""
    anna = harness.guest("anna")
    await harness.play(anna, TO_STUDIO)
    ids = await _ids(harness, "anna")
    told = {"kind": "portraits", "user": ids["user"], "shoot": ids["shoot"]}
    for link in ("", "https://eider.example/album/anna"):
        harness.album_link = lambda user, link=link: link and f"{link}.{user.id}"
        harness.rebuild()
        notice = await harness.notifications.replies(told)
        assert notice is not None
        person = Person(harness.platform, "anna")
        asked = Incoming(f"e{link}", person, harness.now, Pressed("where"))
        for replies in (notice[1], await harness.dispatcher.handle(asked)):
            buttons = [one for row in replies[-1].buttons for one in row]
            pages = [(one.url, one.action) for one in buttons if one.page]
            assert pages == ([(f"{link}.{ids['user']}", "")] if link else [])
