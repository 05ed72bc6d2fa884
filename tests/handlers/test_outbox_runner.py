"""Whatever the shop leaves in the outbox has a handler, and every notice has its words."""

import pytest

from shop.jobs import outbox
from shop.records import CHAT
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.outbox_runner import UndeliveredError


async def test_an_outbox_message_without_a_handler_fails(harness: DialogueHarness) -> None:
    async with harness.database.begin() as tx:
        await outbox.enqueue(tx, CHAT, "no_such_message", {}, harness.now)
    with pytest.raises(UndeliveredError, match="no_such_message"):
        await harness.deliver()


async def test_a_notice_of_an_unknown_kind_fails(harness: DialogueHarness) -> None:
    async with harness.database.begin() as tx:
        anna = await harness.user_in(tx, harness.guest("anna"))
        await outbox.notify(tx, anna.id, "no_such_kind", harness.now)
    with pytest.raises(UndeliveredError, match="no_such_kind"):
        await harness.deliver()


async def test_what_is_due_later_is_waited_for(harness: DialogueHarness) -> None:
    anna = harness.guest("anna")
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, anna)
        await outbox.notify(tx, user.id, "granted", harness.now, delay=3600.0, credits=3)
    begun = harness.now
    await harness.deliver()
    assert (harness.now - begun).total_seconds() == 3600
    assert "3 credits for you" in anna.text
