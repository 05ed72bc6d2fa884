from dataclasses import replace
from datetime import timedelta

import pytest

from shop import blob_erasure, privacy
from shop.money import ledger, order_accounting
from shop.orders import orders
from shop.people import consent, users
from shop.records import (
    Avatar,
    AvatarState,
    Consent,
    ConsentKind,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    Portrait,
    SealedKey,
    Shoot,
    User,
)
from tests.shop.conftest import GRANTED, SHOOT


async def owner(shop, order):
    return await shop.tx.get(User, order.user_id)


async def handle_outbox(shop):
    """The outbox worker's part."""
    for message in await shop.tx.find(OutboxMessage):
        told = message.payload
        if message.name == "erase_uploads":
            await blob_erasure.erase_uploads(
                shop.database, shop.blobs, told["order"], told["count"], told["why"]
            )
        elif message.name == "erase_blobs":
            await blob_erasure.erase_blobs(shop.blobs, told["prefix"])


async def test_holdings_tell_everything(shop):
    order = await shop.collecting(good=2)
    holdings = await privacy.holdings(shop.database, shop.blobs, await owner(shop, order))

    assert (holdings.photos, holdings.uploads_left, holdings.keys_left) == (2, 2, 1)
    assert (holdings.avatars, holdings.portraits, holdings.credits) == ((), 0, 0)
    assert {one.kind for one in holdings.consents} == set(ConsentKind)
    assert [one.id for one in holdings.orders] == [order.id]


async def test_held_credits_are_theirs(shop):
    order, _, first = await shop.ready()
    user = await owner(shop, order)
    assert await ledger.balance(shop.tx, user.id) == GRANTED
    assert (await privacy.holdings(shop.database, shop.blobs, user)).credits == GRANTED + SHOOT
    await shop.painted(first)
    assert (await privacy.holdings(shop.database, shop.blobs, user)).credits == GRANTED


async def test_after_the_training_no_upload_is_left(shop):
    order, _, first = await shop.ready()
    await shop.painted(first)
    before = await privacy.holdings(shop.database, shop.blobs, await owner(shop, order))
    assert (before.photos, before.uploads_left, before.keys_left) == (0, 12, 0)  # noise already

    await handle_outbox(shop)

    after = await privacy.holdings(shop.database, shop.blobs, await owner(shop, order))
    assert (after.uploads_left, after.portraits, len(after.avatars)) == (0, 4, 1)
    assert after.credits == GRANTED
    assert await privacy.uploads_left(shop.database, shop.blobs) == 0


async def test_the_receipt_says_what_was_erased_and_comes_once(shop):
    order, _, _ = await shop.ready()
    await handle_outbox(shop)
    await handle_outbox(shop)  # an outbox worker that died before it marked them done
    found = await shop.tx.find(OutboxMessage, name="notice")
    receipts = [one.payload for one in found if one.payload["kind"] == "uploads_erased"]

    [receipt] = receipts
    assert (receipt["order"], receipt["count"], receipt["left"]) == (order.id, 12, 0)
    assert receipt["why"] == "trained"


class Stubborn:
    """Blobs that claim to remove and do not."""

    def __init__(self, blobs):
        self._blobs = blobs

    async def remove(self, prefix):
        return 1

    def walk(self, prefix):
        return self._blobs.walk(prefix)


async def test_no_receipt_while_a_look_still_finds_something(shop):
    order, _, _ = await shop.ready()
    with pytest.raises(blob_erasure.BlobsRemain):
        await blob_erasure.erase_uploads(
            shop.database, Stubborn(shop.blobs), order.id, 12, "trained"
        )


async def erased(shop, order):
    user = await owner(shop, order)
    erasure = await privacy.erase(shop.tx, user, shop.now)
    await handle_outbox(shop)
    assert await privacy.count_remaining(shop.database, shop.blobs, user.id) == 0
    assert await shop.blob_paths() == []
    for kind in (Photo, Portrait, Shoot, SealedKey):
        assert await shop.tx.count(kind) == 0
    assert set((await shop.tx.totals()).values()) <= {0}
    assert await ledger.balance(shop.tx, user.id) == 0
    return erasure


