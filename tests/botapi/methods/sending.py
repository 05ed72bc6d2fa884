"""New messages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.botapi.methods.files import measures, medium
from tests.botapi.records import Call, Chat, Json, Shown, refused
from tests.botapi.registry import chat_method
from tests.botapi.rendering import message
from tests.botapi.rules.formatting import MarkupError, plain

if TYPE_CHECKING:
    from tests.botapi.api import BotApi


@chat_method("sendMessage")
def send_message(api: BotApi, call: Call, chat: Chat) -> Json:
    values = call.values
    return show(api, call, chat, Shown(api.new_id(), text=readable(values, "text")), values)


@chat_method("sendPhoto")
def send_photo(api: BotApi, call: Call, chat: Chat) -> Json:
    return _send_medium(api, call, chat, "photo")


@chat_method("sendVideo")
def send_video(api: BotApi, call: Call, chat: Chat) -> Json:
    return _send_medium(api, call, chat, "video")


@chat_method("sendDocument")
def send_document(api: BotApi, call: Call, chat: Chat) -> Json:
    return _send_medium(api, call, chat, "document")


@chat_method("sendMediaGroup")
def send_media_group(api: BotApi, call: Call, chat: Chat) -> list[Json]:
    group = f"{api.new_id():017}"
    _answerable(call, chat)
    items = call.values["media"]
    album = [
        measures(medium(api, call, _type(each), each.get("media"), Shown(0)), each)
        for each in items
    ]
    for shown in album:  # only now: an album is sent whole or not at all
        shown.id, shown.group = api.new_id(), group
    quiet = {"disable_notification": call.values.get("disable_notification")}
    return [
        show(api, call, chat, shown, quiet | {k: v for k, v in item.items() if k != "reply_markup"})
        for shown, item in zip(album, items, strict=True)
    ]


def _type(item: object) -> str:
    return str(item.get("type")) if isinstance(item, dict) else "nothing"


def _send_medium(api: BotApi, call: Call, chat: Chat, kind: str) -> Json:
    shown = measures(medium(api, call, kind, call.values.get(kind), Shown(0)), call.values)
    shown.id = api.new_id()
    return show(api, call, chat, shown, call.values)


def show(api: BotApi, call: Call, chat: Chat, shown: Shown, values: Any) -> Json:
    """Puts the message into the chat; the message as the bot gets to see it."""
    shown.reply_to = _answerable(call, chat)
    shown.caption = readable(values, "caption")
    shown.markup = values.get("reply_markup")
    shown.silent = bool(values.get("disable_notification"))
    shown.date = int(time.time())
    chat.shown.append(shown)
    return message(api, chat, shown)


def readable(values: Any, name: str) -> str:
    """The text without its markup and outer blanks, as it is shown."""
    text, mode = str(values.get(name) or ""), values.get("parse_mode")
    try:
        return (plain(text, mode) if mode else text).strip()
    except MarkupError as error:
        raise refused(str(error)) from None


def _answerable(call: Call, chat: Chat) -> int:
    """The id of the message that this one answers, 0 if none. Raises if there is no such."""
    reply = call.values.get("reply_parameters")
    if not isinstance(reply, dict) or not isinstance(reply.get("message_id"), int):
        return 0
    known = chat.said.keys() | {each.id for each in chat.shown}
    if reply["message_id"] in known:
        return int(reply["message_id"])
    if reply.get("allow_sending_without_reply"):
        return 0
    raise refused("message to be replied not found")
