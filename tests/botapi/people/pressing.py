"""Pressing buttons, typing ``@bot something``, and choosing what is offered."""

from __future__ import annotations

import asyncio

from tests.botapi.methods.inline import Offered, remember, remembered
from tests.botapi.people.speaking import Speaking
from tests.botapi.people.watching import PATIENCE
from tests.botapi.records import Chat, Json, Shown
from tests.botapi.rendering import message


class Pressing(Speaking):
    """Hands on one chat."""

    def press(self, label: str) -> int:
        """The newest button with that label; the update's id."""
        shown = self.find(label)
        key = shown.buttons()[label]
        if "callback_data" not in key:
            raise AssertionError(f"{label!r} asks the bot nothing: {key}")
        return self.press_data(key["callback_data"], shown)

    def press_data(self, data: str, shown: Shown | None = None) -> int:
        """Any client can send any data. Of a message that is gone the bot gets no content."""
        found = shown or self.chat.shown[-1]
        query = f"{self.api.new_id():019}"
        self.api.open_queries.add(query)
        self._asked().append(query)
        asked = {"id": query, "from": self.user, "chat_instance": str(self.chat.id), "data": data}
        if found.inline_id:
            return self.api.push(callback_query=asked | {"inline_message_id": found.inline_id})
        return self.api.push(callback_query=asked | {"message": self._standing(found)})

    @property
    def notices(self) -> list[str]:
        """What the bot's answers to this person's presses showed them, oldest first."""
        answers = [self.api.notices.get(each, {}) for each in self._asked()]
        return [each["text"] for each in answers if each.get("text")]

    async def asks(
        self,
        query: str = "",
        chat_type: str = "sender",
        offset: str = "",
        seconds: float = PATIENCE,
    ) -> Offered:
        """Types ``@bot query`` in a chat; what is offered. Raises TimeoutError without an answer.

        Like Telegram's servers, this one keeps answers for as long as the bot lets it, and gives
        those that are not personal to others who type the same.
        """
        kept = remembered(self.api.inline, query, offset, self.user["id"])
        if kept is not None:
            return kept
        name = f"{self.api.new_id():019}"
        answer: asyncio.Future[Offered] = asyncio.get_running_loop().create_future()
        self.api.inline.asked[name] = answer
        self.api.inline.texts[name] = query
        asked = {"id": name, "from": self.user, "query": query, "offset": offset}
        self.api.push(inline_query=asked | {"chat_type": chat_type})
        offered = await asyncio.wait_for(answer, seconds)
        remember(self.api.inline, offered, offset, self.user["id"])
        return offered

    def chooses(self, offered: Offered, result: str | int = 0, where: Chat | None = None) -> Shown:
        """Sends a result, by id or place, into ``where``, at first this chat. The bot hears of the
        choice, and of the message itself where it is in that chat."""
        chosen = next(
            each
            for place, each in enumerate(offered.results)
            if result in (place, each["id"])
        )  # fmt: skip
        chat = where or self.chat
        shown = self._sent(chosen)
        chat.shown.append(shown)
        told = {"result_id": chosen["id"], "from": self.user, "query": offered.query}
        if shown.markup:
            shown.inline_id = f"inline{shown.id}"
            self.api.inline.messages[shown.inline_id] = shown
            told["inline_message_id"] = shown.inline_id
        self.api.push(chosen_inline_result=told)
        if self.api.chats.get(chat.id) is chat and chat.standing not in ("left", "kicked"):
            self.api.push(message=message(self.api, chat, shown, self.user))
        return shown

    def opens(self, url: str) -> int:
        """Follows a deep link to the bot, and presses Start."""
        base, _, payload = url.partition("?start=")
        if base.rpartition("/")[2].lower() != self.api.me["username"].lower():
            raise AssertionError(f"{url} does not lead to the bot")
        text = f"/start {payload}".strip()
        return self.say(text)

    def _sent(self, chosen: Json) -> Shown:
        shown = Shown(self.api.new_id(), markup=chosen.get("reply_markup"))
        content = chosen.get("input_message_content")
        if content:
            shown.text = content["message_text"]
        elif "photo_file_id" in chosen:
            shown.file_id = chosen["photo_file_id"]
            shown.photo = self.api.store.sent_again(shown.file_id, "photo")
            shown.caption = chosen.get("caption", "")
        elif "video_file_id" in chosen:
            shown.file_id = chosen["video_file_id"]
            shown.video = self.api.store.sent_again(shown.file_id, "video")
            shown.caption = chosen.get("caption", "")
        else:
            raise AssertionError(f"the double cannot send {chosen['type']!r} by an inline query")
        return shown

    def _standing(self, shown: Shown) -> Json:
        """The message under the button, with nothing in it once it is deleted."""
        if any(each is shown for each in reversed(self.chat.shown)):
            return message(self.api, self.chat, shown)
        return {"message_id": shown.id, "date": 0, "chat": self.chat.described()}

    def _asked(self) -> list[str]:
        return self.api.presses.setdefault(self.user["id"], [])
