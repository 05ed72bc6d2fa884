"""A group with people who talk there, and a bot that was brought along."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.botapi.people.customer import Customer, membership
from tests.botapi.people.watching import Watching
from tests.botapi.records import Chat, Json

if TYPE_CHECKING:
    from tests.botapi.api import BotApi


class Group(Watching):
    """``hears_all``: the bot's privacy mode is off, so it gets every word; on, it gets commands
    that are not for others, answers to itself, and service messages."""

    def __init__(
        self,
        api: BotApi,
        id: int = -1_001_000_000_001,
        title: str = "Friends",
        type: str = "supergroup",
        hears_all: bool = True,
    ) -> None:
        self.api, self.hears_all = api, hears_all
        self.chat = api.chats.setdefault(id, Chat(id, type, title=title))

    def member(self, id: int, language: str = "en", name: str = "Ada") -> Member:
        """Somebody in the group; perhaps a customer of the bot, perhaps not."""
        return Member(self, id, language, name)

    def brings(self, by: Member) -> int:
        """Somebody adds the bot; the id of the update that says so."""
        self.chat.standing = "member"
        update = membership(self.api, self.chat, by.user, "left", "member")
        by.send_other(new_chat_members=[self.api.me])
        return update

    def throws_out(self, by: Member) -> int:
        """Somebody removes the bot: it can write no more."""
        self.chat.standing = "kicked"
        return membership(self.api, self.chat, by.user, "member", "kicked")

    def grows(self, by: Member) -> Chat:
        """The group becomes a supergroup, with another id."""
        new = Chat(self.chat.id - 1_000_000_000_000, "supergroup", title=self.chat.title)
        by.send_other(migrate_to_chat_id=new.id)
        self.chat.became, old = new.id, self.chat.id
        self.api.chats[new.id] = self.chat = by.chat = new
        moved = {"message_id": self.api.new_id(), "date": int(time.time()), "from": by.user}
        moved |= {"chat": new.described(), "migrate_from_chat_id": old}
        self.api.push(message=moved)
        return new


class Member(Customer):
    """A person in a group. What they say there, the bot gets as far as it may hear it."""

    def __init__(self, group: Group, id: int, language: str = "en", name: str = "Ada") -> None:
        self.api, self.group = group.api, group
        self.chat = group.chat
        self.user: Json = {"id": id, "is_bot": False, "first_name": name}
        self.user |= {"language_code": language}

    def say(self, text: str) -> int:
        """Returns 0 if the bot does not hear it."""
        if not (self.group.hears_all or self._for_the_bot(text)):
            return 0
        return super().say(text)

    def in_private(self) -> Customer:
        """The same person in their own chat with the bot."""
        user = self.user
        return Customer(self.api, user["id"], user["language_code"], user["first_name"])

    def _for_the_bot(self, text: str) -> bool:
        word = text.partition(" ")[0]
        addressed = word.partition("@")[2].lower()
        return word.startswith("/") and addressed in ("", self.api.me["username"].lower())
