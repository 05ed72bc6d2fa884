"""The work that is owed for a clip: asked for with a motion, done by a worker.

Credits are held when the motion is chosen, captured for the finished clip, released if none comes
of it: nobody pays for a failed one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shop.catalog import Catalog
from shop.clips import clips, offer
from shop.clips.verdict import SourceFlaw
from shop.encryption import EnvelopeCipher
from shop.errors import ClipsPaused, NoFaceToMove, NotAllowed
from shop.jobs import jobs, outbox
from shop.jobs.kinds import JobKind, Needs, SchedulingClass
from shop.money import ledger
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.people.users import lock_unbanned
from shop.ports import OneOf, Tx
from shop.records import (
    Clip,
    ClipId,
    ClipState,
    Job,
    JobKindName,
    JobState,
    Motion,
    User,
)

EMBEDDED: Final = "embedded"
"""The engine of clips that the embedded animator makes; others are video bases."""


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


async def request(
    tx: Tx, catalog: Catalog, clip: Clip, motion: Motion, now: datetime, *, engine: str = EMBEDDED
) -> Clip:
    """The customer chooses how a READY clip moves: hold its credits, or give it as a gift, and owe
    the work. Chosen again (a second press), it is the clip that waits already.

    Raises :class:`Banned`, :class:`ConsentMissing`, :class:`ClipsPaused` (clips are off, or gifts
    with all sales), :class:`TooFewCredits`, :class:`NoFaceToMove`, or :class:`NotAllowed` for a
    clip that is not ready (any more).
    """
    user = await lock_unbanned(tx, clip.user_id)
    fresh = await clips.locked(tx, clip.id)
    if fresh.state is ClipState.WAITING and (fresh.motion, fresh.engine) == (motion.id, engine):
        return fresh
    if fresh.state is not ClipState.READY:
        raise NotAllowed
    await consent.require_for_clips(tx, user)
    await offer.require_offered(tx)
    if motion.faces and not fresh.faces:
        raise NoFaceToMove
    cost = await price(tx, catalog, user, engine, pictures=fresh.pictures)
    if cost.gift:
        await offer.require_gifts(tx)
    else:
        await ledger.hold(tx, user.id, clips.subject(fresh), cost.credits, now)
    waiting = await clips.transition(
        tx, fresh, ClipState.WAITING, now,
        motion=motion.id, engine=engine, credits=cost.credits, gift=cost.gift, reason="",
    )  # fmt: skip
    await jobs.enqueue(tx, kind_of(engine), waiting.id, user.id, now)
    return waiting


async def price(
    tx: Tx, catalog: Catalog, user: User, engine: str = EMBEDDED, *, pictures: int = 1
) -> offer.ClipPrice:
    """What that person's next clip by that engine costs, of so many ``pictures``. A video base asks
    as much for two: they are one frame before it begins."""
    embedded = engine == EMBEDDED
    together = embedded and pictures > 1
    credits = catalog.together_credits if together else kind_of(engine).price(catalog)
    return await offer.quote(tx, catalog, user, credits, gifts=embedded)


async def offered_price(
    tx: Tx, catalog: Catalog, user: User, *, pictures: int = 1
) -> offer.ClipPrice | None:
    """What a clip by the embedded animator would cost them if it was ordered now; None while none
    could be: clips are off, or it would be a gift, and nothing is sold."""
    try:
        await offer.require_offered(tx)
        cost = await price(tx, catalog, user, pictures=pictures)
        if cost.gift:
            await offer.require_gifts(tx)
    except ClipsPaused:
        return None
    return cost


def kind_of(engine: str) -> JobKind:
    """The kind of job by which that engine's clips are made."""
    return FILM if engine == EMBEDDED else VIDEO


async def begin_work(tx: Tx, cipher: EnvelopeCipher, id: ClipId, now: datetime) -> Clip | None:
    """The clip, with the key for its files; None if it does not wait (any more). Safe to call for
    each try."""
    known = await tx.get(Clip, id)
    if known is None:
        return None
    await lock_user(tx, known.user_id)
    clip = await clips.locked(tx, id)
    if clip.state is not ClipState.WAITING:
        return None
    keyed = replace(clip, key_id=clip.key_id or await cipher.new_key(tx, now))
    await tx.put(keyed)
    return keyed


async def stop(tx: Tx, clip: Clip, now: datetime) -> bool:
    """Its customer no longer wants a clip that waits for its work: its credits, or the gift, are
    theirs again, its source is erased. False, and nothing happens, once a worker has taken it up,
    or it has ended."""
    fresh = await _waiting(tx, clip)
    if fresh is None:
        return False
    owed = await tx.find(Job, ref=fresh.id, state=jobs.OWED, lock=True)
    if any(job.state is JobState.RUNNING for job in owed):
        return False
    await clips.give_up(tx, fresh, now)
    return True


async def finish(tx: Tx, clip: Clip, stored: StoredClip, now: datetime) -> Clip:
    """The work is done: capture the credits, erase the source, notify the customer. Nothing happens
    to a clip that has ended."""
    fresh = await _waiting(tx, clip)
    if fresh is None:
        return await _seen(tx, clip)
    if not fresh.gift:
        await ledger.capture(tx, fresh.user_id, clips.subject(fresh), fresh.credits, now)
    await clips.erase_source(tx, fresh, "delivered", now)
    done = await clips.transition(
        tx, fresh, ClipState.DONE, now,
        done_at=now, blob=stored.blob, poster=stored.poster, preview=stored.preview,
        seconds=stored.seconds, frames=stored.frames, width=stored.width, height=stored.height,
    )  # fmt: skip
    await jobs.end_of(tx, kind_of(done.engine), done.id, JobState.DONE, now)
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
    failed = await clips.end(
        tx, fresh, ClipState.FAILED, "failed", now, reason=str(reason), done_at=now
    )
    await jobs.end_of(tx, kind_of(failed.engine), failed.id, JobState.FAILED, now, why)
    await outbox.notify(tx, failed.user_id, "clip_failed", now, clip=failed.id)
    return failed


async def _waiting(tx: Tx, clip: Clip) -> Clip | None:
    """The clip, its owner locked, if it still waits for its work."""
    await lock_user(tx, clip.user_id)
    fresh = await tx.get(Clip, clip.id, lock=True)
    return fresh if fresh is not None and fresh.state is ClipState.WAITING else None


async def _seen(tx: Tx, clip: Clip) -> Clip:
    return await tx.get(Clip, clip.id) or clip


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


async def _needs(tx: Tx, refs: Sequence[str]) -> Mapping[str, Needs]:
    found = await tx.find(Clip, id=OneOf(refs))
    return {clip.id: Needs(base=clip.engine) for clip in found}


VIDEO: Final = JobKind(
    name=JobKindName("video"),
    scheduling=SchedulingClass.BACKGROUND,
    quantum=timedelta(minutes=5),
    timeout=lambda settings: settings.video_timeout,
    give_up=_give_up_job,
    needs=_needs,
    price=lambda catalog: catalog.video_credits,
    batched=False,
    rivals=frozenset({"train"}),
    gives_way=True,
    one_base=True,
)
"""The generation of one clip by a video base; ``ref`` is the clip's id."""