async def test_erasing_while_photos_come_in(shop):
    order = await shop.collecting(good=3)
    erasure = await erased(shop, order)

    assert replace(erasure, past=None) == privacy.Erasure(photos=3)
    assert (await shop.tx.get(Order, order.id)).state is OrderState.CANCELLED


async def test_erasing_while_the_bill_is_out(shop):
    order = await shop.awaiting()
    await erased(shop, order)
    late = await shop.pay(order)
    assert late.state is OrderState.CANCELLED
    assert await order_accounting.refund_due(shop.tx, "sandbox:c1")


@pytest.mark.parametrize("begun", [False, True])
async def test_erasing_before_the_avatar_is_done(shop, begun):
    """The money goes back unless a worker has begun; either way nothing is left."""
    order, avatar = await shop.paid()
    if begun:
        await shop.begun(avatar)
    erasure = await erased(shop, order)

    fresh = await shop.tx.get(Order, order.id)
    assert fresh.state is (OrderState.STOPPED if begun else OrderState.REFUNDING)
    assert erasure.photos == 12
    ended = [one.id for one in (erasure.kept if begun else erasure.refunded)]
    assert (ended, len(erasure.kept) + len(erasure.refunded)) == ([order.id], 1)
    assert await shop.tx.count(Job, state=JobState.RUNNING) == 0
    assert await shop.tx.count(Job, state=JobState.WAITING) == 0
    assert (await shop.trained(avatar)).state is AvatarState.FAILED  # by a late worker
    assert await shop.blob_paths() == []


async def test_erasing_avatar_and_portraits(shop):
    order, avatar, first = await shop.ready()
    await shop.painted(first)
    erasure = await erased(shop, order)

    assert (erasure.avatars, erasure.portraits, erasure.credits) == (1, 4, GRANTED)
    assert (await shop.tx.get(Avatar, avatar.id)).state is AvatarState.ERASED
    assert (await shop.tx.get(Order, order.id)).state is OrderState.DONE  # it was delivered


async def test_erasing_while_portraits_are_painted(shop):
    order, _, first = await shop.ready()
    erasure = await erased(shop, order)

    assert erasure.credits == GRANTED + SHOOT
    assert (await shop.painted(first)) == first  # a late painter keeps nothing
    assert await shop.blob_paths() == []


async def test_the_person_is_forgotten_and_may_come_back_as_new(shop):
    order = await shop.collecting()
    user = await owner(shop, order)
    await users.set_language(shop.tx, user, "ko")
    await privacy.erase(shop.tx, user, shop.now)
    gone = await owner(shop, order)

    assert gone.erased_at == shop.now
    assert gone.platform_id == f"erased:{user.id}"
    for kind in ConsentKind:
        assert not await consent.is_given(shop.tx, gone, kind)
    assert await shop.tx.count(Consent) == len(ConsentKind)  # the evidence
    again = await shop.arrives(user.platform_id)
    assert again.id != user.id
    assert not await consent.is_given(shop.tx, again, ConsentKind.TERMS)


async def test_the_chat_is_told_to_forget_and_gets_its_receipt(shop):
    order = await shop.collecting()
    user = await owner(shop, order)
    await privacy.erase(shop.tx, user, shop.now)
    address = {"platform": "playground", "person": "42"}

    [drop] = await shop.tx.find(OutboxMessage, name="drop_session")
    assert drop.payload == address
    found = await shop.tx.find(OutboxMessage, name="notice")
    [receipt] = [one for one in found if one.payload["kind"] == "erased"]
    told = {"user": user.id, "kind": "erased", "language": "en", "alone": 0}
    assert receipt.payload == told | address


