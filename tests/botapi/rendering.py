"""A shown message as the bot gets to see it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from tests.botapi.records import Chat, Json, Shown
from tests.botapi.rules.pictures import measured
from tests.botapi.store import unique

if TYPE_CHECKING:
    from tests.botapi.api import BotApi

_COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?")

THUMBNAIL = b"thumbnail"
"""In place of a smaller picture: whoever keeps its id and sends it again will be found out."""


def message(api: BotApi, chat: Chat, shown: Shown, sender: Json | None = None) -> Json:
    """A Message; ``sender`` is a person who sent it by way of the bot."""
    seen: Json = {
        "message_id": shown.id,
        "date": shown.date or int(time.time()),
        "from": sender or api.me,
        "chat": chat.described(),
        **_content(api, shown),
    }
    if sender:
        seen["via_bot"] = api.me
    if shown.group:
        seen["media_group_id"] = shown.group
    if shown.edits:
        seen["edit_date"] = int(time.time())
    if shown.caption:
        seen["caption"] = shown.caption
    if shown.markup and "inline_keyboard" in shown.markup:
        seen["reply_markup"] = shown.markup
    return seen


def _content(api: BotApi, shown: Shown) -> Json:
    if shown.photo is not None:
        if not shown.file_id:
            shown.file_id = api.keep(shown.photo, "photo")
        edges = (measured(shown.photo) if api.strict else None) or (1280, 1280)
        return {"photo": sizes(api, shown.file_id, edges, len(shown.photo))}
    if shown.video is not None:
        if not shown.file_id:
            shown.file_id = api.keep(shown.video, "video")
        return {"video": video(shown)}
    if shown.document is not None:
        name, data = shown.document
        if not shown.file_id:
            shown.file_id = api.keep(data)
        return {"document": document(shown.file_id, name, "", len(data))}
    if shown.invoice is not None:
        bill = shown.invoice
        asked = {"title": bill.title, "description": bill.description, "currency": bill.currency}
        more = {"start_parameter": bill.start_parameter, "total_amount": bill.amount}
        return {"invoice": asked | more}
    return {"text": shown.text}


def sizes(api: BotApi, file_id: str, edges: tuple[int, int], size: int) -> list[Json]:
    """A small one and the whole."""
    small = api.keep(THUMBNAIL, "photo")
    width, height = edges
    thumb = {"file_id": small, "file_unique_id": unique(small), "width": 90, "height": 90}
    whole = {"file_id": file_id, "file_unique_id": unique(file_id), "width": width}
    return [
        {**thumb, "file_size": len(THUMBNAIL)},
        {**whole, "height": height, "file_size": size},
    ]


def video(shown: Shown) -> Json:
    """A Video, as large and as long as the bot said."""
    width, height = shown.edges
    return {
        "file_id": shown.file_id,
        "file_unique_id": unique(shown.file_id),
        "width": width,
        "height": height,
        "duration": shown.length,
        "mime_type": "video/mp4",
        "file_size": len(shown.video or b""),
    }


def document(file_id: str, name: str, mime: str, size: int) -> Json:
    """A Document."""
    named = {"file_name": name, "mime_type": mime}
    return {
        "file_id": file_id,
        "file_unique_id": unique(file_id),
        "file_size": size,
        **{key: value for key, value in named.items() if value},
    }


def entities(text: str) -> list[Json]:
    """The commands in a text, as Telegram marks them."""
    return [
        {
            "type": "bot_command",
            "offset": len(text[: each.start()].encode("utf-16-le")) // 2,
            "length": len(each[0]),
        }
        for each in _COMMAND.finditer(text)
    ]
