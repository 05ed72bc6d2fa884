from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo import result
from pipeline.decoding import sanitizer
from shop.errors import EnoughPhotos, NotAllowed, NotFound
from shop.orders import orders
from shop.photos import photos, reviews
from shop.photos.photos import CHECK
from shop.records import (
    Flaw,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    PhotoState,
    Product,
    SealedKey,
)
from tests.shop.conftest import findings, jpeg, payloads, taken
from tests.storing import opened, take_photo


async def news(shop, kind):
    found = await shop.tx.find(OutboxMessage, name="notice")
    return [message for message in found if message.payload["kind"] == kind]


async def test_a_photo_lies_sealed_and_is_owed_a_check(shop):
    order = await shop.collecting()
    photo = await shop.photo(order, 1)
    sealed = await shop.blobs.get(photo.blob)

    assert photo.state is PhotoState.CHECKING
    assert photo.blob == f"uploads/{order.id}/{photo.id}"
    assert await opened(shop.blobs, photos.find_jpeg(shop.tx, shop.cipher, photo)) == (
        sanitizer.sanitize(jpeg(1)).jpeg
    )
    assert b"JFIF" not in sealed
    assert await shop.owes(CHECK, photo.id)


async def test_a_good_photo_counts_and_its_job_is_done(shop):
    order = await shop.collecting()
    photo = await shop.photo(order, 1)
    judged = await photos.apply_findings(shop.tx, photo, findings(1, view="left"), shop.now)

    assert (judged.state, judged.view, judged.judged_at) == (PhotoState.ACCEPTED, "left", shop.now)
    assert await photos.accepted(shop.tx, order.id) == [judged]
    [job] = await shop.tx.find(Job, kind=CHECK.name)
    assert job.state is JobState.DONE


async def test_judging_twice_is_judging_once(shop):
    order = await shop.collecting()
    photo = await shop.photo(order, 1)
    judged = await photos.apply_findings(shop.tx, photo, findings(1), shop.now)

    assert await photos.apply_findings(shop.tx, photo, findings(1, faces=0), shop.now) == judged
    assert await photos.give_up(shop.tx, photo, shop.now) == judged


async def test_a_rejected_photos_blob_is_not_kept(shop):
    order = await shop.collecting()
    photo = await shop.photo(order, 1)
    judged = await photos.apply_findings(shop.tx, photo, findings(1, faces=0), shop.now)

    assert (judged.state, judged.flaw, judged.blob) == (PhotoState.REJECTED, Flaw.NO_FACE, "")
    [message] = await shop.tx.find(OutboxMessage, name="erase_blobs")
    assert message.payload == {"prefix": photo.blob}
    with pytest.raises(NotFound):
        await opened(shop.blobs, photos.find_jpeg(shop.tx, shop.cipher, judged))


async def test_the_same_bytes_twice_are_one_photo(shop):
    order = await shop.collecting()
    await shop.photo(order, 1)
    again = await shop.photo(order, 1)

    assert (again.state, again.flaw, again.blob) == (PhotoState.REJECTED, Flaw.DUPLICATE, "")
    [gone] = await payloads(shop, "erase_blobs")
    assert set(await shop.blob_paths()) == {(await shop.tx.find(Photo))[0].blob, gone["prefix"]}


async def test_a_photo_that_was_stored_for_another_order_is_not_taken(shop):
    """While it came in, its order was cancelled and another begun: its key is destroyed."""
    order = await shop.collecting()
    key = await photos.upload_key(shop.tx, shop.cipher, order)
    upload = await photos.store(shop.blobs, key, taken(1))
    await photos.refuse(shop.tx, order, Flaw.UNREADABLE, shop.now)
    await orders.cancel(shop.tx, order, shop.now)
    with pytest.raises(NotAllowed):
        await photos.admit(shop.tx, await shop.collecting(), upload, shop.now)


async def test_a_rejected_photo_sent_again_hears_the_same_reason(shop):
    order = await shop.collecting()
    await photos.apply_findings(
        shop.tx, await shop.photo(order, 1), findings(1, sharpness=3), shop.now
    )

    assert (await shop.photo(order, 1)).flaw is Flaw.BLURRED


