import pytest

from shop import blob_erasure
from shop.avatars import avatars, portraits
from shop.avatars.avatars import TRAIN
from shop.avatars.likeness import FIRST_BEAUTY, MORE_BEAUTY
from shop.avatars.portraits import PAINT
from shop.errors import AvatarMissing, BeautyAtCeiling, LikenessAtCeiling
from shop.money import ledger
from shop.orders import orders
from shop.people import users
from shop.records import (
    Avatar,
    AvatarState,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    SealedKey,
    Shoot,
    ShootKind,
    User,
)
from tests.shop.conftest import GRANTED, SHOOT, made
from tests.storing import finish_training, opened


async def news(shop):
    found = await shop.tx.find(OutboxMessage, name="notice")
    return [message.payload["kind"] for message in found]


async def test_an_avatar_is_sealed_under_a_key_of_its_own_and_the_uploads_end(shop):
    order, avatar, _ = await shop.ready()

    assert avatar.state is AvatarState.READY
    assert (avatar.weight, avatar.ceiling, avatar.beauty) == (0.8, 1.0, FIRST_BEAUTY)
    assert await shop.blob_paths("avatars") == list(avatar.blobs)
    assert avatar.blobs[0].startswith(f"avatars/{avatar.id}/lora-")
    assert b"lora" not in await shop.blobs.get(avatar.blobs[0])
    assert (
        await opened(shop.blobs, avatars.find_lora(shop.tx, shop.cipher, avatar, 0))
        == made().checkpoints[0]
    )
    assert await shop.tx.count(Photo) == 0
    assert [key.id for key in await shop.tx.find(SealedKey)] == [avatar.key_id]
    assert (await shop.tx.get(Order, order.id)).state is OrderState.DONE
    assert not await shop.owes(TRAIN, avatar.id)
    [message] = await shop.tx.find(OutboxMessage, name="erase_uploads")
    assert (message.payload["why"], message.payload["count"]) == ("trained", 12)
    assert "avatar_ready" in await news(shop)


async def test_the_first_shoot_comes_with_it_and_leaves_the_promised_credits(shop):
    order, _, first = await shop.ready()

    assert (first.kind, first.template, first.weight) == (ShootKind.FIRST, "blue", 0.8)
    assert first.seeds == (1, 2, 3, 4)
    assert await shop.owes(PAINT, first.id)
    assert await ledger.balance(shop.tx, order.user_id) == GRANTED


async def several(shop):
    """An avatar of three checkpoints, the second of which is the best."""
    _, avatar = await shop.paid()
    kept = made(b"early lora", b"best lora", b"late lora", best=1)
    ready = await finish_training(
        shop.tx, shop.cipher, shop.blobs, shop.catalog, avatar, kept, shop.now
    )
    return ready, kept


async def test_every_checkpoint_is_sealed_and_all_go_with_the_avatar(shop):
    avatar, kept = await several(shop)

    assert await shop.blob_paths("avatars") == sorted(avatar.blobs)
    for number, lora in enumerate(kept.checkpoints):
        assert b"lora" not in await shop.blobs.get(avatar.blobs[number])
        data = await opened(shop.blobs, avatars.find_lora(shop.tx, shop.cipher, avatar, number))
        assert data == lora
    with pytest.raises(AvatarMissing):
        await opened(shop.blobs, avatars.find_lora(shop.tx, shop.cipher, avatar, 3))

    await orders.refund(shop.tx, await shop.tx.get(Order, avatar.order_id), "asked", shop.now)
    gone = await shop.tx.get(Avatar, avatar.id)
    assert (gone.state, gone.blobs, gone.key_id) == (AvatarState.ERASED, (), None)
    assert await shop.tx.count(SealedKey) == 0
    prefixes = {
        one.payload["prefix"] for one in await shop.tx.find(OutboxMessage, name="erase_blobs")
    }
    for prefix in prefixes:
        await blob_erasure.erase_blobs(shop.blobs, prefix)
    assert await shop.blob_paths("avatars") == []


async def test_a_rung_is_a_checkpoint_a_weight_and_a_beauty_and_shoots_keep_theirs(shop):
    avatar, _ = await several(shop)
    [first] = await shop.tx.find(Shoot)
    for _ in range(2):
        avatar = await avatars.more_like_me(shop.tx, avatar)
    liker = await portraits.request(
        shop.tx, shop.catalog, avatar, "blue", ShootKind.MORE_LIKE_ME, shop.now, first.seeds
    )
    for _ in range(4):
        avatar = await avatars.more_beautiful(shop.tx, avatar)

    assert (first.checkpoint, first.weight, first.beauty) == (1, 0.8, FIRST_BEAUTY)
    assert (liker.checkpoint, liker.weight, liker.beauty) == (2, 1.0, 0.0)
    assert (avatar.checkpoint, avatar.weight, avatar.beauty) == (1, 0.8, 1.0)


