"""Shoots: a template, a LoRA weight and some seeds become portraits, paid in credits.

Credits are held when a shoot is requested, captured for the pictures that were painted, released
for those that were not. The initial shoot is paid like any other, from credits that the order
granted for it, so that a failed one leaves the customer with the means to ask again.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shop.avatars import portrait_keys
from shop.avatars.sealed_pictures import SealedPicture
from shop.catalog import Catalog, Template
from shop.catalog.entries import PORTRAITS, SEED_RANGE
from shop.encryption import DataKey, EnvelopeCipher
from shop.errors import AvatarMissing, NotFound
from shop.jobs import jobs, outbox
from shop.jobs.kinds import JobKind, Needs, SchedulingClass
from shop.labels.signing import PictureKind
from shop.money import ledger
from shop.people.users import lock as lock_user
from shop.people.users import lock_unbanned
from shop.ports import Blobs, OneOf, Tx
from shop.records import (
    Avatar,
    AvatarState,
    JobKindName,
    JobState,
    Portrait,
    PortraitId,
    Prompt,
    Shoot,
    ShootId,
    ShootKind,
    ShootState,
    User,
    UserId,
    new_id,
)
from shop.sealed_blobs import find_blob, store_blob
from shop.transitions import move

TRANSITIONS: Final[Mapping[ShootState, frozenset[ShootState]]] = {
    ShootState.WAITING: frozenset({ShootState.DONE, ShootState.FAILED}),
}

SHOOT_SIZE: Final = PORTRAITS
"""Portraits in a shoot."""

NOTHING_PASSED: Final = "NothingDecent"
"""The engine's own word for pictures none of which passed its gate, in which a job is given up."""

TICK: Final = timedelta(microseconds=1)  # between a shoot's portraits, which keeps their order


@dataclass(frozen=True, slots=True)
class PaintedPicture:
    """A finished, labelled picture as the worker painted it; size in pixels."""

    image: bytes = field(repr=False)
    seed: int
    width: int
    height: int
    media_type: str


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A finished picture whose blob is written and whose row is not yet."""

    id: PortraitId
    blob: str
    seed: int
    width: int
    height: int
    media_type: str


async def transition(tx: Tx, shoot: Shoot, state: ShootState, now: datetime) -> Shoot:
    """Change a shoot's state: the only function that does.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    return await move(tx, shoot, TRANSITIONS, state, done_at=now)


async def request(
    tx: Tx,
    catalog: Catalog,
    avatar: Avatar,
    template_id: str,
    kind: ShootKind,
    now: datetime,
    seeds: Sequence[int] | None = None,
    expression: str = "",
) -> Shoot:
    """The customer asks for a shoot: create it and enqueue the job that paints it.

    Raises :class:`Banned`, or as :func:`create`.
    """
    await lock_unbanned(tx, avatar.user_id)
    shoot = await create(
        tx, catalog, avatar, template_id, kind, now, seeds=seeds, expression=expression
    )
    await jobs.enqueue(tx, PAINT, shoot.id, shoot.user_id, now)
    return shoot


async def create(
    tx: Tx,
    catalog: Catalog,
    avatar: Avatar,
    template_id: str,
    kind: ShootKind,
    now: datetime,
    *,
    id: ShootId | None = None,
    seeds: Sequence[int] | None = None,
    credits: int | None = None,
    expression: str = "",
) -> Shoot:
    """Store a shoot of :data:`SHOOT_SIZE` portraits at the avatar's present likeness, and hold its
    credits. No job is enqueued, and nobody is asked whether the owner is banned.

    ``seeds`` are a former shoot's (:func:`seeds_again`); else see :func:`choose_seeds`. ``id`` is
    one that was given out already, ``credits`` its price, if not the catalogue's, ``expression``
    what the face is to do, if not the template's.

    Raises :class:`AvatarMissing`, :class:`TooFewCredits`, :class:`NotFound` or
    :class:`TemplateNotShown`.
    """
    fresh = await tx.get(Avatar, avatar.id, lock=True)
    if fresh is None or fresh.state is not AvatarState.READY:
        raise AvatarMissing
    template = catalog.showable(fresh.base, template_id)
    shoot = Shoot(
        id=id or ShootId(new_id()),
        user_id=fresh.user_id,
        avatar_id=fresh.id,
        template=template.id,
        kind=kind,
        state=ShootState.WAITING,
        weight=fresh.weight,
        checkpoint=fresh.checkpoint,
        beauty=fresh.beauty,
        seeds=tuple(seeds) if seeds else choose_seeds(template, kind),
        credits=PAINT.price(catalog) if credits is None else credits,
        created_at=now,
        expression=expression or template.expression,
    )
    await ledger.hold(tx, shoot.user_id, subject(shoot), shoot.credits, now)
    await tx.add(shoot)
    return shoot


