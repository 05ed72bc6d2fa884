"""Delivery: what a worker has made of a source becomes the customer's, blobs first, then the
records in one transaction; what nothing came to refer to is removed again
(as :mod:`shop.avatars.delivery`).
"""

from dataclasses import dataclass, field

from shop.avatars import portrait_keys
from shop.avatars.sealed_pictures import SealedPicture
from shop.clips import filming, sources
from shop.clips.filming import StoredClip
from shop.clips.sources import StoredPreparation
from shop.clips.verdict import SourceFindings
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.labels.signing import PictureKind
from shop.ports import Blobs, Database, Tx
from shop.records import Clip, Portrait, new_id
from shop.sealed_blobs import SealedBlob, find_blob, store_blob
from shop.transactions import run_transaction


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """A source as it moves, and, small, as it came; ``joined`` with the first one in one frame,
    labelled, empty without. All JPEG."""

    after: bytes = field(repr=False)
    before: bytes = field(repr=False)
    findings: SourceFindings
    joined: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class RenderedClip:
    """A finished, labelled clip: MP4, its first frame as JPEG, a preview as animated WebP."""

    mp4: bytes = field(repr=False)
    poster: bytes = field(repr=False)
    preview: bytes = field(repr=False)
    seconds: float
    frames: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SealedClip:
    """A finished clip's files, each of which opens signed."""

    video: SealedPicture
    poster: SealedPicture
    preview: SealedPicture


async def deliver_source(
    database: Database, cipher: EnvelopeCipher, blobs: Blobs, clip: Clip, picture: PreparedPicture
) -> Clip:
    """Store what was made of the clip's last source, and decide about it. ``clip`` is as it was
    when the work began. Nothing is left where its preparation has ended."""
    stem = f"sources/{clip.id}/{new_id()}"
    joined = f"{stem}/joined" if picture.joined else ""
    stored = StoredPreparation(f"{stem}/after", f"{stem}/before", joined)
    async with database.snapshot() as tx:
        fresh = await tx.get(Clip, clip.id)
        is_same = fresh is not None and fresh.sources == clip.sources
        key_id = sources.last_key(clip) if is_same else None
        key = await cipher.data_key(tx, key_id) if key_id else None
    if key is None:  # its job ended with it
        return fresh or clip
    await store_blob(blobs, key, picture.after, stored.path)
    await store_blob(blobs, key, picture.before, stored.before)
    if joined:
        await store_blob(blobs, key, picture.joined, joined)

    async def apply(tx: Tx) -> Clip:
        now = await tx.now()
        return await sources.apply_findings(tx, clip, stored, picture.findings, now)

    ended = await run_transaction(database, apply)
    if stored.path not in ended.sources:
        await blobs.remove(stem)
    return ended


async def deliver_clip(
    database: Database, cipher: EnvelopeCipher, blobs: Blobs, clip: Clip, rendered: RenderedClip
) -> Clip:
    """Store a clip's files under its key, and :func:`shop.clips.filming.finish` it. ``clip`` is as
    :func:`shop.clips.filming.begin_work` gave it. Nothing is left where it has ended."""
    stem = f"clips/{clip.id}/{new_id()}"
    stored = StoredClip(
        f"{stem}/video", f"{stem}/poster", f"{stem}/preview",
        rendered.seconds, rendered.frames, rendered.width, rendered.height,
    )  # fmt: skip
    async with database.snapshot() as tx:
        fresh = await tx.get(Clip, clip.id) or clip
        if clip.key_id is None or clip.key_id != fresh.key_id:  # its job ended with it
            return fresh
        key = await cipher.data_key(tx, clip.key_id)
    for path, data in (
        (stored.blob, rendered.mp4),
        (stored.poster, rendered.poster),
        (stored.preview, rendered.preview),
    ):
        await store_blob(blobs, key, data, path)

    async def finish(tx: Tx) -> Clip:
        return await filming.finish(tx, clip, stored, await tx.now())

    ended = await run_transaction(database, finish)
    if ended.blob != stored.blob:
        await blobs.remove(stem)
    return ended


async def find_pictures(tx: Tx, cipher: EnvelopeCipher, clip: Clip) -> tuple[SealedBlob, ...]:
    """What is to move, a portrait first, to be opened after the transaction: as it was painted, so
    that the clip is labelled and signed as a whole. Raises :class:`NotFound` once any was erased.
    """
    sent = await sources.find_sources(tx, cipher, clip) if clip.sources else ()
    if clip.portrait_id is None:
        return sent
    portrait = await tx.get(Portrait, clip.portrait_id)
    key_id = await portrait_keys.key_id_of(tx, portrait) if portrait else None
    if portrait is None or key_id is None:
        raise NotFound
    return (await find_blob(tx, cipher, key_id, portrait.blob), *sent)


async def find_clip(tx: Tx, cipher: EnvelopeCipher, clip: Clip) -> SealedClip:
    """The files of a finished clip, to be opened, and signed, after the transaction. Raises
    :class:`NotFound` once it was erased."""
    if clip.key_id is None or not clip.blob:
        raise NotFound
    day = clip.done_at.date() if clip.done_at else None
    video, poster, preview = [
        SealedPicture(await find_blob(tx, cipher, clip.key_id, path), kind, day)
        for path, kind in (
            (clip.blob, PictureKind.CLIP),
            (clip.poster, PictureKind.POSTER),
            (clip.preview, PictureKind.CLIP),
        )
    ]
    return SealedClip(video, poster, preview)
