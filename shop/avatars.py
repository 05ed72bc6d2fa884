"""Digital avatars: the LoRA of a person, under its own key, and how much of it is applied.

Made once from an order's photos, which end with it: by :func:`finish`, or by :func:`fail`, which
also gives the money back. A refund or the person's wish ends the avatar and all portraits.
"""

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from shop import jobs, outbox, photos, portraits, sales
from shop.catalog import Catalog
from shop.errors import (
    AvatarMissing,
    LikenessAtCeiling,
    LikenessAtFloor,
    NotFound,
    TemplateNotShown,
    TooFewCredits,
)
from shop.ports import Blobs, Tx
from shop.records import (
    Avatar,
    AvatarId,
    AvatarState,
    JobQueue,
    JobState,
    Likeness,
    Order,
    OrderState,
    Portrait,
    Shoot,
    ShootKind,
    ShootState,
    User,
    new_id,
)
from shop.transitions import check
from shop.users import fresh as fresh_user
from shop.vault import Vault, destroy

TRANSITIONS: Final[Mapping[AvatarState, frozenset[AvatarState]]] = {
    AvatarState.WAITING: frozenset({AvatarState.READY, AvatarState.FAILED}),
    AvatarState.READY: frozenset({AvatarState.ERASED}),
}

SEEDS: Final = 2**31
PRECISION: Final = 4  # decimals of a weight: steps of 0.1 must not drift


@dataclass(frozen=True, slots=True)
class Made:
    """What a training made: the safetensors file, and how it went. ``seconds`` of work, ``loss``
    at both ends, and the likeness weights that the recipe offers (``weight`` is its default).
    """

    lora: bytes = field(repr=False)
    steps: int
    seconds: float
    loss_first: float
    loss_last: float
    likeness: Likeness


async def move(
    tx: Tx, avatar: Avatar, state: AvatarState, now: datetime, **changes: object
) -> Avatar:
    """The one way by which an avatar changes state."""
    fresh = await _locked(tx, avatar.id)
    check(TRANSITIONS, fresh.state, state)
    if state is AvatarState.READY:
        changes |= {"ready_at": now}
    moved = replace(fresh, state=state, **changes)  # type: ignore[arg-type]
    await tx.put(moved)
    return moved


async def enlist(tx: Tx, order: Order, base: str, now: datetime) -> Avatar:
    """Owe the avatar of a paid order: its row, its seed, and the job that trains it."""
    avatar = Avatar(
        id=AvatarId(new_id()),
        user_id=order.user_id,
        order_id=order.id,
        state=AvatarState.WAITING,
        base=base,
        subject=order.subject,
        seed=secrets.randbelow(SEEDS),
        created_at=now,
        key_id=None,
    )
    await tx.add(avatar)
    await jobs.enqueue(tx, JobQueue.TRAIN, avatar.id, order.user_id, now)
    return avatar


async def finish(
    tx: Tx, vault: Vault, blobs: Blobs, catalog: Catalog, avatar: Avatar, made: Made, now: datetime
) -> Avatar:
    """The training succeeded: keep the LoRA, end the uploads, owe the first portraits, tell.

    All in one transaction. Nothing happens to an avatar that has ended, be it by another worker
    that was thought dead, or by the customer.
    """
    await fresh_user(tx, avatar.user_id)  # whose credits the first shoot holds: first of the locks
    order = await sales.locked(tx, avatar.order_id)
    fresh = await _locked(tx, avatar.id)
    if fresh.state is not AvatarState.WAITING:
        return fresh
    key_id = await vault.new_key(tx, now)
    path = f"avatars/{fresh.id}/lora"
    await blobs.put(path, await vault.seal(tx, key_id, made.lora, path))
    ready = await move(
        tx, fresh, AvatarState.READY, now,
        key_id=key_id, blob=path, steps=made.steps, seconds=made.seconds,
        loss_first=made.loss_first, loss_last=made.loss_last,
        weight=made.likeness.weight, step=made.likeness.step,
        floor=made.likeness.floor, ceiling=made.likeness.ceiling,
    )  # fmt: skip
    await photos.erase_all(tx, order.id, "trained", now)
    await sales.grant_credits(tx, order, now)
    await sales.move(tx, order, OrderState.DONE, now)
    await jobs.end_of(tx, JobQueue.TRAIN, ready.id, JobState.DONE, now)
    await outbox.tell(tx, ready.user_id, "avatar_ready", now, order=order.id, avatar=ready.id)
    # A catalogue that changed since the sale must not undo a training: the credits stay then.
    with contextlib.suppress(TemplateNotShown, TooFewCredits):
        first = catalog.first(ready.base, ready.subject, order.template)
        await portraits.owe(tx, catalog, ready, first.id, ShootKind.FIRST, now)
    return ready


