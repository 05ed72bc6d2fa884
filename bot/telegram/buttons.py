"""Inline keyboards, and the signatures that bind a button to the chat it was sent to.

Anybody can make a client send any callback data: a button's action therefore carries a MAC over
the chat and the action. Nothing is stored, so old buttons survive restarts; the key comes from the
master key, so another deployment's buttons do not work here.
"""

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import urlsplit

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    SwitchInlineQueryChosenChat,
    WebAppInfo,
)

from handlers.chat import Button, Keyboard
from shop.encryption import derive_key

DATA_LIMIT = 64
_TAG_BYTES = 12  # 96 bits: 16 characters, far beyond guessing over the wire
_PURPOSE = "telegram/buttons/1"


class Signer:
    """Seals actions for one chat each, and opens them again."""

    def __init__(self, key: bytes) -> None:
        """``key``: at least 32 random bytes, used for nothing else."""
        self._key = key

    @classmethod
    def of(cls, signing_key: bytes) -> "Signer":
        """A signer whose key is derived from the master key."""
        return cls(derive_key(signing_key, _PURPOSE))

    def seal(self, chat: str, action: str) -> str:
        """Callback data of at most 64 bytes. Raises ValueError if ``action`` is too long for it."""
        data = f"{action}|{self._tag(chat, action)}"
        if len(data.encode()) > DATA_LIMIT:
            raise ValueError(f"action too long for a button: {action!r}")
        return data

    def open(self, chat: str, data: str) -> str | None:
        """The action, or None if this chat was never given that button."""
        action, _, tag = data.rpartition("|")
        genuine = hmac.compare_digest(tag.encode(), self._tag(chat, action).encode())
        return action if genuine and action else None

    def _tag(self, chat: str, action: str) -> str:
        mac = hmac.digest(self._key, f"{chat}\0{action}".encode(), sha256)
        return urlsafe_b64encode(mac[:_TAG_BYTES]).decode()


def keyboard(
    signer: Signer, chat: str, rows: Keyboard, username: str = "", *, inline: bool = False
) -> InlineKeyboardMarkup | None:
    """The rows as Telegram's markup for ``chat``; None without buttons.

    ``username`` is the bot's own, ``inline`` whether its owner has switched inline mode on. A
    button that wants what is not there is left out: it would make Telegram refuse the message.
    """
    own = not chat.startswith("-")  # a group's id is negative, and Mini Apps open in none
    fitting = [
        [each for each in row if _fits(each, username, inline) and (own or not each.page)]
        for row in rows
    ]
    lines = [[_key(signer, chat, each, username) for each in row] for row in fitting if row]
    return InlineKeyboardMarkup(lines) if lines else None


def needs_name(rows: Keyboard) -> bool:
    """Whether :func:`keyboard` can use the bot's name for these."""
    return any(each.start or each.share for row in rows for each in row)


def link(username: str, payload: str) -> str:
    """The address that opens the person's own chat with the bot, and says ``/start payload``."""
    return f"https://t.me/{username}?start={payload}"


def unlinkable(rows: Keyboard) -> list[str]:
    """Addresses that Telegram refuses on a button (no dot in the host, as in ``localhost``).

    One of them would make it refuse the whole message, so they belong into the text.
    """
    shown = (each for row in rows for each in row if each.url and not each.page)
    return [each.url for each in shown if not _linkable(each.url)]


def _fits(button: Button, username: str, inline: bool) -> bool:
    if button.page:
        return button.url.startswith("https:")
    if button.url:
        return _linkable(button.url)
    if button.start:
        return bool(username)
    return inline or not button.share


def _linkable(url: str) -> bool:
    return "." in (urlsplit(url).hostname or "")


def _key(signer: Signer, chat: str, button: Button, username: str) -> InlineKeyboardButton:
    if button.page:
        return InlineKeyboardButton(button.label, web_app=WebAppInfo(button.url))
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    if button.start:
        return InlineKeyboardButton(button.label, url=link(username, button.start))
    if button.share:
        chosen = SwitchInlineQueryChosenChat(
            query=button.share,
            allow_user_chats=True,
            allow_group_chats=True,
            allow_channel_chats=True,
        )
        return InlineKeyboardButton(button.label, switch_inline_query_chosen_chat=chosen)
    return InlineKeyboardButton(button.label, callback_data=signer.seal(chat, button.action))
