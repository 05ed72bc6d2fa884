"""The source of a clip: a picture that a customer sends, looked at and restored before it moves.

Its bytes are sealed under a key of the clip's own, which whatever ends the clip destroys
(:func:`shop.clips.clips.erase_source`). A worker looks at it (:data:`PREPARE`): what it made of it,
straightened and mended, takes its place; :mod:`shop.clips.verdict` decides.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from shop.avatars.sealed_pictures import SealedPicture
from shop.clips import clips
from shop.clips.verdict import SourceFindings, SourceFlaw, judge
from shop.encryption import DataKey, EnvelopeCipher
from shop.errors import NotAllowed, NotFound
from shop.jobs import held_pictures, jobs, outbox
from shop.jobs.kinds import JobKind, SchedulingClass
from shop.labels.signing import PictureKind
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.people.users import lock_unbanned
from shop.photos.decoding import SanitizedPhoto
from shop.ports import Blobs, OneOf, Tx
from shop.records import (
    CHAT,
    AnimationRefusal,
    Clip,
    ClipId,
    ClipState,
    JobKindName,
    JobState,
    KeyId,
    Relation,
    User,
    new_id,
)
from shop.sealed_blobs import SealedBlob, find_blob, store_blob

_SEEN: Final = (ClipState.COLLECTING, ClipState.READY)
"""States in which what was sent, if anything was, is accepted and does not move yet."""
UNREADABLE: Final = "BadPhotos"  # the engine's own word, in which a job is given up


@dataclass(frozen=True, slots=True)
class SourceKey:
    """The key under which a clip's sources are sealed."""

    clip_id: ClipId
    key_id: KeyId
    key: DataKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source whose blob is written and whose clip does not name it yet."""

    clip_id: ClipId
    key_id: KeyId
    path: str


@dataclass(frozen=True, slots=True)
class StoredPreparation:
    """What was made of a source, written: as it moves, and, small, as it came; ``joined`` with the
    first one in one frame, "" if there is none."""

    path: str
    before: str
    joined: str = ""


async def source_key(tx: Tx, cipher: EnvelopeCipher, clip: Clip) -> SourceKey:
    """The key for the next source of that clip; of who stands beside each try has one of its own.
    Raises :class:`NotAllowed` while it takes none."""
    await lock_user(tx, clip.user_id)
    fresh = await _locked(tx, clip.id)
    if fresh.state is not ClipState.COLLECTING:
        raise NotAllowed
    if fresh.relation_beside is not None and fresh.beside_key_id is None:
        fresh = replace(fresh, beside_key_id=await cipher.new_key(tx, await tx.now()))
        await tx.put(fresh)
    key_id = _key_of(fresh, len(fresh.sources))
    if key_id is None:
        raise NotAllowed
    return SourceKey(fresh.id, key_id, await cipher.data_key(tx, key_id))


def last_key(clip: Clip) -> KeyId | None:
    """The key of the source that was sent last."""
    return _key_of(clip, len(clip.sources) - 1)


async def store(blobs: Blobs, key: SourceKey, photo: SanitizedPhoto) -> StoredSource:
    """Encrypt and write a source's blob, outside of transactions: then :func:`admit` it, and remove
    the blob if that raises."""
    path = f"sources/{key.clip_id}/{new_id()}"
    await store_blob(blobs, key.key, photo.jpeg, path)
    return StoredSource(key.clip_id, key.key_id, path)


async def admit(tx: Tx, clip: Clip, stored: StoredSource, now: datetime) -> Clip:
    """Take a source in: it is looked at next, and its customer hears of it by ``source_ready``,
    ``source_held`` or ``source_refused``.

    Raises :class:`Banned`, :class:`ConsentMissing`, or :class:`NotAllowed` for a clip that takes
    none (any more), or that it was not stored for.
    """
    user = await lock_unbanned(tx, clip.user_id)
    await consent.require_for_clips(tx, user)
    fresh = await _locked(tx, clip.id)
    if (fresh.id, _key_of(fresh, len(fresh.sources))) != (stored.clip_id, stored.key_id):
        raise NotAllowed
    preparing = await clips.transition(
        tx, fresh, ClipState.PREPARING, now, sources=(*fresh.sources, stored.path)
    )
    await jobs.enqueue(tx, PREPARE, preparing.id, user.id, now)
    return preparing


async def apply_findings(
    tx: Tx, clip: Clip, prepared: StoredPreparation, findings: SourceFindings, now: datetime
) -> Clip:
    """Decide by what a worker found, and end the job. Nothing happens to a clip that is not being
    prepared (any more): then nothing refers to ``prepared``."""
    user = await lock_user(tx, clip.user_id)
    fresh = await _locked(tx, clip.id)
    await jobs.end_of(tx, PREPARE, clip.id, JobState.DONE, now)
    # Another source may be under way by now, if this worker had lost its lease.
    if fresh.state is not ClipState.PREPARING or fresh.sources != clip.sources:
        return fresh
    *former, raw = fresh.sources
    await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": raw}, now)
    verdict = judge(replace(findings, youth=1.0) if user.stated_minor_at else findings)
    is_second = _is_second(fresh)
    changed = replace(
        fresh,
        sources=(*former, prepared.path),
        before=(*fresh.before, prepared.before),
        joined=prepared.joined,
        faces=fresh.faces if is_second else findings.faces,
        done=findings.done,
        reason=str(verdict.flaw or "") or findings.reason,
    )
    await tx.put(changed)
    if is_second and findings.apart and verdict.state is not ClipState.REFUSED:
        return await _refuse(tx, changed, findings.apart, now)
    match verdict.state:
        case ClipState.REFUSED:
            return await _refuse(tx, changed, changed.reason, now)
        case ClipState.HELD:
            return await _hold(tx, changed, now)
    return await _accept(tx, changed, now)


async def give_up(tx: Tx, clip: Clip, why: str, now: datetime) -> Clip:
    """Nobody could look at the source: refused, as unreadable or for a fault of ours."""
    await lock_user(tx, clip.user_id)
    fresh = await _locked(tx, clip.id)
    await jobs.end_of(tx, PREPARE, clip.id, JobState.FAILED, now, why)
    if fresh.state is not ClipState.PREPARING:
        return fresh
    reason = SourceFlaw.UNREADABLE if why == UNREADABLE else SourceFlaw.BROKEN
    return await _refuse(tx, fresh, reason, now)


async def hold_for_age(tx: Tx, user: User, now: datetime) -> None:
    """The customer, who is locked, says that they are a minor: a picture that they have sent, and
    that does not move yet, waits for an admin."""
    for clip in await tx.find(Clip, user_id=user.id, state=OneOf(_SEEN), lock=True):
        if clip.sources:
            await _hold(tx, replace(clip, reason=str(SourceFlaw.MINOR)), now)


async def keep_alone(tx: Tx, clip: Clip, now: datetime) -> Clip:
    """As :func:`shop.clips.clips.keep_alone`; the first picture of somebody who says that they are
    a minor waits for an admin, who has not seen it."""
    kept = await clips.keep_alone(tx, clip, now)
    user = await lock_user(tx, kept.user_id)
    if user.stated_minor_at is None:
        return kept
    await hold_for_age(tx, user, now)
    return await _locked(tx, kept.id)


async def approve(tx: Tx, clip: Clip, now: datetime) -> Clip:
    """An admin has looked at a held source, and it may come alive. Raises :class:`NotAllowed` if it
    is not held."""
    return await _accept(tx, await _held(tx, clip), now)


def is_of_sender(clip: Clip) -> bool:
    """Whether the picture that was sent last is one of its sender, as they say."""
    relation = clip.relation_beside if _is_second(clip) else clip.relation
    return relation is Relation.SELF


async def reject(tx: Tx, clip: Clip, now: datetime) -> Clip:
    """An admin has looked at a held source, and it may not. Raises as :func:`approve`."""
    held = await _held(tx, clip)
    return await _refuse(tx, held, held.reason, now)


async def find_sources(tx: Tx, cipher: EnvelopeCipher, clip: Clip) -> tuple[SealedBlob, ...]:
    """What was sent, in order, as it was made of it; to be opened after the transaction. Raises
    :class:`NotFound` once it was erased."""
    return await _find(tx, cipher, clip, clip.sources)


async def find_before(tx: Tx, cipher: EnvelopeCipher, clip: Clip) -> tuple[SealedBlob, ...]:
    """The same, small, as it came. Raises :class:`NotFound` once it was erased."""
    return await _find(tx, cipher, clip, clip.before)


async def find_joined(tx: Tx, cipher: EnvelopeCipher, clip: Clip) -> SealedPicture:
    """Both pictures in one frame, as they will move. Raises :class:`NotFound` for a clip of one,
    and once it was erased."""
    if clip.beside_key_id is None or not clip.joined:
        raise NotFound
    return SealedPicture(
        await find_blob(tx, cipher, clip.beside_key_id, clip.joined), PictureKind.TOGETHER
    )


async def _find(
    tx: Tx, cipher: EnvelopeCipher, clip: Clip, paths: tuple[str, ...]
) -> tuple[SealedBlob, ...]:
    found = []
    for place, path in enumerate(paths):
        key_id = _key_of(clip, place)
        if key_id is None:
            raise NotFound
        found.append(await find_blob(tx, cipher, key_id, path))
    if not found:
        raise NotFound
    return tuple(found)


def _key_of(clip: Clip, place: int) -> KeyId | None:
    """Of the source at that place, also of one that is yet to come: a clip's first picture, which
    may be a portrait, or the one beside it."""
    is_beside = place + (clip.portrait_id is not None) > 0
    return clip.beside_key_id if is_beside else clip.source_key_id


async def _accept(tx: Tx, clip: Clip, now: datetime) -> Clip:
    """READY, or COLLECTING while another picture has yet to be sent. A word of the verdict was the
    review's alone."""
    state = ClipState.COLLECTING if clips.missing(clip) else ClipState.READY
    reason = "" if clip.reason in set(SourceFlaw) else clip.reason
    accepted = await clips.transition(tx, clip, state, now, reason=reason)
    await outbox.notify(tx, accepted.user_id, "source_ready", now, clip=accepted.id)
    return accepted