async def fail(tx: Tx, avatar: Avatar, why: str, now: datetime) -> Avatar:
    """The training failed for good: uploads end, the money goes back, the customer is told.

    ``why`` is for the operator. Nothing happens to an avatar that has ended.
    """
    await fresh_user(tx, avatar.user_id)  # whose credits may go back: first of the locks
    order = await sales.locked(tx, avatar.order_id)
    failed = await _give_up(tx, avatar, JobState.FAILED, why, now)
    if failed is None:
        return await _locked(tx, avatar.id)
    await photos.erase_all(tx, order.id, "failed", now)
    await sales.reverse(tx, order, "training failed", now)
    await outbox.tell(tx, order.user_id, "avatar_failed", now, order=order.id)
    return failed


async def take_off(tx: Tx, order: Order, why: str, now: datetime) -> None:
    """Take an order's avatar from its owner, whatever state it is in, without a word to them.

    A training is cancelled; an avatar is erased with all its portraits: keys and rows now, blobs
    by errands. Uploads end too. Money is the caller's.
    """
    for avatar in await tx.find(Avatar, order_id=order.id, lock=True):
        if avatar.state is AvatarState.WAITING:
            await _give_up(tx, avatar, JobState.CANCELLED, why, now)
        elif avatar.state is AvatarState.READY:
            await _erase(tx, avatar, why, now)
    await photos.erase_all(tx, order.id, why, now)


async def of(tx: Tx, user: User) -> Avatar | None:
    """A person's newest avatar that can be painted."""
    found = await tx.find(
        Avatar, user_id=user.id, state=AvatarState.READY, order="-ready_at", limit=1
    )
    return found[0] if found else None


async def more_like_me(tx: Tx, avatar: Avatar) -> Avatar:
    """One step towards likeness, remembered. Raises :class:`LikenessAtCeiling`."""
    fresh = await _ready(tx, avatar)
    if fresh.weight >= fresh.ceiling:
        raise LikenessAtCeiling
    return await _weigh(tx, fresh, min(fresh.weight + fresh.step, fresh.ceiling))


async def more_beautiful(tx: Tx, avatar: Avatar) -> Avatar:
    """One step towards beauty, remembered. Raises :class:`LikenessAtFloor`."""
    fresh = await _ready(tx, avatar)
    if fresh.weight <= fresh.floor:
        raise LikenessAtFloor
    return await _weigh(tx, fresh, max(fresh.weight - fresh.step, fresh.floor))


async def open_lora(tx: Tx, vault: Vault, blobs: Blobs, avatar: Avatar) -> bytes:
    """The safetensors file. Raises :class:`AvatarMissing` once it was erased."""
    fresh = await tx.get(Avatar, avatar.id)
    if fresh is None or fresh.key_id is None:
        raise AvatarMissing
    return await vault.open(tx, fresh.key_id, await blobs.get(fresh.blob), fresh.blob)


async def _locked(tx: Tx, id: AvatarId) -> Avatar:
    avatar = await tx.get(Avatar, id, lock=True)
    if avatar is None:
        raise NotFound
    return avatar


async def _ready(tx: Tx, avatar: Avatar) -> Avatar:
    fresh = await _locked(tx, avatar.id)
    if fresh.state is not AvatarState.READY:
        raise AvatarMissing
    return fresh


async def _weigh(tx: Tx, avatar: Avatar, weight: float) -> Avatar:
    weighed = replace(avatar, weight=round(weight, PRECISION))
    await tx.put(weighed)
    return weighed


async def _give_up(
    tx: Tx, avatar: Avatar, state: JobState, why: str, now: datetime
) -> Avatar | None:
    """WAITING to FAILED, and the end of its job; None if it has ended already."""
    fresh = await _locked(tx, avatar.id)
    if fresh.state is not AvatarState.WAITING:
        return None
    failed = await move(tx, fresh, AvatarState.FAILED, now)
    await jobs.end_of(tx, JobQueue.TRAIN, failed.id, state, now, why)
    return failed


async def _erase(tx: Tx, avatar: Avatar, why: str, now: datetime) -> None:
    for shoot in await tx.find(Shoot, avatar_id=avatar.id, state=ShootState.WAITING):
        await portraits.fail(tx, shoot, why, now, silent=True)
    await tx.remove(Portrait, avatar_id=avatar.id)
    await destroy(tx, avatar.key_id)
    await move(tx, avatar, AvatarState.ERASED, now, key_id=None, blob="")
    for prefix in (f"avatars/{avatar.id}", f"portraits/{avatar.id}"):
        await outbox.leave(tx, JobQueue.CHAT, "erase_blobs", {"prefix": prefix}, now)
