"""The ports by which replies reach a chat, and their errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from handlers.chat import Reply


class Unreachable(Exception):
    """The person blocked us or deleted the account: stop writing until they come back."""


class GroupForbidden(Exception):
    """A group does not let us write there (any more). Says nothing of the person who asked."""


class WaitsForContact(Exception):
    """The platform takes nothing more for them before they write again, or do something else that
    we hear of: until then news are kept. Says nothing against the person."""


class RetryLater(Exception):
    """The platform asks for patience. ``after`` is in seconds; ``tried`` False: nothing was tried,
    and nothing is amiss."""

    def __init__(self, after: float, *, tried: bool = True) -> None:
        super().__init__(f"again in {after:g} s")
        self.after = after
        self.tried = tried


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """A reply, and the key that names its delivery as in :meth:`Outbound.send`."""

    key: str
    reply: Reply


@runtime_checkable
class GatheringOutbound(Protocol):
    """An :class:`Outbound` of a platform that counts messages: it sends several replies in as few
    as it can."""

    async def send_together(self, chat: str, replies: Sequence[Reply]) -> bool:
        """Deliver these, in order. False: left out for good, as a progress for which there is no
        room. Raises :class:`WaitsForContact` where not all could be sent: the same again goes on
        there; otherwise as :meth:`Outbound.send`."""

    async def untold(self, chat: str, replies: Sequence[Reply]) -> list[Reply]:
        """Those that were not just told in the same words: asked before they are numbered."""

    async def contact(self, chat: str) -> str:
        """Names the person's last contact: another contact has another name."""

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        """As :meth:`send_together`, of one."""

    async def forget(self, chat: str, before: datetime) -> None:
        """As :meth:`Outbound.forget`."""
