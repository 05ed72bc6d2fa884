"""What the chat side measures: updates, 429s, what is owed, and how true promises were."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from bot.chat_metrics import ChatMetrics
from handlers.chat import Incoming, Person, Said
from shop.avatars.avatars import TRAIN
from shop.job_kinds import JOB_KINDS
from shop.jobs import eta, sightings
from shop.records import ChannelName, Job, JobId, JobState, UserId, Worker, new_id

HOUR = timedelta(hours=1)


def training(at, state=JobState.WAITING, **changes: object) -> Job:
    job = Job(JobId(new_id()), TRAIN.name, new_id(), UserId(new_id()), state, at)
    return replace(job, **changes)


async def test_promises_are_measured_by_what_came_of_them(container):
    metrics = ChatMetrics(registry := CollectorRegistry(), [])
    start = container.clock()
    old = training(start - HOUR, JobState.DONE, started_at=start - HOUR, worker="w",
                   ended_at=start - HOUR + timedelta(minutes=10))  # fmt: skip
    job, cancelled = (training(start + timedelta(seconds=late)) for late in (1.0, 1.5))
    async with container.database.begin() as tx:
        await tx.add(old)
        await tx.add(Worker("w", (TRAIN.name,), start))
        await metrics.follow_promises(tx, JOB_KINDS, start)
        await tx.add(job)
        promised = await eta.queue_position(tx, job, TRAIN, start)
        await tx.add(cancelled)
        await metrics.follow_promises(tx, JOB_KINDS, start + timedelta(seconds=2))
        ended = start + timedelta(seconds=2 + 2 * promised.seconds.likely)
        await tx.put(replace(job, state=JobState.DONE, started_at=start, ended_at=ended))
        await tx.put(replace(cancelled, state=JobState.CANCELLED, ended_at=ended))
        for _ in range(2):  # each is measured once
            await metrics.follow_promises(tx, JOB_KINDS, ended)
    labels = {"kind": TRAIN.name}
    assert registry.get_sample_value("eider_eta_ratio_count", labels) == 1
    assert registry.get_sample_value("eider_eta_ratio_sum", labels) == pytest.approx(2, rel=0.02)


async def test_updates_and_roles_are_counted_from_zero(container, metrics, monkeypatch):
    assert 'eider_updates_total{channel="playground",outcome="failed"} 0.0' in await metrics()
    person = Person(ChannelName("playground"), "ann", "en")
    await container.dispatcher.handle(
        Incoming("playground:1", person, container.clock(), Said("x"))
    )

    async def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("handlers.dispatcher.router.route", broken)
    await container.dispatcher.handle(
        Incoming("playground:2", person, container.clock(), Said("x"))
    )
    async with container.database.begin() as tx:
        await sightings.note(tx, "studio", (TRAIN.name,), await tx.now())
    text = await metrics()
    for outcome in ("handled", "failed"):
        assert f'eider_updates_total{{channel="playground",outcome="{outcome}"}} 1.0' in text
    assert 'eider_role_seen_timestamp_seconds{role="studio"} 1.' in text
    assert "eider_sales_open 1.0" in text
    assert "eider_disk_free_bytes" in text
