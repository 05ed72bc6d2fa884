"""A training's checkpoints: sealed, for any worker to go on from, and gone when the training is."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from pipeline.engine.engine import CheckpointFile, EngineCrashed
from pipeline.worker.checkpoint_store import CheckpointWriter, load_checkpoint
from shop import blob_erasure, privacy
from shop.adapters.memory import MemoryBlobs
from shop.avatars import avatars, training_checkpoints
from shop.avatars.avatars import TRAIN
from shop.errors import NotFound, Unavailable
from shop.jobs import jobs, outbox
from shop.orders import orders
from shop.outages import REPEATS
from shop.people import users
from shop.records import (
    Avatar,
    AvatarId,
    AvatarState,
    Job,
    JobState,
    Order,
    OutboxMessage,
    SealedKey,
    User,
)
from tests.doubles import UNFINISHED, QuickEngine, unfinished
from tests.pipeline.worker_harness import all_of, buy, loop_of, work_off
from tests.storing import opened


async def paths(deps, prefix="avatars") -> list[str]:
    return [path async for path in deps.blobs.walk(prefix)]


async def sealed_blobs(deps) -> list[bytes]:
    return [await deps.blobs.get(path) for path in await paths(deps)]


async def begun(deps, name="anna") -> Avatar:
    """An avatar whose training has begun, with its key."""
    id = (await buy(deps, name))[-1]
    async with deps.database.begin() as tx:
        avatar = await avatars.begin_training(tx, deps.cipher, AvatarId(id), deps.database.clock())
    assert avatar is not None
    return avatar


async def keep(deps, avatar, step=1) -> None:
    writer = CheckpointWriter(deps, avatar.id)
    writer.put(unfinished(avatar.id, step))
    await writer.close()


async def erase(deps, name="anna") -> User:
    async with deps.database.begin() as tx:
        (user,) = await tx.find(User, platform_id=name)
        await privacy.erase(tx, user, deps.database.clock())
    return user


async def handle_outbox(deps) -> None:
    for message in await all_of(deps, OutboxMessage, state=outbox.PENDING):
        told = message.payload
        if message.name == "erase_blobs":
            await blob_erasure.erase_blobs(deps.blobs, told["prefix"])
        if message.name == "erase_uploads":
            await blob_erasure.erase_uploads(
                deps.database, deps.blobs, told["order"], told["count"], told["why"]
            )


async def remaining(deps, user) -> int:
    return await privacy.count_remaining(deps.database, deps.blobs, user.id)


class Full(MemoryBlobs):
    async def put(self, path: str, data: bytes) -> None:
        raise Unavailable("the blob store fails: put, ENOSPC")


async def test_a_checkpoint_that_is_not_kept_says_why_once_a_minute(deps):
    avatar = await begun(deps)
    with capture_logs() as logged:
        await keep(replace(deps, blobs=Full()), avatar)
    told = [one for one in logged if one["event"] == "checkpoint_not_kept"]
    why = "the blob store fails: put, ENOSPC"
    assert {(one["avatar"], one["why"], one[REPEATS]) for one in told} == {
        (avatar.id, why, f"checkpoint_not_kept: {why}")
    }


class Stalled(QuickEngine):
    """Trains until ``gate`` is set; ``waits`` once every checkpoint is with the worker."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.waits = asyncio.Event(), asyncio.Event()

    async def train(self, orders, report):
        trained = await super().train(orders, report)
        self.waits.set()
        await self.gate.wait()
        return trained


class SlowBlobs:
    """Blobs whose writes wait for ``gate``; ``asked`` is set by the first."""

    def __init__(self, blobs, broken=False) -> None:
        self._blobs, self.broken = blobs, broken
        self.gate, self.asked = asyncio.Event(), asyncio.Event()
        self.put_paths: list[str] = []

    def __getattr__(self, name):
        return getattr(self._blobs, name)

    async def put(self, path, data) -> None:
        self.asked.set()
        await self.gate.wait()
        if self.broken:
            raise OSError("no space left on device")
        self.put_paths.append(path)
        await self._blobs.put(path, data)


