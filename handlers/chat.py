"""Incoming updates and outgoing replies, the same for every chat platform.

Adapters translate their platform's updates into :class:`Incoming` and send each :data:`Reply` in
their platform's manner. Nothing here depends on which platform that is.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from shop.records import ChannelName, Currency, PaymentEvent


@dataclass(frozen=True, slots=True)
class Person:
    """The sender: ``id`` is the platform's own, ``language`` its guess (a BCP 47 tag or "")."""

    platform: ChannelName
    id: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A text message, commands included. Used to route, then dropped: never logged or stored."""

    text: str = field(repr=False)


Reserve = Callable[[int], Awaitable[None]]
"""Waits until so many more bytes of a photo may be held in memory."""


@dataclass(frozen=True, slots=True)
class SentPhoto:
    """A photo or an image file. ``read`` fetches its bytes when the dispatcher needs them, and asks
    for the memory before it holds them. ``message``: what the channel calls the message by which it
    came, so that something can be said or shown about it there; "" where it cannot. ``caption``:
    what they wrote below it (:mod:`handlers.captions`).

    Raises from ``read``: a :class:`shop.errors.PhotoRefused` (too large for the platform), or an
    ``OSError`` when the platform did not answer.
    """

    read: Callable[[Reserve], Awaitable[bytes | bytearray]] = field(repr=False)
    album: str = ""
    message: str = ""
    caption: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SentOther:
    """Any other message: voice, sticker, video, place, a file that is no image. ``file``: a film's
    bytes, where the channel has them: they are read where labels are to be verified alone."""

    kind: str
    file: SentPhoto | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Caption:
    """What stood below a photo that was handled before it. As :class:`Said`, dropped then."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pressed:
    """A pressed button (callback query). ``action`` is that of the reply's :class:`Button`."""

    action: str


@dataclass(frozen=True, slots=True)
class Left:
    """The person blocked the bot or closed the chat (``back`` False), or came back."""

    back: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """A successful payment at the platform's own till (Telegram: Stars)."""

    event: PaymentEvent


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund at the platform's own till, whoever asked for it."""

    till: str
    charge: str


