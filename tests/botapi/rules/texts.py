"""Small closed lists and counts that the prose gives: chat actions, notices, message ids."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.botapi.records import Call
from tests.botapi.rules.findings import Broken

_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def rules(call: Call, values: Mapping[str, Any], local: bool) -> Iterator[Broken]:
    """Of what is small."""
    if call.method == "sendChatAction" and values.get("action", "typing") not in _ACTIONS:
        yield Broken(
            f"sendChatAction: {values['action']!r} is no action",
            "Bad Request: wrong parameter action in request",
        )
    if call.method == "answerCallbackQuery" and "?start=" not in values.get("url", "?start="):
        yield Broken(f"answerCallbackQuery: leads to {values['url']!r}", "Bad Request: URL_INVALID")
    if call.method == "deleteMessages" and isinstance(values.get("message_ids"), list):
        count = len(values["message_ids"])
        told = "too many message identifiers specified"
        told = told if count else "message identifiers are not specified"
        if not 1 <= count <= 100:
            yield Broken(f"deleteMessages: {count} of them", f"Bad Request: {told}")
    if call.method.startswith("edit") and "inline_message_id" not in values:
        for name in ("chat_id", "message_id"):
            if name not in values:
                told = "chat_id is empty" if name == "chat_id" else "message to edit not found"
                yield Broken(f"{call.method}.{name}: required", f"Bad Request: {told}")