async def test_another_order_may_have_the_same_photo(shop):
    await shop.photo(await shop.collecting(platform_id="1"), 1)
    assert (await shop.photo(await shop.collecting(platform_id="2"), 1)).state is (
        PhotoState.CHECKING
    )


async def test_near_duplicates_are_compared_with_what_counts(shop):
    order = await shop.collecting()
    one, two, three = [await shop.photo(order, seed) for seed in (1, 2, 3)]
    await photos.apply_findings(shop.tx, one, findings(7, faces=0), shop.now)  # rejected: no rival
    assert (await photos.apply_findings(shop.tx, two, findings(7), shop.now)).flaw is None
    assert (
        await photos.apply_findings(shop.tx, three, findings(7), shop.now)
    ).flaw is Flaw.DUPLICATE


async def test_held_photos_wait_for_a_person(shop):
    order = await shop.collecting()
    one, two = [
        await photos.apply_findings(
            shop.tx, await shop.photo(order, seed), findings(seed, youth=0.9), shop.now
        )
        for seed in (1, 2)
    ]
    assert (await photos.tally(shop.tx, order)).held == 2

    approved = await reviews.approve(shop.tx, one, shop.now)
    rejected = await reviews.reject(shop.tx, two, shop.now)

    assert (approved.state, approved.flaw) == (PhotoState.ACCEPTED, None)
    assert (rejected.state, rejected.flaw) == (PhotoState.REJECTED, Flaw.MINOR)
    assert len(await news(shop, "photo_approved")) == 1
    for photo in (approved, rejected):
        with pytest.raises(NotAllowed):
            await reviews.approve(shop.tx, photo, shop.now)


async def test_what_could_not_be_prepared_is_counted(shop):
    order = await shop.collecting(good=2)
    await photos.refuse(shop.tx, order, Flaw.BOMB, shop.now)
    await photos.refuse(shop.tx, order, Flaw.UNREADABLE, shop.now)
    await photos.refuse(shop.tx, order, Flaw.UNREADABLE, shop.now)
    tally = await photos.tally(shop.tx, order)

    assert (tally.sent, tally.accepted, tally.checking, tally.held) == (5, 2, 0, 0)
    assert tally.rejected == {Flaw.BOMB: 1, Flaw.UNREADABLE: 2}


async def test_answers_to_an_album_are_gathered(shop):
    await shop.collecting(good=10)
    [notice] = await news(shop, "tally")
    assert notice.due_at == shop.now + timedelta(seconds=photos.TALLY_DELAY)


async def test_enough_is_enough_but_rejected_ones_do_not_count(shop):
    order = await shop.collecting(good=3)
    await photos.refuse(shop.tx, order, Flaw.BOMB, shop.now, maximum=4)
    prepared = sanitizer.sanitize(jpeg(50))

    async def admit(maximum):
        return await take_photo(
            shop.tx, shop.cipher, shop.blobs, order, prepared, shop.now, maximum
        )

    assert not await photos.can_still_count(shop.tx, order, 3)
    with pytest.raises(EnoughPhotos):
        await admit(3)
    assert await photos.can_still_count(shop.tx, order, 4)
    assert (await admit(4)).state is PhotoState.CHECKING


async def test_nobody_can_pile_up_refusals_for_ever(shop):
    order = await shop.collecting()
    for _ in range(photos.REFUSED_FACTOR):
        await photos.refuse(shop.tx, order, Flaw.UNREADABLE, shop.now, maximum=1)
    with pytest.raises(EnoughPhotos):
        await photos.refuse(shop.tx, order, Flaw.UNREADABLE, shop.now, maximum=1)


@pytest.mark.parametrize("state", list(OrderState))
async def test_only_an_open_order_can_still_count(shop, state):
    order = replace(await shop.collecting(), state=state)

    assert await photos.can_still_count(shop.tx, order) is (state in photos.OPEN_FOR_PHOTOS)
    assert not await photos.can_still_count(shop.tx, replace(order, product=Product.CREDITS))


