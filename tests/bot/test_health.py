"""Health and metrics: at an address of their own, and only there."""

import asyncio
import errno
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import MultiDict
from prometheus_client import Counter
from structlog.testing import capture_logs

import shop.health
from bot import gpu_owed
from bot.demo.environment import free_port
from bot.health import open_health, probes
from bot.outbox.handlers import STUCK
from bot.process_supervisor import COURIER, POLL, STORE, WEB, WORKERS, environment_of
from shop import installation
from shop.avatars.avatars import TRAIN
from shop.clips.filming import FILM
from shop.errors import Unavailable
from shop.health import NotReady, Probes
from shop.jobs import jobs, outbox, sightings
from shop.outages import REPEATS
from shop.people import users
from shop.photos.photos import CHECK
from shop.records import ChannelName, Currency, Job, new_id
from shop.settings import Settings
from tests.bot.raw_http import ask
from tests.broken_disk import broken_disk
from tests.broken_table import broken_table


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    return env | {"EIDER_HEALTH_PORT": str(free_port(0))}


@pytest.fixture
async def health(container):
    settings = container.settings
    async with open_health(container):
        yield f"http://{settings.health_host}:{settings.health_port}"


async def test_a_process_says_how_it_is_and_what_it_counts(base, health, http, container):
    async with http.get(f"{health}/livez") as answer:
        assert answer.status == 200
    async with http.get(f"{health}/readyz") as answer:
        assert answer.status == 200
        assert await answer.json() == {
            "ready": True, "database": True, "redis": True, "blobs": True
        }  # fmt: skip
    async with http.get(f"{base}/till/sandbox/bill_secret") as answer:
        assert answer.status == 404
    async with http.request("PROPFIND", f"{base}/playground") as answer:
        assert answer.status == 405
    assert await ask(base, b"nonsense\r\n\r\n")
    async with http.get(f"{health}/metrics") as answer:
        text = await answer.text()
    assert 'eider_http_requests_total{method="OTHER",route="malformed",status="400"} 1.0' in text
    assert 'eider_orders{state="awaiting"} 0.0' in text
    assert 'eider_jobs{kind="train",state="waiting"} 0.0' in text
    assert 'route="/till/sandbox/{bill}"' in text
    assert "bill_secret" not in text
    assert "PROPFIND" not in text  # whoever invents methods makes no lines
    assert "eider_outbox_stuck 0.0" in text
    # Before the first event of each: an alert on an increase needs a zero to begin with.
    for currency in Currency:
        assert f'eider_ledger_sum{{currency="{currency.value}"}} 0.0' in text
    for reason in ("outage", "fault"):
        assert f'eider_payments_not_booked_total{{reason="{reason}",till="sandbox"}} 0.0' in text
    for reason in ("forged", "stale"):
        name = "eider_payment_notifications_refused_total"
        assert f'{name}{{reason="{reason}",till="sandbox"}} 0.0' in text


async def test_the_gpu_seconds_owed_are_told_to_whoever_scales(health, http, container):
    """KEDA reads a number of each fleet's own kinds and bases; a wrong question gets no number."""

    async def ask(**query):
        async with http.get(f"{health}{gpu_owed.PATH}", params=MultiDict(query)) as answer:
            return answer.status, await answer.json()

    assert await ask() == (200, {"seconds": 0.0, "owed": []})
    now = container.clock()
    async with container.database.begin() as tx:
        user = await users.get_or_create(tx, ChannelName("playground"), "u", "en", now)
        for kind in (TRAIN, FILM, FILM, CHECK):
            await jobs.enqueue(tx, kind, new_id(), user.id, now)
    train, film = TRAIN.quantum.total_seconds(), FILM.quantum.total_seconds()
    assert (await ask())[1]["seconds"] == train + 2 * film  # a look needs no GPU
    status, told = await ask(kind="film", base="none", beyond="10")
    assert (status, told["seconds"]) == (200, 2 * film - 10)
    (part,) = told["owed"]
    assert 0 <= part.pop("waited") < 60
    assert part == {
        "kind": "film", "base": "none", "jobs": 2, "seconds": 2 * film, "measured": False
    }  # fmt: skip
    assert (await ask(base="sdxl"))[1]["seconds"] == 0.0
    assert (await ask(kind="film", beyond="9999", patience="600"))[1]["seconds"] == 0.0
    async with container.database.begin() as tx:
        (job,) = await tx.find(Job, kind="train")
        await tx.put(replace(job, fair_queue_at=now - timedelta(seconds=601)))
    # The fleet whose work it was is not there: nothing is left to it.
    assert (await ask(kind="train", beyond="9999", patience="600"))[1]["seconds"] == train
    assert (await ask(kind="train", beyond="9999"))[1]["seconds"] == 0.0
    for wrong in ({"kind": "trian"}, {"base": "sdlx"}, {"beyond": "-1"}, {"patience": "x"}):
        status, told = await ask(**wrong)
        assert (status, list(told)) == (400, ["error"])
    async with http.get(f"{health}/metrics") as answer:
        text = await answer.text()
    assert f'eider_gpu_seconds_owed{{base="none",kind="film"}} {2 * film}' in text
    assert 'eider_gpu_seconds_owed{base="mini",kind="paint"} 0.0' in text


