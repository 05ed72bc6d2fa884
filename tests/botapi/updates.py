"""What happened and the bot has not yet heard of: kept in order until it is confirmed."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from tests.botapi.records import Failure, Json
from tests.botapi.rules import specification

UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""The kinds that a bot gets only if it names them."""

_MESSAGES = ("message", "edited_message", "channel_post", "edited_channel_post")


class Updates:
    """The queue. ``allowed`` are the kinds that the bot asked for; empty: all but the unasked."""

    def __init__(self, strict: bool) -> None:
        self.pending: dict[int, Json] = {}
        self.confirmed: list[int] = []
        self.allowed: list[str] = []
        self.arrival = asyncio.Event()
        self._strict = strict
        self._serials = iter(range(10**9))
        self._ids = iter(range(500_000, 10**9))
        self._polls = 0
        self._held: list[Json] | None = None

    def compose(self, content: Json) -> Json:
        """An update of one kind. Its content must please aiogram's models, to the last field."""
        update = {"update_id": next(self._ids), **content}
        if self._strict:
            all_known(_aiogram().model_validate(update), "update")
        return update

    def wanted(self, update: Json) -> bool:
        """Whether the bot asked for such: Telegram keeps no others for it."""
        kinds = set(update) - {"update_id"}
        return bool(kinds & set(self.allowed)) if self.allowed else not kinds & UNASKED

    def add(self, update: Json) -> int | None:
        """The update's serial number; None if updates are held back."""
        if self._held is not None:
            self._held.append(update)
            return None
        serial = next(self._serials)
        self.pending[serial] = update
        self.arrival.set()
        return serial

    @contextmanager
    def held(self) -> Iterator[list[Json]]:
        """What happens within the block is put on the list instead of into the queue."""
        self._held, held = [], self._held
        try:
            yield self._held
        finally:
            self._held = held

    def done(self, serial: int) -> None:
        """The bot has it: a webhook took it."""
        update = self.pending.pop(serial, None)
        if update is not None:
            self.confirmed.append(_number(update))

    def ask_for(self, kinds: list[str] | None) -> None:
        """What ``allowed_updates`` said; None, if nothing, leaves all as it is."""
        if kinds is not None:
            self.allowed = kinds

    def unknown(self, kinds: object) -> list[str]:
        """Those that are no kinds of updates."""
        known = {each["name"] for each in specification()["types"]["Update"]["fields"]}
        return [each for each in kinds if each not in known] if isinstance(kinds, list) else []

    def interrupt(self) -> int:
        """Ends a long poll that still waits; the number of the poll that begins."""
        self._polls += 1
        self.arrival.set()
        return self._polls

    def confirm(self, offset: int) -> None:
        """Forget what is below ``offset``; a negative one keeps only that many of the newest."""
        if offset < 0:
            ids = [_number(each) for each in self.pending.values()]
            offset = ids[offset:][0] if ids else 0
        for serial, update in list(self.pending.items()):
            if _number(update) < offset:
                self.done(serial)

    async def wait(self, poll: int, seconds: float, limit: int) -> list[Json]:
        """The oldest updates, as soon as there are any. Raises 409 when another poll begins."""
        end = time.monotonic() + seconds
        while True:
            if poll != self._polls:
                raise Failure(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                )
            left = end - time.monotonic()
            if self.pending or left <= 0:
                return list(self.pending.values())[:limit]
            self.arrival.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.arrival.wait(), left)


@cache
def _aiogram() -> Any:
    """Late, since it takes a second to import, and a lenient double needs it not."""
    from aiogram.types import Update

    return Update


def line_of(update: Json) -> tuple[str, str]:
    """The updates of one line go to a webhook one after the other, as in Telegram's own server:
    a chat's messages, a person's presses, a person's queries, each a line of their own."""
    for kind, content in update.items():
        if kind == "update_id" or not isinstance(content, dict):
            continue
        who = content.get("chat" if kind in (*_MESSAGES, "my_chat_member") else "from")
        if isinstance(who, dict) and "id" in who:
            return ("message" if kind in _MESSAGES else kind, str(who["id"]))
    return ("alone", str(id(update)))


def _number(update: Json) -> int:
    """The update's id; 0 if what a test put in has none."""
    number = update.get("update_id")
    return number if isinstance(number, int) else 0


def all_known(model: Any, where: str) -> None:
    """aiogram's models let unknown fields pass: here a misspelt one is an error."""
    if getattr(model, "model_extra", None):
        raise AssertionError(f"{where} has unknown fields: {sorted(model.model_extra)}")
    for name in getattr(type(model), "model_fields", ()):
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if hasattr(type(each), "model_fields"):
                all_known(each, f"{where}.{name}")
