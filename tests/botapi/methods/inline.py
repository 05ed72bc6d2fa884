"""Buttons that were pressed and queries that were typed: what the bot answers to them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.botapi.records import Call, Json, Shown, refused
from tests.botapi.registry import method

if TYPE_CHECKING:
    from tests.botapi.api import BotApi

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True, slots=True)
class Offered:
    """What stands above somebody's keyboard. ``cached``: the bot was not asked for it."""

    query: str
    results: list[Json]
    button: Json | None = None
    next_offset: str = ""
    personal: bool = False
    cache_time: int = 300
    cached: bool = False


@dataclass(slots=True)
class Inline:
    """``messages`` are those with buttons that went out by inline queries, by their ids; ``cache``
    holds answers as Telegram's servers do, for whoever types the same: by query, offset, and the
    person unless the answer was for anybody."""

    asked: dict[str, asyncio.Future[Offered]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    messages: dict[str, Shown] = field(default_factory=dict)
    cache: dict[tuple[str, str, int], tuple[float, Offered]] = field(default_factory=dict)


@method("answerCallbackQuery")
def answer_callback_query(api: BotApi, call: Call) -> bool:
    name = str(call.values["callback_query_id"])
    if name not in api.open_queries:
        raise refused(_TOO_OLD)
    api.open_queries.remove(name)
    api.answered.append(name)
    api.notices[name] = dict(call.values)
    return True


@method("answerInlineQuery")
def answer_inline_query(api: BotApi, call: Call) -> bool:
    values, name = call.values, str(call.values["inline_query_id"])
    asked = api.inline.asked.get(name)
    if asked is None or asked.done():
        raise refused(_TOO_OLD)
    results = values.get("results") or []
    for each in results:
        if "photo_file_id" in each:
            api.store.sent_again(each["photo_file_id"], "photo")
        if "video_file_id" in each:
            api.store.sent_again(each["video_file_id"], "video")
        if "document_file_id" in each:
            api.store.sent_again(each["document_file_id"], "")
    del api.inline.asked[name]
    asked.set_result(
        Offered(
            query=api.inline.texts.pop(name),
            results=results,
            button=values.get("button"),
            next_offset=values.get("next_offset") or "",
            personal=bool(values.get("is_personal")),
            cache_time=values.get("cache_time", 300),
        )
    )
    return True


def remember(inline: Inline, offered: Offered, offset: str, person: int) -> None:
    """Keep an answer for as long as the bot allowed."""
    key = (offered.query, offset, person if offered.personal else 0)
    inline.cache[key] = (time.monotonic() + offered.cache_time, offered)


def remembered(inline: Inline, query: str, offset: str, person: int) -> Offered | None:
    """An answer that this person gets without the bot being asked."""
    for who in (person, 0):
        until, offered = inline.cache.get((query, offset, who), (0.0, None))
        if offered is not None and time.monotonic() < until:
            return offered
    return None