Content = Said | Caption | SentPhoto | SentOther | Pressed | Left | Paid | Refunded


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update. ``event_id`` (``telegram:123``) is unique over all platforms: an idempotency key.

    ``group`` is the platform's id of the group where it was said: others read the answer there. ""
    is the person's own chat. ``admitted``: its channel has asked :meth:`Dispatcher.wait_for`.
    ``later``: the answer is shown some time after it, when something else may be read. ``only_of``:
    the id of the user whose it is; if they were erased meanwhile, nothing is done for anybody.
    """

    event_id: str
    person: Person
    at: datetime
    content: Content
    group: str = ""
    admitted: bool = False
    later: bool = False
    only_of: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """``action`` (at most 40 bytes of ASCII, like ``style:noir``) comes back in :class:`Pressed`.

    Instead of it, ``url`` opens a page, with ``page`` one of our own that is theirs alone, which a
    platform may show within the chat; ``start`` (a payload of ``A-Za-z0-9_-``, at most 64) opens
    the person's own chat with the bot as a deep link does; ``share`` (a portrait's id, or
    ``invite``) lets them choose another chat to send that to. A channel leaves out what it cannot.
    """

    label: str
    action: str = ""
    url: str = ""
    start: str = ""
    share: str = ""
    page: bool = False


Keyboard = tuple[tuple[Button, ...], ...]
"""Rows of buttons, as they should stand under a message."""


class Tone(StrEnum):
    """How a message is meant; a channel may show it (progress bar, receipt), or not.

    Of work, ``PROGRESS`` says how far it is, and ``HALTED`` that it stands still: where a message
    cannot be edited in place, the second is news, once of each work.
    """

    PLAIN = "plain"
    PROGRESS = "progress"
    HALTED = "halted"
    RECEIPT = "receipt"
    TROUBLE = "trouble"


PASSING: Final = frozenset({Tone.PROGRESS, Tone.HALTED})
"""Tones of what passes: it says where work stands, and is outdated by its end."""


@dataclass(frozen=True, slots=True)
class Say:
    """Text (plain, with line breaks). A message of the same ``message_key`` is edited in place
    while it is the newest with that key; without a key it is a new message. ``share`` is the
    progress, 0..1. ``closes``: it is the last word of that key's message, which it replaces where
    it stands; nothing is shown where none does, and no progress of that key after it.
    ``about``: the person's own message that it is about, as their channel names it. ``once``: it
    is no part of where they stand, as receipts are not (:mod:`handlers.kept_words`)."""

    text: str
    buttons: Keyboard = ()
    message_key: str = ""
    tone: Tone = Tone.PLAIN
    share: float | None = None
    closes: bool = False
    about: str = ""
    once: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to show. ``id`` is the portrait's; of anything else it begins with the kind: a
    bundled preview (``preview:noir``), a training's sample (``sample:…``), a photo under review
    (``held:…``). A channel may keep portraits and previews to show them again, nothing else.
    ``version`` tells a preview from another release's of the same id. ``choice``: the action of the
    button that chooses what it shows, where it is one of several; ``caption``: what stands below it
    where several are shown as one: that button's number and label where buttons are numbered, or
    its name on a sheet (:attr:`Show.sheet`).
    """

    id: str
    data: bytes = field(repr=False)
    media_type: str
    alt: str = ""
    version: str = ""
    choice: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Show:
    """One to ten pictures and one caption (at most 1,024 characters), then the buttons.
    ``original`` sends files, unchanged by the platform, with their labels intact. ``passing``: it
    shows what will be erased, and is not to stand longer than that. ``sheet``: the id of the one
    picture as which they are shown, each with its caption below it; "": each for itself."""

    pictures: tuple[Picture, ...]
    caption: str
    buttons: Keyboard = ()
    message_key: str = ""
    original: bool = False
    passing: bool = False
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip to show: ``data`` is an MP4 without sound, ``poster`` its first frame as a JPEG,
    width and height in pixels. ``id``, ``alt`` and ``version`` as those of a :class:`Picture`.
    """

    id: str
    data: bytes = field(repr=False)
    poster: bytes = field(repr=False)
    width: int
    height: int
    seconds: float
    alt: str = ""
    version: str = ""
    media_type: str = "video/mp4"


@dataclass(frozen=True, slots=True)
class ShowClip:
    """One clip and its caption (at most 1,024 characters), then the buttons. ``original`` sends the
    file, unchanged by the platform, with its labels intact."""

    clip: ClipFile
    caption: str
    buttons: Keyboard = ()
    message_key: str = ""
    original: bool = False


@dataclass(frozen=True, slots=True)
class Invoice:
    """A bill to pay. ``amount`` is in minor units, ``reference`` the till's id of the bill.
    ``pay_url`` opens a page that takes the payment; ``qr_content`` is what a QR code has to hold
    for the provider's app to pay it by scanning. Each may be ""."""

    title: str
    text: str
    amount: int
    currency: Currency
    reference: str
    pay_url: str = ""
    buttons: Keyboard = ()
    message_key: str = ""
    qr_content: str = field(default="", repr=False)


class PhotoFate(StrEnum):
    """What became of a photo that was sent."""

    CHECKING = "checking"
    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    TAKEN_OUT = "taken_out"
    SURPLUS = "surplus"


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of the photo that came by ``message`` (:attr:`SentPhoto.message`), and that in
    words."""

    message: str
    fate: PhotoFate
    words: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What became of each of several photos: to be shown on or at each, as a channel can, anew
    only where it has changed. It is no message of its own."""

    marks: tuple[Mark, ...]
    text: str = ""
    buttons: Keyboard = ()
    message_key: str = ""


Reply = Say | Show | ShowClip | Invoice | Marks


def words_of(reply: Reply) -> str:
    """The text of a reply, or the caption of what it shows."""
    return reply.caption if isinstance(reply, Show | ShowClip) else reply.text
