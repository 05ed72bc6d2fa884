"""The doctor names what is wrong with a house, and what to do."""

import asyncio
import base64
import json
import os
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels import ChannelRegistry
from bot.doctor import stores
from bot.doctor.examination import examine, examine_house
from bot.doctor.findings import Health
from bot.registered_channels import CHANNELS
from bot.telegram import service
from bot.telegram.command import examine_telegram
from shop.avatars.avatars import TRAIN
from shop.clips.filming import VIDEO
from shop.jobs import sightings
from shop.orders import discrepancies
from shop.orders.sales_guard import WORK
from shop.people import users
from shop.records import (
    CHAT,
    Clip,
    ClipId,
    ClipState,
    Currency,
    FeatureFlag,
    Job,
    JobId,
    JobState,
    OutboxMessage,
    OutboxState,
    Posting,
    Relation,
    Sighting,
    UserId,
    new_id,
)
from shop.settings import Settings
from tests.botapi import BotApi, serving
from tests.channels import PLAYGROUND

TOKEN = "7000000001:AAEXampleOfATokenThatIsNobodys_12345"


async def found(env: dict[str, str]) -> dict[str, tuple[Health, str, str]]:
    return {one.what: (one.health, one.words, one.todo) async for one in examine(env, CHANNELS)}


@pytest.fixture
def env(env: dict[str, str]) -> dict[str, str]:
    return env | {"EIDER_SALES_NEED": ",".join(WORK)}


@pytest.fixture
async def at_work(container) -> None:
    async with container.database.begin() as tx:
        now = await tx.now()
        await sightings.note(tx, "web", (), now)
        for role, kind in WORK.items():
            await sightings.note(tx, role, (kind,), now)
        await discrepancies.record_run(tx, "sandbox", (), now)
        await users.get_or_create(tx, PLAYGROUND, "boss", "en", now)


async def test_a_house_that_is_well(env, container, at_work, capsys):
    assert await examine_house(Namespace(json=True), env, CHANNELS) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["well"] is True
    listed = {one["what"]: one["health"] for one in told["findings"]}
    assert set(listed.values()) == {"ok", "warn"}
    # A demo's pictures leave without credentials, and its disk may be nearly full.
    ill = {what for what, health in listed.items() if health == "warn"}
    assert ill <= {"label keys", "disk", "backups"}
    assert listed.keys() >= {"database", "redis", "clock", "blobs", "master key", "books", "studio"}


async def test_what_is_wrong_is_said_with_what_to_do(env, container, at_work):
    long_ago = container.clock() - timedelta(hours=4)
    async with container.database.begin() as tx:
        await tx.add(Job(JobId(new_id()), TRAIN.name, "a", UserId("u"), JobState.WAITING, long_ago))
        failed = Job(JobId(new_id()), TRAIN.name, "b", UserId("u"), JobState.FAILED, long_ago)
        await tx.add(_ended(failed, container.clock(), "memory"))
        await tx.add(
            OutboxMessage(new_id(), CHAT, "refund", {}, long_ago, long_ago, OutboxState.GIVEN_UP)
        )
        await tx.add(OutboxMessage(new_id(), CHAT, "refund", {}, long_ago, container.clock()))
        await tx.add(Posting(new_id(), "j", "till:sandbox", Currency.CNY, 7))
        await tx.add(FeatureFlag("sales", False, "playground:boss", long_ago))
        await discrepancies.record_run(tx, "sandbox", ["one"], await tx.now())
    told = await found(env)
    assert told["jobs"][:2] == (Health.BAD, "the oldest (train) waits for 4 hours")
    assert told["failed jobs"][:2] == (Health.WARN, "since yesterday 1 of train: memory")
    assert told["messages"][:2] == (Health.WARN, "1 given up, or signalled ten times in vain")
    assert told["books"][:2] == (Health.BAD, "do not balance: 7 CNY")
    assert told["till sandbox"][0] is Health.BAD
    assert told["till sandbox"][1].endswith(", and 1 charge differs")
    assert told["sales"] == (
        Health.WARN, "admins have paused sales", "/resume in the chat, when it is time",
    )  # fmt: skip


async def test_a_job_whose_worker_ended_and_that_nobody_goes_on_with(env, container, at_work):
    now = container.clock()
    began = now - timedelta(minutes=9)
    left = Job(JobId(new_id()), TRAIN.name, "a", UserId("u"), JobState.RUNNING, began)
    async with container.database.begin() as tx:
        await tx.add(replace(left, lease_until=now - timedelta(minutes=8)))
    health, words, _ = (await found(env))["jobs"]
    assert health is Health.BAD
    assert words == "one of train was begun, and its worker ended: nobody goes on with it"


