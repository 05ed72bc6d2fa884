"""What an outbox message is about: news, or a part of an erasure."""

from typing import Final

from handlers.notifications import ERASED
from shop.records import OutboxMessage

NOTICE: Final = "notice"

ERASING: Final = frozenset({"erase_uploads", "erase_source", "erase_blobs", "drop_session"})
"""Before these what was erased is written into the journal, and after them the stores' files are
scrubbed."""


def is_news(message: OutboxMessage) -> bool:
    """Whether it is a notice for somebody whom the shop knows."""
    return message.name == NOTICE and message.user_id != ""


def erases(message: OutboxMessage) -> bool:
    """Whether it is part of an erasure: it removes something, or holds the address of somebody who
    was erased."""
    return message.name in ERASING or message.payload.get("kind") == ERASED
