"""The first portraits of somebody who agreed to have them compared with their photos."""

from dataclasses import replace

import pytest

from shop.avatars import initial_portraits, portraits
from shop.avatars.portraits import PAINT
from shop.money import ledger
from shop.orders import orders
from shop.people import consent
from shop.records import (
    Consent,
    ConsentKind,
    Order,
    OutboxMessage,
    Portrait,
    Shoot,
    ShootState,
    User,
)
from tests.shop.conftest import CATALOG, GRANTED, SHOOT, made, painted, template
from tests.storing import finish_training, opened


async def laid_out(shop):
    """A paid order, and what its training is to paint at the end."""
    _, avatar = await shop.paid()
    return avatar, await initial_portraits.plan(shop.tx, shop.catalog, avatar)


async def finished(shop, avatar, first, pictures=()):
    return await finish_training(
        shop.tx, shop.cipher, shop.blobs, shop.catalog, avatar, made(), shop.now, first, pictures
    )


async def test_they_are_there_with_the_avatar(shop):
    avatar, first = await laid_out(shop)
    assert (first.template, first.seeds) == ("blue", (1, 2, 3, 4))
    for _ in range(2):  # a worker that was thought dead
        await finished(shop, avatar, first, painted(*first.seeds))

    [shoot] = await shop.tx.find(Shoot)
    assert (shoot.id, shoot.state, shoot.weight) == (first.shoot, ShootState.DONE, 0.8)
    for one in await portraits.pictures_of_shoot(shop.tx, shoot):
        data = await opened(shop.blobs, portraits.find_picture(shop.tx, shop.cipher, one))
        assert data == b"portrait %d" % one.seed
    assert await shop.tx.count(Portrait) == 4
    assert not await shop.tx.count(OutboxMessage, queue=PAINT.name)
    assert await ledger.balance(shop.tx, avatar.user_id) == GRANTED
    told = [one.payload["kind"] for one in await shop.tx.find(OutboxMessage, name="notice")]
    assert told[-2:] == ["avatar_ready", "portraits"]


async def test_those_below_the_bar_are_not_paid(shop):
    avatar, first = await laid_out(shop)
    await finished(shop, avatar, first, painted(1, 3))
    assert await ledger.balance(shop.tx, avatar.user_id) == GRANTED + SHOOT // 2


async def test_without_that_consent_nothing_is_laid_out(shop):
    order, avatar = await shop.paid()
    user = await shop.tx.get(User, order.user_id)
    await consent.withdraw(shop.tx, user, ConsentKind.COMPARE, shop.now)
    assert await initial_portraits.plan(shop.tx, shop.catalog, avatar) is None


async def withdrawn(shop, order):
    user = await shop.tx.get(User, order.user_id)
    await consent.withdraw(shop.tx, user, ConsentKind.COMPARE, shop.now)


async def another_style(shop, order):
    await orders.change_template(shop.tx, shop.catalog, order, "noir")


async def other_seeds(shop, order):
    blue = replace(template("blue"), seeds=(9, 8, 7, 6))
    shop.catalog = replace(CATALOG, templates=(blue,))


async def nothing_painted(shop, order):
    """The pictures failed; the training did not."""


@pytest.mark.parametrize("change", [withdrawn, another_style, other_seeds, nothing_painted])
async def test_what_is_not_wanted_any_more_is_painted_anew(shop, change):
    avatar, first = await laid_out(shop)
    await change(shop, await shop.tx.get(Order, avatar.order_id))
    pictures = () if change is nothing_painted else tuple(painted(*first.seeds))
    await finished(shop, avatar, replace(first, pictures=pictures))

    [shoot] = await shop.tx.find(Shoot)
    assert shoot.state is ShootState.WAITING
    assert shoot.id != first.shoot
    assert await shop.owes(PAINT, shoot.id)
    assert await shop.blob_paths("portraits") == []
    assert await shop.tx.count(Consent, withdrawn_at=shop.now) == (change is withdrawn)
