"""Registries: a new kind of notice or of job to wait for is added without editing a file here."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from handlers.chat import Reply, Say
from handlers.context import RequestContext
from handlers.notifications import NOTICES, Payload, register
from handlers.progress import registry as progress
from handlers.registry import Registry
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.jobs import outbox
from shop.photos.photos import CHECK
from shop.records import Job, JobId, JobState, new_id
from tests.handlers.dialogue_harness import DialogueHarness


async def _sharpened(ctx: RequestContext, payload: Payload) -> list[Reply]:
    return [Say(f"sharpened {payload['count']}")]


async def _sharpening(ctx: RequestContext, job: Job) -> Say:
    return Say(f"sharpening {job.ref}")


@pytest.fixture
def sharpening() -> Iterator[str]:
    """A kind of job that this module alone knows."""
    register("sharpened", _sharpened)
    progress.register(
        progress.JobProgressText("sharpen", _sharpening, lambda job: {"sharpen": "ended-clip"})
    )
    yield "sharpen"
    NOTICES.unregister("sharpened")
    progress.TEXTS.unregister("sharpen")


def test_a_name_stands_for_one_entry() -> None:
    registry = Registry[int]("number")
    registry.register("one", 1)
    with pytest.raises(ValueError, match="one is registered already"):
        registry.register("one", 2)
    assert (registry["one"], registry.find("two"), list(registry)) == (1, None, ["one"])
    registry.unregister("one")
    for missing in (lambda: registry["one"], lambda: registry.unregister("one")):
        with pytest.raises(ValueError, match="no such number: one"):
            missing()


async def test_a_registered_notice_reaches_the_person(
    harness: DialogueHarness, sharpening: str
) -> None:
    anna = harness.guest("anna")
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, anna)
        await outbox.notify(tx, user.id, "sharpened", harness.now, count=2)
    await harness.deliver()
    assert anna.text == "sharpened 2"


async def test_progress_is_told_by_the_kind_of_the_job(
    harness: DialogueHarness, sharpening: str
) -> None:
    """A kind without a text, such as the checks of photos, is waited for silently."""
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, harness.guest("anna"))
        ctx = await harness.context(tx, user)
        check = Job(JobId(new_id()), CHECK.name, "ref", user.id, JobState.RUNNING, harness.now)
        sharpen = replace(check, kind=sharpening)  # type: ignore[arg-type]
        assert await progress.progress_message(ctx, check) is None
        assert await progress.progress_message(ctx, sharpen) == Say("sharpening ref")


def test_train_and_paint_tell_their_progress() -> None:
    assert {TRAIN.name, PAINT.name} <= set(progress.TEXTS)
