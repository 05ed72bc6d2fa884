"""The life of a clip, from the wish to the file.

A customer says who is on the picture and agrees, sends it (:mod:`shop.clips.sources`), chooses a
motion (:mod:`shop.clips.filming`), and gets the clip. Whatever ends the clip destroys the source's
key in the same transaction; an outbox message then removes the blobs, and a receipt says so.

A person prepares one clip at a time (those that wait for their work, or are held, do not count).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from shop.avatars import portrait_keys
from shop.clips import offer
from shop.encryption import EnvelopeCipher, destroy
from shop.errors import AvatarMissing, NoFaceToMove, NotAllowed, NotFound
from shop.jobs import jobs, outbox
from shop.money import ledger
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.people.users import lock_unbanned
from shop.ports import OneOf, Tx
from shop.records import (
    CHAT,
    Clip,
    ClipId,
    ClipState,
    Job,
    JobState,
    KeyId,
    Portrait,
    Relation,
    User,
    new_id,
)
from shop.transitions import move

_GONE: Final = frozenset({ClipState.ERASED})
TRANSITIONS: Final[Mapping[ClipState, frozenset[ClipState]]] = {
    # To HELD: its customer says that they are a minor.
    ClipState.COLLECTING: frozenset(
        {ClipState.PREPARING, ClipState.READY, ClipState.HELD, ClipState.GIVEN_UP}
    ),
    ClipState.PREPARING: frozenset(
        {
            ClipState.COLLECTING,
            ClipState.READY,
            ClipState.HELD,
            ClipState.REFUSED,
            ClipState.GIVEN_UP,
        }
    ),
    ClipState.HELD: frozenset(
        {ClipState.COLLECTING, ClipState.READY, ClipState.REFUSED, ClipState.GIVEN_UP}
    ),
    ClipState.READY: frozenset(
        {ClipState.COLLECTING, ClipState.WAITING, ClipState.HELD, ClipState.GIVEN_UP}
    ),
    ClipState.WAITING: frozenset({ClipState.DONE, ClipState.FAILED, ClipState.GIVEN_UP}),
    ClipState.DONE: _GONE,
    ClipState.REFUSED: _GONE,
    ClipState.FAILED: _GONE,
    ClipState.GIVEN_UP: _GONE,
}

PREPARED: Final = (ClipState.COLLECTING, ClipState.PREPARING, ClipState.READY)
"""What its customer is about: at most one clip of theirs."""

HAS_SOURCE: Final = (*PREPARED, ClipState.HELD, ClipState.WAITING)
"""States in which a source, or its key, may be there."""


async def transition(
    tx: Tx, clip: Clip, state: ClipState, now: datetime, **changes: object
) -> Clip:
    """Change a clip's state: the only function that does. The caller has locked its owner.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    return await move(tx, clip, TRANSITIONS, state, touched_at=now, **changes)


async def begin(
    tx: Tx,
    cipher: EnvelopeCipher,
    user: User,
    relation: Relation,
    now: datetime,
    *,
    portrait: Portrait | None = None,
) -> Clip:
    """The customer wants a clip of ``portrait``, which is READY, or of a picture that they will
    send; what they were preparing before is given up.

    The same wish again, before anything was sent, is the same clip. Raises :class:`Banned`,
    :class:`ConsentMissing` (:func:`consent.require_for_clips`), :class:`ClipsPaused` while admins
    have turned clips off, or :class:`AvatarMissing` for a portrait that is gone.
    """
    await lock_unbanned(tx, user.id)
    await consent.require_for_clips(tx, user)
    await offer.require_offered(tx)
    if portrait is not None:
        await _require_portrait(tx, user, portrait)
    wanted = Clip(
        id=ClipId(new_id()),
        user_id=user.id,
        state=ClipState.COLLECTING,
        relation=relation,
        created_at=now,
        touched_at=now,
        portrait_id=portrait.id if portrait else None,
        avatar_id=portrait.avatar_id if portrait else None,
        faces=1 if portrait else 0,
    )
    for former in await tx.find(Clip, user_id=user.id, state=OneOf(PREPARED), lock=True):
        if _is_same_wish(former, wanted):
            return former
        await give_up(tx, former, now, "another")
    if missing(wanted):
        wanted = replace(wanted, source_key_id=await cipher.new_key(tx, now))
    else:
        wanted = replace(wanted, state=ClipState.READY)
    await tx.add(wanted)
    return wanted