def test_a_training_without_a_best_checkpoint_is_none():
    for best in (-1, 1):
        with pytest.raises(ValueError, match="checkpoint"):
            made(best=best)


async def test_two_workers_finish_it_once(shop):
    order, avatar, _ = await shop.ready()
    late = await finish_training(
        shop.tx, shop.cipher, shop.blobs, shop.catalog, avatar, made(b"another"), shop.now
    )

    assert late == avatar
    assert (
        await opened(shop.blobs, avatars.find_lora(shop.tx, shop.cipher, avatar, 0))
        == made().checkpoints[0]
    )
    assert await ledger.balance(shop.tx, order.user_id) == GRANTED
    assert await shop.tx.count(Shoot) == 1
    assert (await news(shop)).count("avatar_ready") == 1


async def test_failing_gives_the_money_back_and_ends_the_uploads(shop):
    order, avatar = await shop.paid()
    for _ in range(2):
        assert (await avatars.fail(shop.tx, avatar, "poisoned", shop.now)).state is (
            AvatarState.FAILED
        )

    assert (await shop.tx.get(Order, order.id)).state is OrderState.REFUNDING
    assert len(await shop.tx.find(OutboxMessage, name="refund")) == 1
    assert await shop.tx.count(Photo) == await shop.tx.count(SealedKey) == 0
    assert await ledger.balance(shop.tx, order.user_id) == 0
    assert not await shop.owes(TRAIN, avatar.id)
    assert (await news(shop)).count("avatar_failed") == 1


async def test_a_training_that_ends_after_the_refund_changes_nothing(shop):
    order, avatar = await shop.paid()
    await orders.refund(shop.tx, order, "asked", shop.now)
    late = await shop.trained(avatar)

    assert late.state is AvatarState.FAILED
    assert await shop.blob_paths("avatars") == []
    assert (await shop.tx.get(Order, order.id)).state is OrderState.REFUNDING


async def test_a_failure_after_success_changes_nothing(shop):
    order, avatar, _ = await shop.ready()
    assert await avatars.fail(shop.tx, avatar, "late", shop.now) == avatar
    assert (await shop.tx.get(Order, order.id)).state is OrderState.DONE


async def test_somebody_banned_meanwhile_still_gets_what_was_paid(shop):
    order, avatar = await shop.paid()
    await users.ban(shop.tx, await shop.tx.get(User, order.user_id))
    await shop.trained(avatar)
    assert await shop.tx.count(Shoot) == 1


async def test_a_catalogue_that_changed_does_not_undo_a_training(shop):
    order, avatar = await shop.paid()
    shop.catalog = type(shop.catalog)((), (), 99, {})
    assert (await shop.trained(avatar)).state is AvatarState.READY
    assert await ledger.balance(shop.tx, order.user_id) == GRANTED + SHOOT


async def test_more_like_me_rises_to_the_ceiling_and_is_remembered(shop):
    _, avatar, _ = await shop.ready()
    weights = [(await avatars.more_like_me(shop.tx, avatar)).weight for _ in range(2)]

    assert weights == [0.9, 1.0]
    with pytest.raises(LikenessAtCeiling):
        await avatars.more_like_me(shop.tx, avatar)
    user = await shop.tx.get(User, avatar.user_id)
    assert (await avatars.newest_of(shop.tx, user)).weight == 1.0


async def test_more_beautiful_retouches_more_and_keeps_the_face(shop):
    _, avatar, _ = await shop.ready()
    rungs = [await avatars.more_beautiful(shop.tx, avatar) for _ in MORE_BEAUTY]

    assert [one.beauty for one in rungs] == list(MORE_BEAUTY)
    assert {(one.weight, one.checkpoint) for one in rungs} == {(avatar.weight, avatar.checkpoint)}
    with pytest.raises(BeautyAtCeiling):
        await avatars.more_beautiful(shop.tx, avatar)


async def test_only_a_ready_avatar_has_a_likeness(shop):
    order, avatar = await shop.paid()
    user = await shop.tx.get(User, order.user_id)
    assert await avatars.newest_of(shop.tx, user) is None
    with pytest.raises(AvatarMissing):
        await avatars.more_like_me(shop.tx, avatar)
    with pytest.raises(AvatarMissing):
        await opened(shop.blobs, avatars.find_lora(shop.tx, shop.cipher, avatar, 0))


async def test_the_newest_avatar_counts(shop):
    _, first, _ = await shop.ready()
    shop.now = shop.now.replace(year=2027)
    _, second, _ = await shop.ready()
    assert first.user_id == second.user_id
    user = await shop.tx.get(User, first.user_id)
    assert await avatars.newest_of(shop.tx, user) == await shop.tx.get(Avatar, second.id)
