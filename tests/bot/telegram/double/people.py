"""A person with Telegram on their phone: what they do becomes updates, what they see is kept."""

import asyncio
import time
from collections.abc import Sequence

from tests.bot.telegram.double.api import BotApi, Chat, Json, Shown

PATIENCE = 10.0


class Customer:
    """One private chat with the bot."""

    def __init__(self, api: BotApi, id: int, language: str = "en") -> None:
        self.api = api
        self.chat = api.chats.setdefault(id, Chat(id))
        self.user = {"id": id, "is_bot": False, "first_name": "Ada", "language_code": language}

    # Doing

    def say(self, text: str) -> int:
        return self._message(text=text)

    def send_photo(self, data: bytes, album: str = "", **more: object) -> int:
        """A photo as Telegram delivers it: a thumbnail and the whole, in an odd order."""
        whole = self.api.size(self.api.keep(data), 1280, len(data))
        small = self.api.size(self.api.keep(b"thumbnail"), 90, 9)
        group = {"media_group_id": album} if album else {}
        return self._message(photo=[whole, small], **group, **more)

    def send_album(self, photos: Sequence[bytes]) -> list[int]:
        album = f"album-{self.api.new_id()}"
        return [self.send_photo(data, album) for data in photos]

    def send_file(self, data: bytes, name: str, mime: str, album: str = "") -> int:
        file_id = self.api.keep(data)
        group = {"media_group_id": album} if album else {}
        document = {
            "file_id": file_id,
            "file_unique_id": f"u-{file_id}",
            "file_name": name,
            "mime_type": mime,
            "file_size": len(data),
        }
        return self._message(document=document, **group)

    def send_other(self, **content: object) -> int:
        return self._message(**content)

    def edit(self, text: str) -> int:
        return self.api.push(edited_message=self._body(text=text) | {"edit_date": int(time.time())})

    def press(self, label: str) -> int:
        """The newest button with that label."""
        shown = self.find(label)
        return self.press_data(shown.buttons()[label]["callback_data"], shown)

    def press_data(self, data: str, shown: Shown | None = None) -> int:
        """Any client can send any data."""
        message = shown or self.chat.shown[-1]
        query = f"query-{self.api.new_id()}"
        self.api.open_queries.add(query)
        body = self._body(text=message.text or "…") | {"message_id": message.id}
        return self.api.push(
            callback_query={
                "id": query,
                "from": self.user,
                "chat_instance": "1",
                "data": data,
                "message": body,
            }
        )

    def block(self) -> int:
        self.chat.blocked = True
        return self._membership("member", "kicked")

    def unblock(self) -> int:
        self.chat.blocked = False
        return self._membership("kicked", "member")

    # Seeing

    def find(self, label: str) -> Shown:
        return next(shown for shown in reversed(self.chat.shown) if label in shown.buttons())

    def texts(self) -> list[str]:
        return [shown.text or shown.caption for shown in self.chat.shown]

    async def sees(self, words: str, times: int = 1) -> Shown:
        """Wait until ``words`` stand in at least that many messages; the newest of them."""
        await until(lambda: sum(words in text for text in self.texts()) >= times, words, self.texts)
        return next(
            shown for shown in reversed(self.chat.shown) if words in (shown.text or shown.caption)
        )

    async def sees_button(self, label: str) -> Shown:
        await until(
            lambda: any(label in shown.buttons() for shown in self.chat.shown), label, self.texts
        )
        return self.find(label)

    def _message(self, **content: object) -> int:
        return self.api.push(message=self._body(**content))

    def _body(self, **content: object) -> Json:
        chat: Json = {"id": self.chat.id, "type": self.chat.type}
        chat |= {"first_name": "Ada"} if self.chat.type == "private" else {"title": "Friends"}
        return {
            "message_id": self.api.new_id(),
            "date": int(time.time()),
            "from": self.user,
            "chat": chat,
            **content,
        }

    def _membership(self, old: str, new: str) -> int:
        bot = {"id": 7_000_000_001, "is_bot": True, "first_name": "Eider"}

        def member(status: str) -> Json:
            until_date = {"until_date": 0} if status == "kicked" else {}
            return {"status": status, "user": bot, **until_date}

        return self.api.push(
            my_chat_member={
                "chat": self._body()["chat"],
                "from": self.user,
                "date": int(time.time()),
                "old_chat_member": member(old),
                "new_chat_member": member(new),
            }
        )


async def until(true, what: object = "", state=None, seconds: float = PATIENCE) -> None:  # type: ignore[no-untyped-def]
    """Wait until ``true()``, at most ``seconds``; ``state()`` is told when it never is."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"never: {what!r}; is: {state() if state else ''}")
        await asyncio.sleep(0.005)
