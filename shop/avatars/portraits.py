"""Shoots: a template, a weight and some seeds become portraits, paid in credits.

Credits are held when a shoot is asked for, captured for the pictures that came, released for those
that did not. The first shoot is paid like any other, from credits that the avatar brought for it,
so that a failed one leaves the customer with the means to ask again.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from shop.catalog import Catalog, Template
from shop.encryption import EnvelopeCipher
from shop.errors import AvatarMissing, NotFound
from shop.jobs import jobs, outbox
from shop.jobs.kinds import JobKind, Needs, SchedulingClass
from shop.money import ledger
from shop.people.users import lock_unbanned
from shop.ports import Blobs, OneOf, Tx
from shop.records import (
    Avatar,
    AvatarState,
    JobKindName,
    JobState,
    KeyId,
    Portrait,
    PortraitId,
    Shoot,
    ShootId,
    ShootKind,
    ShootState,
    User,
    UserId,
    new_id,
)
from shop.transitions import check

TRANSITIONS: Final[Mapping[ShootState, frozenset[ShootState]]] = {
    ShootState.WAITING: frozenset({ShootState.DONE, ShootState.FAILED}),
}

COUNT: Final = 4
"""Portraits in a shoot."""

SEEDS: Final = 2**31
TICK: Final = timedelta(microseconds=1)  # tells a shoot's portraits apart in time: their order


@dataclass(frozen=True, slots=True)
class PaintedPicture:
    """A finished, labelled picture as it came from the painter; size in pixels."""

    image: bytes = field(repr=False)
    seed: int
    width: int
    height: int
    media_type: str


async def move(tx: Tx, shoot: Shoot, state: ShootState, now: datetime) -> Shoot:
    """The one way by which a shoot changes state."""
    fresh = await tx.get(Shoot, shoot.id, lock=True)
    if fresh is None:
        raise NotFound
    check(TRANSITIONS, fresh.state, state)
    moved = replace(fresh, state=state, done_at=now)
    await tx.put(moved)
    return moved


async def request(
    tx: Tx,
    catalog: Catalog,
    avatar: Avatar,
    template_id: str,
    kind: ShootKind,
    now: datetime,
    seeds: Sequence[int] | None = None,
) -> Shoot:
    """Ask for :data:`COUNT` portraits at the avatar's present weight; credits are held.

    ``seeds`` are a former shoot's, for LIKER and FAIRER; otherwise ANOTHER draws new ones and
    FIRST and STYLE take the template's. Raises :class:`AvatarMissing`, :class:`TooFewCredits`,
    :class:`Banned`, :class:`NotFound` or :class:`TemplateNotShown`.
    """
    await lock_unbanned(tx, avatar.user_id)
    return await owe(tx, catalog, avatar, template_id, kind, now, seeds)


async def owe(
    tx: Tx,
    catalog: Catalog,
    avatar: Avatar,
    template_id: str,
    kind: ShootKind,
    now: datetime,
    seeds: Sequence[int] | None = None,
) -> Shoot:
    """As :func:`request`, also for somebody who was banned meanwhile: what is paid is owed."""
    id = ShootId(new_id())
    shoot = await begin(tx, catalog, avatar, template_id, kind, now, id=id, seeds=seeds)
    await jobs.enqueue(tx, PAINT, shoot.id, shoot.user_id, now)
    return shoot


async def begin(
    tx: Tx,
    catalog: Catalog,
    avatar: Avatar,
    template_id: str,
    kind: ShootKind,
    now: datetime,
    *,
    id: ShootId,
    seeds: Sequence[int] | None = None,
) -> Shoot:
    """As :func:`owe`, for a caller who sees to the painting: no job is left for it."""
    fresh = await tx.get(Avatar, avatar.id, lock=True)
    if fresh is None or fresh.state is not AvatarState.READY:
        raise AvatarMissing
    template = catalog.showable(fresh.base, template_id)
    shoot = Shoot(
        id=id,
        user_id=fresh.user_id,
        avatar_id=fresh.id,
        template=template.id,
        kind=kind,
        state=ShootState.WAITING,
        weight=fresh.weight,
        checkpoint=fresh.checkpoint,
        seeds=tuple(seeds) if seeds else drawn(template, kind),
        credits=PAINT.price(catalog),
        created_at=now,
    )
    await ledger.hold(tx, shoot.user_id, shoot.id, shoot.credits, now)
    await tx.add(shoot)
    return shoot


async def finish(
    tx: Tx,
    cipher: EnvelopeCipher,
    blobs: Blobs,
    shoot: Shoot,
    pictures: Sequence[PaintedPicture],
    now: datetime,
) -> Shoot:
    """Keep the pictures, take the credits for those that came, tell the customer.

    Fewer pictures than seeds cost their share, rounded down; none at all is :func:`fail`. Nothing
    happens to a shoot that has ended.
    """
    if not pictures:
        return await fail(tx, shoot, "no picture", now)
    avatar = await tx.get(Avatar, shoot.avatar_id, lock=True)
    fresh = await tx.get(Shoot, shoot.id, lock=True)
    if fresh is None or fresh.state is not ShootState.WAITING:
        return fresh or shoot
    if avatar is None or avatar.key_id is None:
        return await fail(tx, fresh, "no avatar", now)
    for index, picture in enumerate(pictures):
        await _keep(tx, cipher, blobs, avatar.key_id, fresh, picture, now + index * TICK)
    await _settle(tx, fresh, len(pictures), now)
    done = await move(tx, fresh, ShootState.DONE, now)
    await jobs.end_of(tx, PAINT, shoot.id, JobState.DONE, now)
    await outbox.notify(tx, shoot.user_id, "portraits", now, shoot=shoot.id)
    return done


async def fail(tx: Tx, shoot: Shoot, why: str, now: datetime, *, silent: bool = False) -> Shoot:
    """No picture came: the held credits go back, the customer is told unless ``silent``.

    ``why`` is for the operator. Nothing happens to a shoot that has ended.
    """
    fresh = await tx.get(Shoot, shoot.id, lock=True)
    if fresh is None or fresh.state is not ShootState.WAITING:
        return fresh or shoot
    await ledger.release(tx, fresh.user_id, fresh.id, fresh.credits, now)
    failed = await move(tx, fresh, ShootState.FAILED, now)
    await jobs.end_of(tx, PAINT, fresh.id, JobState.FAILED, now, why)
    if not silent:
        await outbox.notify(tx, fresh.user_id, "shoot_failed", now, shoot=fresh.id)
    return failed


async def pictures_of_shoot(tx: Tx, shoot: Shoot) -> list[Portrait]:
    """The shoot's portraits, in the order in which they were painted."""
    return await tx.find(Portrait, shoot_id=shoot.id, order="created_at")


