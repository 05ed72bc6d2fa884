"""Seeing what stands in a chat, and waiting for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.wechatapi.records import Seen

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
    """Eyes on one chat. ``transcript`` is all of it, what the person did included."""

    transcript: list[Seen]

    def seen(self, by: str = "", kind: str = "") -> list[Seen]:
        """What came to the phone, of one way or MsgType if that is said."""
        return [
            each
            for each in self.transcript
            if each.by != "person" and by in ("", each.by) and kind in ("", each.kind)
        ]

    def texts(self) -> list[str]:
        """All that can be read, message by message."""
        return [each.words() for each in self.seen()]

    def pictures(self) -> list[bytes]:
        return [each.data for each in self.seen(kind="image")]

    def read(self) -> str:
        """The whole conversation, as on the phone."""
        return "\n".join(each.line() for each in self.transcript)

    async def sees(self, words: str, times: int = 1, seconds: float = PATIENCE) -> Seen:
        """Wait until ``words`` stand in at least that many messages; the newest of them."""
        await until(
            lambda: sum(words in text for text in self.texts()) >= times, words, self.read, seconds
        )
        return next(each for each in reversed(self.seen()) if words in each.words())

    async def sees_pictures(self, count: int, seconds: float = PATIENCE) -> list[bytes]:
        """Wait for so many images in all."""
        await until(lambda: len(self.pictures()) >= count, f"{count} images", self.read, seconds)
        return self.pictures()