async def _hold(tx: Tx, clip: Clip, now: datetime) -> Clip:
    """Somebody looks first, for the clip's reason."""
    held = await clips.transition(tx, clip, ClipState.HELD, now, reason=clip.reason)
    await outbox.notify(tx, held.user_id, "source_held", now, clip=held.id)
    await held_pictures.announce(tx, now)
    return held


async def _refuse(tx: Tx, clip: Clip, reason: str, now: datetime) -> Clip:
    """The clip ends; but if only the second of its pictures is refused, that one goes, and another
    may be sent in its place."""
    if _is_second(clip):
        waiting = await clips.drop_beside(tx, clip, now)
        if reason == AnimationRefusal.NO_ROOM_BESIDE:
            waiting = await keep_alone(tx, waiting, now)
        await outbox.notify(
            tx, waiting.user_id, "second_refused", now, clip=clip.id, reason=str(reason)
        )
        return waiting
    await clips.erase_source(tx, clip, "refused", now)
    refused = await clips.transition(tx, clip, ClipState.REFUSED, now, reason=str(reason))
    await outbox.notify(
        tx, refused.user_id, "source_refused", now, clip=clip.id, reason=str(reason)
    )
    return refused


def _is_second(clip: Clip) -> bool:
    """Whether the picture that was sent last stands beside another one."""
    return clip.pictures > 1 and not clips.missing(clip)


async def _held(tx: Tx, clip: Clip) -> Clip:
    await lock_user(tx, clip.user_id)
    fresh = await _locked(tx, clip.id)
    if fresh.state is not ClipState.HELD:
        raise NotAllowed
    return fresh


async def _locked(tx: Tx, id: ClipId) -> Clip:
    clip = await tx.get(Clip, id, lock=True)
    if clip is None:
        raise NotFound
    return clip


async def _give_up_job(tx: Tx, ref: str, why: str, now: datetime) -> None:
    if clip := await tx.get(Clip, ref):
        await give_up(tx, clip, why, now)


PREPARE: Final = JobKind(
    name=JobKindName("prepare"),
    scheduling=SchedulingClass.IMMEDIATE,
    quantum=timedelta(minutes=1),
    timeout=lambda settings: settings.prepare_timeout,
    give_up=_give_up_job,
    told=False,
)
"""The look at one source, and its restoring; ``ref`` is the clip's id."""
