"""What an admin looks at before it counts: photos of avatars and sources of clips that are perhaps
a minor's, or indecent. Each look and each decision writes its audit entry, as
:mod:`shop.admin_actions`.
"""

from datetime import datetime

from shop.admin_actions import audit
from shop.clips import sources
from shop.clips.verdict import SourceFlaw
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.people import users
from shop.photos import photos, reviews
from shop.ports import Above, Tx
from shop.records import (
    AuditEntry,
    Clip,
    ClipId,
    ClipState,
    Flaw,
    Photo,
    PhotoId,
    PhotoState,
    UserId,
)
from shop.sealed_blobs import SealedBlob


async def held(tx: Tx, admin: str, now: datetime, limit: int = 10) -> list[Photo]:
    """Photos that wait for an admin's review, the longest waiting first."""
    found = await tx.find(Photo, state=PhotoState.HELD, order="created_at", limit=limit)
    await audit(tx, admin, "review", "", str(len(found)), now)
    return found


async def look(
    tx: Tx, cipher: EnvelopeCipher, admin: str, photo_id: str, now: datetime
) -> SealedBlob:
    """A held photo's JPEG, to be opened after the transaction. Raises :class:`NotFound` for one
    that is not held."""
    photo = await tx.get(Photo, photo_id)
    if photo is None or photo.state is not PhotoState.HELD:
        raise NotFound
    picture = await photos.find_jpeg(tx, cipher, photo)
    await audit(tx, admin, "look", photo.id, "shown", now)
    return picture


async def approve(tx: Tx, admin: str, photo_id: str, now: datetime) -> Photo:
    """Raises :class:`NotFound`, or :class:`NotAllowed` for one that is not held."""
    photo = await _photo(tx, photo_id)
    if photo.flaw is Flaw.MINOR:
        await _end_statement(tx, photo.user_id, photo.id)
    approved = await reviews.approve(tx, photo, now)
    await audit(tx, admin, "approve", photo.id, "accepted", now)
    return approved


async def held_sources(tx: Tx, admin: str, now: datetime, limit: int = 10) -> list[Clip]:
    """Clips whose source waits for an admin's review, the longest waiting first."""
    found = await tx.find(Clip, state=ClipState.HELD, order="touched_at", limit=limit)
    await audit(tx, admin, "review", "clips", str(len(found)), now)
    return found


async def look_at_source(
    tx: Tx, cipher: EnvelopeCipher, admin: str, clip_id: str, now: datetime
) -> SealedBlob:
    """The source that a clip is held for, to be opened after the transaction. Raises
    :class:`NotFound` for one that is not held."""
    clip = await tx.get(Clip, clip_id)
    if clip is None or clip.state is not ClipState.HELD:
        raise NotFound
    *_, picture = await sources.find_sources(tx, cipher, clip)
    await audit(tx, admin, "look", clip.id, "shown", now)
    return picture


async def approve_source(tx: Tx, admin: str, clip_id: str, now: datetime) -> Clip:
    """Raises :class:`NotFound`, or :class:`NotAllowed` for one that is not held."""
    clip = await _clip(tx, clip_id)
    if clip.reason == SourceFlaw.MINOR and sources.is_of_sender(clip):
        await _end_statement(tx, clip.user_id, clip.id)
    approved = await sources.approve(tx, clip, now)
    await audit(tx, admin, "approve", clip.id, "accepted", now)
    return approved


async def reject_source(tx: Tx, admin: str, clip_id: str, now: datetime) -> Clip:
    """Raises as :func:`approve_source`."""
    clip = await sources.reject(tx, await _clip(tx, clip_id), now)
    await audit(tx, admin, "reject", clip.id, clip.reason, now)
    return clip


async def reject(tx: Tx, admin: str, photo_id: str, now: datetime) -> Photo:
    """Raises as :func:`approve`."""
    photo = await reviews.reject(tx, await _photo(tx, photo_id), now)
    await audit(tx, admin, "reject", photo.id, str(photo.flaw), now)
    return photo


async def _photo(tx: Tx, id: str) -> Photo:
    photo = await tx.get(Photo, PhotoId(id))
    if photo is None:
        raise NotFound
    return photo


async def _clip(tx: Tx, id: str) -> Clip:
    clip = await tx.get(Clip, ClipId(id))
    if clip is None:
        raise NotFound
    return clip


async def _end_statement(tx: Tx, sender: UserId, picture: str) -> None:
    """An adult was seen on that picture of its sender, whose saying that they are a minor then
    holds nothing more: if it was shown since they said so, with that said beside it."""
    user = await users.current(tx, sender)
    if user is None or user.stated_minor_at is None:
        return
    since = Above(user.stated_minor_at)
    if await tx.count(AuditEntry, target=picture, command="look", at=since):
        await users.clear_stated_minor(tx, user.id)
