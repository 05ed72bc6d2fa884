"""A person with Telegram on their phone: what they do becomes updates, what they see is kept."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.botapi.methods.menus import Scope
from tests.botapi.people.paying import Paying
from tests.botapi.people.pressing import Pressing
from tests.botapi.records import Chat, Json

if TYPE_CHECKING:
    from tests.botapi.api import BotApi


class Customer(Pressing, Paying):
    """One private chat with the bot, begun by the person."""

    def __init__(self, api: BotApi, id: int, language: str = "en", name: str = "Ada") -> None:
        self.api = api
        self.chat = api.chats.setdefault(id, Chat(id, title=name))
        self.user: Json = {"id": id, "is_bot": False, "first_name": name, "language_code": language}

    def block(self) -> int:
        """The bot hears of it, and cannot write any more."""
        self.chat.blocked = True
        return self._membership("member", "kicked")

    def unblock(self) -> int:
        """And now it can again."""
        self.chat.blocked = False
        return self._membership("kicked", "member")

    def menu(self) -> list[Json]:
        """The commands that this person's menu shows here."""
        here, who = self.chat.id, self.user["id"]
        scopes: list[Scope] = [("chat", here, 0), ("all_private_chats", 0, 0)]
        if self.chat.type != "private":
            scopes = [("chat_member", here, who), ("chat", here, 0), ("all_group_chats", 0, 0)]
        return self.api.menu.seen(scopes, self.user["language_code"][:2])

    def _membership(self, old: str, new: str) -> int:
        return membership(self.api, self.chat, self.user, old, new)


def membership(api: BotApi, chat: Chat, by: Json, old: str, new: str) -> int:
    """The bot's own standing in a chat changed."""

    def member(status: str) -> Json:
        until_date = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": api.me, **until_date}

    return api.push(
        my_chat_member={
            "chat": chat.described(),
            "from": by,
            "date": int(time.time()),
            "old_chat_member": member(old),
            "new_chat_member": member(new),
        }
    )
