import pytest

from pipeline.decoding import sanitizer
from shop import admin_actions, admin_reviews
from shop.errors import ClipsPaused, NotAllowed, NotFound, SalesPaused
from shop.orders import orders
from shop.people import users
from shop.photos import photos
from shop.records import (
    AuditEntry,
    AvatarState,
    ClipState,
    Currency,
    Order,
    OrderState,
    PhotoState,
    User,
)
from tests.shop.conftest import CHECKOUT, GRANTED, PRICE, SHOOT, findings, jpeg
from tests.shop.moving import begun, ready

BOSS = "telegram:1"


async def audits(shop):
    found = await shop.tx.find(AuditEntry, order="at")
    assert {audit.admin for audit in found} <= {BOSS}
    return [(audit.command, audit.target, audit.outcome) for audit in found]


async def test_stats(shop):
    await shop.ready("a")
    await shop.paid("b")
    await shop.collecting(1, "c")
    stats = await admin_actions.stats(shop.tx, BOSS, shop.now)

    assert (stats.users, stats.erased, stats.held, stats.selling) == (3, 0, 0, True)
    assert stats.orders[OrderState.DONE] == stats.orders[OrderState.PAID] == 1
    assert stats.earned[Currency.CNY] == 2 * PRICE
    assert stats.credits == GRANTED + SHOOT
    assert set(stats.ledger_sums.values()) == {0}
    assert await audits(shop) == [("stats", "", "shown")]


async def test_stats_count_the_erased(shop):
    await shop.collecting(platform_id="a")
    await shop.collecting(platform_id="b")
    await admin_actions.erase(shop.tx, shop.addresses, BOSS, "playground:a", shop.now)
    stats = await admin_actions.stats(shop.tx, BOSS, shop.now)
    assert (stats.users, stats.erased) == (2, 1)


async def test_the_queues(shop):
    await shop.paid("a")
    await shop.paid("b")
    train = {view.kind: view for view in await admin_actions.queue(shop.tx, BOSS, shop.now)}[
        "train"
    ]
    assert (train.waiting, train.running, train.wait) == (2, 0, None)
    assert await audits(shop) == [("queue", "", "shown")]


async def test_an_order_with_all_that_belongs_to_it(shop):
    order, avatar = await shop.paid()
    view = await admin_actions.order(shop.tx, BOSS, order.id, shop.now)

    assert (view.order, view.avatar, view.person) == (order, avatar, "playground:42")
    assert view.tally.accepted == 12
    assert [charge.amount for charge in view.charges] == [PRICE]
    with pytest.raises(NotFound):
        await admin_actions.order(shop.tx, BOSS, "unknown", shop.now)


async def test_a_person_is_found_by_address_or_id(shop):
    user = await shop.customer("7")
    assert await admin_actions.person(shop.tx, "playground:7") == user
    assert await admin_actions.person(shop.tx, user.id) == user
    for unknown in ("playground:8", "telegram:7", "icq:7", "", "playground:"):
        with pytest.raises(NotFound):
            await admin_actions.person(shop.tx, unknown)


async def test_granting(shop):
    user = await shop.customer("7")
    for _ in range(2):  # two grants are two, also of the same amount
        balance = await admin_actions.grant(shop.tx, BOSS, "playground:7", 5, shop.now)
    assert (balance.granted, balance.credits) == (5, 10)
    assert await audits(shop) == [("grant", user.id, "5")] * 2


@pytest.mark.parametrize("credits", [0, -5, admin_actions.MOST_CREDITS + 1])
async def test_a_grant_out_of_bounds_is_refused_and_not_audited(shop, credits):
    await shop.customer("7")
    with pytest.raises(NotAllowed):
        await admin_actions.grant(shop.tx, BOSS, "playground:7", credits, shop.now)
    assert await audits(shop) == []


async def test_refunding(shop):
    order, avatar = await shop.paid()
    assert (await admin_actions.refund(shop.tx, BOSS, order.id, shop.now)).state is (
        OrderState.REFUNDING
    )
    assert (await shop.tx.get(type(avatar), avatar.id)).state is AvatarState.FAILED
    assert (await audits(shop))[-1] == ("refund", order.id, "refunding")
    awaiting = await shop.awaiting("other")
    with pytest.raises(NotAllowed):
        await admin_actions.refund(shop.tx, BOSS, awaiting.id, shop.now)


async def test_banning_and_unbanning(shop):
    user = await shop.customer("7")
    await admin_actions.ban(shop.tx, shop.addresses, BOSS, "playground:7", shop.now)
    assert (await shop.tx.get(User, user.id)).banned
    await admin_actions.unban(shop.tx, shop.addresses, BOSS, "playground:7", shop.now)
    assert not (await users.lock(shop.tx, user.id)).banned
    assert [command for command, *_ in await audits(shop)] == ["ban", "unban"]


