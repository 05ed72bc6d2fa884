"""Who stops a paid order gets the money back until a worker has begun, and not after."""

from datetime import timedelta

import pytest

from shop import privacy
from shop.avatars import avatars
from shop.errors import NotAllowed
from shop.jobs import jobs
from shop.orders import orders, payments, stopping
from shop.orders.stopping import Fate
from shop.people import consent
from shop.records import (
    Avatar,
    AvatarState,
    Consent,
    ConsentKind,
    Currency,
    Job,
    JobState,
    Order,
    OrderState,
    Photo,
    Product,
    User,
)
from shop.settings import Settings, SettingsError
from tests.keys import MASTER_KEY_BASE64
from tests.shop.conftest import PRICE, money, notices, payloads
from tests.storing import CAPACITY


async def owner(shop, order):
    return await shop.tx.get(User, order.user_id)


async def fate(shop, order):
    return (await stopping.stake(shop.tx, await owner(shop, order), shop.now)).fate


async def handed_back(shop, avatar):
    """The worker shuts down in good order: the attempt does not count."""
    await jobs.hand_back(shop.tx, await shop.begun(avatar), "w", shop.now, counted=False)


async def failed_in_passing(shop, avatar):
    await jobs.hand_back(shop.tx, await shop.begun(avatar), "w", shop.now)


async def died(shop, avatar):
    await shop.begun(avatar)
    shop.now += timedelta(minutes=5)


async def is_at_work(shop, avatar):
    await shop.begun(avatar)


BEGUN = [is_at_work, handed_back, failed_in_passing, died]


class TestBeforeTheWork:
    async def test_everything_goes_back(self, shop):
        order, avatar = await shop.paid()
        assert await fate(shop, order) is Fate.REFUND
        assert not await stopping.work_begun(shop.tx, order)
        stopped = await stopping.stop(shop.tx, order, "withdrawn", shop.now)
        assert (stopped.state, stopped.refund_reason) == (OrderState.REFUNDING, "withdrawn")
        assert (await shop.tx.get(Avatar, avatar.id)).state is AvatarState.FAILED
        assert await money(shop) == (PRICE, PRICE, 0)


@pytest.mark.parametrize("happens", BEGUN)
class TestOnceItHasBegun:
    async def test_the_work_stops_and_the_money_stays(self, shop, happens):
        order, avatar = await shop.paid()
        await happens(shop, avatar)
        assert await stopping.work_begun(shop.tx, order)
        assert await fate(shop, order) is Fate.LOSS
        stopped = await stopping.stop(shop.tx, order, "withdrawn", shop.now)

        assert stopped.state is OrderState.STOPPED
        assert (await shop.tx.get(Avatar, avatar.id)).state is AvatarState.FAILED
        assert await shop.tx.count(Photo) == 0
        assert await shop.tx.count(Job, kind="train", state=JobState.CANCELLED) == 1
        assert await money(shop) == (PRICE, 0, PRICE)
        assert await payloads(shop, "refund") == []
        assert await fate(shop, order) is Fate.NONE

    async def test_a_late_worker_neither_delivers_nor_refunds(self, shop, happens):
        order, avatar = await shop.paid()
        await happens(shop, avatar)
        await stopping.stop(shop.tx, order, "withdrawn", shop.now)
        assert (await shop.trained(avatar)).state is AvatarState.FAILED
        await avatars.fail(shop.tx, avatar, "late", shop.now)
        assert (await shop.tx.get(Order, order.id)).state is OrderState.STOPPED
        assert "avatar_failed" not in await notices(shop)
        assert await money(shop) == (PRICE, 0, PRICE)

    async def test_erasing_is_no_way_around(self, shop, happens):
        order, avatar = await shop.paid()
        await happens(shop, avatar)
        erasure = await privacy.erase(shop.tx, await owner(shop, order), shop.now)
        assert (len(erasure.kept), erasure.refunded) == (1, ())
        assert await money(shop) == (PRICE, 0, PRICE)


@pytest.mark.parametrize("happens", BEGUN)
class TestOnceItHasStalled:
    """Nothing is being made for the money."""

    async def test_it_goes_back(self, shop, happens):
        order, avatar = await shop.paid()
        await happens(shop, avatar)
        [job] = await shop.tx.find(Job, kind="train")
        shop.now = job.started_at + stopping.STALLED - timedelta(seconds=1)
        assert await fate(shop, order) is Fate.LOSS
        shop.now += timedelta(seconds=1)
        assert await fate(shop, order) is Fate.REFUND
        stopped = await stopping.stop(shop.tx, order, "withdrawn", shop.now)
        assert stopped.state is OrderState.REFUNDING
        assert (await shop.trained(avatar)).state is AvatarState.FAILED, "a late worker"
        assert await money(shop) == (PRICE, PRICE, 0)

    async def test_another_worker_begins_the_time_anew(self, shop, happens):
        order, avatar = await shop.paid()
        await happens(shop, avatar)
        shop.now += stopping.STALLED
        await shop.begun(avatar, "another")
        assert await fate(shop, order) is Fate.LOSS


