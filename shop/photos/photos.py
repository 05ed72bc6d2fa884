"""The customer's uploads, from the chat until training has ended: then neither row nor blob exists.

A photo is admitted (sanitised, encrypted under its order's key, a check job enqueued), judged by
the numbers that the check found, and perhaps reviewed by an admin. Answers are debounced: each step
enqueues the notice ``tally``, of which one per order is sent, a moment later.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from shop import erasure_notes
from shop.encryption import DataKey, EnvelopeCipher, destroy
from shop.errors import EnoughPhotos, NotAllowed, NotFound
from shop.jobs import held_pictures, jobs, outbox
from shop.jobs.kinds import JobKind, SchedulingClass
from shop.money import bills
from shop.people.users import lock as lock_user
from shop.photos import album_age, quality
from shop.photos.decoding import SanitizedPhoto
from shop.photos.quality import MissingView, PhotoFindings, PhotoHashes
from shop.ports import Blobs, OneOf, Tx
from shop.records import (
    CHAT,
    ErasureKind,
    Flaw,
    JobKindName,
    JobState,
    KeyId,
    Order,
    OrderId,
    OrderState,
    Photo,
    PhotoId,
    PhotoState,
    Product,
    new_id,
)
from shop.sealed_blobs import SealedBlob, find_blob, store_blob
from shop.transitions import check

TRANSITIONS: Final[Mapping[PhotoState, frozenset[PhotoState]]] = {
    PhotoState.CHECKING: frozenset({PhotoState.ACCEPTED, PhotoState.REJECTED, PhotoState.HELD}),
    # With others it looks like a minor's, or its sender takes it out.
    PhotoState.ACCEPTED: frozenset({PhotoState.HELD, PhotoState.REJECTED}),
    PhotoState.HELD: frozenset({PhotoState.ACCEPTED, PhotoState.REJECTED}),
}

OPEN_FOR_PHOTOS: Final = frozenset({OrderState.COLLECTING, OrderState.AWAITING})
COUNTED: Final = frozenset({PhotoState.ACCEPTED, PhotoState.CHECKING, PhotoState.HELD})
TALLY_DELAY: Final = 2.0  # seconds: the debounce in which the answers to an album become one
UNSEEN: Final = frozenset({"trained", "expired", "failed"})
"""Why uploads end without their customer's wish: of those that nobody has looked at, they hear."""
REFUSED_FACTOR: Final = 10  # times the maximum: rows, with the refused ones, that an order may have


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """An order's photos by state. ``missing_views`` would still help; ``too_young``: by the median
    of its photos, the person is perhaps a minor, and somebody must look before a sale.
    ``numbers`` of the rejected ones, counted from 1 as they came."""

    sent: int
    accepted: int
    checking: int
    held: int
    rejected: Mapping[Flaw, int]
    missing_views: tuple[MissingView, ...]
    too_young: bool = False
    numbers: Mapping[Flaw, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UploadKey:
    """The key under which an order's uploads are sealed."""

    order_id: OrderId
    key_id: KeyId
    key: DataKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A photo whose blob is written and whose row is not yet. ``sha256`` is of the JPEG."""

    id: PhotoId
    order_id: OrderId
    key_id: KeyId
    path: str
    sha256: str


async def transition(
    tx: Tx, photo: Photo, state: PhotoState, now: datetime, **changes: object
) -> Photo:
    """Change a photo's state: the only function that does. Of a rejected one no blob, no hash
    and no comparison is kept, and how young it looks only if that was why: it counts for the album.
    A bill that says of how many photos an avatar is made is outdated by it.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    await lock_user(tx, photo.user_id)
    fresh = await tx.get(Photo, photo.id, lock=True)
    if fresh is None:
        raise NotFound
    check(TRANSITIONS, fresh.state, state)
    moved = replace(fresh, state=state, judged_at=now, **changes)  # type: ignore[arg-type]
    if state is PhotoState.REJECTED:
        if fresh.blob:
            await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": fresh.blob}, now)
            await erasure_notes.note(tx, ErasureKind.PHOTO, fresh.id, now)
        youth = moved.youth if moved.flaw is Flaw.MINOR else 0.0
        moved = replace(moved, blob="", phash="", face_hash="", youth=youth, compared=None)
    await tx.put(moved)
    if PhotoState.ACCEPTED in (fresh.state, state):
        await bills.outdate(tx, moved.order_id, now)
    if state is PhotoState.HELD:
        await held_pictures.announce(tx, now)
    await _enqueue_tally(tx, moved, now)
    return moved


async def can_still_count(tx: Tx, order: Order, maximum: int = 30) -> bool:
    """Whether :func:`admit` and :func:`refuse` would take another photo of that order now.

    Two counts by an index and no lock, to be asked before a stranger's bytes are read or decoded.
    True may be wrong a moment later, when others of the album have come first: :func:`admit`
    decides. False stays right until a photo is rejected or the order is another.
    """
    if order.product is not Product.AVATAR or order.state not in OPEN_FOR_PHOTOS:
        return False
    if await tx.count(Photo, order_id=order.id, state=OneOf(tuple(COUNTED))) >= maximum:
        return False
    return await tx.count(Photo, order_id=order.id) < maximum * REFUSED_FACTOR


async def upload_key(tx: Tx, cipher: EnvelopeCipher, order: Order) -> UploadKey:
    """The key for an upload of that order. Raises :class:`NotAllowed` once it takes none."""
    if order.key_id is None:
        raise NotAllowed
    return UploadKey(order.id, order.key_id, await cipher.data_key(tx, order.key_id))


async def store(blobs: Blobs, key: UploadKey, sanitized: SanitizedPhoto) -> StoredUpload:
    """Encrypt and write a photo's blob, outside of transactions: then :func:`admit` it, and remove
    the blob if that raises."""
    id = PhotoId(new_id())
    path = f"uploads/{key.order_id}/{id}"
    await store_blob(blobs, key.key, sanitized.jpeg, path)
    return StoredUpload(id, key.order_id, key.key_id, path, sanitized.sha256())


async def admit(
    tx: Tx, order: Order, upload: StoredUpload, now: datetime, maximum: int = 30,
    message: str = "", *, last: bool = False,
) -> Photo:  # fmt: skip
    """Take a photo in: CHECKING, or REJECTED at once if the order has the same bytes already.
    ``message`` as :class:`shop.records.Photo` has it; ``last``: its sender says that no other comes
    (:attr:`shop.records.Order.complete`). A bill that was shown is outdated by it.

    Raises :class:`NotAllowed` when the order takes no more photos (paid, cancelled) or is not the
    one that it was stored for, and :class:`EnoughPhotos` (maximum) when it has as many as can be
    used."""
    fresh, photos = await _lock_open_order(tx, order, maximum)
    if fresh.id != upload.order_id or fresh.key_id != upload.key_id:
        raise NotAllowed
    await tx.put(replace(fresh, touched_at=now, complete=last))
    same = next((one for one in photos if one.sha256 == upload.sha256), None)
    if same is not None:
        flaw = same.flaw if same.state is PhotoState.REJECTED else None
        await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": upload.path}, now)
        return await _add_rejected(tx, fresh, flaw or Flaw.DUPLICATE, now, message)
    photo = Photo(
        upload.id, fresh.id, fresh.user_id, PhotoState.CHECKING, upload.path, upload.sha256, now,
        message=message,
    )  # fmt: skip
    await tx.add(photo)
    await bills.outdate(tx, fresh.id, now)
    await jobs.enqueue(tx, CHECK, photo.id, fresh.user_id, now)
    return photo


async def refuse(
    tx: Tx, order: Order, flaw: Flaw, now: datetime, maximum: int = 30, message: str = ""
) -> Photo:
    """Count a photo of which nothing is kept: it could not even be sanitized, or, as SURPLUS, is
    beyond the most that can be used. Raises as :func:`admit`; for a SURPLUS :class:`EnoughPhotos`
    only once too many were sent to count them on."""
    surplus = flaw is Flaw.SURPLUS
    fresh, _ = await _lock_open_order(tx, order, maximum, surplus=surplus)
    await tx.put(replace(fresh, touched_at=now, complete=fresh.complete and surplus))
    return await _add_rejected(tx, fresh, flaw, now, message)


async def apply_findings(tx: Tx, photo: Photo, findings: PhotoFindings, now: datetime) -> Photo:
    """Apply what the check found, and end the job. Nothing happens to a photo that was judged
    already, or that is gone because its order was."""
    user = await lock_user(tx, photo.user_id)  # two near duplicates must not both pass
    await jobs.end_of(tx, CHECK, photo.id, JobState.DONE, now)
    fresh = await tx.get(Photo, photo.id, lock=True)
    if fresh is None or fresh.state is not PhotoState.CHECKING:
        return fresh or photo
    others = await tx.find(Photo, order_id=photo.order_id)
    hashes = [PhotoHashes(one.phash, one.face_hash) for one in others if one.state in COUNTED]
    findings = album_age.as_stated(findings, user)
    verdict, own = quality.evaluate(findings, hashes), findings.hashes
    await transition(
        tx, fresh, verdict.state, now, flaw=verdict.flaw, phash=own.whole, face_hash=own.face,
        youth=findings.youth, view=findings.view, close=quality.is_close_up(findings),
        turns=findings.turns,
    )  # fmt: skip
    await _review_album(tx, photo.order_id, now)
    return await tx.get(Photo, photo.id) or fresh


async def give_up(tx: Tx, photo: Photo, now: datetime, why: str = "") -> Photo:
    """The check failed for good: REJECTED, as unreadable."""
    await lock_user(tx, photo.user_id)
    await jobs.end_of(tx, CHECK, photo.id, JobState.FAILED, now, why)
    fresh = await tx.get(Photo, photo.id, lock=True)
    if fresh is None or fresh.state is not PhotoState.CHECKING:
        return fresh or photo
    return await transition(tx, fresh, PhotoState.REJECTED, now, flaw=Flaw.UNREADABLE)


async def tally(tx: Tx, order: Order) -> PhotoCounts:
    """Count the order's photos by state."""
    photos = await tx.find(Photo, order_id=order.id, order="created_at")
    states = Counter(photo.state for photo in photos)
    rejected = Counter(one.flaw for one in photos if one.state is PhotoState.REJECTED and one.flaw)
    accepted = [photo for photo in photos if photo.state is PhotoState.ACCEPTED]
    places = [(n, one) for n, one in enumerate(photos, 1) if one.state is PhotoState.REJECTED]
    return PhotoCounts(
        sent=len(photos), accepted=len(accepted),
        checking=states[PhotoState.CHECKING], held=states[PhotoState.HELD],
        rejected=dict(rejected),
        missing_views=quality.missing_views(accepted),
        too_young=album_age.looks_young(photos),
        numbers={flaw: tuple(n for n, one in places if one.flaw is flaw) for flaw in rejected},
    )  # fmt: skip


async def accepted(tx: Tx, order_id: OrderId) -> list[Photo]:
    """The photos to train on, in the order in which they came."""
    return await tx.find(Photo, order_id=order_id, state=PhotoState.ACCEPTED, order="created_at")


async def find_jpeg(tx: Tx, cipher: EnvelopeCipher, photo: Photo) -> SealedBlob:
    """The photo's JPEG, to be opened after the transaction. Raises :class:`NotFound` once the key
    is gone."""
    order = await tx.get(Order, photo.order_id)
    if order is None or order.key_id is None or not photo.blob:
        raise NotFound
    return await find_blob(tx, cipher, order.key_id, photo.blob)


async def erase_all(tx: Tx, order_id: OrderId, why: str, now: datetime) -> int:
    """End the uploads of an order: key and rows now, blobs by an outbox message after the commit.

    That message, ``erase_uploads`` {user, order, why, count}, leads to the deletion receipt.
    Nothing happens where nothing is kept. Returns how many photos were kept until now.
    """
    known = await tx.get(Order, order_id)
    if known is None:
        return 0
    await lock_user(tx, known.user_id)
    order = await tx.get(Order, order_id, lock=True)
    if order is None or order.key_id is None:
        return 0
    photos = await tx.find(Photo, order_id=order_id)
    await jobs.cancel_untold(tx, [order.id, *(photo.id for photo in photos)], now)
    await tx.remove(Photo, order_id=order_id)
    await destroy(tx, order.key_id)
    await tx.put(replace(order, key_id=None))
    kept = sum(photo.blob != "" for photo in photos)
    held = sum(photo.state is PhotoState.HELD for photo in photos)
    if held and why in UNSEEN:
        await outbox.notify(tx, order.user_id, "held_erased", now, order=order_id, count=held)
    payload: outbox.Payload = {"user": order.user_id, "order": order_id, "why": why, "count": kept}
    await outbox.enqueue(tx, CHAT, "erase_uploads", payload, now)
    if photos and order.state is not OrderState.PAID:  # else it was closed by the payment
        await close_tally(tx, order, now)
    return kept


async def close_tally(tx: Tx, order: Order, now: datetime) -> None:
    """The order takes no more photos: its tally is to say so."""
    await outbox.notify(tx, order.user_id, "tally", now, key=f"tally:{order.id}", order=order.id)


async def _review_album(tx: Tx, order_id: OrderId, now: datetime) -> None:
    """Hold what looks young, or let it go, by the whole album: see :mod:`shop.photos.album_age`."""
    for photo in album_age.to_hold(photos := await tx.find(Photo, order_id=order_id)):
        await transition(tx, photo, PhotoState.HELD, now, flaw=Flaw.MINOR)
    for photo in album_age.to_accept(photos):
        await transition(tx, photo, PhotoState.ACCEPTED, now, flaw=None)


async def _lock_open_order(
    tx: Tx, order: Order, maximum: int, *, surplus: bool = False
) -> tuple[Order, list[Photo]]:
    await lock_user(tx, order.user_id)
    fresh = await tx.get(Order, order.id, lock=True)
    if fresh is None or fresh.product is not Product.AVATAR or fresh.state not in OPEN_FOR_PHOTOS:
        raise NotAllowed
    photos = await tx.find(Photo, order_id=order.id)
    full = not surplus and sum(photo.state in COUNTED for photo in photos) >= maximum
    if full or len(photos) >= maximum * REFUSED_FACTOR:
        raise EnoughPhotos(maximum=maximum)
    return fresh, photos


async def _add_rejected(tx: Tx, order: Order, flaw: Flaw, now: datetime, message: str) -> Photo:
    photo = Photo(
        PhotoId(new_id()), order.id, order.user_id, PhotoState.REJECTED, "", "", now,
        flaw=flaw, judged_at=now, message=message,
    )  # fmt: skip
    await tx.add(photo)
    await _enqueue_tally(tx, photo, now)
    return photo


async def _enqueue_tally(tx: Tx, photo: Photo, now: datetime) -> None:
    await outbox.notify(
        tx, photo.user_id, "tally", now,
        delay=TALLY_DELAY, key=f"tally:{photo.order_id}", order=photo.order_id,
    )  # fmt: skip


async def _give_up_job(tx: Tx, ref: str, why: str, now: datetime) -> None:
    if photo := await tx.get(Photo, ref):
        await give_up(tx, photo, now, why)


CHECK: Final = JobKind(
    name=JobKindName("check"),
    scheduling=SchedulingClass.IMMEDIATE,
    quantum=timedelta(minutes=1),  # what a check may take by default: see below
    timeout=lambda settings: settings.check_timeout,
    give_up=_give_up_job,
    told=False,
    gathers=True,
)
"""The check of one uploaded photo; ``ref`` is the photo's id.

While a round of one check for each person who waits takes no longer than the quantum, only one
photo of anybody else's is looked at before a person's first, however many they have sent.
"""