async def test_checkpoints_lie_sealed_under_the_avatars_key_and_another_worker_goes_on(deps):
    """The first worker dies; the second, which shares no disk but the blobs', has its files."""
    (id,) = await buy(deps, "anna")
    dying = Stalled()
    (batch,) = await loop_of(deps, dying, (TRAIN,)).look()
    await dying.waits.wait()
    async with asyncio.timeout(20):
        while len(await paths(deps)) < 2:
            await asyncio.sleep(0.01)
    (avatar,) = await all_of(deps, Avatar)
    folder = training_checkpoints.folder(avatar.id)
    assert await paths(deps) == [f"{folder}/candidate-1", f"{folder}/state"]
    assert not any(UNFINISHED in blob for blob in await sealed_blobs(deps))
    async with deps.database.begin() as tx:
        key = await training_checkpoints.key_of_training(tx, deps.cipher, avatar.id)
    assert key.open(await deps.blobs.get(f"{folder}/state"), f"{folder}/state") == (
        unfinished(id)[1].data
    )
    assert repr(key) == "DataKey(...)"

    deps.database.clock.forward(seconds=31)  # its lease has run out
    second = QuickEngine()
    await work_off(deps, second, TRAIN, name="w2")
    assert set(second.trained[0].checkpoint) == set(unfinished(id))
    (avatar,) = await all_of(deps, Avatar)
    assert avatar.state is AvatarState.READY
    batch.cancel()
    await asyncio.gather(batch, return_exceptions=True)


async def test_a_try_after_a_crash_goes_on_from_the_last_checkpoint(deps):
    """All that came before the crash is kept before the job is handed back."""
    (id,) = await buy(deps, "anna")

    class Crashing(QuickEngine):
        async def train(self, orders, report):
            trained = await super().train(orders, report)
            if len(self.trained) == 1:
                raise EngineCrashed("killed")
            return trained

    engine = Crashing()
    await work_off(deps, engine, TRAIN)
    assert [set(order.checkpoint) for order in engine.trained] == [set(), set(unfinished(id))]


async def test_a_batch_that_goes_on_without_somebody_has_the_newest_checkpoints(deps):
    anna, ben = await buy(deps, "anna", "ben")
    engine = Stalled()
    (batch,) = await loop_of(deps, engine, (TRAIN,), lease=0.2, background_batch=2).look()
    await engine.waits.wait()
    engine.waits.clear()
    user = await erase(deps, "ben")
    await engine.waits.wait()
    engine.gate.set()
    await asyncio.wait_for(batch, 30)
    assert [order.avatar for order in engine.trained][2:] == [anna]
    assert set(engine.trained[2].checkpoint) == set(unfinished(anna))
    await handle_outbox(deps)
    assert await remaining(deps, user) == 0
    assert not any(ben in path for path in await paths(deps, ""))


async def test_when_the_avatar_is_ready_the_receipt_comes_after_its_checkpoints_are_gone(deps):
    await buy(deps, "anna")
    await work_off(deps, QuickEngine(), TRAIN)
    (avatar,) = await all_of(deps, Avatar)
    assert len(await paths(deps, training_checkpoints.folder(avatar.id))) == 2
    await handle_outbox(deps)
    assert await paths(deps, training_checkpoints.folder(avatar.id)) == []
    assert await paths(deps) == list(avatar.blobs)
    receipts = [
        one.payload
        for one in await all_of(deps, OutboxMessage)
        if one.payload.get("kind") == "uploads_erased"
    ]
    assert [(one["left"], one["trained"]) for one in receipts] == [(0, 1)]
    assert await privacy.uploads_left(deps.database, deps.blobs) == 0
    async with deps.database.begin() as tx:
        assert await opened(deps.blobs, avatars.find_lora(tx, deps.cipher, avatar, 1)) == b"lora"


