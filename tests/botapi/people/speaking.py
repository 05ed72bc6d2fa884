"""Putting things into a chat: words, photos, files, and whatever else a phone can send."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tests.botapi.people.watching import Watching
from tests.botapi.records import Json
from tests.botapi.rendering import document, entities, sizes
from tests.botapi.rules.pictures import measured


class Speaking(Watching):
    """A person in one chat with the bot. Everything returns the update's id."""

    user: Json

    def say(self, text: str) -> int:
        """A text; commands are marked, as Telegram does."""
        marked = entities(text)
        return self._message(text=text, **({"entities": marked} if marked else {}))

    def send_photo(self, data: bytes, album: str = "", **more: object) -> int:
        """A photo as Telegram delivers it: a small one and the whole."""
        edges = (measured(data) if self.api.strict else None) or (1280, 1280)
        photo = sizes(self.api, self.api.keep(data, "photo"), edges, len(data))
        group = {"media_group_id": album} if album else {}
        return self._message(photo=photo, **group, **more)

    def send_album(self, photos: Sequence[bytes]) -> list[int]:
        """Photos that belong together."""
        album = self._album()
        return [self.send_photo(data, album) for data in photos]

    def send_file(self, data: bytes, name: str, mime: str, album: str = "", **more: object) -> int:
        """A picture "as a file", or any other file."""
        group = {"media_group_id": album} if album else {}
        kept = document(self.api.keep(data), name, mime, len(data))
        return self._message(document=kept, **group, **more)

    def send_heic(self, data: bytes, name: str = "IMG_0001.HEIC", album: str = "") -> int:
        """A picture as an iPhone's files are."""
        return self.send_file(data, name, "image/heic", album)

    def send_files(self, files: Sequence[tuple[bytes, str, str]]) -> list[int]:
        """Files that belong together: data, name, MIME type of each."""
        album = self._album()
        return [self.send_file(*each, album=album) for each in files]

    def send_other(self, **content: object) -> int:
        """A message of any kind."""
        return self._message(**content)

    def edit(self, text: str) -> int:
        """Something said before becomes ``text``."""
        return self.api.push(edited_message=self._body(text=text) | {"edit_date": int(time.time())})

    def answer(self, text: str, to: int) -> int:
        """A text that answers the bot's message ``to``."""
        quoted = {"message_id": to, "date": int(time.time()), "chat": self.chat.described()}
        return self._message(text=text, reply_to_message=quoted | {"from": self.api.me})

    def _album(self) -> str:
        return f"{self.api.new_id():017}"

    def _message(self, **content: object) -> int:
        body = self._body(**content)
        self.chat.said[body["message_id"]] = body
        return self.api.push(message=body)

    def _body(self, **content: object) -> Json:
        return {
            "message_id": self.api.new_id(),
            "date": int(time.time()),
            "from": self.user,
            "chat": self.chat.described(),
            **content,
        }