def test_no_training_that_is_at_work_stalls():
    """The settings allow no longer one."""
    longest = int(stopping.STALLED.total_seconds())
    values = {"EIDER_MASTER_KEY": MASTER_KEY_BASE64, "EIDER_PLAYGROUND": "yes",
              "EIDER_TILL": "sandbox"}  # fmt: skip
    Settings.from_env(values | {"EIDER_TRAIN_TIMEOUT": str(longest)})
    with pytest.raises(SettingsError):
        Settings.from_env(values | {"EIDER_TRAIN_TIMEOUT": str(longest + 1)})


async def begun_and_stopped(shop):
    order, avatar = await shop.paid()
    await shop.begun(avatar)
    return await stopping.stop(shop.tx, order, "withdrawn", shop.now)


async def test_admins_can_still_give_it_back(shop):
    order = await begun_and_stopped(shop)
    refunding = await orders.refund(shop.tx, order, "admin", shop.now)
    assert (refunding.state, refunding.refund_reason) == (OrderState.REFUNDING, "admin")
    assert await money(shop) == (PRICE, PRICE, 0)


async def test_and_so_can_the_till(shop):
    order = await begun_and_stopped(shop)
    returned = await payments.confirm_return(shop.tx, f"sandbox:{order.charge}", shop.now)
    assert returned.state is OrderState.REFUNDED
    assert await money(shop) == (0, 0, 0)


async def test_a_training_that_fails_is_refunded_begun_or_not(shop):
    order, avatar = await shop.paid()
    await shop.begun(avatar)
    await avatars.fail(shop.tx, avatar, "broken", shop.now)
    assert (await shop.tx.get(Order, order.id)).state is OrderState.REFUNDING
    assert await fate(shop, order) is Fate.NONE


async def test_what_was_stopped_may_be_bought_anew(shop):
    await begun_and_stopped(shop)
    again, _ = await shop.paid()
    assert again.state is OrderState.PAID


async def test_only_a_paid_unfinished_avatar_can_be_stopped(shop):
    done, _, _ = await shop.ready("a")
    for order in (done, await shop.awaiting("b"), await shop.collecting(0, "c")):
        with pytest.raises(NotAllowed):
            await stopping.stop(shop.tx, order, "withdrawn", shop.now)
    user = await shop.customer("d")
    pack = await orders.buy_credits(
        shop.tx, shop.catalog, user, "sandbox", Currency.CNY, shop.now, capacity=CAPACITY
    )
    assert pack.product is Product.CREDITS
    with pytest.raises(NotAllowed):
        await stopping.stop(shop.tx, await shop.pay(pack), "withdrawn", shop.now)


class TestTermsOfBefore:
    """Who paid under terms that promised the money back gets it back."""

    async def under_old_terms(self, shop, monkeypatch):
        monkeypatch.setitem(consent.VERSION, ConsentKind.TERMS, "2026-11")
        order, avatar = await shop.paid()
        monkeypatch.undo()
        await shop.begun(avatar)
        return order

    async def test_it_goes_back(self, shop, monkeypatch):
        order = await self.under_old_terms(shop, monkeypatch)
        assert await fate(shop, order) is Fate.REFUND
        assert await stopping.work_begun(shop.tx, order), "cancelling is too late all the same"
        stopped = await stopping.stop(shop.tx, order, "withdrawn", shop.now)
        assert stopped.state is OrderState.REFUNDING

    async def test_agreeing_to_new_terms_later_takes_nothing_away(self, shop, monkeypatch):
        order = await self.under_old_terms(shop, monkeypatch)
        shop.now += timedelta(minutes=1)
        user = await owner(shop, order)
        await consent.give(shop.tx, user, ConsentKind.TERMS, shop.now)
        assert await shop.tx.count(Consent, kind=ConsentKind.TERMS) == 2
        assert await fate(shop, order) is Fate.REFUND

    async def test_later_versions_say_it_too(self, shop, monkeypatch):
        monkeypatch.setitem(consent.VERSION, ConsentKind.TERMS, "2031-01")
        order, avatar = await shop.paid()
        await shop.begun(avatar)
        assert await fate(shop, order) is Fate.LOSS


def test_amounts_are_summed_by_currency():
    from tests.contracts.records import order

    found = [order("a", amount=3), order("b", amount=4), order("c", amount=5, currency="XTR")]
    assert stopping.amounts(found) == {Currency.CNY: 7, "XTR": 5}
    assert stopping.amounts([]) == {}