async def end_by_failure(tx, avatar, order, now):
    await avatars.fail(tx, avatar, "broken", now)


async def end_by_refund(tx, avatar, order, now):
    await orders.refund(tx, order, "asked", now)


async def end_by_poison(tx, avatar, order, now):
    await TRAIN.give_up(tx, avatar.id, "poisoned", now)


async def end_by_erasure(tx, avatar, order, now):
    await privacy.erase(tx, await users.lock(tx, order.user_id), now)


ENDS = (end_by_failure, end_by_refund, end_by_poison, end_by_erasure)


@pytest.mark.parametrize("end", ENDS)
async def test_whatever_ends_a_training_ends_its_checkpoints_at_once(deps, end):
    """The key in the transaction itself, with every worker dead; the blobs by the outbox."""
    avatar = await begun(deps)
    await keep(deps, avatar)
    (order,) = await all_of(deps, Order)
    async with deps.database.begin() as tx:
        user = await users.lock(tx, order.user_id)
    held = await privacy.holdings(deps.database, deps.blobs, user)
    assert held.checkpoints_left == 2
    async with deps.database.begin() as tx:
        await end(tx, avatar, order, deps.database.clock())
    assert await all_of(deps, SealedKey) == []
    assert await load_checkpoint(deps, avatar.id) == ()
    assert await remaining(deps, user) > 0
    await handle_outbox(deps)
    assert await remaining(deps, user) == 0
    assert await paths(deps, "") == []


async def test_a_worker_that_did_not_know_leaves_nothing_behind(deps):
    """Erased before it seals: it has no key. Erased while it writes: it looks again, and removes
    what it wrote. Killed between the two: the blob is noise, and the sweep finds it."""
    avatar = await begun(deps)
    await erase(deps)
    await keep(deps, avatar)
    await handle_outbox(deps)
    assert await paths(deps, "") == []

    ben = await begun(deps, "ben")
    blobs = SlowBlobs(deps.blobs)
    writer = CheckpointWriter(replace(deps, blobs=blobs), ben.id)
    writer.put(unfinished(ben.id))
    await blobs.asked.wait()
    user = await erase(deps, "ben")
    await handle_outbox(deps)
    assert await remaining(deps, user) == 0
    blobs.gate.set()
    await writer.close()
    assert len(blobs.put_paths) == 1  # what waited behind is not even written
    assert await paths(deps, "") == []

    await deps.blobs.put(f"{training_checkpoints.folder(ben.id)}/state", b"noise by now")
    assert await blob_erasure.sweep_blobs(deps.database, deps.blobs) == 1
    assert await paths(deps, "") == []


async def test_a_late_checkpoint_of_a_ready_avatar_is_removed(deps):
    """Its key lives on for the LoRA, so the blob could still be opened: by the worker that lost its
    lease, or if that dies, by the sweep, which leaves trainings under way alone."""
    id = (await buy(deps, "anna"))[0]
    ben = await begun(deps, "ben")
    await keep(deps, ben)
    async with deps.database.begin() as tx:
        held = (await tx.find(Job, kind=TRAIN.name, ref=ben.id))[0]
        await jobs.lease(tx, held.id, "w9", deps.database.clock(), 6000)
    (avatar,) = [one for one in await all_of(deps, Avatar) if one.id == id]
    blobs = SlowBlobs(deps.blobs)
    late = CheckpointWriter(replace(deps, blobs=blobs), avatar.id)
    async with deps.database.begin() as tx:
        await avatars.begin_training(tx, deps.cipher, avatar.id, deps.database.clock())
    late.put(unfinished(id))
    await blobs.asked.wait()
    await work_off(deps, QuickEngine(), TRAIN, name="w2")
    await handle_outbox(deps)
    blobs.gate.set()
    await late.close()
    folder = training_checkpoints.folder(avatar.id)
    assert (blobs.put_paths, await paths(deps, folder)) == ([f"{folder}/candidate-1"], [])

    await deps.blobs.put(f"{folder}/state", b"left by the dead")
    assert await privacy.uploads_left(deps.database, deps.blobs) > 0
    assert await blob_erasure.sweep_blobs(deps.database, deps.blobs) == 1
    async with deps.database.begin() as tx:
        ready = await tx.get(Avatar, avatar.id)
        assert ready is not None
        assert await opened(deps.blobs, avatars.find_lora(tx, deps.cipher, ready, 0)) == b"early"
    assert set(await load_checkpoint(deps, ben.id)) == set(unfinished(ben.id))


