"""The life of a clip, from the wish to the file.

A customer says who is on the picture and agrees, sends it (:mod:`shop.clips.sources`), chooses a
motion, and gets the clip. Credits are held when the motion is chosen, captured for the finished
clip, released if none comes of it. Whatever ends the clip destroys the source's key in the same
transaction; an outbox message then removes the blobs, and a receipt says so.

A person prepares one clip at a time (those that wait for their work, or are held, do not count).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shop.catalog import Catalog
from shop.clips import offer
from shop.clips.verdict import SourceFlaw
from shop.encryption import EnvelopeCipher, destroy
from shop.errors import AvatarMissing, NoFaceToMove, NotAllowed, NotFound
from shop.jobs import jobs, outbox
from shop.jobs.kinds import JobKind, SchedulingClass
from shop.money import ledger
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.people.users import lock_unbanned
from shop.ports import Below, OneOf, Tx
from shop.records import (
    CHAT,
    Avatar,
    AvatarId,
    AvatarState,
    Clip,
    ClipId,
    ClipState,
    ConsentKind,
    Job,
    JobKindName,
    JobState,
    Motion,
    Portrait,
    Relation,
    User,
    new_id,
)
from shop.transitions import check

EMBEDDED: Final = "embedded"
"""The engine of clips that the embedded animator makes; others are video bases."""

_ENDS: Final = frozenset({ClipState.FAILED, ClipState.GIVEN_UP, ClipState.ERASED})
TRANSITIONS: Final[Mapping[ClipState, frozenset[ClipState]]] = {
    ClipState.COLLECTING: frozenset({ClipState.PREPARING, ClipState.READY}) | _ENDS,
    ClipState.PREPARING: frozenset(
        {ClipState.COLLECTING, ClipState.READY, ClipState.HELD, ClipState.REFUSED}
    )
    | _ENDS,
    ClipState.HELD: frozenset({ClipState.COLLECTING, ClipState.READY, ClipState.REFUSED}) | _ENDS,
    ClipState.READY: frozenset({ClipState.WAITING}) | _ENDS,
    ClipState.WAITING: frozenset({ClipState.DONE}) | _ENDS,
    ClipState.DONE: frozenset({ClipState.ERASED}),
    ClipState.REFUSED: frozenset({ClipState.ERASED}),
    ClipState.FAILED: frozenset({ClipState.ERASED}),
    ClipState.GIVEN_UP: frozenset({ClipState.ERASED}),
}

PREPARED: Final = (ClipState.COLLECTING, ClipState.PREPARING, ClipState.READY)
"""What its customer is about: at most one clip of theirs."""

HAS_SOURCE: Final = (*PREPARED, ClipState.HELD, ClipState.WAITING)
"""States in which a source, or its key, may be there."""


@dataclass(frozen=True, slots=True)
class StoredClip:
    """A finished clip whose blobs are written and whose record does not name them yet."""

    blob: str
    poster: str
    preview: str
    seconds: float
    frames: int
    width: int
    height: int


async def transition(
    tx: Tx, clip: Clip, state: ClipState, now: datetime, **changes: object
) -> Clip:
    """Change a clip's state: the only function that does. The caller has locked its owner.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    fresh = await tx.get(Clip, clip.id, lock=True)
    if fresh is None:
        raise NotFound
    check(TRANSITIONS, fresh.state, state)
    moved = replace(fresh, state=state, touched_at=now, **changes)  # type: ignore[arg-type]
    await tx.put(moved)
    return moved


async def begin(
    tx: Tx,
    cipher: EnvelopeCipher,
    user: User,
    relation: Relation,
    now: datetime,
    *,
    portrait: Portrait | None = None,
    pictures: int = 1,
) -> Clip:
    """The customer wants a clip of so many ``pictures``, of ``portrait`` and what they will send;
    what they were preparing before is given up. Once nothing has to be sent it is READY.

    The same wish again, before anything was sent, is the same clip. Raises :class:`Banned`,
    :class:`ConsentMissing` (:func:`consent.require_for_clips`), :class:`SalesPaused` while admins
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
        pictures=pictures,
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


async def request(
    tx: Tx, catalog: Catalog, clip: Clip, motion: Motion, now: datetime, *, engine: str = EMBEDDED
) -> Clip:
    """The customer chooses how a READY clip moves: hold its credits, or give it as a gift, and owe
    the work. Chosen again (a second press), it is the clip that waits already.

    Raises :class:`Banned`, :class:`ConsentMissing`, :class:`SalesPaused` (clips are off, or gifts
    with all sales), :class:`TooFewCredits`, :class:`NoFaceToMove`, or :class:`NotAllowed` for a
    clip that is not ready (any more).
    """
    user = await lock_unbanned(tx, clip.user_id)
    fresh = await _locked(tx, clip.id)
    if fresh.state is ClipState.WAITING and (fresh.motion, fresh.engine) == (motion.id, engine):
        return fresh
    if fresh.state is not ClipState.READY:
        raise NotAllowed
    await consent.require_for_clips(tx, user)
    await offer.require_offered(tx)
    if motion.faces and not fresh.faces:
        raise NoFaceToMove
    cost = await price(tx, catalog, user, engine)
    if cost.gift:
        await offer.require_gifts(tx)
    else:
        await ledger.hold(tx, user.id, _subject(fresh), cost.credits, now)
    waiting = await transition(
        tx, fresh, ClipState.WAITING, now,
        motion=motion.id, engine=engine, credits=cost.credits, gift=cost.gift, reason="",
    )  # fmt: skip
    await jobs.enqueue(tx, FILM, waiting.id, user.id, now)
    return waiting


async def price(tx: Tx, catalog: Catalog, user: User, engine: str = EMBEDDED) -> offer.ClipPrice:
    """What that person's next clip by that engine costs."""
    return await offer.quote(tx, catalog, user, FILM, gifts=engine == EMBEDDED)