def missing(clip: Clip) -> int:
    """How many pictures have yet to be sent."""
    return clip.pictures - len(clip.sources) - (clip.portrait_id is not None)


async def add_picture(tx: Tx, clip: Clip, relation: Relation, now: datetime) -> Clip:
    """Somebody is to stand beside the one of a READY clip: one more picture is awaited, of whom
    ``relation`` is true. Asked again before anything came, it is the same.

    Raises :class:`Banned`, :class:`ConsentMissing`, :class:`ClipsPaused`, :class:`NoFaceToMove` or
    :class:`NotAllowed` for a clip of two pictures already, or one that is not ready (any more).
    """
    user = await lock_unbanned(tx, clip.user_id)
    fresh = await locked(tx, clip.id)
    await consent.require_for_clips(tx, user)
    await offer.require_offered(tx)
    if fresh.state is ClipState.COLLECTING and fresh.relation_beside is not None:
        asked = replace(fresh, relation_beside=relation)
        await tx.put(asked)
        return asked
    if fresh.state is not ClipState.READY or fresh.pictures != 1:
        raise NotAllowed
    if not fresh.faces:
        raise NoFaceToMove
    return await transition(
        tx, fresh, ClipState.COLLECTING, now, pictures=2, relation_beside=relation
    )


async def send_beside_again(tx: Tx, clip: Clip, now: datetime) -> Clip:
    """Another picture is to stand beside the first than the one that was sent: that one goes, and
    its place is free. Raises :class:`NotAllowed` for a clip in which nobody stands beside."""
    await lock_user(tx, clip.user_id)
    fresh = await locked(tx, clip.id)
    if fresh.relation_beside is None or missing(fresh):
        raise NotAllowed
    await end_jobs(tx, fresh, "another", now)
    return await drop_beside(tx, fresh, now)


async def drop_beside(tx: Tx, clip: Clip, now: datetime) -> Clip:
    """Erase the second picture, which was sent, and all that was made of it: its key in this
    transaction, its blobs by an outbox message. The clip waits for another one."""
    *former, last = clip.sources
    await destroy(tx, clip.beside_key_id)
    folder = "/".join(last.split("/")[:3])  # what was made of it lies below
    await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": folder}, now)
    return await transition(
        tx, clip, ClipState.COLLECTING, now,
        sources=tuple(former), before=clip.before[: len(former)], joined="", beside_key_id=None,
        done=(), reason="",
    )  # fmt: skip


async def keep_alone(tx: Tx, clip: Clip, now: datetime) -> Clip:
    """Nobody comes beside: a clip that waits for its second picture is READY with its first.
    Nothing happens to any other."""
    await lock_user(tx, clip.user_id)
    fresh = await locked(tx, clip.id)
    if fresh.state is not ClipState.COLLECTING or fresh.relation_beside is None:
        return fresh
    await destroy(tx, fresh.beside_key_id)  # a picture may have been stored and not taken in
    return await transition(
        tx, fresh, ClipState.READY, now, pictures=1, relation_beside=None, beside_key_id=None
    )


async def give_up(tx: Tx, clip: Clip, now: datetime, why: str = "customer") -> Clip:
    """Its customer does not want it (any more), or took too long: end its work, release what is
    held for it, erase the source. Nothing happens to a clip that has ended."""
    await lock_user(tx, clip.user_id)
    fresh = await locked(tx, clip.id)
    if fresh.state not in HAS_SOURCE:
        return fresh
    await end_jobs(tx, fresh, why, now)
    return await end(tx, fresh, ClipState.GIVEN_UP, why, now)