async def test_on_a_slow_disk_the_newest_state_is_kept_after_all_that_it_names(deps):
    avatar = await begun(deps)
    blobs = SlowBlobs(deps.blobs)
    writer = CheckpointWriter(replace(deps, blobs=blobs), avatar.id)
    for step in (1, 2, 3):
        writer.put(unfinished(avatar.id, step))
        if step == 1:
            await blobs.asked.wait()
    blobs.gate.set()
    await writer.close()
    names = [path.rpartition("/")[2] for path in blobs.put_paths]
    assert names == ["candidate-1", "candidate-2", "candidate-3", "state"]
    kept = {file.name: file.data for file in await load_checkpoint(deps, avatar.id)}
    assert kept["state"] == unfinished(avatar.id, 3)[1].data


async def test_a_full_disk_costs_checkpoints_and_nobody_the_avatar(deps):
    await buy(deps, "anna", "ben")
    blobs = SlowBlobs(deps.blobs, broken=True)
    blobs.gate.set()
    engine = Stalled()
    (batch,) = await loop_of(
        replace(deps, blobs=blobs), engine, (TRAIN,), background_batch=2
    ).look()
    await engine.waits.wait()
    blobs.broken = False
    engine.gate.set()
    await batch
    assert {one.state for one in await all_of(deps, Avatar)} == {AvatarState.READY}
    assert {one.attempts for one in await all_of(deps, Job, kind=TRAIN.name)} == {1}


async def test_an_altered_checkpoint_is_left_out_and_a_bad_name_goes_nowhere(deps):
    avatar = await begun(deps)
    await keep(deps, avatar)
    folder = training_checkpoints.folder(avatar.id)
    await deps.blobs.put(f"{folder}/state", await deps.blobs.get(f"{folder}/candidate-1"))
    assert await load_checkpoint(deps, avatar.id) == (unfinished(avatar.id)[0],)
    before = await paths(deps, "")
    writer = CheckpointWriter(deps, avatar.id)
    writer.put((CheckpointFile("../../uploads/x", b"of a child that went mad"),))
    await writer.close()
    assert await paths(deps, "") == before


async def test_a_training_begins_with_a_key_once_and_not_after_its_end(deps):
    avatar = await begun(deps)
    async with deps.database.begin() as tx:
        again = await avatars.begin_training(tx, deps.cipher, avatar.id, deps.database.clock())
        assert again == avatar
    await deps.blobs.remove("uploads")
    left = await privacy.count_remaining(deps.database, deps.blobs, avatar.user_id)
    assert left == 2, "a key is left of the uploads, and one of the training"
    async with deps.database.begin() as tx:
        now = await tx.now()
        assert await avatars.begin_training(tx, deps.cipher, AvatarId("x"), now) is None
        await avatars.fail(tx, avatar, "broken", now)
        assert await avatars.begin_training(tx, deps.cipher, avatar.id, now) is None
        with pytest.raises(NotFound):
            await training_checkpoints.key_of_training(tx, deps.cipher, avatar.id)
    assert {job.state for job in await all_of(deps, Job, kind=TRAIN.name)} == {JobState.FAILED}