async def begin_work(tx: Tx, cipher: EnvelopeCipher, id: ClipId, now: datetime) -> Clip | None:
    """The clip, with the key for its files; None if it does not wait (any more). Safe to call for
    each try."""
    known = await tx.get(Clip, id)
    if known is None:
        return None
    await lock_user(tx, known.user_id)
    clip = await _locked(tx, id)
    if clip.state is not ClipState.WAITING:
        return None
    keyed = replace(clip, key_id=clip.key_id or await cipher.new_key(tx, now))
    await tx.put(keyed)
    return keyed


async def finish(tx: Tx, clip: Clip, stored: StoredClip, now: datetime) -> Clip:
    """The work is done: capture the credits, erase the source, notify the customer. Nothing happens
    to a clip that has ended."""
    fresh = await _waiting(tx, clip)
    if fresh is None:
        return await _seen(tx, clip)
    if not fresh.gift:
        await ledger.capture(tx, fresh.user_id, _subject(fresh), fresh.credits, now)
    await erase_source(tx, fresh, "delivered", now)
    done = await transition(
        tx, fresh, ClipState.DONE, now,
        done_at=now, blob=stored.blob, poster=stored.poster, preview=stored.preview,
        seconds=stored.seconds, frames=stored.frames, width=stored.width, height=stored.height,
    )  # fmt: skip
    await jobs.end_of(tx, FILM, done.id, JobState.DONE, now)
    await outbox.notify(tx, done.user_id, "clip_ready", now, clip=done.id)
    return done


async def fail(
    tx: Tx, clip: Clip, why: str, now: datetime, *, reason: str = SourceFlaw.BROKEN
) -> Clip:
    """No clip came of it: release the credits, or keep the gift for another time, erase the source,
    apologize. ``why`` is for the operator, ``reason`` a word for the customer
    (:class:`SourceFlaw` or :class:`AnimationRefusal`). Nothing happens to a clip that has ended.
    """
    fresh = await _waiting(tx, clip)
    if fresh is None:
        return await _seen(tx, clip)
    failed = await _end(tx, fresh, ClipState.FAILED, "failed", now, reason=str(reason), done_at=now)
    await jobs.end_of(tx, FILM, failed.id, JobState.FAILED, now, why)
    await outbox.notify(tx, failed.user_id, "clip_failed", now, clip=failed.id)
    return failed


async def give_up(tx: Tx, clip: Clip, now: datetime, why: str = "customer") -> Clip:
    """Its customer does not want it (any more), or took too long: end its work, release what is
    held for it, erase the source. Nothing happens to a clip that has ended."""
    await lock_user(tx, clip.user_id)
    fresh = await _locked(tx, clip.id)
    if fresh.state not in HAS_SOURCE:
        return fresh
    await end_jobs(tx, fresh, why, now)
    return await _end(tx, fresh, ClipState.GIVEN_UP, why, now)


async def erase(tx: Tx, clip: Clip, now: datetime, why: str = "erased") -> Clip:
    """Leave nothing of a clip, in whatever state it is: keys now, blobs by outbox messages."""
    await lock_user(tx, clip.user_id)
    ended = await give_up(tx, clip, now, why)
    if ended.state is ClipState.ERASED:
        return ended
    await destroy(tx, ended.key_id)
    await _erase_files(tx, ended, now)
    return await transition(
        tx, ended, ClipState.ERASED, now,
        relation=None, portrait_id=None, avatar_id=None, faces=0, done=(), reason="", motion="",
        key_id=None, blob="", poster="", preview="",
        gift=ended.gift and ended.state is ClipState.DONE,
    )  # fmt: skip


async def erase_of_avatar(tx: Tx, avatar_id: AvatarId, now: datetime, why: str) -> None:
    """An avatar and its portraits are erased: so is whatever was, or is to be, made of them."""
    for clip in await tx.find(Clip, avatar_id=avatar_id):
        await erase(tx, clip, now, why)


