"""What comes in from any chat, and what goes out to it.

Adapters translate their platform's updates into :class:`Incoming` and send each :data:`Reply` in
their platform's manner. Nothing here knows which platform that is.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shop.records import ChannelName, Currency, PaymentEvent


@dataclass(frozen=True, slots=True)
class Person:
    """Who speaks: ``id`` is the platform's own, ``language`` its guess (a BCP 47 tag or "")."""

    platform: ChannelName
    id: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """Typed words, commands included. Used to route, then forgotten: never logged or stored."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SentPhoto:
    """A photo or an image file. ``read`` fetches its bytes when the desk wants them.

    Raises from ``read``: a :class:`shop.errors.PhotoRefused` (too large for the platform), or an
    ``OSError`` when the platform did not answer.
    """

    read: Callable[[], Awaitable[bytes]] = field(repr=False)
    album: str = ""


@dataclass(frozen=True, slots=True)
class SentOther:
    """Voice, sticker, video, place, a file that is no image: answered kindly."""

    kind: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button. ``action`` is what the reply's :class:`Button` carried."""

    action: str


@dataclass(frozen=True, slots=True)
class Left:
    """The person blocked the bot or closed the chat (``back`` False), or came back."""

    back: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """The platform's own till took money in this chat (Telegram: Stars)."""

    event: PaymentEvent


@dataclass(frozen=True, slots=True)
class Refunded:
    """The platform's own till gave a charge back, whoever asked it to."""

    till: str
    charge: str


Content = Said | SentPhoto | SentOther | Pressed | Left | Paid | Refunded


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update. ``event_id`` is unique over all platforms (``telegram:123``): twice is once.

    ``room`` is the platform's id of the group where it was said: others read the answer there. ""
    is the person's own chat.
    """

    event_id: str
    person: Person
    at: datetime
    content: Content
    room: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """``action`` (at most 40 bytes of ASCII, like ``style:noir``) comes back in :class:`Pressed`.

    Instead of it, ``url`` opens a page; ``start`` (a payload of ``A-Za-z0-9_-``, at most 64) opens
    the person's own chat with the bot as a deep link does; ``share`` (a portrait's id, or
    ``invite``) lets them choose another chat to send that to. A channel leaves out what it cannot.
    """

    label: str
    action: str = ""
    url: str = ""
    start: str = ""
    share: str = ""


Keyboard = tuple[tuple[Button, ...], ...]
"""Rows of buttons, as they should stand under a message."""


class Tone(StrEnum):
    """How a message is meant; a channel may show it (progress bar, receipt), or not."""

    PLAIN = "plain"
    PROGRESS = "progress"
    RECEIPT = "receipt"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Say:
    """Text (plain, with line breaks). A message of the same ``message_key`` is edited in place
    while it is the newest of that slot; without one it is a new message. ``share`` is 0..1 of a
    progress."""

    text: str
    buttons: Keyboard = ()
    message_key: str = ""
    tone: Tone = Tone.PLAIN
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to show. ``id`` is the portrait's; of anything else it begins with the kind: a
    bundled preview (``preview:noir``), a training's sample (``sample:…``), a photo under review
    (``held:…``). A channel may keep portraits and previews to show them again, nothing else.
    """

    id: str
    data: bytes = field(repr=False)
    media_type: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Show:
    """One to ten pictures and one caption (at most 1,024 characters), then the buttons.
    ``original`` sends files, unchanged by the platform, with their labels intact."""

    pictures: tuple[Picture, ...]
    caption: str
    buttons: Keyboard = ()
    message_key: str = ""
    original: bool = False


@dataclass(frozen=True, slots=True)
class Invoice:
    """A bill to pay: what for, how much, where. A button may pay it at the sandbox till."""

    title: str
    text: str
    amount: int
    currency: Currency
    reference: str
    pay_url: str = ""
    buttons: Keyboard = ()
    message_key: str = ""


Reply = Say | Show | Invoice