async def test_a_queue_that_closes_sales_is_named(env, container, at_work):
    now = container.clock()
    async with container.database.begin() as tx:
        for number in range(3):  # an hour each
            done = Job(JobId(new_id()), TRAIN.name, f"{number}", UserId("u"), JobState.DONE, now)
            began, ended = now - timedelta(hours=4 - number), now - timedelta(hours=3 - number)
            await tx.add(replace(done, created_at=began, started_at=began, ended_at=ended))
        for number in range(9):
            await tx.add(
                Job(JobId(new_id()), TRAIN.name, f"w{number}", UserId("u"), JobState.WAITING, now)
            )
    health, words, _ = (await found(env | {"EIDER_MAX_WAIT_MINUTES": "90"}))["queue"]
    assert health is Health.BAD
    assert words.endswith("minutes: nothing is sold")


async def test_another_base_at_work_is_not_what_is_sold(env, container, at_work):
    """Also where a worker of long ago could do any."""
    async with container.database.begin() as tx:
        now = await tx.now()
        old = await tx.get(Sighting, "studio", lock=True)
        assert old is not None
        await tx.put(replace(old, seen_at=now - timedelta(days=1)))
        await sightings.note(tx, "studio", (TRAIN.name,), now, ("sd15",))
    _, words, _ = (await found(env | {"EIDER_BASE": "mini"}))["studio"]
    assert words == "none works with mini (EIDER_BASE): nothing is sold"


async def test_a_video_base_that_nobody_at_work_has(env, container, at_work):
    """The one that is sold, and another for which work is owed: who paid for it waits."""
    sold = env | {"EIDER_VIDEO_BASE": "wan22-ti2v-5b"}
    fleet = ("studio", (VIDEO.name,))
    assert "clips" not in await found(env)
    assert (await found(sold))["clips"][:2] == (
        Health.BAD, "none works with wan22-ti2v-5b (EIDER_VIDEO_BASE): no clip by it is sold",
    )  # fmt: skip
    unneeded = sold | {"EIDER_SALES_NEED": "check,courier"}
    assert (await found(unneeded))["clips"][0] is Health.WARN, "scaled to zero on purpose"
    now = container.clock()
    for minutes, base, health in ((20, "ltx-2", Health.BAD), (5, "wan22-i2v-a14b", Health.WARN)):
        async with container.database.begin() as tx:
            ago = now - timedelta(minutes=minutes)
            await sightings.note(tx, *fleet, now, ("wan22-ti2v-5b",))
            await sightings.note(tx, *fleet, now - timedelta(hours=3), (base,))
            clip, user = ClipId(new_id()), UserId("u")
            await tx.add(Clip(clip, user, ClipState.WAITING, Relation.SELF, ago, ago, engine=base))
            job = Job(JobId(new_id()), VIDEO.name, clip, user, JobState.WAITING, ago)
            await tx.add(job)
        told = await found(sold)
        assert told["clips"][0] is Health.OK, "only its own base is missed"
        words = f"1 of video with {base}: who does that was not seen for 3 hours"
        assert told["owed"][:2] == (health, words)
        async with container.database.begin() as tx:
            await sightings.note(tx, *fleet, now, (base,))
        assert "owed" not in await found(sold), "it has come"


async def test_whom_support_reaches(env, container):
    words = "of the admins that are set (1) none has ever written to the bot"
    assert (await found(env))["support"][1].startswith(words)
    health, words, _ = (await found(env | {"EIDER_ADMINS": ""}))["support"]
    assert (health, words.partition(":")[0]) == (Health.WARN, "no admin is set")
    async with container.database.begin() as tx:
        await users.get_or_create(tx, PLAYGROUND, "boss", "en", await tx.now())
    told = (await found(env | {"EIDER_ADMINS": "playground:boss,telegram:42"}))["support"]
    assert told[:2] == (Health.OK, "reaches 1 of 2 admins")


async def test_a_fleet_that_says_its_bases_anew_is_believed(container):
    """Its row may be older than the column for them, and say that it works with every one."""
    async with container.database.begin() as tx:
        now = await tx.now()
        await tx.add(Sighting("studio sd15", (TRAIN.name,), now))
        await sightings.note(tx, "studio", (TRAIN.name,), now, ("sd15",))
        assert await sightings.absent(tx, (TRAIN.name,), now - timedelta(hours=1), "mini")


@pytest.mark.parametrize(
    ("hours", "health", "words"),
    [
        (None, Health.WARN, "none was ever made"),
        (2, Health.OK, "the last one was made 2 hours ago"),
        (30, Health.WARN, "the last one was made 30 hours ago"),
    ],
)
async def test_when_the_last_backup_was_made(env, container, hours, health, words):
    async with container.database.begin() as tx:
        if hours:
            at = await tx.now() - timedelta(hours=hours)
            await sightings.note(tx, sightings.BACKUP, (), at)
    assert (await found(env))["backups"][:2] == (health, words)