async def test_erasing_twice_is_erasing_once(shop):
    order = await shop.collecting(good=1)
    user = await owner(shop, order)
    await privacy.erase(shop.tx, user, shop.now)
    messages = await shop.tx.count(OutboxMessage)

    assert await privacy.erase(shop.tx, user, shop.now) == privacy.Erasure()
    assert await shop.tx.count(OutboxMessage) == messages


async def test_nobody_else_is_touched(shop):
    order, _, first = await shop.ready("one")
    await shop.painted(first)
    other, _, others = await shop.ready("two")
    await shop.painted(others)
    await handle_outbox(shop)
    before = await privacy.holdings(shop.database, shop.blobs, await owner(shop, other))
    await privacy.erase(shop.tx, await owner(shop, order), shop.now)
    await handle_outbox(shop)

    assert await privacy.holdings(shop.database, shop.blobs, await owner(shop, other)) == before
    assert len(await shop.blob_paths()) == 5


async def test_the_sweep_removes_orphans_and_nothing_that_is_needed(shop):
    collecting = await shop.collecting(good=1, platform_id="a")
    _, waiting = await shop.paid("b")
    _, _, first = await shop.ready("c")
    await shop.painted(first)
    await handle_outbox(shop)
    needed = await shop.blob_paths()
    # A worker that has put the LoRA and not yet committed: its avatar waits.
    await shop.blobs.put(f"avatars/{waiting.id}/lora", b"being written")
    for path in ("uploads/gone/1", "avatars/gone/lora", "portraits/gone/1", "portraits/gone/2"):
        await shop.blobs.put(path, b"orphan")

    assert await blob_erasure.sweep_blobs(shop.database, shop.blobs) == 4
    assert await blob_erasure.sweep_blobs(shop.database, shop.blobs) == 0
    assert set(await shop.blob_paths()) == {*needed, f"avatars/{waiting.id}/lora"}

    await orders.cancel(shop.tx, collecting, shop.now)
    assert await blob_erasure.sweep_blobs(shop.database, shop.blobs) == 1


async def test_the_sweep_removes_what_a_killed_worker_wrote_for_nothing(shop):
    """Beside an avatar that another worker has finished: no row ever comes to refer to it."""
    _, avatar, first = await shop.ready()
    await handle_outbox(shop)
    late = f"avatars/{avatar.id}/lora-late-0", f"portraits/{avatar.id}/late"
    for path in late:
        await shop.blobs.put(path, b"sealed")
    assert await blob_erasure.sweep_blobs(shop.database, shop.blobs) == 1
    assert late[1] in await shop.blob_paths(), "a shoot waits: it may be being written"

    await shop.painted(first)
    assert await blob_erasure.sweep_blobs(shop.database, shop.blobs) == 1
    kept = await shop.tx.find(Portrait)
    assert set(await shop.blob_paths()) == {*avatar.blobs, *(one.blob for one in kept)}


async def test_no_record_has_room_for_a_name_or_a_face():
    """Field names are the closest thing to a promise that a machine can check."""
    from dataclasses import fields

    from shop.records import RECORDS

    names = {field.name for kind in RECORDS for field in fields(kind)}
    forbidden = {"name", "text", "caption", "embedding", "landmarks", "keypoints", "exif", "email"}
    assert not forbidden & (names - {"name"})
    assert [kind for kind in RECORDS if "name" in {one.name for one in fields(kind)}] == [
        OutboxMessage
    ]


async def test_an_erased_persons_late_refund_still_balances(shop):
    order, _ = await shop.paid()
    await erased(shop, order)
    refunding = await shop.tx.get(Order, order.id)
    later = replace(shop, now=shop.now + timedelta(days=1))
    assert (
        await order_accounting.book_refund(
            shop.tx, order_accounting.paying_charge_id(refunding), later.now
        )
    ).state is OrderState.REFUNDED
    assert await shop.tx.total("till:sandbox", order.currency) == 0
