"""The port by which replies reach a chat, and its errors."""

from datetime import datetime
from typing import Protocol

from handlers.chat import Reply


class Unreachable(Exception):
    """The person blocked us or deleted the account: stop writing until they come back."""


class GroupForbidden(Exception):
    """A group does not let us write there (any more). Says nothing of the person who asked."""


class RetryLater(Exception):
    """The platform asks for patience. ``after`` is in seconds."""

    def __init__(self, after: float) -> None:
        super().__init__(f"again in {after:g} s")
        self.after = after


class Outbound(Protocol):
    """Sends replies into one platform's chats. ``chat`` is the platform's own id of the person."""

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        """Deliver one reply; edit in place where its message key was last shown there.

        ``key`` names this delivery (``{outbox message}:{index}``): the same key again shows nothing
        twice where the platform lets us know that it was shown. Raises :class:`Unreachable` (in a
        group :class:`GroupForbidden`) or :class:`RetryLater`; any other error is tried again by the
        outbox worker.
        """

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop what this channel keeps of the person from before then: transcript, message ids.

        What was said since (the deletion receipt) stays. Idempotent.
        """
