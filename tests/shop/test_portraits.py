import pytest

from shop.avatars import portraits
from shop.avatars.portraits import PAINT
from shop.errors import AvatarMissing, Banned, NotFound, TemplateNotShown, TooFewCredits
from shop.money import ledger
from shop.people import users
from shop.records import OutboxMessage, ShootKind, ShootState, User
from tests.shop.conftest import GRANTED, SHOOT, painted
from tests.storing import finish_shoot, opened


@pytest.fixture
async def ready(shop):
    return await shop.ready()


async def balance(shop, avatar):
    assert set((await shop.tx.totals()).values()) <= {0}
    return await ledger.balance(shop.tx, avatar.user_id)


async def ask(shop, avatar, template="noir", kind=ShootKind.STYLE, seeds=None):
    return await portraits.request(shop.tx, shop.catalog, avatar, template, kind, shop.now, seeds)


async def news(shop, kind):
    found = await shop.tx.find(OutboxMessage, name="notice")
    return sum(message.payload["kind"] == kind for message in found)


async def test_a_request_holds_credits_and_owes_the_painting(shop, ready):
    _, avatar, _ = ready
    shoot = await ask(shop, avatar)

    assert (shoot.state, shoot.weight, shoot.credits) == (ShootState.WAITING, 0.8, SHOOT)
    assert len(shoot.seeds) == portraits.SHOOT_SIZE
    assert await balance(shop, avatar) == GRANTED - SHOOT
    assert await shop.owes(PAINT, shoot.id)


async def test_seeds_are_the_templates_or_new_or_given(shop, ready):
    _, avatar, _ = ready
    style = await ask(shop, avatar)
    liker = await ask(shop, avatar, kind=ShootKind.MORE_LIKE_ME, seeds=(7, 8, 9, 10))
    await ledger.grant(shop.tx, avatar.user_id, 99, "more", shop.now)
    another = await ask(shop, avatar, kind=ShootKind.ANOTHER)

    assert style.seeds == (1, 2, 3, 4)
    assert liker.seeds == (7, 8, 9, 10)
    assert len(set(another.seeds)) == 4
    assert another.seeds != style.seeds


async def test_expressions_are_the_templates_or_given(shop, ready):
    _, avatar, _ = ready
    style = await ask(shop, avatar)
    expression = shop.catalog.template("noir").expression
    given = await portraits.request(
        shop.tx, shop.catalog, avatar, "noir", ShootKind.EXPRESSION, shop.now, expression="smile"
    )
    assert (style.expression, given.expression) == (expression, "smile")


async def test_seeds_that_gave_no_portrait_are_not_taken_again(shop, ready):
    _, avatar, _ = ready
    waiting = await ask(shop, avatar)
    assert await portraits.seeds_again(shop.tx, waiting) == waiting.seeds
    done = await finish_shoot(shop.tx, shop.cipher, shop.blobs, waiting, painted(71, 3), shop.now)
    again = await portraits.seeds_again(shop.tx, done)
    assert again[:2] == (71, 3), "what was painted, not what was asked for"
    assert len(again) == len(set(again)) == portraits.SHOOT_SIZE
    assert not set(again[2:]) & set(waiting.seeds)


async def test_too_few_credits_leave_nothing_behind(shop, ready):
    _, avatar, _ = ready
    await ask(shop, avatar)
    await ask(shop, avatar)
    with pytest.raises(TooFewCredits):
        await ask(shop, avatar)
    assert await balance(shop, avatar) == 0


async def test_who_and_what_is_refused(shop, ready):
    order, avatar, _ = ready
    with pytest.raises(TemplateNotShown):
        await ask(shop, avatar, "hanfu")
    with pytest.raises(NotFound):
        await ask(shop, avatar, "unheard-of")
    await users.ban(shop.tx, await shop.tx.get(User, order.user_id))
    with pytest.raises(Banned):
        await ask(shop, avatar)
    _, unfinished = await shop.paid("other")
    with pytest.raises(AvatarMissing):
        await ask(shop, unfinished)


async def test_finished_portraits_are_sealed_and_their_credits_spent(shop, ready):
    _, avatar, first = ready
    done = await shop.painted(first)
    kept = await portraits.pictures_of_shoot(shop.tx, first)

    assert done.state is ShootState.DONE
    assert [one.seed for one in kept] == [1, 2, 3, 4]
    for one in kept:
        assert one.blob == f"portraits/{avatar.id}/{one.id}"
        assert b"portrait" not in await shop.blobs.get(one.blob)
        data = await opened(shop.blobs, portraits.find_picture(shop.tx, shop.cipher, one))
        assert data == b"portrait %d" % one.seed
    assert await balance(shop, avatar) == GRANTED
    assert await shop.tx.total(ledger.held_account(avatar.user_id), "credits") == 0
    assert await news(shop, "portraits") == 1
    assert not await shop.owes(PAINT, first.id)


async def test_two_painters_finish_it_once(shop, ready):
    _, avatar, first = ready
    done = await shop.painted(first)
    assert await shop.painted(first) == done
    assert await portraits.fail(shop.tx, first, "late", shop.now) == done

    assert len(await portraits.pictures_of_shoot(shop.tx, first)) == 4
    assert len(await shop.blob_paths("portraits")) == 4
    assert await balance(shop, avatar) == GRANTED
    assert await news(shop, "shoot_failed") == 0


async def test_nobody_pays_for_a_failed_shoot(shop, ready):
    _, avatar, first = ready
    for _ in range(2):
        failed = await portraits.fail(shop.tx, first, "poisoned", shop.now)
    assert failed.state is ShootState.FAILED
    assert await balance(shop, avatar) == GRANTED + SHOOT  # enough to ask for the first again
    assert await news(shop, "shoot_failed") == 1
    assert (await shop.painted(first)).state is ShootState.FAILED
    assert await shop.blob_paths("portraits") == []


async def test_no_picture_is_a_failed_shoot(shop, ready):
    _, avatar, first = ready
    failed = await finish_shoot(shop.tx, shop.cipher, shop.blobs, first, [], shop.now)
    assert failed.state is ShootState.FAILED
    assert await balance(shop, avatar) == GRANTED + SHOOT


@pytest.mark.parametrize(("came", "cost"), [(1, 1), (2, 2), (3, 3), (4, 4)])
async def test_pictures_that_did_not_come_are_not_paid(shop, ready, came, cost):
    _, avatar, first = ready
    await finish_shoot(shop.tx, shop.cipher, shop.blobs, first, painted(*range(came)), shop.now)
    assert await balance(shop, avatar) == GRANTED + SHOOT - cost


async def test_recent_shoots_come_newest_first(shop, ready):
    _, avatar, first = ready
    shop.now = shop.now.replace(year=2027)
    second = await ask(shop, avatar)
    user = await shop.tx.get(User, avatar.user_id)
    assert [one.id for one in await portraits.recent_shoots(shop.tx, user)] == [second.id, first.id]