async def key_of(tx: Tx, cipher: EnvelopeCipher, shoot: Shoot) -> DataKey | None:
    """The key for a shoot's pictures; None once its avatar, or nobody's prompt, was erased."""
    key_id = await portrait_keys.key_id_of(tx, shoot)
    return await cipher.data_key(tx, key_id) if key_id else None


async def store(
    blobs: Blobs, key: DataKey, folder: str, pictures: Sequence[PaintedPicture]
) -> tuple[StoredPicture, ...]:
    """Encrypt and write the pictures' blobs in that folder (:mod:`shop.avatars.portrait_keys`),
    outside of transactions: then :func:`finish`, and remove the blobs if no portrait came of
    them."""
    stored = []
    for picture in pictures:
        id = PortraitId(new_id())
        path = f"{folder}/{id}"
        await store_blob(blobs, key, picture.image, path)
        stored.append(
            StoredPicture(id, path, picture.seed, picture.width, picture.height, picture.media_type)
        )
    return tuple(stored)


async def finish(tx: Tx, shoot: Shoot, pictures: Sequence[StoredPicture], now: datetime) -> Shoot:
    """Add the portraits, capture the credits for those that were painted, notify the customer.

    Fewer pictures than seeds cost their share, rounded down; none at all is :func:`fail`. Nothing
    happens to a shoot that has ended.
    """
    if not pictures:
        return await fail(tx, shoot, "no picture", now)
    await lock_user(tx, shoot.user_id)
    key_id = await portrait_keys.key_id_of(tx, shoot, lock=True)
    fresh = await tx.get(Shoot, shoot.id, lock=True)
    if fresh is None or fresh.state is not ShootState.WAITING:
        return fresh or shoot
    if key_id is None:
        return await fail(tx, fresh, "no avatar", now)
    for index, picture in enumerate(pictures):
        await tx.add(_portrait(fresh, picture, now + index * TICK))
    await _settle(tx, fresh, len(pictures), now)
    done = await transition(tx, fresh, ShootState.DONE, now)
    await jobs.end_of(tx, PAINT, shoot.id, JobState.DONE, now)
    await outbox.notify(tx, done.user_id, "portraits", now, shoot=done.id)
    return done


async def fail(tx: Tx, shoot: Shoot, why: str, now: datetime, *, silent: bool = False) -> Shoot:
    """Nothing was painted: release the held credits, notify the customer unless ``silent``.

    ``why`` is for the operator. Nothing happens to a shoot that has ended.
    """
    await lock_user(tx, shoot.user_id)
    fresh = await tx.get(Shoot, shoot.id, lock=True)
    if fresh is None or fresh.state is not ShootState.WAITING:
        return fresh or shoot
    await ledger.release(tx, fresh.user_id, subject(fresh), fresh.credits, now)
    failed = await transition(tx, fresh, ShootState.FAILED, now)
    await jobs.end_of(tx, PAINT, fresh.id, JobState.FAILED, now, why)
    if not silent:
        await outbox.notify(tx, fresh.user_id, "shoot_failed", now, shoot=fresh.id)
    return failed


async def pictures_of_shoot(tx: Tx, shoot: Shoot) -> list[Portrait]:
    """The shoot's portraits, in the order in which they were painted."""
    return await tx.find(Portrait, shoot_id=shoot.id, order="created_at")


