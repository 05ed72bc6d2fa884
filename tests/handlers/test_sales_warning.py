"""Paused sales and a full queue are told before anybody sends photos."""

from datetime import timedelta

from shop.avatars.avatars import TRAIN
from shop.records import Job, JobId, JobState, UserId, new_id
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.test_journey import TO_PHOTOS

PAUSED = "isn’t taking new orders at the moment. You can look around"


async def test_paused_sales_are_told_at_the_terms_and_before_photos(
    harness: DialogueHarness,
) -> None:
    boss, anna, ben = harness.guest("boss"), harness.guest("anna"), harness.guest("ben")
    await harness.play(anna, "> hello\n[Portraits of me]\n! new orders")
    await harness.play(boss, "> /pause")
    await harness.play(ben, f"> hello\n> /terms\n< {PAUSED}\n< after 24 hours\n< Adults only")
    await harness.play(anna, f"> yes\n> yes\n[Woman]\n< {PAUSED}\n< 20 is best")
    await harness.play(anna, "+ 20 photos\n* the photos are checked\n[Use these]\n< still here")
    await harness.play(boss, "> /resume")
    await harness.play(anna, "[Use these]\n< (bill:")
    await harness.play(ben, "> /terms\n! new orders")


async def test_a_queue_that_is_too_long(harness: DialogueHarness) -> None:
    async with harness.database.begin() as tx:
        for number in range(4):
            begun = harness.now - timedelta(minutes=70 + number)
            job = Job(
                JobId(new_id()), TRAIN.name, new_id(), UserId(new_id()), JobState.DONE, begun,
                started_at=begun, ended_at=begun + timedelta(hours=1),
            )  # fmt: skip
            await tx.add(job)
        for _ in range(4):
            await tx.add(
                Job(
                    JobId(new_id()), TRAIN.name, new_id(), UserId(new_id()),
                    JobState.WAITING, harness.now,
                )
            )  # fmt: skip
    closed = TO_PHOTOS.replace("For ¥9.90, once", "I take no new orders")
    await harness.play(harness.guest("anna"), closed + "\n< the queue is about 5 hours long")