async def test_nobody_at_work_another_key_and_redis_away(env, container):
    key = base64.b64encode(os.urandom(32)).decode()
    ill = env | {"EIDER_MASTER_KEY": key, "EIDER_REDIS_URL": "redis://127.0.0.1:9/0"}
    told = await found(ill)
    assert told["studio"][:2] == (Health.BAD, "was never seen: nothing is sold")
    assert told["web"][0] is Health.BAD
    assert told["master key"][0] is Health.BAD
    assert told["redis"][0] is Health.BAD
    assert all(key not in words for _, words, _ in told.values())
    told = await found(env | {"EIDER_SALES_NEED": "check,courier"})
    assert told["studio"][0] is Health.WARN, "scaled to zero on purpose"


async def test_why_a_store_is_away_is_said_in_words(env, container, moto, monkeypatch):
    """A PostgreSQL without TLS, a Redis that is none, no such bucket, no bucket's service."""

    async def without_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(8)
        writer.write(b"N")
        await reader.read()
        writer.close()

    monkeypatch.setattr("shop.redis_client.REDIS_SECONDS", 0.2)
    async with await asyncio.start_server(without_tls, "127.0.0.1", 0) as server:
        there = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        ill = {
            "EIDER_DATABASE_URL": f"postgresql://eider@{there}/eider?sslmode=require",
            "EIDER_REDIS_URL": "rediss://" + there,
        }
        told = await found(env | ill)
    assert told["database"][1].endswith("cannot be used: it speaks no TLS, which sslmode demands")
    words = "does not take a write: no answer in time; does it speak TLS, as rediss:// says?"
    assert told["redis"][1] == words
    missing = await found(env | moto.env("s3://nobody-has-this/eider"))
    assert "(there is no such bucket)" in missing["blobs"][1]
    away = moto.env("s3://eider/blobs") | {"EIDER_BLOBS_ENDPOINT": "http://127.0.0.1:9"}
    assert "(the service does not answer)" in (await found(env | away))["blobs"][1]


async def test_settings_that_cannot_be_used_are_each_named(env):
    ill = env | {"EIDER_PORT": "x", "EIDER_MASTER_KEY": "secret"}
    told = [one async for one in examine(ill, CHANNELS)]
    assert [one.health for one in told] == [Health.BAD, Health.BAD]
    assert {one.words.split(":")[0] for one in told} == {"EIDER_PORT", "EIDER_MASTER_KEY"}
    assert not any("secret" in one.words for one in told)


async def test_whether_telegram_takes_the_token(env, container):
    async with serving(BotApi(TOKEN)) as api:
        telegram = env | {"EIDER_TELEGRAM_TOKEN": TOKEN, "EIDER_TELEGRAM_API_URL": api.url}
        assert (await found(telegram))["telegram"][0] is Health.OK
        other = telegram | {"EIDER_TELEGRAM_TOKEN": TOKEN.replace("7", "8", 1)}
        health, words, _ = (await found(other))["telegram"]
        assert (health, "EIDER_TELEGRAM_TOKEN" in words) == (Health.BAD, True)
        hooked = telegram | {"EIDER_TELEGRAM_WEBHOOK_URL": "https://a.example/telegram"}
        assert (await found(hooked))["telegram"] == (
            Health.BAD, "no webhook is set, so that updates wait", "python -m bot telegram set",
        )  # fmt: skip


async def test_each_finding_is_said_before_the_next_is_asked_for(env, container, capsys):
    before = ""

    async def examine(_: Settings) -> tuple[str]:
        nonlocal before
        before = capsys.readouterr().out
        return ("did not answer",)

    others = [replace(one, examine=examine) if one.examine else one for one in CHANNELS]
    telegram = env | {"EIDER_TELEGRAM_TOKEN": TOKEN}
    assert await examine_house(Namespace(json=False), telegram, ChannelRegistry(*others)) == 1
    assert "ok    database      answers" in before
    assert capsys.readouterr().out == (
        "bad   telegram      did not answer\n                    -> python -m bot telegram check\n"
    )


async def test_a_platform_that_is_away_keeps_an_operator_for_seconds(env, monkeypatch):
    monkeypatch.setattr(service, "OPERATOR_SECONDS", 0.1)
    away = {"EIDER_TELEGRAM_TOKEN": TOKEN, "EIDER_TELEGRAM_API_URL": "http://127.0.0.1:9"}
    settings = Settings.from_env(env | away)
    assert await examine_telegram(settings) == ("telegram did not answer",)


@pytest.mark.parametrize(("seconds", "health"), [(1, "ok"), (20, "warn"), (90, "bad")])
def test_clocks_that_differ(seconds, health):
    theirs = datetime.now(UTC) - timedelta(seconds=seconds)
    assert stores.clock("redis", theirs).health == health


async def test_it_makes_no_database(env, tmp_path):
    fresh = env | {"EIDER_DATA": str(tmp_path / "new")} | {"EIDER_DATABASE_URL": ""}
    assert (await found(fresh))["database"][0] is Health.WARN
    assert not (tmp_path / "new").exists()


def _ended(job: Job, at: datetime, error: str) -> Job:
    return replace(job, ended_at=at, error=error)