async def withdraw_consent(tx: Tx, user: User, now: datetime) -> int:
    """The consent to motion is withdrawn: what is not finished ends, credits go back, sources are
    erased. Finished clips stay until they are erased. Returns how many clips it ended."""
    await consent.withdraw(tx, user, ConsentKind.MOTION, now)
    ending = await tx.find(Clip, user_id=user.id, state=OneOf(HAS_SOURCE), lock=True)
    for clip in ending:
        await give_up(tx, clip, now, "withdrawn")
    return len(ending)


async def erase_source(tx: Tx, clip: Clip, why: str, now: datetime) -> None:
    """Destroy the key of a clip's source, so that nothing of it opens from the commit on; the blobs
    go by the outbox message ``erase_source`` {user, clip, why, count}, which leads to the receipt.
    """
    if clip.source_key_id is None:
        return
    await destroy(tx, clip.source_key_id)
    sent = len(clip.sources)
    await tx.put(replace(clip, source_key_id=None, sources=(), before=()))
    payload: outbox.Payload = {"user": clip.user_id, "clip": clip.id, "why": why, "count": sent}
    await outbox.enqueue(tx, CHAT, "erase_source", payload, now)


async def stale(tx: Tx, before: datetime) -> list[Clip]:
    """Clips whose customer has left them alone since before that time, though nothing is owed:
    no source was sent, no motion was chosen, or no admin has looked."""
    states = OneOf((*PREPARED, ClipState.HELD))
    return await tx.find(Clip, state=states, touched_at=Below(before), order="touched_at")


async def expire(tx: Tx, clip: Clip, before: datetime, now: datetime) -> bool:
    """Give up a clip that is still stale; where something was sent, the receipt tells of it."""
    await lock_user(tx, clip.user_id)
    fresh = await _locked(tx, clip.id)
    if fresh.state not in (*PREPARED, ClipState.HELD) or fresh.touched_at >= before:
        return False
    await give_up(tx, fresh, now, "expired")
    return True


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


async def _end(
    tx: Tx, clip: Clip, state: ClipState, why: str, now: datetime, **changes: object
) -> Clip:
    """WAITING or before it to FAILED or GIVEN_UP."""
    if clip.state is ClipState.WAITING and not clip.gift:
        await ledger.release(tx, clip.user_id, _subject(clip), clip.credits, now)
    await erase_source(tx, clip, why, now)
    await destroy(tx, clip.key_id)
    await _erase_files(tx, clip, now)
    return await transition(tx, clip, state, now, key_id=None, **changes)


async def _erase_files(tx: Tx, clip: Clip, now: datetime) -> None:
    if clip.key_id is not None:
        await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": f"clips/{clip.id}"}, now)


def _is_same_wish(former: Clip, wanted: Clip) -> bool:
    untouched = former.state is ClipState.COLLECTING and not former.sources
    of_portrait = former.state is ClipState.READY and not missing(wanted)
    same = (former.relation, former.portrait_id, former.pictures) == (
        wanted.relation, wanted.portrait_id, wanted.pictures,
    )  # fmt: skip
    return same and (untouched or (of_portrait and former.portrait_id is not None))


async def _require_portrait(tx: Tx, user: User, portrait: Portrait) -> None:
    avatar = await tx.get(Avatar, portrait.avatar_id, lock=True)
    fresh = await tx.get(Portrait, portrait.id)
    if fresh is None or fresh.user_id != user.id:
        raise NotFound
    if avatar is None or avatar.state is not AvatarState.READY:
        raise AvatarMissing


async def _waiting(tx: Tx, clip: Clip) -> Clip | None:
    """The clip, its owner locked, if it still waits for its work."""
    await lock_user(tx, clip.user_id)
    fresh = await tx.get(Clip, clip.id, lock=True)
    return fresh if fresh is not None and fresh.state is ClipState.WAITING else None


async def _seen(tx: Tx, clip: Clip) -> Clip:
    return await tx.get(Clip, clip.id) or clip


async def _locked(tx: Tx, id: ClipId) -> Clip:
    clip = await tx.get(Clip, id, lock=True)
    if clip is None:
        raise NotFound
    return clip


def _subject(clip: Clip) -> str:
    """What its credits are held for, in the ledger."""
    return f"clip:{clip.id}"


async def _give_up_job(tx: Tx, ref: str, why: str, now: datetime) -> None:
    if clip := await tx.get(Clip, ref):
        await fail(tx, clip, why, now)


FILM: Final = JobKind(
    name=JobKindName("film"),
    scheduling=SchedulingClass.INTERACTIVE,
    quantum=timedelta(seconds=30),
    timeout=lambda settings: settings.film_timeout,
    give_up=_give_up_job,
    price=lambda catalog: catalog.film_credits,
    batched=False,
)
"""The animation of one clip by the embedded animator; ``ref`` is the clip's id."""
