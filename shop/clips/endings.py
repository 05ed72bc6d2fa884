"""How clips end that nobody finished, and how nothing is left of one.

By its customer (everything erased, the consent withdrawn), by the end of the avatar whose portrait
it shows, or by the clock.
"""

from datetime import datetime

from shop.avatars import avatars
from shop.clips import clips, filming
from shop.clips.verdict import SourceFlaw
from shop.encryption import destroy
from shop.jobs import jobs
from shop.people import consent
from shop.people.users import lock as lock_user
from shop.ports import Below, OneOf, Tx
from shop.records import Avatar, Clip, ClipState, ConsentKind, Job, Order, User

EXPIRING = (*clips.PREPARED, ClipState.HELD, ClipState.WAITING)
"""States that end by the clock: somebody has to do something first, or nobody does the work."""


async def erase(tx: Tx, clip: Clip, now: datetime, why: str = "erased") -> Clip:
    """Leave nothing of a clip, in whatever state it is: keys now, blobs by outbox messages."""
    await lock_user(tx, clip.user_id)
    ended = await clips.give_up(tx, clip, now, why)
    if ended.state is ClipState.ERASED:
        return ended
    await destroy(tx, ended.key_id)
    await clips.erase_files(tx, ended, now)
    return await clips.transition(
        tx, ended, ClipState.ERASED, now,
        relation=None, relation_beside=None, portrait_id=None, avatar_id=None,
        faces=0, done=(), reason="", motion="", key_id=None, blob="", poster="", preview="",
        gift=ended.gift and ended.state is ClipState.DONE,
    )  # fmt: skip


async def revoke_avatar(tx: Tx, order: Order, why: str, now: datetime) -> None:
    """End an order's avatar (:func:`shop.avatars.avatars.revoke`), and erase whatever was, or is to
    be, made of its portraits."""
    await lock_user(tx, order.user_id)
    for avatar in await tx.find(Avatar, order_id=order.id):
        for clip in await tx.find(Clip, avatar_id=avatar.id):
            await erase(tx, clip, now, why)
    await avatars.revoke(tx, order, why, now)


async def withdraw_consent(tx: Tx, user: User, now: datetime) -> int:
    """The consent to motion is withdrawn: what is not finished ends, credits go back, sources are
    erased. Finished clips stay until they are erased. Returns how many clips it ended."""
    await consent.withdraw(tx, user, ConsentKind.MOTION, now)
    return await give_up_unfinished(tx, user, now)


async def give_up_unfinished(tx: Tx, user: User, now: datetime) -> int:
    """Whoever has not consented to motion (any more) has no clip under way. Returns how many it
    ended."""
    if await consent.is_given(tx, user, ConsentKind.MOTION):
        return 0
    ending = await tx.find(Clip, user_id=user.id, state=OneOf(clips.HAS_SOURCE), lock=True)
    for clip in ending:
        await clips.give_up(tx, clip, now, "withdrawn")
    return len(ending)


async def stale(tx: Tx, before: datetime) -> list[Clip]:
    """Clips with which nothing has happened since before that time: no source was sent, no motion
    was chosen, no admin has looked, or no worker has made one that was ordered."""
    return await tx.find(Clip, state=OneOf(EXPIRING), touched_at=Below(before), order="touched_at")


async def expire(tx: Tx, clip: Clip, before: datetime, now: datetime) -> bool:
    """Give up a clip that is still stale; where something was sent, the receipt tells of it. One
    that was ordered fails, but not under a worker's hands."""
    await lock_user(tx, clip.user_id)
    fresh = await tx.get(Clip, clip.id, lock=True)
    if fresh is None or fresh.state not in EXPIRING or fresh.touched_at >= before:
        return False
    if fresh.state is ClipState.WAITING:
        owed = await tx.find(Job, ref=fresh.id, state=jobs.OWED)
        if any(jobs.has_live_lease(job, now) for job in owed):
            return False
        await filming.fail(tx, fresh, "nobody did it in time", now, reason=SourceFlaw.LATE)
        return True
    await clips.give_up(tx, fresh, now, "expired")
    return True
