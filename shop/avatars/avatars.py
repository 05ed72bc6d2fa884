"""Digital avatars: the LoRA of a person, under its own key, and how much of it is applied.

Trained once from an order's photos, which are erased when the training ends: by :func:`finish`, or
by :func:`fail`, which also refunds the order. A refund or the person's own request erases the
avatar and all its portraits. The key is made when the training begins, for its checkpoints
(:mod:`shop.avatars.training_checkpoints`), and destroyed by whatever ends the avatar.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shop.avatars import initial_portraits, portraits, prompts
from shop.avatars.initial_portraits import InitialShoot
from shop.avatars.likeness import FIRST_BEAUTY, LadderRung, neighbour
from shop.avatars.training_results import StoredTraining
from shop.catalog import Catalog
from shop.catalog.entries import SEED_RANGE
from shop.encryption import EnvelopeCipher, destroy
from shop.errors import AvatarMissing, BeautyAtCeiling, LikenessAtCeiling, NotFound
from shop.jobs import jobs, outbox
from shop.jobs.kinds import JobKind, Needs, SchedulingClass
from shop.money import order_accounting, referrals
from shop.people.users import lock as lock_user
from shop.photos import photos
from shop.ports import OneOf, Tx
from shop.records import (
    CHAT,
    Avatar,
    AvatarId,
    AvatarState,
    Job,
    JobKindName,
    JobState,
    Order,
    OrderId,
    OrderState,
    Portrait,
    Prompt,
    Shoot,
    ShootState,
    User,
    new_id,
)
from shop.sealed_blobs import SealedBlob, find_blob
from shop.transitions import check

TRANSITIONS: Final[Mapping[AvatarState, frozenset[AvatarState]]] = {
    AvatarState.WAITING: frozenset({AvatarState.READY, AvatarState.FAILED}),
    AvatarState.READY: frozenset({AvatarState.ERASED}),
}


async def transition(
    tx: Tx, avatar: Avatar, state: AvatarState, now: datetime, **changes: object
) -> Avatar:
    """Change an avatar's state: the only function that does.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    fresh = await _locked(tx, avatar.id)
    check(TRANSITIONS, fresh.state, state)
    if state is AvatarState.READY:
        changes |= {"ready_at": now}
    moved = replace(fresh, state=state, **changes)  # type: ignore[arg-type]
    await tx.put(moved)
    return moved


async def request_training(tx: Tx, order: Order, base: str, now: datetime) -> Avatar:
    """Create the avatar of a paid order, with its seed, and enqueue the job that trains it."""
    avatar = Avatar(
        id=AvatarId(new_id()),
        user_id=order.user_id,
        order_id=order.id,
        state=AvatarState.WAITING,
        base=base,
        subject=order.subject,
        seed=secrets.randbelow(SEED_RANGE),
        created_at=now,
        key_id=None,
    )
    await tx.add(avatar)
    await jobs.enqueue(tx, TRAIN, avatar.id, order.user_id, now)
    return avatar


async def begin_training(
    tx: Tx, cipher: EnvelopeCipher, avatar_id: AvatarId, now: datetime
) -> Avatar | None:
    """The avatar, with the key for its checkpoints and its LoRA; None if it does not wait for a
    training (any more). Safe to call for each try."""
    known = await tx.get(Avatar, avatar_id)
    if known is None:
        return None
    await lock_user(tx, known.user_id)
    avatar = await _locked(tx, avatar_id)
    if avatar.state is not AvatarState.WAITING:
        return None
    keyed = replace(avatar, key_id=avatar.key_id or await cipher.new_key(tx, now))
    await tx.put(keyed)
    return keyed


