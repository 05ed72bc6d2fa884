"""An on-call person reads everything about one order at a shell, and nobody's name or address."""

from argparse import Namespace
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.order_command import tell_order
from handlers.texts import Wording, texts
from shop import admin_actions
from shop.avatars.avatars import TRAIN
from shop.jobs import outbox
from shop.people import users
from shop.records import (
    AuditEntry,
    Avatar,
    AvatarId,
    AvatarState,
    Job,
    JobId,
    JobState,
    OutboxState,
    Subject,
    new_id,
)
from tests.bot.sandbox_purchases import billed


async def test_states_tries_worker_cause_and_what_is_not_told(container, capsys):
    order = await billed(container, "anna")
    at = container.clock()
    moment = texts("en", Wording(zone=container.settings.time_zone)).moment
    async with container.database.begin() as tx:
        owner = await users.current(tx, order.user_id)
        avatar = Avatar(
            AvatarId(new_id()), owner.id, order.id, AvatarState.WAITING, "mini", Subject.WOMAN, 1,
            at, None,
        )  # fmt: skip
        await tx.add(avatar)
        job = Job(JobId(new_id()), TRAIN.name, avatar.id, owner.id, JobState.FAILED, at)
        await tx.add(
            replace(
                job, started_at=at + timedelta(seconds=3), attempts=3, failures=2,
                worker="studio@gpu1:77", ended_at=at + timedelta(minutes=4), error="OutOfMemory",
            )
        )  # fmt: skip
        given_up = await outbox.notify(tx, owner.id, "avatar_failed", at)
        await tx.put(replace(given_up, state=OutboxState.GIVEN_UP, attempts=10))
        for minutes in range(120):  # the courier is down
            news = await outbox.notify(
                tx, owner.id, "progress", at + timedelta(minutes=minutes), job=job.id
            )
            await tx.put(replace(news, state=OutboxState.DISPATCHED, attempts=minutes % 7))
        await outbox.notify(tx, owner.id, "progress", at + timedelta(minutes=120), job=job.id)
        await admin_actions.audit(tx, "playground:boss", "refund", order.id, "refunding", at)
    for which in (order.id, order.id[:8].upper(), f"https://t.me/Bot?start=r-{order.user_id}"):
        assert await tell_order(Namespace(which=which), container.settings) == 0
        told = capsys.readouterr().out
        for part in (
            order.id,
            "train: begun by studio@gpu1:77 (tries: 3, failures: 2)",
            "train: failed, cause: OutOfMemory",
            "not told yet: avatar_failed (given_up, tries: 10)",
            "an admin: /refund, refunding",
        ):
            assert part in told
        (waiting,) = [line for line in told.splitlines() if "progress" in line]
        between = f"from {moment(at)} to {moment(at + timedelta(hours=2))}"
        counts = "(dispatched 120, waiting 1; tries: up to 6)"
        assert waiting.endswith(f"not told yet: progress, 121 of them, {between} {counts}")
        assert owner.platform_id not in told
        assert "boss" not in told
    refused = {"0" * 32: "I can’t find that", order.id[:7]: "at least the first 8 digits"}
    for which, words in refused.items():
        assert await tell_order(Namespace(which=which), container.settings) == 1
        assert words in capsys.readouterr().out
    async with container.database.snapshot() as tx:
        looks = await tx.find(AuditEntry, command="order", target=order.id)
    assert len(looks) == 3
    assert all(one.admin.startswith("shell:") for one in looks)


@pytest.mark.parametrize("typed", ["r-xyz", "telegram:42", "r-" + "a" * 31, "", "anna"])
def test_nobody_is_found_by_anything_else(typed):
    assert admin_actions.customer_of(typed) == ""
