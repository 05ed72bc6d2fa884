"""What is kept of a photo beside it: no more, and no longer, than the terms say."""

from dataclasses import fields

import pytest

from shop import privacy
from shop.photos import photos, reviews
from shop.records import Flaw, Order, Photo, PhotoState, User
from tests.shop.conftest import findings

TOLD = {  # in the terms and the privacy notice, or where it is asked whether it may be, as
    "flaw": "why the photo was refused",
    "view": "which way the face is",
    "turns": "which way the face is",
    "close": "how close the face is",
    "youth": "how young it looks",
    "compared": "which photos looked alike and which didn’t",
    "sha256": "checksums of the picture",
    "phash": "checksums of the picture",
    "face_hash": "checksums of the face",
}
OF_THE_UPLOAD = {
    "id", "order_id", "user_id", "state", "blob", "created_at", "judged_at", "message",
}  # fmt: skip


def test_nothing_is_kept_of_a_photo_that_nobody_is_told_of():
    """Who adds a field tells the customer first: terms, privacy and mydata in locales/."""
    assert {field.name for field in fields(Photo)} == {*TOLD, *OF_THE_UPLOAD}


@pytest.mark.parametrize(
    ("changes", "flaw"),
    [
        ({"sharpness": 1.0}, Flaw.BLURRED),
        ({"covered": 1.0}, Flaw.COVERED),
        ({"indecency": 0.99}, Flaw.INDECENT),
    ],
)
async def test_of_a_refused_photo_no_hash_and_no_age_is_kept(shop, changes, flaw):
    order = await shop.collecting()
    photo = await shop.photo(order, 1)
    judged = await photos.apply_findings(
        shop.tx, photo, findings(1, youth=0.7, **changes), shop.now
    )
    assert (judged.state, judged.flaw) == (PhotoState.REJECTED, flaw)
    assert (judged.phash, judged.face_hash, judged.youth) == ("", "", 0.0)


async def test_what_an_admin_refuses_loses_its_hashes_too(shop):
    order = await shop.collecting()
    held = {}
    for seed, found in enumerate(({"youth": 0.95}, {"indecency": 0.6, "youth": 0.2})):
        photo = await shop.photo(order, seed)
        held[seed] = await photos.apply_findings(shop.tx, photo, findings(seed, **found), shop.now)
    minor, indecent = [await reviews.reject(shop.tx, held[seed], shop.now) for seed in (0, 1)]
    assert {minor.phash, minor.face_hash, indecent.phash, indecent.face_hash} == {""}
    assert (minor.youth, indecent.youth) == (0.95, 0.0)  # the first still counts for its album


async def test_a_face_is_compared_within_its_order_alone(shop):
    """Nobody is found by their face among other people's photos."""
    same = findings(7)
    first = await shop.collecting(platform_id="1")
    await photos.apply_findings(shop.tx, await shop.photo(first, 1), same, shop.now)
    other = await shop.collecting(platform_id="2")
    judged = await photos.apply_findings(shop.tx, await shop.photo(other, 2), same, shop.now)
    assert judged.state is PhotoState.ACCEPTED
    again = await photos.apply_findings(shop.tx, await shop.photo(first, 3), same, shop.now)
    assert again.flaw is Flaw.DUPLICATE


async def test_the_results_of_checks_are_shown_and_go_with_the_photos_key(shop):
    order = await shop.collecting(good=2)
    await photos.apply_findings(
        shop.tx, await shop.photo(order, 50), findings(50, faces=0), shop.now
    )
    user = await shop.tx.get(User, order.user_id)
    assert (await privacy.holdings(shop.database, shop.blobs, user)).photos == 3
    await photos.erase_all(shop.tx, order.id, "cancelled", shop.now)
    assert await shop.tx.count(Photo) == 0
    assert (await shop.tx.get(Order, order.id)).key_id is None
