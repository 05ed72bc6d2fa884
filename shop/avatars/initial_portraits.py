"""The first portraits: those that come with an avatar.

They are painted like any other, except for whoever agreed to have them compared with their photos.
Photos end with the training, so these portraits are painted at its end, while the photos are still
in the worker's memory; the most like them are delivered, and no number of the comparison is kept.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shop.avatars import portraits
from shop.avatars.portraits import PaintedPicture
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.errors import TemplateNotShown, TooFewCredits
from shop.people import consent
from shop.ports import Blobs, Tx
from shop.records import (
    Avatar,
    ConsentKind,
    Order,
    ShootId,
    ShootKind,
    User,
    new_id,
)


@dataclass(frozen=True, slots=True)
class InitialShoot:
    """A first shoot as it was laid out when the training began: ``shoot`` is the id that it gets
    (and that its pictures' labels name), ``template`` and ``seeds`` are what was to be painted.
    ``pictures`` is what came of it, with the best checkpoint at the recipe's own weight.
    """

    shoot: ShootId
    template: str
    seeds: tuple[int, ...]
    pictures: tuple[PaintedPicture, ...] = ()


async def plan(tx: Tx, catalog: Catalog, avatar: Avatar) -> InitialShoot | None:
    """What to paint at the end of that avatar's training and to compare with the photos.

    None, and nothing may be compared, unless its owner agreed to that; None as well when there is
    no style to paint. For the worker, whenever a training begins or begins again.
    """
    if not await _may_compare(tx, avatar):
        return None
    order = await tx.get(Order, avatar.order_id)
    try:
        template = catalog.first(avatar.base, avatar.subject, order.template if order else "")
    except TemplateNotShown:
        return None
    seeds = portraits.choose_seeds(template, ShootKind.FIRST)
    return InitialShoot(ShootId(new_id()), template.id, seeds)


async def begin(
    tx: Tx,
    cipher: EnvelopeCipher,
    blobs: Blobs,
    catalog: Catalog,
    avatar: Avatar,
    wanted: str,
    now: datetime,
    first: InitialShoot | None = None,
) -> None:
    """Deliver the first portraits that were painted already, or owe them.

    They are delivered only if they are what is wanted now, and if the consent to comparing still
    stands: else they are painted anew. A catalogue that changed since the sale must not undo a
    training; if it has nothing left to show, the credits stay with the customer.
    """
    with contextlib.suppress(TemplateNotShown, TooFewCredits):
        template = catalog.first(avatar.base, avatar.subject, wanted)
        seeds = portraits.choose_seeds(template, ShootKind.FIRST)
        if first is None or not await _stands(tx, avatar, first, template.id, seeds):
            await portraits.owe(tx, catalog, avatar, template.id, ShootKind.FIRST, now)
            return
        shoot = await portraits.begin(
            tx, catalog, avatar, template.id, ShootKind.FIRST, now, id=first.shoot, seeds=seeds
        )
        await portraits.finish(tx, cipher, blobs, shoot, first.pictures, now)


async def _stands(
    tx: Tx, avatar: Avatar, first: InitialShoot, template: str, seeds: Sequence[int]
) -> bool:
    if not first.pictures or (first.template, first.seeds) != (template, tuple(seeds)):
        return False
    return await _may_compare(tx, avatar)


async def _may_compare(tx: Tx, avatar: Avatar) -> bool:
    owner = await tx.get(User, avatar.user_id)
    return owner is not None and await consent.is_given(tx, owner, ConsentKind.COMPARE)