async def test_what_can_still_count_is_what_is_admitted(shop):
    """Asked before each photo, it says exactly what :func:`admit` does then."""
    order, maximum = await shop.collecting(), 2
    said, done = [], []
    for seed in range(maximum * photos.REFUSED_FACTOR + 2):
        said.append(await photos.can_still_count(shop.tx, order, maximum))
        try:
            photo = await take_photo(
                shop.tx, shop.cipher, shop.blobs, order, taken(seed), shop.now, maximum
            )
        except EnoughPhotos:
            done.append(False)
        else:
            done.append(True)
            if seed:  # the first counts, each other one is rejected
                await photos.apply_findings(shop.tx, photo, findings(seed, faces=0), shop.now)
    assert said == done
    assert said.count(True) == maximum * photos.REFUSED_FACTOR == len(await shop.tx.find(Photo))


async def test_sending_photos_keeps_an_order_alive(shop):
    order = await shop.collecting()
    shop.now += timedelta(hours=5)
    await shop.photo(order, 1)
    assert (await shop.tx.get(Order, order.id)).touched_at == shop.now


async def test_a_paid_order_takes_no_more(shop):
    order, _ = await shop.paid()
    with pytest.raises(NotAllowed):
        await shop.photo(order, 99)
    with pytest.raises(NotAllowed):
        await photos.refuse(shop.tx, order, Flaw.BOMB, shop.now)


async def test_erasing_leaves_no_row_no_key_and_no_owed_check(shop):
    order = await shop.collecting(good=2)
    pending = await shop.photo(order, 50)
    await photos.apply_findings(
        shop.tx, await shop.photo(order, 51), findings(51, faces=0), shop.now
    )

    assert await photos.erase_all(shop.tx, order.id, "cancelled", shop.now) == 3
    assert await photos.erase_all(shop.tx, order.id, "cancelled", shop.now) == 0

    assert await shop.tx.count(Photo) == await shop.tx.count(SealedKey) == 0
    assert (await shop.tx.get(Order, order.id)).key_id is None
    assert not await shop.owes(CHECK, pending.id)
    [message] = await shop.tx.find(OutboxMessage, name="erase_uploads")
    assert message.payload == {
        "user": order.user_id, "order": order.id, "why": "cancelled", "count": 3
    }  # fmt: skip
    judged = await photos.apply_findings(shop.tx, pending, findings(50), shop.now)  # a late worker
    assert judged.state is PhotoState.CHECKING
    assert await shop.tx.count(Photo) == 0


async def test_an_order_that_is_being_cancelled_takes_no_photo(shop):
    order = await shop.collecting()
    key = await photos.upload_key(shop.tx, shop.cipher, order)
    upload = await photos.store(shop.blobs, key, taken(1))
    cancelled = await orders.cancel(shop.tx, order, shop.now)
    with pytest.raises(NotAllowed):
        await photos.admit(shop.tx, order, upload, shop.now)
    with pytest.raises(NotAllowed):
        await photos.upload_key(shop.tx, shop.cipher, cancelled)


async def judged(shop, order, seed, **changes):
    photo = await shop.photo(order, seed)
    return await photos.apply_findings(shop.tx, photo, findings(seed, **changes), shop.now)


async def states(shop, order):
    return [one.state for one in await shop.tx.find(Photo, order_id=order.id, order="created_at")]


@pytest.mark.parametrize(("young", "held"), [(0, 0), (6, 0), (12, 0), (13, 13), (18, 18)])
async def test_an_album_that_looks_young_is_held_and_stops_the_sale(shop, young, held):
    order = await shop.collecting(good=12)
    for seed in range(100, 100 + young):
        await judged(shop, order, seed, youth=0.8)
    tally = await photos.tally(shop.tx, order)
    assert (tally.held, tally.too_young) == (held, held > 0)
    assert tally.accepted + tally.held == tally.sent == 12 + young


