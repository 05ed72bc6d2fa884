"""Seeing what stands in a chat, and waiting for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.botapi.records import Chat, Shown

if TYPE_CHECKING:
    from tests.botapi.api import BotApi

PATIENCE = 30.0


async def until(
    true: Callable[[], object],
    what: object = "",
    state: Callable[[], object] | None = None,
    seconds: float = PATIENCE,
) -> None:
    """Wait until ``true()``, at most ``seconds``; ``state()`` is told when it never is."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what!r}; is: {state() if state else ''}")
        await asyncio.sleep(0.005)


class Watching:
    """Eyes on one chat."""

    api: BotApi
    chat: Chat

    def find(self, label: str) -> Shown:
        """The newest message with that button."""
        return next(shown for shown in reversed(self.chat.shown) if label in shown.buttons())

    def texts(self) -> list[str]:
        """What the bot's messages say, or what stands under their pictures."""
        return [shown.text or shown.caption for shown in self.chat.shown]

    async def sees(self, words: str, times: int = 1) -> Shown:
        """Wait until ``words`` stand in at least that many messages; the newest of them."""
        await until(lambda: sum(words in text for text in self.texts()) >= times, words, self.texts)
        return next(
            shown for shown in reversed(self.chat.shown) if words in (shown.text or shown.caption)
        )

    async def sees_button(self, label: str) -> Shown:
        """Wait for a button; its message."""
        await until(
            lambda: any(label in shown.buttons() for shown in self.chat.shown), label, self.texts
        )
        return self.find(label)

    async def sees_invoice(self) -> Shown:
        """Wait for an invoice; the newest."""
        bills: Callable[[], list[Shown]] = lambda: [s for s in self.chat.shown if s.invoice]  # noqa: E731
        await until(bills, "an invoice", self.texts)
        return bills()[-1]