async def test_whether_those_come_who_do_what_is_owed_is_told_by_kind_and_base(
    health, http, container, monkeypatch
):
    """Neither who makes clips alone nor a studio of another base is one who trains with ours."""
    monkeypatch.setattr(shop.health, "FRESH_SECONDS", -1.0)

    async def told(name: str, kind: str, base: str) -> float:
        async with http.get(f"{health}/metrics") as answer:
            text = await answer.text()
        series = f'eider_gpu_work_{name}{{base="{base}",kind="{kind}"}} '
        (line,) = [one for one in text.splitlines() if one.startswith(series)]
        return float(line.removeprefix(series))

    now = container.clock()
    async with container.database.begin() as tx:
        user = await users.get_or_create(tx, ChannelName("playground"), "u", "en", now)
        await jobs.enqueue(tx, TRAIN, new_id(), user.id, now - timedelta(hours=4))
        await sightings.note(tx, "film", ["film"], now)
        await sightings.note(tx, "studio", ["train", "paint", "film"], now, ["sdxl"])
    assert await told("waited_seconds", "train", "none") >= 4 * 3600  # of nobody, it needs no base
    assert await told("waited_seconds", "paint", "mini") == 0
    assert await told("seen_timestamp_seconds", "train", "mini") == 0
    assert await told("seen_timestamp_seconds", "film", "none") == now.timestamp()
    async with container.database.begin() as tx:
        await sightings.note(tx, "train", ["train"], now, ["mini"])
    assert await told("seen_timestamp_seconds", "train", "mini") == now.timestamp()
    assert await told("seen_timestamp_seconds", "paint", "mini") == 0


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/livez", "/readyz", gpu_owed.PATH])
async def test_strangers_are_told_nothing_of_it(base, http, path):
    async with http.get(f"{base}{path}") as answer:
        assert answer.status == 404


async def test_alive_is_less_than_ready(health, http, container, monkeypatch):
    async def gone(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(container.redis, "set", gone)
    with capture_logs() as logged:
        async with http.get(f"{health}/readyz") as answer:
            await answer.read()
    (entry,) = [one for one in logged if one["event"] == "not_ready"]
    assert (entry["what"], entry["why"]) == ("redis", "redis does not answer")
    async with http.get(f"{health}/readyz") as answer:
        assert answer.status == 503
        assert await answer.json() == {
            "ready": False, "database": True, "redis": False, "blobs": True
        }  # fmt: skip
    async with http.get(f"{health}/livez") as answer:
        assert answer.status == 200


async def test_not_ready_with_another_blob_store(health, http, container):
    """As when the disk of the data folder is not mounted any more."""
    (container.settings.data_dir / "blobs" / installation.ID_PATH).unlink()
    with capture_logs() as logged:
        async with http.get(f"{health}/readyz") as answer:
            assert answer.status == 503
            told = await answer.json()
    assert told["blobs"] is False
    assert "EIDER_DATA" in told["why"]["blobs"]
    (entry,) = [one for one in logged if one["event"] == "not_ready"]
    assert (entry["what"], entry["why"]) == ("blobs", told["why"]["blobs"])
    assert entry[REPEATS]  # one line a minute


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (False, "jobs: not yet, or not any more"),
        (Unavailable("the blob store fails: get, EIO"), "the blob store fails: get, EIO"),
        (ConnectionError(), "jobs does not answer"),
        (NotReady("a sentence"), "a sentence"),
    ],
    ids=lambda one: type(one).__name__,
)
async def test_whatever_is_not_ready_is_logged_with_its_reason(answer, why):
    async def ask():
        if isinstance(answer, Exception):
            raise answer
        return answer

    app = web.Application()
    app.add_routes(Probes({"jobs": ask}).routes())
    async with TestClient(TestServer(app)) as client:
        with capture_logs() as logged:
            assert (await client.get("/readyz")).status == 503
    (entry,) = logged
    assert (entry["event"], entry["what"], entry["why"]) == ("not_ready", "jobs", why)
    assert entry[REPEATS] == f"jobs: {why}"


async def test_not_ready_where_nothing_more_can_be_written(health, http, container):
    """A full disk of blobs; a Redis that is full and keeps what it has still answers a ping."""
    with broken_disk(container.settings.data_dir / "blobs", errno.ENOSPC):
        async with http.get(f"{health}/readyz") as answer:
            assert answer.status == 503
            assert "No space left" in (await answer.json())["why"]["blobs"]
    await container.redis.config_set("maxmemory-policy", "noeviction")
    await container.redis.config_set("maxmemory", 1)
    try:
        assert await container.redis.ping()
        async with http.get(f"{health}/readyz") as answer:
            assert answer.status == 503
            assert (await answer.json())["redis"] is False
    finally:
        await container.redis.config_set("maxmemory", 0)
    async with http.get(f"{health}/readyz") as answer:
        assert answer.status == 200


