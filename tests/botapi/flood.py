"""Telegram's sending limits, made strict: a bot that keeps to them never meets a 429."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.botapi.records import Chat, Failure

_FREE = ("answer", "sendChatAction", "delete")


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` in ``seconds``, and at most ``burst`` at once."""

    count: float
    seconds: float
    burst: float


class Flood:
    """Leaky buckets: one per chat, and one over all. ``grace`` forgives so many seconds of
    jitter between the bot and us. What Telegram really counts is not documented; this is the
    documentation's "about": one a second in a chat with short bursts, 20 a minute in a group, 30 a
    second over all; an album is its items, an edit is a message, and chat actions, answers and
    deletions weigh over all only.
    """

    def __init__(
        self,
        private: Rate = Rate(1, 1.0, 3),
        group: Rate = Rate(20, 60.0, 20),
        overall: Rate = Rate(30, 1.0, 30),
        grace: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.refusals = 0
        self._private, self._group, self._overall = private, group, overall
        self._grace, self._clock = grace, clock
        self._free_at: dict[int, float] = {}

    def admit(self, method: str, values: Mapping[str, Any], chat: Chat | None) -> None:
        """Raises a 429 with the seconds to wait; the chat stays deaf for as long."""
        weight = weigh(method, values)
        if not weight:
            return
        buckets = [(0, self._overall)]
        if chat is not None and not method.startswith(_FREE):
            buckets.append((chat.id, self._private if chat.type == "private" else self._group))
        waits = [self._wait(key, rate, weight) for key, rate in buckets]
        if max(waits) > self._grace:
            self.refusals += 1
            after = math.ceil(max(waits))
            if chat is not None and waits[-1] > self._grace and len(waits) > 1:
                chat.deaf_until = max(chat.deaf_until, time.monotonic() + waits[-1])
            raise Failure(429, "Too Many Requests", retry_after=after)
        for key, rate in buckets:
            spare = max(self._free_at.get(key, 0.0), self._clock())
            self._free_at[key] = spare + weight * rate.seconds / rate.count

    def _wait(self, key: int, rate: Rate, weight: int) -> float:
        """Seconds until the bucket has room: what is in it, and this, less what it holds."""
        step = rate.seconds / rate.count
        filled = max(self._free_at.get(key, 0.0) - self._clock(), 0.0)
        return filled + (weight - max(rate.burst, weight)) * step


def weigh(method: str, values: Mapping[str, Any]) -> int:
    """How many messages the call counts for."""
    if method == "sendMediaGroup":
        return len(values.get("media") or ())
    return int(method.startswith(("send", "edit", "copy", "forward", *_FREE)))