async def recent_shoots(tx: Tx, user: User, limit: int = 10) -> list[Shoot]:
    """A person's shoots, the newest first, those that wait included."""
    return await tx.find(Shoot, user_id=user.id, order="-created_at", limit=limit)


async def newest_portraits(tx: Tx, user_id: UserId, limit: int) -> list[Portrait]:
    """A person's portraits: the newest shoot's first, each shoot's in the order of painting."""
    found = await tx.find(Portrait, user_id=user_id, order="-created_at", limit=limit)
    shoots = list(dict.fromkeys(one.shoot_id for one in found))
    return sorted(found, key=lambda one: (shoots.index(one.shoot_id), one.created_at))


async def find_picture(tx: Tx, cipher: EnvelopeCipher, portrait: Portrait) -> SealedPicture:
    """The labelled file, to be opened, and signed, after the transaction. Raises :class:`NotFound`
    once it was erased."""
    key_id = await portrait_keys.key_id_of(tx, portrait)
    if key_id is None:
        raise NotFound
    blob = await find_blob(tx, cipher, key_id, portrait.blob)
    return SealedPicture(blob, PictureKind.PORTRAIT, portrait.created_at.date())


def cost_of(shoot: Shoot, painted: int) -> int:
    """The credits that so many pictures of a shoot cost: their share of it, rounded down."""
    return shoot.credits * min(painted, len(shoot.seeds)) // len(shoot.seeds)


def choose_seeds(template: Template, kind: ShootKind) -> tuple[int, ...]:
    """The seeds of a new shoot: ANOTHER draws new ones, all others take the template's."""
    if kind is ShootKind.ANOTHER:
        return draw_seeds(SHOOT_SIZE)
    return template.seeds[:SHOOT_SIZE]


def draw_seeds(count: int) -> tuple[int, ...]:
    """So many new seeds."""
    return tuple(secrets.randbelow(SEED_RANGE) for _ in range(count))


async def seeds_again(tx: Tx, shoot: Shoot) -> tuple[int, ...]:
    """The seeds to paint a shoot again in another way: those of its portraits, as many as came;
    new ones instead of those that gave none which passed the checks."""
    right = [one.seed for one in await pictures_of_shoot(tx, shoot)]
    if shoot.state is not ShootState.DONE:
        return shoot.seeds
    missing = max(0, SHOOT_SIZE - len(right))
    return (*right[:SHOOT_SIZE], *draw_seeds(missing))


def _portrait(shoot: Shoot, picture: StoredPicture, at: datetime) -> Portrait:
    return Portrait(
        id=picture.id,
        shoot_id=shoot.id,
        user_id=shoot.user_id,
        avatar_id=shoot.avatar_id,
        prompt_id=None if shoot.avatar_id else shoot.prompt_id,
        blob=picture.blob,
        seed=picture.seed,
        width=picture.width,
        height=picture.height,
        media_type=picture.media_type,
        created_at=at,
    )


async def _settle(tx: Tx, shoot: Shoot, painted: int, now: datetime) -> None:
    cost = cost_of(shoot, painted)
    await ledger.capture(tx, shoot.user_id, subject(shoot), cost, now)
    if cost < shoot.credits:
        await ledger.release(tx, shoot.user_id, subject(shoot), shoot.credits - cost, now)


def subject(shoot: Shoot) -> str:
    """What its credits are held for, in the ledger."""
    return f"shoot:{shoot.id}"


async def _give_up_job(tx: Tx, ref: str, why: str, now: datetime) -> None:
    if shoot := await tx.get(Shoot, ref):
        await fail(tx, shoot, why, now)


async def _needs(tx: Tx, refs: Sequence[str]) -> Mapping[str, Needs]:
    shoots = await tx.find(Shoot, id=OneOf(refs))
    owners = sorted({str(shoot.avatar_id or shoot.prompt_id) for shoot in shoots})
    bases: dict[str, str] = {one.id: one.base for one in await tx.find(Avatar, id=OneOf(owners))}
    bases |= {one.id: one.base for one in await tx.find(Prompt, id=OneOf(owners))}
    return {
        one.id: Needs(bases.get(one.avatar_id or one.prompt_id or "", ""), one.avatar_id or "")
        for one in shoots
    }


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
