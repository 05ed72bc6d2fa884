"""The customer's chat, on whichever platform: what the sample customer does and sees there."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from handlers.chat import Tone


class NotOffered(LookupError):
    """The chat does not offer that."""


class Failed(Exception):
    """The chat apologised: the avatar or a set could not be made."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that the dialogue lets people choose: by a button of that ``action``, which may go
    on behind a ":" or "-" at its end, or by one of its ``labels``, where there are no buttons."""

    action: str
    labels: tuple[str, ...] = ()

    def is_among(self, names: Sequence[str]) -> bool:
        """Whether one of these actions or labels is its own."""
        return self.place_among(names) < len(names)

    def place_among(self, names: Sequence[str]) -> int:
        """Where the first of these is that is its own; their number if none is."""
        own = (self.action, *self.labels)
        return next((place for place, one in enumerate(names) if one in own), len(names))


PAY: Final = Choice("pay:")
"""To pay the bill that the chat shows, by whatever way the platform has."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice that the chat offers now. ``shown``: what the customer does to take it."""

    choice: Choice
    shown: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message of Eider's as the terminal shows it: a later one of the same ``id`` replaces it.
    ``buttons`` are labels in rows, ``pictures`` how many there are, ``seconds`` how long a clip is,
    ``share`` a progress, 0..1."""

    id: str
    text: str
    title: str = ""
    pictures: int = 0
    seconds: float = 0.0
    buttons: tuple[tuple[str, ...], ...] = ()
    tone: Tone = Tone.PLAIN
    share: float | None = None


@dataclass(frozen=True, slots=True)
class DeliveredSet:
    """A set of portraits as it came: files with their media types, and the actions or labels of
    what the message offers."""

    pictures: tuple[tuple[bytes, str], ...] = field(repr=False)
    offers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveredClip:
    """A clip as it came: an MP4."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageCosts:
    """What a journey cost where a platform counts messages. ``sent``: those that count;
    ``passive``: answers that do not; ``refused``: calls that the platform refused; ``problems``:
    what a good bot would not have done."""

    sent: int
    passive: int
    refused: int
    problems: tuple[str, ...]


class CustomerChat(Protocol):
    """One person's chat. Whatever waits raises TimeoutError when nothing comes.

    ``opening``: what the customer does first; ``preferences``: what they choose before the journey
    begins, as a language; ``last_message_only``: whether a choice is best taken from the newest
    message that offers any.
    """

    opening: str
    preferences: Sequence[Choice]
    last_message_only: bool

    def now(self) -> int:
        """A mark: ``since`` it are the messages that come or change later."""
        ...

    def typed(self, command: str) -> str:
        """What one types for that command, such as ``mydata``."""
        ...

    async def open(self) -> None:
        """Do :attr:`opening`."""
        ...

    async def say(self, text: str) -> None:
        """Type something."""
        ...

    async def look_for(self, *choices: Choice) -> Offer:
        """The first of ``choices`` that is offered, once any is. Raises :class:`NotOffered`."""
        ...

    async def take(self, offer: Offer) -> None:
        """Take it."""
        ...

    async def send_photos(self, photos: Sequence[bytes], on_sent: Callable[[], None]) -> None:
        """Send files as somebody does who chose them together."""
        ...

    async def words_since(self, since: int) -> None:
        """Wait for any words of Eider's."""
        ...

    async def receipt_since(self, since: int) -> None:
        """Wait until Eider says that the money came."""
        ...

    async def listed_since(self, choices: Sequence[Choice], since: int) -> list[Choice]:
        """Wait for a message that offers any of ``choices``: those that it does, in its order."""
        ...

    async def portraits_since(self, since: int, seconds: float) -> DeliveredSet:
        """Wait for a set of portraits. Raises :class:`Failed` if an apology comes instead."""
        ...

    async def clip_since(self, since: int, seconds: float) -> DeliveredClip:
        """Wait for a clip. Raises :class:`Failed` if an apology comes instead."""
        ...

    def changes(self) -> AsyncIterator[Bubble]:
        """Every message of Eider's as it comes or changes, for ever."""
        ...

    async def costs(self) -> MessageCosts | None:
        """What the journey cost so far; None where nobody counts."""
        ...