async def recent(tx: Tx, user: User, limit: int = 10) -> list[Shoot]:
    """A person's shoots, the newest first, those that wait included."""
    return await tx.find(Shoot, user_id=user.id, order="-created_at", limit=limit)


async def newest(tx: Tx, user_id: UserId, limit: int) -> list[Portrait]:
    """A person's portraits: the newest shoot's first, each shoot's in the order of painting."""
    found = await tx.find(Portrait, user_id=user_id, order="-created_at", limit=limit)
    shoots = list(dict.fromkeys(one.shoot_id for one in found))
    return sorted(found, key=lambda one: (shoots.index(one.shoot_id), one.created_at))


async def open_picture(tx: Tx, cipher: EnvelopeCipher, blobs: Blobs, portrait: Portrait) -> bytes:
    """The labelled file, as painted. Raises :class:`NotFound` once it was erased."""
    avatar = await tx.get(Avatar, portrait.avatar_id)
    if avatar is None or avatar.key_id is None:
        raise NotFound
    return await cipher.open(tx, avatar.key_id, await blobs.get(portrait.blob), portrait.blob)


def price(shoot: Shoot, came: int) -> int:
    """What a shoot costs of which so many pictures came: their share of it, rounded down."""
    return shoot.credits * min(came, len(shoot.seeds)) // len(shoot.seeds)


def drawn(template: Template, kind: ShootKind) -> tuple[int, ...]:
    """The seeds of a new shoot: ANOTHER draws new ones, all others take the template's."""
    if kind is ShootKind.ANOTHER:
        return tuple(secrets.randbelow(SEEDS) for _ in range(COUNT))
    return template.seeds[:COUNT]


async def _keep(
    tx: Tx,
    cipher: EnvelopeCipher,
    blobs: Blobs,
    key_id: KeyId,
    shoot: Shoot,
    one: PaintedPicture,
    at: datetime,
) -> None:
    id = PortraitId(new_id())
    path = f"portraits/{shoot.avatar_id}/{id}"
    await blobs.put(path, await cipher.seal(tx, key_id, one.image, path))
    await tx.add(
        Portrait(
            id=id,
            shoot_id=shoot.id,
            user_id=shoot.user_id,
            avatar_id=shoot.avatar_id,
            blob=path,
            seed=one.seed,
            width=one.width,
            height=one.height,
            media_type=one.media_type,
            created_at=at,
        )
    )


async def _settle(tx: Tx, shoot: Shoot, came: int, now: datetime) -> None:
    cost = price(shoot, came)
    await ledger.capture(tx, shoot.user_id, shoot.id, cost, now)
    if cost < shoot.credits:
        await ledger.release(tx, shoot.user_id, shoot.id, shoot.credits - cost, now)


async def _give_up_job(tx: Tx, ref: str, why: str, now: datetime) -> None:
    if shoot := await tx.get(Shoot, ref):
        await fail(tx, shoot, why, now)


async def _needs(tx: Tx, refs: Sequence[str]) -> Mapping[str, Needs]:
    shoots = await tx.find(Shoot, id=OneOf(refs))
    found = await tx.find(Avatar, id=OneOf(sorted({shoot.avatar_id for shoot in shoots})))
    bases = {avatar.id: avatar.base for avatar in found}
    return {one.id: Needs(bases.get(one.avatar_id, ""), one.avatar_id) for one in shoots}


PAINT: Final = JobKind(
    name=JobKindName("paint"),
    scheduling=SchedulingClass.INTERACTIVE,
    quantum=timedelta(minutes=1),
    timeout=lambda settings: settings.paint_timeout,
    give_up=_give_up_job,
    needs=_needs,
    price=lambda catalog: catalog.shoot_credits,
)
"""The painting of one shoot; ``ref`` is the shoot's id."""