async def held(shop, seed):
    order = await shop.collecting()
    photo = await shop.photo(order, seed)
    return await photos.apply_findings(shop.tx, photo, findings(seed, indecency=0.6), shop.now)


async def test_reviewing(shop):
    one, two = await held(shop, 1), await held(shop, 2)
    assert await admin_reviews.held(shop.tx, BOSS, shop.now) == [one, two]
    seen = await admin_reviews.look(shop.tx, shop.cipher, BOSS, one.id, shop.now)
    assert await seen.open(shop.blobs) == sanitizer.sanitize(jpeg(1)).jpeg

    assert (
        await admin_reviews.approve(shop.tx, BOSS, one.id, shop.now)
    ).state is PhotoState.ACCEPTED
    assert (
        await admin_reviews.reject(shop.tx, BOSS, two.id, shop.now)
    ).state is PhotoState.REJECTED

    assert [(command, target) for command, target, _ in await audits(shop)] == [
        ("review", ""), ("look", one.id), ("approve", one.id), ("reject", two.id)
    ]  # fmt: skip
    with pytest.raises(NotAllowed):
        await admin_reviews.approve(shop.tx, BOSS, two.id, shop.now)


async def test_admins_see_no_photo_that_is_not_held(shop):
    photo = await shop.photo(await shop.collecting(), 1)
    for id in (photo.id, "unknown"):
        with pytest.raises(NotFound):
            await admin_reviews.look(shop.tx, shop.cipher, BOSS, id, shop.now)


async def test_pausing_and_resuming_sales(shop):
    order = await shop.collecting(12)
    for _ in range(2):
        assert not (await admin_actions.pause(shop.tx, BOSS, shop.now)).on
    with pytest.raises(SalesPaused):
        await orders.place(shop.tx, shop.catalog, order, CHECKOUT, shop.now)
    assert not (await admin_actions.stats(shop.tx, BOSS, shop.now)).selling

    assert (await admin_actions.resume(shop.tx, BOSS, shop.now)).by == BOSS
    assert (await orders.place(shop.tx, shop.catalog, order, CHECKOUT, shop.now)).amount == PRICE


async def test_erasing_for_somebody(shop):
    order = await shop.collecting(2)
    assert (
        await admin_actions.erase(shop.tx, shop.addresses, BOSS, "playground:42", shop.now)
    ).photos == 2
    assert (await shop.tx.get(Order, order.id)).state is OrderState.CANCELLED
    assert await audits(shop) == [("erase", order.user_id, "erased")]  # no address in it


async def test_reviewing_sources_of_clips(shop):
    one, two = await ready(shop, "a", youth=0.7), await ready(shop, "b", indecency=0.6)
    assert (await admin_actions.stats(shop.tx, BOSS, shop.now)).held == 2
    assert await admin_reviews.held_sources(shop.tx, BOSS, shop.now) == [one, two]
    seen = await admin_reviews.look_at_source(shop.tx, shop.cipher, BOSS, one.id, shop.now)
    assert await seen.open(shop.blobs) == b"after"
    approved = await admin_reviews.approve_source(shop.tx, BOSS, one.id, shop.now)
    refused = await admin_reviews.reject_source(shop.tx, BOSS, two.id, shop.now)
    assert (approved.state, refused.state) == (ClipState.READY, ClipState.REFUSED)
    assert (await audits(shop))[1:] == [
        ("review", "clips", "2"), ("look", one.id, "shown"),
        ("approve", one.id, "accepted"), ("reject", two.id, "indecent"),
    ]  # fmt: skip
    for id in (one.id, two.id, "unknown"):
        with pytest.raises(NotFound):
            await admin_reviews.look_at_source(shop.tx, shop.cipher, BOSS, id, shop.now)
    with pytest.raises(NotAllowed):
        await admin_reviews.approve_source(shop.tx, BOSS, two.id, shop.now)


async def test_pausing_and_resuming_clips(shop):
    assert not (await admin_actions.pause_clips(shop.tx, BOSS, shop.now)).on
    with pytest.raises(ClipsPaused):
        await begun(shop)
    stats = await admin_actions.stats(shop.tx, BOSS, shop.now)
    assert (stats.animating, stats.selling) == (False, True)
    assert (await admin_actions.resume_clips(shop.tx, BOSS, shop.now)).on
    assert (await begun(shop)).state is ClipState.COLLECTING
