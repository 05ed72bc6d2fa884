"""What the double remembers and says: calls, chats, messages, bills, and answers that refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the bot made. ``values`` are decoded as the method's fields want them,
    ``files`` are the uploaded parts by part name, ``names`` their file names."""

    method: str
    values: Mapping[str, Any]
    files: Mapping[str, bytes]
    at: float
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bill:
    """What an invoice or an invoice link asks for. ``period``: a subscription's seconds, or 0."""

    title: str
    description: str
    payload: str
    amount: int
    currency: str
    start_parameter: str = ""
    period: int = 0


@dataclass(slots=True)
class Shown:
    """A message as it stands in a chat now. ``group`` is its album, ``document`` name and bytes,
    ``length`` a video's, in seconds, and ``edges`` its size as the bot gave it."""

    id: int
    text: str = ""
    caption: str = ""
    photo: bytes | None = None
    video: bytes | None = None
    document: tuple[str, bytes] | None = None
    length: int = 0
    edges: tuple[int, int] = (0, 0)
    markup: Json | None = None
    group: str = ""
    silent: bool = False
    edits: int = 0
    invoice: Bill | None = None
    file_id: str = ""
    date: int = 0
    reply_to: int = 0
    inline_id: str = ""
    forwarded: bool = False

    def buttons(self) -> dict[str, Json]:
        """Its inline buttons by label."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return {key["text"]: key for row in rows for key in row}


@dataclass(slots=True)
class Chat:
    """A chat as the bot sees it. ``type`` is private, group, supergroup or channel.

    ``standing`` is the bot's own: member, administrator, left or kicked. ``deaf_until`` is a moment
    of :func:`time.monotonic` before which every call to the chat gets a 429. ``became`` is the
    supergroup that a group was made into. ``said`` are the others' messages by id.
    """

    id: int
    type: str = "private"
    blocked: bool = False
    deaf_until: float = 0.0
    shown: list[Shown] = field(default_factory=list)
    title: str = ""
    username: str = ""
    standing: str = "member"
    became: int = 0
    said: dict[int, Json] = field(default_factory=dict)

    def described(self) -> Json:
        """The chat as messages carry it."""
        named = {"username": self.username} if self.username else {}
        if self.type == "private":
            return {"id": self.id, "type": "private", "first_name": self.title or "Ada", **named}
        return {"id": self.id, "type": self.type, "title": self.title or "Friends", **named}


class Failure(Exception):
    """An answer that is no success. ``migrate_to``: where an upgraded group went."""

    def __init__(
        self, status: int, description: str, retry_after: int = 0, migrate_to: int = 0
    ) -> None:
        if retry_after and "retry after" not in description:
            description = f"{description}: retry after {retry_after}"
        super().__init__(description)
        self.status = status
        self.retry_after = retry_after
        more = {"retry_after": retry_after, "migrate_to_chat_id": migrate_to}
        parameters = {name: value for name, value in more.items() if value}
        self.body: Json = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.body["parameters"] = parameters


class Garbled(Failure):
    """A 200 that says what no Bot API says, as a proxy or a server on its way down does."""

    def __init__(self, text: str = "<html>") -> None:
        super().__init__(200, text)
        self.text = text


class AnswerLost(Exception):
    """The call has had its effect, but the connection breaks before the bot learns of it."""


def refused(description: str) -> Failure:
    """A 400 in Telegram's manner."""
    return Failure(400, f"Bad Request: {description}")
