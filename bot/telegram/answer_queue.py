"""The answers that wait to be sent into a chat, and which of them goes next.

Telegram takes about one message a second into a chat, so twenty photos lead to more answers than
can be shown. The answer to a pressed button goes before those to what was merely sent; a reply that
a newer one will replace, in the message of the same key, is not sent at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from handlers.chat import Incoming, Pressed, Reply


@dataclass(eq=False, slots=True)
class Answer:
    """The replies to one update. ``below`` as in
    :meth:`bot.telegram.outbound.TelegramOutbound.send`. ``place`` is given by the queue."""

    incoming: Incoming
    replies: Sequence[Reply]
    below: int
    place: int = 0

    @property
    def pressed(self) -> bool:
        """Whether somebody looks at the button that they have pressed, and waits."""
        return isinstance(self.incoming.content, Pressed)


@dataclass(slots=True)
class AnswerQueue:
    """Of one chat. ``put`` an answer, ``take`` the next, and send what :meth:`due` yields of it."""

    _waiting: list[Answer] = field(default_factory=list)
    _newest: dict[str, int] = field(default_factory=dict)  # place of the answer, by message key
    _places: int = 0

    def put(self, answer: Answer) -> None:
        """Add the newest answer."""
        self._places += 1
        answer.place = self._places
        self._waiting.append(answer)
        for reply in answer.replies:
            if reply.message_key:
                self._newest[reply.message_key] = answer.place

    def take(self) -> Answer | None:
        """The next answer: the oldest to a press, else the oldest. None: nothing waits."""
        if not self._waiting:
            return None
        answer = next((one for one in self._waiting if one.pressed), self._waiting[0])
        self._waiting.remove(answer)
        return answer

    def due(self, answer: Answer) -> Iterator[Reply]:
        """Its replies, in order, asked about one by one: a newer one may come while it is sent."""
        for reply in answer.replies:
            if not reply.message_key or self._newest[reply.message_key] <= answer.place:
                yield reply
