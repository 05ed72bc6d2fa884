"""Translates a Telegram update into an :class:`Incoming`, or None where no answer is needed.

In groups almost everything is ignored but the commands for groups, and those only when they are not
addressed to another bot. Being added to a group is answered with silence.
"""

import mimetypes
from dataclasses import replace
from datetime import datetime

from telegram import CallbackQuery, ChatMemberUpdated, Document, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType
from telegram.ext import filters

from bot.telegram import TELEGRAM, payments
from bot.telegram.buttons import Signer
from bot.telegram.client import Client
from bot.telegram.files import reader
from handlers import groups
from handlers.chat import Content, Incoming, Left, Person, Pressed, Said, SentOther, SentPhoto

FOREIGN = "?"
"""The action of a button that is forged, or another chat's. No step knows it, so it is answered
like any stale button: kindly, with what can be done now."""

_UNDECIDED = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Media types that say nothing: as clients name what they do not know, HEIC among it."""
_NO_PHOTOS = frozenset({"image/gif", "image/svg+xml"})
_FILMS = frozenset({"video/mp4", "video/quicktime"})
_OTHERS = {
    "sticker": "sticker",
    "dice": "sticker",
    "voice": "voice",
    "audio": "voice",
    "animation": "video",  # before "document": Telegram fills both for a GIF
    "video": "video",
    "video_note": "video",
    "document": "file",
    "venue": "place",
    "location": "place",
}
"""The kinds that have a sentence of their own. All others, those of the future too, have one
together; only what Telegram itself says of a chat (:data:`_SERVICE`) is no message to answer."""
_SERVICE = filters.StatusUpdate.ALL


def translate(
    update: Update, bot: Client, signer: Signer, now: datetime, username: str
) -> Incoming | None:
    """What the update means; None for what needs no answer (edits, service messages, bots).

    ``username`` is the bot's own: ``/help@another`` is not for us.
    """
    if update.callback_query:
        return _pressed(update.callback_query, update.update_id, signer, now)
    if update.message:
        return _sent(update.message, update.update_id, bot, username)
    if update.my_chat_member:
        return _membership(update.my_chat_member, update.update_id)
    return None


def _pressed(
    query: CallbackQuery, update_id: int, signer: Signer, now: datetime
) -> Incoming | None:
    chat = query.message.chat if query.message else None
    if chat is None or chat.type != ChatType.PRIVATE:
        return None  # what we send to other chats has no such buttons
    action = signer.open(str(chat.id), query.data or "") or FOREIGN
    return _incoming(update_id, query.from_user, now, Pressed(action))


def _sent(message: Message, update_id: int, bot: Client, username: str) -> Incoming | None:
    if money := payments.incoming_of(message, update_id):
        return money
    if message.from_user is None or message.from_user.is_bot:
        return None
    if message.chat.type != ChatType.PRIVATE:
        return _in_a_group(message, message.from_user, update_id, username)
    if message.via_bot and message.via_bot.username == username:
        return None  # a portrait or an invitation of ours, shared into our own chat
    if _SERVICE.check_update(Update(update_id, message=message)):
        return None
    return _incoming(update_id, message.from_user, message.date, _content(message, bot))


def _in_a_group(message: Message, user: User, update_id: int, username: str) -> Incoming | None:
    """A command for groups, addressed to us or to every bot there."""
    command, space, rest = (message.text or "").partition(" ")
    name, _, addressee = command.partition("@")
    ours = not addressee or addressee.lower() == username.lower()
    if not ours or groups.read_command(name) is None:
        return None
    incoming = _incoming(update_id, user, message.date, Said(name + space + rest))
    return replace(incoming, group=str(message.chat.id))


def _membership(change: ChatMemberUpdated, update_id: int) -> Incoming | None:
    if change.chat.type != ChatType.PRIVATE:
        return None
    # "kicked": in a private chat, the bot is blocked.
    gone = change.new_chat_member.status == ChatMemberStatus.BANNED
    return _incoming(update_id, change.from_user, change.date, Left(back=not gone))


def _incoming(update_id: int, user: User, at: datetime, content: Content) -> Incoming:
    person = Person(TELEGRAM, str(user.id), user.language_code or "")
    return Incoming(f"telegram:{update_id}", person, at, content)


def _content(message: Message, bot: Client) -> Content:
    if message.text is not None:
        return Said(_unaddressed(message.text))
    album, sent_as = message.media_group_id or "", str(message.message_id)
    caption = _unaddressed(message.caption or "")
    if message.photo:
        # Several sizes of the same picture: the largest is the one to learn from.
        best = max(message.photo, key=lambda size: size.width * size.height)
        return SentPhoto(reader(bot, best.file_id, best.file_size), album, sent_as, caption)
    if message.document and not message.animation and _is_image(message.document):
        read = reader(bot, message.document.file_id, message.document.file_size)
        return SentPhoto(read, album, sent_as, caption)
    kinds = (kind for field, kind in _OTHERS.items() if getattr(message, field, None))
    return SentOther(next(kinds, "other"), _film(message, bot))


def _film(message: Message, bot: Client) -> SentPhoto | None:
    """A clip, as a video or as a file."""
    sent = message.animation or message.video or message.document
    if sent is None or (sent.mime_type or "").lower() not in _FILMS:
        return None
    return SentPhoto(reader(bot, sent.file_id, sent.file_size))


def _is_image(document: Document) -> bool:
    """Whether it may be a photo: by its media type, or by its name. Where both say nothing (no
    name, no ending, one that nobody knows) its bytes are to decide: the decoder reads no name."""
    kind = (document.mime_type or "").lower()
    if kind in _NO_PHOTOS:
        return False
    named = mimetypes.guess_type((document.file_name or "").lower())[0] or ""
    if kind.startswith("image/") or named.startswith("image/"):
        return True
    return kind in _UNDECIDED and named in _UNDECIDED


def _unaddressed(text: str) -> str:
    """``/start@EiderBot ref`` is ``/start ref``."""
    command, space, rest = text.partition(" ")
    if not command.startswith("/"):
        return text
    return command.partition("@")[0] + space + rest