async def test_a_photo_that_looks_young_counts_once_the_others_do_not(shop):
    order = await shop.collecting()
    first = await judged(shop, order, 1, youth=0.7)
    assert (first.state, first.flaw) == (PhotoState.HELD, Flaw.MINOR)
    await judged(shop, order, 2)
    assert await states(shop, order) == [PhotoState.ACCEPTED] * 2
    assert not (await photos.tally(shop.tx, order)).too_young


async def test_an_album_that_comes_to_look_young_is_held_afterwards(shop):
    order = await shop.collecting(good=1)
    await judged(shop, order, 2, youth=0.6)
    assert await states(shop, order) == [PhotoState.ACCEPTED] * 2
    await judged(shop, order, 3, youth=0.7)
    assert await states(shop, order) == [PhotoState.ACCEPTED, PhotoState.HELD, PhotoState.HELD]


async def test_one_photo_that_surely_looks_young_waits_for_a_person_whatever_the_others(shop):
    order = await shop.collecting(good=12)
    one = await judged(shop, order, 50, youth=0.95)
    await judged(shop, order, 51)
    assert (await shop.tx.get(Photo, one.id)).state is PhotoState.HELD
    tally = await photos.tally(shop.tx, order)
    assert (tally.held, tally.too_young) == (1, False)


async def test_an_album_that_admins_have_seen_is_an_adults_and_stays_so(shop):
    order = await shop.collecting()
    for seed in range(5):
        await judged(shop, order, seed, youth=0.8)
    for one in await shop.tx.find(Photo, state=PhotoState.HELD):
        await reviews.approve(shop.tx, one, shop.now)
    assert not (await photos.tally(shop.tx, order)).too_young
    await judged(shop, order, 9, youth=0.8)
    assert await states(shop, order) == [PhotoState.ACCEPTED] * 6


async def test_what_was_rejected_for_its_age_still_says_how_old_the_person_looks(shop):
    order = await shop.collecting()
    for seed in range(3):
        await judged(shop, order, seed, youth=0.8)
    for one in await shop.tx.find(Photo, state=PhotoState.HELD):
        await reviews.reject(shop.tx, one, shop.now)
    for _ in range(9):  # the same bytes again are no adult's photos
        assert (await shop.photo(order, 1)).flaw is Flaw.MINOR
    await judged(shop, order, 7)
    assert (await photos.tally(shop.tx, order)).too_young


async def test_an_indecent_photo_is_not_let_go_by_the_album(shop):
    order = await shop.collecting()
    await judged(shop, order, 1, youth=0.8)
    await judged(shop, order, 2, indecency=0.6)
    await judged(shop, order, 3)
    assert await states(shop, order) == [
        PhotoState.ACCEPTED, PhotoState.HELD, PhotoState.ACCEPTED
    ]  # fmt: skip


async def test_crops_of_one_photo_are_one_photo(shop):
    order = await shop.collecting()
    first = await judged(shop, order, 1)
    aligned = (bytes(72), bytes.fromhex(first.face_hash))
    assert (await judged(shop, order, 2, face_hashes=aligned)).flaw is Flaw.DUPLICATE


async def test_erasing_leaves_no_hash_of_a_face(shop):
    order = await shop.collecting(good=2)
    assert all(one.face_hash for one in await shop.tx.find(Photo))
    await photos.erase_all(shop.tx, order.id, "cancelled", shop.now)
    assert await shop.tx.count(Photo) == 0


async def test_what_the_demo_says_of_the_photos_sums_up_to_those_sent(shop):
    order = await shop.collecting(good=3)
    await judged(shop, order, 50, youth=0.95)
    await judged(shop, order, 51, indecency=0.6)
    await judged(shop, order, 52, covered=0.9)
    await photos.refuse(shop.tx, order, Flaw.BOMB, shop.now)
    said = result.photo_counts(await photos.tally(shop.tx, order))
    assert said == {
        "sent": 7, "accepted": 3, "held": 2, "rejected": {"covered": 1, "bomb": 1}
    }  # fmt: skip
    assert result.photo_counts(None)["sent"] == 0
