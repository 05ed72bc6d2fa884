"""One worker whose host is broken, in each of the ways, beside one that is well: no order is lost,
none refunded, nothing erased.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from pipeline.engine.engine import (
    BadPhotos,
    BaseBroken,
    BaseMissing,
    DeviceMissing,
    EngineClosed,
    EngineCrashed,
    EngineError,
    EngineKilled,
    FolderNotWritable,
    NothingDecent,
    OutOfMemory,
)
from pipeline.worker.blame import Blame, befell_all, blame
from pipeline.worker.host_health import ExaminedHost, HostFault, SelfTest, Verdict
from pipeline.worker.job_batch import WorkerDependencies
from shop import installation
from shop.adapters.blobs_disk import DiskBlobs
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound, Unavailable
from shop.jobs import eta, jobs, worker_faults
from shop.people import users
from shop.photos.photos import CHECK
from shop.ports import Blobs, OneOf
from shop.records import (
    Avatar,
    AvatarState,
    Installation,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    PhotoState,
    Shoot,
    ShootState,
    Worker,
)
from tests.channels import PLAYGROUND
from tests.doubles import QuickEngine
from tests.pipeline.worker_harness import (
    LABEL,
    MASTER_KEY,
    PHOTOS,
    all_of,
    buy,
    loop_of,
    make_deps,
    pay,
    send_photos,
    work_off,
)

ALL = (CHECK, TRAIN, PAINT)
BOSS = "playground:boss"


class Disk(Blobs):
    """The shop's blob store as one host sees it: it may be unmounted there, or full."""

    def __init__(self, store: Blobs) -> None:
        self._store = store
        self.place = store.place
        self.mounted, self.full = True, False

    def bind(self, path: str, mark: bytes) -> None:
        self._store.bind(path, mark)

    async def get(self, path: str) -> bytes:
        if not self.mounted:
            raise NotFound
        return await self._store.get(path)

    async def put(self, path: str, data: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        await self._store.put(path, data)

    async def remove(self, prefix: str) -> int:
        return await self._store.remove(prefix)

    def walk(self, prefix: str):
        return self._store.walk(prefix)

    async def remove_drafts(self, before: datetime) -> int:
        return await self._store.remove_drafts(before)


@dataclass
class Host:
    """A worker's host, all well: its engine, its disk and its key. The stores are the shop's."""

    deps: WorkerDependencies
    name: str
    key: bytes = MASTER_KEY
    engine: QuickEngine = field(default_factory=QuickEngine)

    def __post_init__(self) -> None:
        self.disk = Disk(self.deps.blobs)
        self.deps = replace(self.deps, cipher=EnvelopeCipher(self.key), blobs=self.disk)
        test = SelfTest(self.deps.database, self.disk, (self.key,), self.engine, "mini", LABEL)
        self.outcomes: list[str] = []
        self.health = ExaminedHost(
            "mini", test.run, self._tell, self.outcomes.append, pauses=(0.02,)
        )

    async def _tell(self, fault: HostFault) -> None:
        async with self.deps.database.begin() as tx:
            await worker_faults.report(
                tx, self.name, fault.what, {BOSS}, self.deps.database.clock()
            )

    @asynccontextmanager
    async def working(self):
        loop = loop_of(self.deps, self.engine, ALL, name=self.name, host=self.health)
        running = asyncio.create_task(loop.run())
        try:
            yield loop
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def deps(monkeypatch) -> WorkerDependencies:
    """A shop in memory, whose time goes on, with an admin."""
    monkeypatch.setattr("pipeline.worker.loop.FALLBACK_SECONDS", 0.02)
    monkeypatch.setattr("pipeline.worker.job_batch.RETRY_SECONDS", 0.02)
    monkeypatch.setattr("pipeline.worker.job_batch.HOST_RETRY_SECONDS", 0.02)
    made = make_deps(lambda: datetime.now(UTC))
    await installation.register(made.database, made.blobs, MASTER_KEY, made.database.clock())
    async with made.database.begin() as tx:
        await users.get_or_create(tx, PLAYGROUND, "boss", "en", made.database.clock())
    return made


def unwell(fault: EngineError) -> Callable[[Host], None]:
    """The engine's self-test finds that, and every request fails somehow."""

    def break_it(host: Host) -> None:
        host.engine.unwell = fault
        host.engine.trouble = [EngineError("broke: RuntimeError")] * 99

    return break_it


def unmount(host: Host) -> None:
    host.disk.mounted = False


def fill(host: Host) -> None:
    host.disk.full = True


WAYS = {
    "device": unwell(DeviceMissing("no CUDA")),
    "weights": unwell(BaseMissing("no weights")),
    "folder": unwell(FolderNotWritable("no TMPDIR")),
    "base": unwell(BaseBroken("no numbers")),
    "memory": unwell(OutOfMemory("full")),
    "engine": unwell(EngineCrashed("ended with 1")),
    "blob_store": unmount,
    "disk full": fill,
}
WORDS = {"disk full": "blob_store"}


async def until(condition) -> None:
    async with asyncio.timeout(30):
        while not await condition():
            await asyncio.sleep(0.005)


async def served(deps, orders: int) -> bool:
    async with deps.database.begin() as tx:
        done = await tx.count(Order, state=OrderState.DONE)
        return done == orders and await tx.count(Shoot, state=ShootState.DONE) == orders


async def demand_nothing_lost(deps, orders: int) -> None:
    async with deps.database.begin() as tx:
        assert {one.state for one in await tx.find(Order)} == {OrderState.DONE}
        assert {one.state for one in await tx.find(Avatar)} == {AvatarState.READY}
        assert await tx.count(Order) == await tx.count(Shoot) == orders
        assert {(job.state, job.failures) for job in await tx.find(Job)} == {(JobState.DONE, 0)}
        names = {message.name for message in await tx.find(OutboxMessage)}
        kinds = {message.payload.get("kind") for message in await tx.find(OutboxMessage)}
        assert "refund" not in names
        assert not kinds & {"avatar_failed", "shoot_failed"}
        assert set((await tx.totals()).values()) == {0}


async def faults_told(deps) -> list[object]:
    async with deps.database.begin() as tx:
        told = await tx.find(OutboxMessage, name="notice")
    return [one.payload["what"] for one in told if one.payload["kind"] == "worker_fault"]


async def customers(deps, *names: str) -> None:
    """They send photos, wait until these are checked, and pay."""
    placed = [await send_photos(deps, name) for name in names]

    async def checked() -> bool:
        return not await all_of(deps, Photo, state=PhotoState.CHECKING)

    await until(checked)
    assert {one.state for one in await all_of(deps, Photo)} == {PhotoState.ACCEPTED}
    for order in placed:
        await pay(deps, order)


@pytest.mark.parametrize("way", [*WAYS, "master_key"])
async def test_broken_from_the_start_it_takes_nothing(deps, way):
    broken, well = Host(deps, "broken"), Host(deps, "well")
    if way == "master_key":
        broken = Host(deps, "broken", key=os.urandom(32))
    else:
        WAYS[way](broken)
    async with broken.working() as loop:
        await until(lambda: faulty(broken))
        assert not await loop.wake_up()  # so that the signal is passed on to another worker
        async with well.working():
            await customers(deps, "anna", "ben")
            await until(lambda: served(deps, 2))
        assert not loop.is_looking
    await demand_nothing_lost(deps, 2)
    assert {job.worker for job in await all_of(deps, Job)} == {"well"}
    assert {job.attempts for job in await all_of(deps, Job)} == {1}
    assert broken.engine.inspected == broken.engine.trained == broken.engine.painted == []
    assert await faults_told(deps) == [WORDS.get(way, way)]


@pytest.mark.parametrize(
    ("way", "kind"),
    [(way, kind) for way in WAYS for kind in ALL if (way, kind) != ("disk full", CHECK)],
    ids=lambda one: getattr(one, "name", one),
)
async def test_breaking_at_work_it_hands_back_uncounted_and_comes_back_when_well(deps, way, kind):
    broken = Host(deps, "broken")
    await bring_to(deps, kind)
    async with broken.working():
        await until(lambda: in_service(broken))
        if kind is not CHECK:
            WAYS[way](broken)
            await release(deps)
        else:
            WAYS[way](broken)
            await send_photos(deps, "anna")
        await until(lambda: faulty(broken))
        assert broken.health.fault.what == WORDS.get(way, way)
        await until(lambda: out_of_service(deps))
        for job in await all_of(deps, Job, kind=kind.name):
            assert (job.state, job.attempts, job.failures) == (JobState.WAITING, 0, 0)
        assert {one.state for one in await all_of(deps, Photo)} <= {
            PhotoState.CHECKING, PhotoState.ACCEPTED
        }  # fmt: skip
        assert not await all_of(deps, Order, state=OrderState.REFUNDING)
        assert await faults_told(deps) == [WORDS.get(way, way)]

        broken.engine.unwell, broken.engine.trouble = None, []
        broken.disk.mounted, broken.disk.full = True, False
        if kind is CHECK:
            await until(lambda: all_checked(deps))
            (order,) = await all_of(deps, Order)
            await pay(deps, order)
        await until(lambda: served(deps, 1))
    await demand_nothing_lost(deps, 1)
    assert len(await faults_told(deps)) == 1


async def bring_to(deps, kind) -> None:
    """A customer whose next job is of that kind, held back until :func:`release`."""
    if kind is CHECK:
        return
    present, deps.database.clock = deps.database.clock, Shifted()
    await buy(deps, "anna")
    if kind is PAINT:
        await work_off(deps, QuickEngine(), TRAIN)
    deps.database.clock = present
    async with deps.database.begin() as tx:
        await tx.remove(Worker, id=OneOf(("checker", "w1")))
        for job in await tx.find(Job, state=JobState.WAITING, lock=True):
            await tx.put(replace(job, lease_until=FAR))


FAR = datetime(2100, 1, 1, tzinfo=UTC)


class Shifted:
    """The present, which tests may ask to go on."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)

    def forward(self, **_: float) -> None:
        """It goes on by itself."""


async def release(deps) -> None:
    async with deps.database.begin() as tx:
        for job in await tx.find(Job, state=JobState.WAITING, lock=True):
            await tx.put(replace(job, lease_until=None))


class Gated(QuickEngine):
    """A training ends when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.gate = asyncio.Event(), asyncio.Event()

    async def train(self, orders, report):
        self.begun.set()
        await self.gate.wait()
        return await super().train(orders, report)


async def test_a_disk_that_is_unmounted_during_a_training_loses_nothing(deps, tmp_path):
    """The empty folder of its mount point is written to by nobody, and looks like no erasure."""
    root, away = tmp_path / "blobs", tmp_path / "away"
    deps = replace(deps, blobs=DiskBlobs(root))
    (known,) = await all_of(deps, Installation)
    await deps.blobs.put(installation.ID_PATH, known.blob_store.encode())
    deps.database.clock = Shifted()
    await buy(deps, "anna")
    async with deps.database.begin() as tx:
        await tx.remove(Worker, id="checker")
    host = Host(deps, "broken", engine=Gated())
    async with host.working():
        async with asyncio.timeout(30):
            await host.engine.begun.wait()
        root.rename(away)
        root.mkdir()
        host.engine.gate.set()
        await until(lambda: faulty(host))
        assert host.health.fault.what == "blob_store"
        await until(lambda: out_of_service(deps))
        assert [path for path in root.rglob("*") if path.is_file()] == []
        assert len(await all_of(deps, Photo, state=PhotoState.ACCEPTED)) == PHOTOS
        root.rmdir()
        away.rename(root)
        await until(lambda: served(deps, 1))
    await demand_nothing_lost(deps, 1)
    assert [path async for path in deps.blobs.walk("avatars")]


async def in_service(host: Host) -> bool:
    return host.health.fault is None


async def faulty(host: Host) -> bool:
    return host.health.fault is not None and host.health.fault.what != "not_tested"


async def out_of_service(deps) -> bool:
    """No worker is there, and nobody has a lease."""
    async with deps.database.begin() as tx:
        return not await tx.count(Worker) and not await tx.count(Job, state=JobState.RUNNING)


async def all_checked(deps) -> bool:
    return len(await all_of(deps, Photo, state=PhotoState.ACCEPTED)) == PHOTOS


async def test_a_broken_check_worker_says_nothing_of_the_photos(deps):
    """Whatever it says of them itself."""
    broken = Host(deps, "broken")
    async with broken.working():
        await until(lambda: in_service(broken))
        broken.engine.unwell = EngineCrashed("no libraries")
        broken.engine.trouble = [BadPhotos("not a readable photo")] * 99
        await send_photos(deps, "anna")
        await until(lambda: faulty(broken))
        await until(lambda: out_of_service(deps))
        assert {one.state for one in await all_of(deps, Photo)} == {PhotoState.CHECKING}
        async with Host(deps, "well").working():
            await until(lambda: all_checked(deps))


async def test_with_broken_workers_alone_the_order_waits_without_a_promise(deps):
    await bring_to(deps, TRAIN)
    await release(deps)
    hosts = [Host(deps, "one"), Host(deps, "two")]
    for host in hosts:
        WAYS["device"](host)
    async with hosts[0].working(), hosts[1].working():
        for host in hosts:
            await until(lambda host=host: faulty(host))
        await until(lambda: have_tested_again(hosts))
        (job,) = await all_of(deps, Job, kind=TRAIN.name)
        assert (job.state, job.attempts, job.started_at) == (JobState.WAITING, 0, None)
        async with deps.database.begin() as tx:
            position = await eta.queue_position(tx, job, TRAIN, deps.database.clock())
        assert (position.seconds, position.attended) == (None, False)
    assert sorted(await faults_told(deps)) == ["device", "device"]  # once of each worker


async def have_tested_again(hosts) -> bool:
    return all(len(host.outcomes) > 3 for host in hosts)


async def test_the_torch_process_is_replaced_before_the_host_is_blamed(deps):
    """A CUDA error breaks a process for good, and a fresh one may be well."""
    host = Host(deps, "one")
    told = [DeviceMissing("sticky"), None]

    async def self_test(base, label):
        if told and (error := told.pop(0)):
            raise error

    host.engine.self_test = self_test
    assert await host.health.examine() is Verdict.WELL
    assert host.engine.closed == 1


async def test_weights_that_are_missing_do_not_end_what_the_process_does(deps):
    host = Host(deps, "one")
    host.engine.unwell = BaseMissing("no weights")
    assert await host.health.examine() is Verdict.FAULTY
    assert host.engine.closed == 0


async def test_a_base_that_is_not_here_takes_the_worker_from_nobody_else(deps):
    """An older order may need one that this host does not have."""
    host = Host(deps, "one")

    async def self_test(base, label):
        if base != "mini":
            raise BaseMissing(f"no weights for {base}")

    host.engine.self_test = self_test
    assert await host.health.examine("sdxl") is Verdict.UNABLE
    assert host.health.fault is None
    assert await faults_told(deps) == ["weights"]
    assert blame(EngineError(), Verdict.UNABLE, together=False) is Blame.HOST


async def test_an_outage_counts_against_nobody(deps, monkeypatch):
    """The database away at the commit, again and again; then it is back."""
    await bring_to(deps, TRAIN)
    host, left = Host(deps, "one"), [5 * jobs.MAX_FAILURES]
    from pipeline.worker.job_handlers import TrainHandler

    commit = TrainHandler.commit

    async def away(self, request, result):
        left[0] -= 1
        if left[0] >= 0:
            raise Unavailable("the database does not answer")
        await commit(self, request, result)

    monkeypatch.setattr(TrainHandler, "commit", away)
    async with host.working():
        await release(deps)
        await until(lambda: served(deps, 1))
    await demand_nothing_lost(deps, 1)


async def test_killed_processes_prove_nothing(deps):
    await bring_to(deps, TRAIN)
    host = Host(deps, "one")
    host.engine.trouble = [EngineKilled("by the kernel")] * (jobs.MAX_FAILURES + 2)
    async with host.working():
        await release(deps)
        await until(lambda: served(deps, 1))
    await demand_nothing_lost(deps, 1)


@pytest.mark.parametrize(
    ("error", "tests"), [(NothingDecent("none"), 1), (EngineError("broke"), jobs.MAX_FAILURES)]
)
async def test_what_fails_on_a_host_that_is_well_is_the_orders_own(deps, error, tests):
    """A typed error once, anything else when it has failed again and again; after each a test."""
    await bring_to(deps, PAINT)
    host = Host(deps, "one")
    async with host.working():
        await until(lambda: in_service(host))
        host.engine.trouble = [error] * 99
        await release(deps)

        async def failed() -> bool:
            return bool(await all_of(deps, Shoot, state=ShootState.FAILED))

        await until(failed)
    assert host.outcomes == ["passed"] * (1 + tests)
    assert await faults_told(deps) == []


def test_blame() -> None:
    well, faulty = Verdict.WELL, Verdict.FAULTY
    for error in (NothingDecent(), EngineError(), NotFound(), KeyError()):
        for verdict in (faulty, Verdict.UNKNOWN):
            assert blame(error, verdict, together=False) is Blame.HOST
    for error in (BaseMissing(), OSError(), Unavailable(), EngineClosed()):
        assert blame(error, well, together=False) is Blame.HOST
    assert blame(NothingDecent(), well, together=True) is Blame.ORDER
    assert blame(EngineKilled(), well, together=False) is Blame.ATTEMPT
    assert blame(EngineCrashed(), well, together=True) is Blame.ATTEMPT
    for error in (EngineCrashed(), OutOfMemory(), EngineError(), NotFound(), KeyError()):
        assert blame(error, well, together=False) is Blame.FAILURE
    crash = EngineCrashed()
    assert befell_all([crash, crash])
    assert befell_all([OutOfMemory(), OutOfMemory()])
    assert not befell_all([crash])
    assert not befell_all([crash, EngineCrashed()])
