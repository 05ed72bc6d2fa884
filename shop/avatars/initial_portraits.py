"""The initial portraits: those that come with an avatar.

They are painted like any other, except for whoever agreed to have them compared with their photos.
Photos end with the training, so these portraits are painted at its end, while the photos are still
in the worker's memory; the most similar ones are delivered, and no similarity score is stored
with anybody: those of five customers and more are counted together, without whose.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shop.avatars import portraits
from shop.avatars.portraits import StoredPicture
from shop.catalog import Catalog
from shop.errors import TemplateNotShown, TooFewCredits
from shop.jobs import jobs
from shop.people import consent
from shop.ports import Tx
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
    """The initial shoot as it was planned when the training began: ``shoot`` is the id that it gets
    (and that its pictures' labels name), ``template`` and ``seeds`` are what to paint. ``pictures``
    are the results, with the best checkpoint at the recipe's own weight, their blobs written.
    """

    shoot: ShootId
    template: str
    seeds: tuple[int, ...]
    pictures: tuple[StoredPicture, ...] = ()


async def plan(tx: Tx, catalog: Catalog, avatar: Avatar) -> InitialShoot | None:
    """Plan what to paint at the end of that avatar's training and to compare with the photos.

    None, and nothing may be compared, unless its owner agreed to that; None as well when there is
    no style to paint. The worker calls it whenever a training is begun or begun again.
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


async def deliver_or_request(
    tx: Tx,
    catalog: Catalog,
    avatar: Avatar,
    order: Order,
    now: datetime,
    initial: InitialShoot | None = None,
) -> None:
    """Deliver the initial portraits that were painted already, or enqueue the job that paints them.

    They cost what ``order`` was sold with, whatever a shoot costs by now: the rest of its credits
    was promised to the customer. They are delivered only if they are what is wanted now, and if the
    consent to comparing is still valid: else they are painted anew. Also for a banned owner, who
    has paid. A catalogue that changed since the sale must not undo a training; if it has nothing
    left to show, the credits stay with the customer.
    """
    with contextlib.suppress(TemplateNotShown, TooFewCredits):
        template = catalog.first(avatar.base, avatar.subject, order.template)
        seeds = portraits.choose_seeds(template, ShootKind.FIRST)
        if initial and not await _is_usable(tx, avatar, initial, template.id, seeds):
            initial = None
        shoot = await portraits.create(
            tx, catalog, avatar, template.id, ShootKind.FIRST, now,
            id=initial.shoot if initial else None, seeds=seeds, credits=order.shoot_credits or None,
        )  # fmt: skip
        if initial:
            await portraits.finish(tx, shoot, initial.pictures, now)
        else:
            await jobs.enqueue(tx, portraits.PAINT, shoot.id, shoot.user_id, now)


async def _is_usable(
    tx: Tx, avatar: Avatar, initial: InitialShoot, template: str, seeds: Sequence[int]
) -> bool:
    if not initial.pictures or (initial.template, initial.seeds) != (template, tuple(seeds)):
        return False
    return await _may_compare(tx, avatar)


async def _may_compare(tx: Tx, avatar: Avatar) -> bool:
    owner = await tx.get(User, avatar.user_id)
    return owner is not None and await consent.is_given(tx, owner, ConsentKind.COMPARE)