async def finish(
    tx: Tx,
    catalog: Catalog,
    avatar: Avatar,
    trained: StoredTraining,
    now: datetime,
    initial: InitialShoot | None = None,
) -> Avatar:
    """The training succeeded: note the LoRA's blobs (:func:`shop.avatars.training_results.store`),
    erase the uploads, grant the order's credits and what it promised for an invitation, deliver or
    request the initial portraits (``initial``: the :func:`shop.avatars.initial_portraits.plan` with
    its pictures), notify the customer.

    All in one transaction. Nothing happens to an avatar that has ended, be it by another worker
    whose lease had run out, or by the customer.
    """
    await lock_user(tx, avatar.user_id)
    order = await order_accounting.lock_order(tx, avatar.order_id)
    fresh = await _locked(tx, avatar.id)
    if fresh.state is not AvatarState.WAITING:
        return fresh
    ready = await _note_training(tx, fresh, trained, now)
    await photos.erase_all(tx, order.id, "trained", now)
    await order_accounting.grant_credits(tx, order, now)
    done = await order_accounting.transition(tx, order, OrderState.DONE, now)
    await referrals.reward(tx, done, now)
    await jobs.end_of(tx, TRAIN, ready.id, JobState.DONE, now)
    await outbox.notify(tx, ready.user_id, "avatar_ready", now, order=order.id, avatar=ready.id)
    await initial_portraits.deliver_or_request(tx, catalog, ready, done, now, initial)
    return ready


async def fail(tx: Tx, avatar: Avatar, why: str, now: datetime) -> Avatar:
    """The training failed for good: erase the uploads, refund the order, notify the customer.

    ``why`` is for the operator. Nothing happens to an avatar that has ended.
    """
    await lock_user(tx, avatar.user_id)
    order = await order_accounting.lock_order(tx, avatar.order_id)
    failed = await _give_up(tx, avatar, JobState.FAILED, why, now)
    if failed is None:
        return await _locked(tx, avatar.id)
    await photos.erase_all(tx, order.id, "failed", now)
    await order_accounting.reverse(tx, order, "training failed", now)
    await outbox.notify(tx, order.user_id, "avatar_failed", now, order=order.id)
    return failed


async def revoke(tx: Tx, order: Order, why: str, now: datetime) -> None:
    """End an order's avatar, whatever state it is in, without notifying its owner.

    A training is cancelled; an avatar is erased with all its portraits: keys and rows now, blobs
    by outbox messages. Uploads are erased too. Refunding is the caller's.
    """
    await lock_user(tx, order.user_id)
    for avatar in await tx.find(Avatar, order_id=order.id, lock=True):
        if avatar.state is AvatarState.WAITING:
            await _give_up(tx, avatar, JobState.CANCELLED, why, now)
        elif avatar.state is AvatarState.READY:
            await _erase(tx, avatar, why, now)
    await photos.erase_all(tx, order.id, why, now)


async def training_begun(
    tx: Tx, order_id: OrderId, *, since: datetime | None = None, lock: bool = False
) -> bool:
    """Whether a worker has ever (or after ``since``) leased the job that trains the order's avatar.
    A job that is handed back, counted or not, or whose lease runs out, keeps the time of its latest
    lease.
    """
    for avatar in await tx.find(Avatar, order_id=order_id, lock=lock):
        found = await tx.find(Job, kind=TRAIN.name, ref=avatar.id, lock=lock)
        leases = [job.started_at for job in found if job.started_at is not None]
        if any(since is None or at > since for at in leases):
            return True
    return False


async def newest_of(tx: Tx, user: User) -> Avatar | None:
    """A person's newest avatar that can be painted."""
    found = await tx.find(
        Avatar, user_id=user.id, state=AvatarState.READY, order="-ready_at", limit=1
    )
    return found[0] if found else None


async def more_like_me(tx: Tx, avatar: Avatar) -> Avatar:
    """One rung towards likeness, stored. Raises :class:`LikenessAtCeiling`."""
    fresh = await _ready(tx, avatar)
    if (rung := neighbour(fresh, +1)) is None:
        raise LikenessAtCeiling
    return await _set_rung(tx, fresh, rung)


async def more_beautiful(tx: Tx, avatar: Avatar) -> Avatar:
    """One rung towards beauty, stored. Raises :class:`BeautyAtCeiling`."""
    fresh = await _ready(tx, avatar)
    if (rung := neighbour(fresh, -1)) is None:
        raise BeautyAtCeiling
    return await _set_rung(tx, fresh, rung)


