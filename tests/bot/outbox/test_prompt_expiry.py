"""The courier forgets words that nobody ordered, and keeps those of an order."""

from datetime import timedelta

from bot.container import Container
from bot.outbox.worker import SCHEDULED_TASKS, expire_prompts
from shop.avatars import prompts
from shop.catalog import Catalog, wishes
from shop.money import ledger
from shop.people import consent, users
from shop.records import ConsentKind, Prompt, PromptState, SealedKey
from tests.channels import PLAYGROUND


async def told(container: Container, name: str, hours: float, *, ordered: bool = False) -> Prompt:
    """Somebody was told so many hours ago what their words were heard as."""
    async with container.database.begin() as tx:
        now = await tx.now()
        user = await users.get_or_create(tx, PLAYGROUND, name, "en", now)
        await users.lock(tx, user.id)
        await consent.give(tx, user, ConsentKind.TERMS, now)
        await ledger.grant(tx, user.id, 8, f"grant:{name}", now)
        wish = wishes.read("smiling, sepia", wishes.vocabulary("mini"))
        at = now - timedelta(hours=hours)
        prompt = await prompts.ask(tx, container.cipher, user, wish, "mini", at)
        if ordered:
            await prompts.order(tx, Catalog.load(), container.cipher, prompt, at)
        return prompt


async def test_words_that_nobody_ordered(container: Container) -> None:
    hours = container.settings.upload_hours
    old = await told(container, "anna", hours + 0.1)
    fresh = await told(container, "ben", hours - 0.1)
    kept = await told(container, "cleo", hours + 0.1, ordered=True)
    for _ in range(2):
        await expire_prompts(container)
    async with container.database.snapshot() as tx:
        states = [(await tx.get(Prompt, one.id)).state for one in (old, fresh, kept)]
        assert await tx.get(SealedKey, old.key_id) is None
        assert (await tx.get(Prompt, old.id)).sealed == b""
        for one in (fresh, kept):
            found = await tx.get(Prompt, one.id)
            assert (await prompts.find_wish(tx, container.cipher, found)).known
    assert states == [PromptState.ENDED, PromptState.ASKED, PromptState.ORDERED]
    assert expire_prompts in [task for task, _ in SCHEDULED_TASKS]