async def erase_source(tx: Tx, clip: Clip, why: str, now: datetime) -> None:
    """Destroy the keys of a clip's sources, so that nothing of them opens from the commit on; the
    blobs go by the outbox message ``erase_source`` {clip, why, count}, which leads to the receipt.
    """
    held = source_keys(clip)
    if not held:
        return
    for key_id in held:
        await destroy(tx, key_id)
    sent = len(clip.sources)
    gone = {"source_key_id": None, "beside_key_id": None, "sources": (), "before": ()}
    await tx.put(replace(clip, **gone, joined=""))  # type: ignore[arg-type]
    payload: outbox.Payload = {"clip": clip.id, "why": why, "count": sent}
    await outbox.enqueue(tx, CHAT, "erase_source", payload, now)


def source_keys(clip: Clip) -> list[KeyId]:
    """The keys of what was, or is to be, sent for it."""
    return [one for one in (clip.source_key_id, clip.beside_key_id) if one is not None]


async def current(tx: Tx, user: User) -> Clip | None:
    """The clip that the person is preparing, if there is one."""
    found = await tx.find(Clip, user_id=user.id, state=OneOf(PREPARED), order="-created_at")
    return found[0] if found else None


async def newest(tx: Tx, user: User, limit: int = 10) -> list[Clip]:
    """A person's finished clips, the newest first."""
    return await tx.find(Clip, user_id=user.id, state=ClipState.DONE, order="-done_at", limit=limit)


async def end_jobs(tx: Tx, clip: Clip, why: str, now: datetime) -> None:
    """Cancel whatever work is owed for a clip, of whichever kind."""
    for job in await tx.find(Job, ref=clip.id, state=jobs.OWED):
        await jobs.end(tx, job, JobState.CANCELLED, now, why)


async def erase_files(tx: Tx, clip: Clip, now: datetime) -> None:
    """Remove the blobs of a clip's files, if there may be any, after the commit."""
    if clip.key_id is not None:
        await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": f"clips/{clip.id}"}, now)


async def end(
    tx: Tx, clip: Clip, state: ClipState, why: str, now: datetime, **changes: object
) -> Clip:
    """WAITING or before it to FAILED or GIVEN_UP: release what is held for it, and leave nothing
    that was sent for it, or made of that."""
    if clip.state is ClipState.WAITING and not clip.gift:
        await ledger.release(tx, clip.user_id, subject(clip), clip.credits, now)
    await erase_source(tx, clip, why, now)
    await destroy(tx, clip.key_id)
    await erase_files(tx, clip, now)
    return await transition(tx, clip, state, now, key_id=None, **changes)


async def locked(tx: Tx, id: ClipId) -> Clip:
    """The clip, locked; its owner is already. Raises :class:`NotFound`."""
    clip = await tx.get(Clip, id, lock=True)
    if clip is None:
        raise NotFound
    return clip


def subject(clip: Clip) -> str:
    """What its credits are held for, in the ledger."""
    return f"clip:{clip.id}"


def _is_same_wish(former: Clip, wanted: Clip) -> bool:
    untouched = former.state is ClipState.COLLECTING and not former.sources
    of_portrait = former.state is ClipState.READY and not missing(wanted)
    same = (former.relation, former.portrait_id, former.pictures) == (
        wanted.relation, wanted.portrait_id, wanted.pictures,
    )  # fmt: skip
    return same and (untouched or (of_portrait and former.portrait_id is not None))


async def _require_portrait(tx: Tx, user: User, portrait: Portrait) -> None:
    key_id = await portrait_keys.key_id_of(tx, portrait, lock=True)
    fresh = await tx.get(Portrait, portrait.id)
    if fresh is None or fresh.user_id != user.id:
        raise NotFound
    if key_id is None:
        raise AvatarMissing
