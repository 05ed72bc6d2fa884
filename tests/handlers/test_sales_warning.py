"""Paused sales, a full queue and absent machines are told before anybody sends photos; who was told
that nobody is at work is told when somebody is.
"""

from datetime import timedelta

import pytest

from handlers.intents import Intent
from handlers.texts import texts
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.jobs import sightings
from shop.orders import openings, sales_guard
from shop.orders.sales_guard import Capacity
from shop.people import consent, users
from shop.photos.photos import CHECK
from shop.records import CHAT, ConsentKind, Job, JobId, JobState, UserId, new_id
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


BACK = {
    "en": "The studio is at work again",
    "fr": "Le studio est de nouveau au travail",
    "ko": "사진관이 다시 일을 시작했어요",
    "zh": "照相馆又开工了",
}


class TestNobodyAtWork:
    @pytest.fixture
    def harness(self, harness: DialogueHarness) -> DialogueHarness:
        needs = {"sales_need": frozenset(sales_guard.WORK)}
        harness.rebuild(settings=harness.settings.model_copy(update=needs))
        return harness

    async def seen(self, harness: DialogueHarness, *roles: str) -> None:
        works = {"check": [CHECK.name], "studio": [TRAIN.name, PAINT.name], "courier": [CHAT]}
        for role in roles:
            async with harness.database.begin() as tx:
                await sightings.note(tx, role, works[role], harness.now)

    async def told(self, harness: DialogueHarness) -> int:
        capacity = Capacity.of(harness.settings)
        count = await openings.tell_opening(harness.database, capacity)
        await harness.deliver()
        return count

    async def test_nothing_is_sold_and_whoever_asked_is_told_once_it_is(self, harness) -> None:
        anna, ben, boss = (harness.guest(name) for name in ("anna", "ben", "boss"))
        await self.seen(harness, "check", "studio", "courier")
        await harness.play(anna, f"{TO_PHOTOS}\n! machines\n+ 20 photos\n* the photos are checked")
        harness.now += timedelta(seconds=harness.settings.absent_seconds)
        await self.seen(harness, "check", "courier")
        refused = "< Nothing was charged. I’ll write to you here\n! (bill:"
        await harness.play(anna, f"[Use these]\n{refused}")
        await harness.play(
            ben, "> hello\n< until they are back\n! ¥9.90\n! gift\n> /terms\n< are away"
        )
        assert await self.told(harness) == 0
        await self.seen(harness, "studio")
        await harness.play(boss, "> /pause")
        assert await self.told(harness) == 0, "they could not order yet"
        await harness.play(boss, "> /resume")
        anna.heard.clear()
        assert await self.told(harness) == 1
        await harness.play(anna, f"< {BACK['en']}\n[Continue]\n[Use these]\n< (bill:")
        assert await self.told(harness) == 0
        harness.now += timedelta(minutes=10)
        await self.seen(harness, "check", "studio")
        await harness.play(anna, f"[Pay here in the chat]\n{refused}")

    @pytest.mark.parametrize("tag", BACK)
    async def test_a_pack_of_credits_in_each_language(self, harness, tag) -> None:
        guest = harness.guest("anna", tag)
        await self.seen(harness, *sales_guard.WORK)
        async with harness.database.begin() as tx:
            for kind in ConsentKind:
                await consent.give(tx, await harness.user_in(tx, guest), kind, harness.now)
        harness.now += timedelta(hours=1)
        await harness.send_action(guest, "credits:20")
        await harness.send_action(guest, f"{Intent.BUY}:20")
        words = texts(users.language_for(tag))
        await harness.play(guest, f"< {words('error-nobody-works')}")
        await self.seen(harness, *sales_guard.WORK)
        guest.heard.clear()
        assert await self.told(harness) == 1
        await harness.play(guest, f"< {BACK[tag]}")
