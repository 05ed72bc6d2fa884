"""Photos compared by a worker: what a crash, a withdrawal or an end meanwhile leads to, and that no
feature of a face is left anywhere."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from pipeline.engine.engine import BadPhotos, EngineCrashed
from pipeline.engine.wire import encode, pack
from pipeline.images import faces
from pipeline.images.unlike import compare
from pipeline.worker.app import LOOKS, roles
from shop import privacy
from shop.errors import ConsentMissing, NotAllowed
from shop.orders import orders
from shop.people import consent, users
from shop.photos import comparison, photos
from shop.photos.comparison import COMPARE, KIND
from shop.photos.photos import CHECK
from shop.records import (
    RECORDS,
    Compared,
    Job,
    JobState,
    Order,
    OutboxMessage,
    Photo,
    PhotoState,
    User,
)
from tests.doubles import QuickEngine
from tests.pipeline.test_worker import Killed, Mortal, _copied
from tests.pipeline.worker_harness import all_of, loop_of, pay, send_photos, work_off

CUSTOMER = Path("deploy/demo/customer")
AGREED = (*consent.REQUIRED, KIND)


@pytest.fixture
def engine() -> QuickEngine:
    return QuickEngine()


@pytest.fixture
async def order(deps, engine) -> Order:
    """An unpaid order of checked photos, of whose comparison a worker is to take care."""
    order = await send_photos(deps, "anna", AGREED)
    await work_off(deps, engine, CHECK)
    await asked(deps, order)
    return order


async def asked(deps, order) -> Job:
    async with deps.database.begin() as tx:
        return await comparison.request(tx, await owner_of(tx, order), order, deps.database.clock())


async def owner_of(tx, order) -> User:
    return await tx.get(User, order.user_id)


async def words(deps) -> list[Compared | None]:
    return [one.compared for one in await all_of(deps, Photo, order="created_at")]


async def told(deps) -> list[str]:
    found = [one.payload.get("kind") for one in await all_of(deps, OutboxMessage)]
    return [one for one in found if one in ("compared", "not_compared")]


async def test_the_worker_that_checks_photos_compares_them_and_tells_once(deps, order):
    assert COMPARE in roles()[LOOKS]
    engine = QuickEngine()
    async with deps.database.begin() as tx:
        second = (await photos.accepted(tx, order.id))[1]
        sealed = await photos.find_jpeg(tx, deps.cipher, second)
    engine.odd = {await sealed.open(deps.blobs)}
    await asked(deps, order)  # a second press asks for nothing more
    await work_off(deps, engine, COMPARE)
    assert await words(deps) == [Compared.ALIKE, Compared.UNLIKE, Compared.ALIKE]
    assert [len(one) for one in engine.compared] == [3]
    assert await told(deps) == ["compared"]
    assert [one.state for one in await all_of(deps, Job, kind="compare")] == [JobState.DONE]


@pytest.mark.parametrize("at_commit", [False, True])
async def test_killed_at_any_transaction_it_ends_the_same_once(deps, order, at_commit):
    with capture_logs():
        for deaths in count(1):
            again = _copied(deps)
            mortal = Mortal(again.database, deaths, at_commit)
            loop = loop_of(replace(again, database=mortal), QuickEngine(), (COMPARE,))
            with suppress(Killed):
                while began := await loop.look():
                    await asyncio.gather(*began)
            again.database.clock.forward(seconds=31)
            await work_off(again, QuickEngine(), COMPARE, name="w2")
            assert await words(again) == [Compared.ALIKE] * 3
            assert await told(again) == ["compared"]
            (job,) = await all_of(again, Job, kind="compare")
            assert job.state is JobState.DONE
            if mortal.alive:
                break
    assert deaths > 3


async def withdraw(tx, order, now):
    await comparison.withdraw(tx, await owner_of(tx, order), now)


async def withdraw_and_ask_anew(tx, order, now):
    """What was compared under the old consent is nothing under the new one."""
    owner = await owner_of(tx, order)
    await comparison.withdraw(tx, owner, now)
    await consent.give(tx, owner, KIND, now)
    await comparison.request(tx, owner, order, now)


async def cancel(tx, order, now):
    await orders.cancel(tx, order, now)


async def erase(tx, order, now):
    await privacy.erase(tx, await owner_of(tx, order), now)


async def revoke(tx, order, now):
    """The consent to training ends, and with it those to comparing."""
    await consent.withdraw(tx, await owner_of(tx, order), consent.ConsentKind.TRAINING, now)


@pytest.mark.parametrize("meanwhile", [withdraw, withdraw_and_ask_anew, cancel, erase, revoke])
async def test_what_ends_while_a_worker_looks_leaves_nothing(deps, order, meanwhile):
    class Interrupted(QuickEngine):
        async def compare(self, photos):
            async with deps.database.begin() as tx:
                await meanwhile(tx, order, deps.database.clock())
            return await super().compare(photos)

    (first,) = await all_of(deps, Job, kind="compare")
    loop = loop_of(deps, Interrupted(), (COMPARE,))
    with capture_logs():
        await asyncio.gather(*await loop.look())
    assert all(one is None for one in await words(deps))
    assert await told(deps) == []
    async with deps.database.snapshot() as tx:
        assert (await tx.get(Job, first.id)).state is JobState.CANCELLED


async def test_a_photo_that_comes_or_goes_meanwhile_is_not_said_to_be_compared(deps, order):
    class Interrupted(QuickEngine):
        async def compare(self, found):
            async with deps.database.begin() as tx:
                first = (await photos.accepted(tx, order.id))[0]
                await photos.transition(
                    tx, first, PhotoState.REJECTED, deps.database.clock(), sha256=""
                )
                await tx.add(replace(first, id="late", state=PhotoState.ACCEPTED))
            return await super().compare(found)

    await asyncio.gather(*await loop_of(deps, Interrupted(), (COMPARE,)).look())
    by_id = {one.id: one.compared for one in await all_of(deps, Photo)}
    assert by_id.pop("late") is None
    assert sorted(str(one) for one in by_id.values()) == ["None", "alike", "alike"]
    async with deps.database.snapshot() as tx:
        found = await comparison.known(tx, order)
    assert (found.compared, found.left_out) == (2, ("late",))


async def test_it_is_not_begun_without_consent_or_for_another_or_a_paid_order(deps, engine):
    old = await send_photos(deps, "ben")  # the former consents alone
    mine = await send_photos(deps, "anna", AGREED)
    await work_off(deps, engine, CHECK)
    with pytest.raises(ConsentMissing):
        await asked(deps, old)
    async with deps.database.begin() as tx:
        anna = await owner_of(tx, mine)
        with pytest.raises(NotAllowed):
            await comparison.request(tx, anna, old, deps.database.clock())
    job = await asked(deps, mine)
    await pay(deps, mine)
    with pytest.raises(NotAllowed):
        await asked(deps, mine)
    await work_off(deps, engine, COMPARE)
    assert engine.compared == []
    async with deps.database.snapshot() as tx:
        assert (await tx.get(Job, job.id)).state is JobState.CANCELLED


async def test_a_crash_is_tried_again_and_what_cannot_be_is_told(deps, order):
    with capture_logs():
        await work_off(deps, QuickEngine((EngineCrashed("gone"),)), COMPARE)
    assert await told(deps) == ["compared"]
    async with deps.database.begin() as tx:
        await users.lock(tx, order.user_id)
        await tx.add(replace((await photos.accepted(tx, order.id))[0], id="late", compared=None))
    await asked(deps, order)
    with capture_logs():
        await work_off(deps, QuickEngine((BadPhotos("no"),)), COMPARE)
    assert await told(deps) == ["compared", "not_compared"]


async def test_no_feature_of_a_face_is_stored_logged_or_sent(deps, order, monkeypatch):
    """By the real embeddings: neither their bytes nor a number of them, nor a distance."""
    seen = []

    def spied(pixels):
        seen.append(embedding(pixels))
        return seen[-1]

    embedding = faces.embedding
    monkeypatch.setattr(faces, "embedding", spied)
    real = [path.read_bytes() for path in sorted(CUSTOMER.glob("*.jpg"))[:3]]
    sent = []

    class Real(QuickEngine):
        async def compare(self, photos):
            result = compare(real, lambda: None)
            sent.append(encode(pack("compared", result)))
            return result

    before = {path async for path in deps.blobs.walk("")}
    with capture_logs() as logs:
        await work_off(deps, Real(), COMPARE)
    assert len(seen) == 3
    assert await told(deps) == ["compared"]
    assert {path async for path in deps.blobs.walk("")} == before
    kept = [repr(one) for kind in RECORDS for one in await all_of(deps, kind)]
    everything = "\n".join([*kept, json.dumps(logs, default=repr), *map(repr, sent)])
    vectors = np.stack(seen)
    numbers = [*vectors.ravel(), *(vectors @ vectors.T)[np.triu_indices(3, 1)]]
    assert not [one for one in numbers if f"{float(one):.6f}"[1:] in everything]
    assert not [one for one in seen if one.tobytes()[:16] in b"".join(sent)]
    assert len(sent[0]) < 100 + 20 * len(real)


async def test_comparing_waits_its_turn_with_the_checks_of_others(deps, order, engine):
    """Both are looked at by one worker; neither's customers wait for all of the other's."""
    await send_photos(deps, "ben")
    loop = loop_of(deps, engine, (CHECK, COMPARE))
    for _ in range(4):
        await asyncio.gather(*await loop.look())
    assert engine.compared
    assert len(engine.inspected) > 3


async def test_whoever_becomes_one_with_somebody_who_said_no_has_no_marks(deps, order):
    """By linked chats a later no of the other side may end the yes, without :func:`withdraw`."""
    await work_off(deps, QuickEngine(), COMPARE)
    async with deps.database.begin() as tx:
        owner, now = await owner_of(tx, order), deps.database.clock()
        await comparison.forget(tx, owner, now)
    assert await words(deps) == [Compared.ALIKE] * 3, "a yes that stands keeps them"
    async with deps.database.begin() as tx:
        await consent.withdraw(tx, owner, KIND, now)
        assert (await comparison.known(tx, order)).compared == 0
        await comparison.forget(tx, owner, now)
    assert await words(deps) == [None] * 3
