"""The registry of notices: for each kind, the function that finds its words."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from handlers.chat import Reply
from handlers.context import AfterCommit, RequestContext
from handlers.registry import Registry

Payload = Mapping[str, str | int | float]
"""``user`` and ``kind``, and the ids and numbers that :func:`shop.jobs.outbox.notify` was given."""

Render = Callable[[RequestContext, Payload], Awaitable[Sequence[Reply] | AfterCommit]]
"""The replies to send, or what finds them after the transaction, because it reads blobs; none where
there is nothing left to say. Either may raise :class:`shop.errors.NotFound`: what it was about has
been erased, or is another person's."""

NOTICES: Final = Registry[Render]("news")


def register(kind: str, render: Render) -> None:
    """Add a kind of notice. Raises ValueError for one that is registered."""
    NOTICES.register(kind, render)
