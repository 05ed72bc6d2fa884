"""A Telegram update becomes an Incoming, or one of the few things that the desk never sees."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from telegram import Bot, CallbackQuery, ChatMemberUpdated, Document, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.telegram.buttons import Signer
from bot.telegram.files import reader
from handlers.chat import Content, Incoming, Left, Person, Pressed, Said, SentOther, SentPhoto
from shop.records import Platform

FOREIGN = "?"
"""The action of a button that is forged, or another chat's. No step knows it, so the desk answers
as to any stale button: kindly, with what can be done now."""

_IMAGE_NAMES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif"})
_NO_PHOTOS = frozenset({"image/gif", "image/svg+xml"})
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
    "contact": "other",
    "poll": "other",
    "story": "other",
    "paid_media": "other",
    "checklist": "other",
}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something in a group or channel, where portraits have no business (yet)."""

    chat_id: int
    language: str


def translate(
    update: Update, bot: Bot, signer: Signer, now: datetime
) -> Incoming | Elsewhere | None:
    """What the update means; None for what needs no answer (edits, service messages, bots)."""
    if update.callback_query:
        return _pressed(update.callback_query, update.update_id, signer, now)
    if update.message:
        return _sent(update.message, update.update_id, bot)
    if update.my_chat_member:
        return _membership(update.my_chat_member, update.update_id)
    return None


def _pressed(
    query: CallbackQuery, update_id: int, signer: Signer, now: datetime
) -> Incoming | Elsewhere | None:
    chat = query.message.chat if query.message else None
    if chat is None:
        return None  # from an inline message; we send none
    if chat.type != ChatType.PRIVATE:
        return Elsewhere(chat.id, query.from_user.language_code or "")
    action = signer.open(str(chat.id), query.data or "") or FOREIGN
    return _incoming(update_id, query.from_user, now, Pressed(action))


def _sent(message: Message, update_id: int, bot: Bot) -> Incoming | Elsewhere | None:
    if message.from_user is None or message.from_user.is_bot:
        return None
    if message.chat.type != ChatType.PRIVATE:
        # Only what is said to the bot: a group must not be answered at every word.
        spoken_to = bool(message.text and message.text.startswith("/")) or _invited(message)
        language = message.from_user.language_code or ""
        return Elsewhere(message.chat.id, language) if spoken_to else None
    content = _content(message, bot)
    return _incoming(update_id, message.from_user, message.date, content) if content else None


def _membership(change: ChatMemberUpdated, update_id: int) -> Incoming | Elsewhere | None:
    status = change.new_chat_member.status
    if change.chat.type != ChatType.PRIVATE:
        here = status in (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)
        return Elsewhere(change.chat.id, change.from_user.language_code or "") if here else None
    gone = status == ChatMemberStatus.BANNED  # "kicked": in a private chat, the bot is blocked
    return _incoming(update_id, change.from_user, change.date, Left(back=not gone))


def _incoming(update_id: int, user: User, at: datetime, content: Content) -> Incoming:
    person = Person(Platform.TELEGRAM, str(user.id), user.language_code or "")
    return Incoming(f"telegram:{update_id}", person, at, content)


def _content(message: Message, bot: Bot) -> Content | None:
    if message.text is not None:
        return Said(_unaddressed(message.text))
    album = message.media_group_id or ""
    if message.photo:
        # Several sizes of the same picture: the largest is the one to learn from.
        best = max(message.photo, key=lambda size: size.width * size.height)
        return SentPhoto(reader(bot, best.file_id, best.file_size), album)
    if message.document and not message.animation and _is_image(message.document):
        return SentPhoto(reader(bot, message.document.file_id, message.document.file_size), album)
    kinds = (kind for field, kind in _OTHERS.items() if getattr(message, field, None))
    kind = next(kinds, None)
    return SentOther(kind) if kind else None


def _is_image(document: Document) -> bool:
    """By its media type, or by its name: clients send HEIC as ``application/octet-stream``."""
    kind = (document.mime_type or "").lower()
    if kind in _NO_PHOTOS:
        return False
    suffix = PurePath(document.file_name or "").suffix.lower()
    return kind.startswith("image/") or suffix in _IMAGE_NAMES


def _invited(message: Message) -> bool:
    return bool(message.group_chat_created or message.supergroup_chat_created)


def _unaddressed(text: str) -> str:
    """``/start@EiderBot ref`` is ``/start ref``."""
    command, space, rest = text.partition(" ")
    if not command.startswith("/"):
        return text
    return command.partition("@")[0] + space + rest