async def find_lora(tx: Tx, cipher: EnvelopeCipher, avatar: Avatar, checkpoint: int) -> SealedBlob:
    """The safetensors file of one of its checkpoints (:attr:`Shoot.checkpoint`), to be opened after
    the transaction.

    Raises :class:`AvatarMissing` once it was erased.
    """
    fresh = await tx.get(Avatar, avatar.id)
    if fresh is None or fresh.key_id is None or not 0 <= checkpoint < len(fresh.blobs):
        raise AvatarMissing
    return await find_blob(tx, cipher, fresh.key_id, fresh.blobs[checkpoint])


async def _locked(tx: Tx, id: AvatarId) -> Avatar:
    avatar = await tx.get(Avatar, id, lock=True)
    if avatar is None:
        raise NotFound
    return avatar


async def _ready(tx: Tx, avatar: Avatar) -> Avatar:
    await lock_user(tx, avatar.user_id)
    fresh = await _locked(tx, avatar.id)
    if fresh.state is not AvatarState.READY:
        raise AvatarMissing
    return fresh


async def _note_training(tx: Tx, avatar: Avatar, trained: StoredTraining, now: datetime) -> Avatar:
    """WAITING to READY."""
    return await transition(
        tx, avatar, AvatarState.READY, now,
        blobs=trained.blobs, steps=trained.steps, seconds=trained.seconds,
        loss_first=trained.loss_first, loss_last=trained.loss_last,
        best=trained.best, start=trained.likeness.weight,
        checkpoint=trained.best, weight=trained.likeness.weight,
        step=trained.likeness.step, ceiling=trained.likeness.ceiling, beauty=FIRST_BEAUTY,
    )  # fmt: skip


async def _set_rung(tx: Tx, avatar: Avatar, rung: LadderRung) -> Avatar:
    changed = replace(avatar, checkpoint=rung.checkpoint, weight=rung.weight, beauty=rung.beauty)
    await tx.put(changed)
    return changed


async def _give_up(
    tx: Tx, avatar: Avatar, state: JobState, why: str, now: datetime
) -> Avatar | None:
    """WAITING to FAILED, and the end of its job; None if it has ended already."""
    fresh = await _locked(tx, avatar.id)
    if fresh.state is not AvatarState.WAITING:
        return None
    failed = await _end(tx, fresh, AvatarState.FAILED, now)
    await jobs.end_of(tx, TRAIN, failed.id, state, now, why)
    return failed


async def _erase(tx: Tx, avatar: Avatar, why: str, now: datetime) -> None:
    for prompt in await tx.find(Prompt, avatar_id=avatar.id):
        await prompts.erase(tx, prompt, why, now)
    for shoot in await tx.find(Shoot, avatar_id=avatar.id, state=ShootState.WAITING):
        await portraits.fail(tx, shoot, why, now, silent=True)
    await tx.remove(Portrait, avatar_id=avatar.id)
    await _end(tx, avatar, AvatarState.ERASED, now)
    await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": f"portraits/{avatar.id}"}, now)


async def _end(tx: Tx, avatar: Avatar, state: AvatarState, now: datetime) -> Avatar:
    """FAILED or ERASED: the key now, so that neither LoRA nor checkpoint opens; then the blobs."""
    await destroy(tx, avatar.key_id)
    ended = await transition(tx, avatar, state, now, key_id=None, blobs=())
    await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": f"avatars/{avatar.id}"}, now)
    return ended


async def _give_up_job(tx: Tx, ref: str, why: str, now: datetime) -> None:
    if avatar := await tx.get(Avatar, ref):
        await fail(tx, avatar, why, now)


async def _needs(tx: Tx, refs: Sequence[str]) -> Mapping[str, Needs]:
    found = await tx.find(Avatar, id=OneOf(refs))
    return {avatar.id: Needs(base=avatar.base) for avatar in found}


TRAIN: Final = JobKind(
    name=JobKindName("train"),
    scheduling=SchedulingClass.BACKGROUND,
    quantum=timedelta(minutes=30),
    timeout=lambda settings: settings.train_timeout,
    give_up=_give_up_job,
    needs=_needs,
    rivals=frozenset({"video"}),
)
"""The training of one avatar; ``ref`` is the avatar's id. Its order has paid for it."""
