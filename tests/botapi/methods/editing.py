"""Messages that change or go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.botapi.methods.files import measures, medium
from tests.botapi.methods.sending import readable
from tests.botapi.records import Call, Chat, Json, Shown, refused
from tests.botapi.registry import chat_method, method
from tests.botapi.rendering import message
from tests.botapi.rules.keyboards import paying

if TYPE_CHECKING:
    from tests.botapi.api import BotApi

_FIELDS = ("text", "caption", "photo", "video", "document", "file_id", "markup")


@method("editMessageText")
def edit_message_text(api: BotApi, call: Call) -> Json | bool:
    chat, old = _found(api, call)
    if _media(old) or old.invoice is not None:
        raise refused("there is no text in the message to edit")
    return _changed(api, call, chat, old, text=readable(call.values, "text"))


@method("editMessageCaption")
def edit_message_caption(api: BotApi, call: Call) -> Json | bool:
    chat, old = _found(api, call)
    if not _media(old):
        raise refused("there is no caption in the message to edit")
    return _changed(api, call, chat, old, caption=readable(call.values, "caption"))


@method("editMessageMedia")
def edit_message_media(api: BotApi, call: Call) -> Json | bool:
    """A text may become a picture; what stands in an album stays of its kind."""
    chat, old = _found(api, call)
    item = call.values["media"]
    if old.invoice is not None:
        raise refused("message can't be edited")
    if old.group and (item.get("type") == "document") != (old.document is not None):
        raise refused("can't use the media of the specified type in the album")
    if chat is None and str(item.get("media", "")).startswith("attach://"):
        raise refused("can't upload new files to an inline message")
    kind = str(item.get("type"))
    new = measures(medium(api, call, kind, item.get("media"), Shown(0)), item)
    caption = readable(item, "caption")
    shown = {
        name: getattr(new, name)
        for name in ("photo", "video", "document", "file_id", "length", "edges")
    }
    return _changed(api, call, chat, old, text="", caption=caption, **shown)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(api: BotApi, call: Call) -> Json | bool:
    chat, old = _found(api, call)
    return _changed(api, call, chat, old)


def _media(shown: Shown) -> bool:
    return any(each is not None for each in (shown.photo, shown.video, shown.document))


@chat_method("deleteMessage")
def delete_message(api: BotApi, call: Call, chat: Chat) -> bool:
    if not _erased(chat, call.values["message_id"]):
        raise refused("message to delete not found")
    return True


@chat_method("deleteMessages")
def delete_messages(api: BotApi, call: Call, chat: Chat) -> bool:
    """Those that are not found are passed over."""
    for each in call.values["message_ids"]:
        _erased(chat, each)
    return True


def _erased(chat: Chat, message_id: int) -> bool:
    """The bot's own anywhere; the others' in a private chat, or where it is an administrator."""
    for place in reversed(range(len(chat.shown))):
        if chat.shown[place].id == message_id:
            del chat.shown[place]
            return True
    if message_id in chat.said:
        if chat.type != "private" and chat.standing != "administrator":
            raise refused("message can't be deleted")
        del chat.said[message_id]
        return True
    return False


def _found(api: BotApi, call: Call) -> tuple[Chat | None, Shown]:
    """The message to edit, and its chat; None for one that went out by an inline query."""
    name = call.values.get("inline_message_id")
    if name is not None:
        if name not in api.inline.messages:
            raise refused("MESSAGE_ID_INVALID")
        return None, api.inline.messages[name]
    chat = api.chat_of(call)
    wanted = call.values.get("message_id")
    found = next((each for each in reversed(chat.shown) if each.id == wanted), None)
    if found is None or found.inline_id:
        known = wanted in chat.said or found is not None
        raise refused("message can't be edited" if known else "message to edit not found")
    return chat, found


def _changed(api: BotApi, call: Call, chat: Chat | None, old: Shown, **new: Any) -> Json | bool:
    """What an edit leaves out, above all the keyboard, is gone."""
    new["markup"] = call.values.get("reply_markup")
    if call.method == "editMessageReplyMarkup":
        _payable(api, call, old)
    same = all(getattr(old, name) == value for name, value in new.items() if name != "file_id")
    if same:
        raise refused(
            "message is not modified: specified new message content and reply markup are exactly "
            "the same as a current content and reply markup of the message"
        )
    for name, value in new.items():
        setattr(old, name, value)
    old.edits += 1
    return True if chat is None else message(api, chat, old)


def _payable(api: BotApi, call: Call, old: Shown) -> None:
    """An invoice keeps its Pay button, and nothing else gets one."""
    markup = call.values.get("reply_markup")
    for each in paying(call.method, markup, old.invoice is not None):
        api.problems.append(each.rule)
        raise refused(each.refusal.removeprefix("Bad Request: "))