async def test_not_ready_for_photos_while_no_decoder_starts(container, monkeypatch):
    asked = probes(container, takes_photos=True).ready["decoder"]
    assert await asked()

    async def cannot(*_: object) -> None:
        raise Unavailable("no decoder process can be started")

    await container.decoder.close()
    with monkeypatch.context() as broken:
        broken.setattr("pipeline.decoding.pool.DecoderProcess.start", cannot)
        assert not await asked()
    assert await asked()


async def test_without_the_database_the_counters_are_still_told(
    health, http, container, monkeypatch
):
    def gone() -> None:
        raise ConnectionError

    monkeypatch.setattr(container.database, "begin", gone)
    container.outbox_handlers.count("notice", "sent")
    async with http.get(f"{health}/metrics") as answer:
        assert answer.status == 200
        assert 'eider_outbox_messages_total{name="notice",outcome="sent"} 1.0' in (
            await answer.text()
        )


async def test_a_table_that_is_missing_is_named_by_its_kind(health, http, env):
    with capture_logs() as logged:
        async with (
            broken_table(env["EIDER_DATABASE_URL"], "postings"),
            http.get(f"{health}/metrics") as answer,
        ):
            assert answer.status == 200
    (entry,) = [one for one in logged if one["event"] == "metrics_stale"]
    assert entry["why"] == "a table of the database cannot be used: no such table"


async def test_the_couriers_work_is_counted(container, metrics):
    now = container.clock()
    async with container.database.begin() as tx:
        user = await users.get_or_create(tx, ChannelName("playground"), "anna", "en", now)
        message = await outbox.notify(tx, user.id, "no such kind", now - timedelta(hours=1))
    assert "eider_outbox_oldest_seconds 36" in await metrics()
    outcomes = []
    for attempts in (1, STUCK):
        async with container.database.begin() as tx:
            await tx.put(replace(message, attempts=attempts))
        await container.outbox_handlers.answer({"message": message.id, "user": user.id})
        outcomes.append(await metrics())
    failed, given_up = (
        f'eider_outbox_messages_total{{name="notice",outcome="{outcome}"}} 1.0'
        for outcome in ("failed", "given_up")
    )
    assert failed in outcomes[0]
    assert given_up not in outcomes[0]
    assert given_up in outcomes[1]
    assert "eider_outbox_oldest_seconds 0.0" in outcomes[1]  # what is given up waits for nobody


async def test_many_who_ask_at_once_share_one_reading(monkeypatch):
    """And one who leaves takes it from nobody."""
    readings, gate = 0, asyncio.Event()

    async def collect() -> None:
        nonlocal readings
        readings += 1
        await gate.wait()
        counted.inc()

    told = Probes({}, collect=collect)
    counted = Counter("readings", "How often it was read", registry=told.registry)
    app = web.Application()
    app.add_routes(told.routes())
    async with TestClient(TestServer(app)) as client:

        async def ask() -> str:
            async with client.get("/metrics") as answer:
                return await answer.text()

        first = asyncio.create_task(ask())
        async with asyncio.timeout(20):
            while not readings:
                await asyncio.sleep(0.01)
        others = [asyncio.create_task(ask()) for _ in range(200)]
        first.cancel()
        gate.set()
        assert {"readings_total 1.0" in page for page in await asyncio.gather(*others)} == {True}
        assert readings == 1
        monkeypatch.setattr(shop.health, "FRESH_SECONDS", 3600.0)
        assert "readings_total 1.0" in await ask()
        monkeypatch.setattr(shop.health, "FRESH_SECONDS", -1.0)
        assert "readings_total 2.0" in await ask()
        gate.clear()
        never = asyncio.create_task(ask())
        async with asyncio.timeout(20):
            while readings < 3:
                await asyncio.sleep(0.01)
        monkeypatch.setattr(shop.health, "GIVEN_UP_SECONDS", 0.0)
        again = asyncio.create_task(ask())
        async with asyncio.timeout(20):
            while readings < 4:
                await asyncio.sleep(0.01)
        gate.set()
        await asyncio.gather(never, again)
    assert readings == 4


def test_processes_of_one_machine_have_ports_of_their_own():
    specs = [WEB, POLL, COURIER, *WORKERS]
    ports = [environment_of(spec, {"EIDER_HEALTH_PORT": "9100"})["EIDER_HEALTH_PORT"]
             for spec in specs]  # fmt: skip
    assert ports == ["9100", "9101", "9102", "9103", "9104"]
    for spec in (*specs, STORE):
        assert environment_of(spec, {})["EIDER_HEALTH_PORT"] == "0"


async def test_nothing_is_opened_unless_asked_for(env, container):
    quiet = Settings.from_env(env | {"EIDER_HEALTH_PORT": "0"})
    async with shop.health.open_health(quiet, probes(container)):
        with pytest.raises(OSError, match=r"[Cc]onnect"):
            await asyncio.open_connection("127.0.0.1", int(env["EIDER_HEALTH_PORT"]))
