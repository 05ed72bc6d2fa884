"""From a Reply to the messages that it takes in Telegram: within the limits, nothing sent yet.

Limits (Bot API): text 1 to 4,096 characters, caption 1,024, albums of 2 to 10 without a keyboard,
photos of at most 10 MB, 10,000 pixels around half of them and 20 times as long as wide, an
invoice's title 32 and its description 255. Characters are counted as UTF-16 units, the larger of
the two ways.
"""

import io
import mimetypes
from dataclasses import dataclass, replace
from hashlib import blake2b

from PIL import Image

from bot.telegram.buttons import unlinkable
from handlers.chat import (
    PASSING,
    Button,
    ClipFile,
    Invoice,
    Keyboard,
    Marks,
    Picture,
    Reply,
    Say,
    Show,
    ShowClip,
)
from shop.records import Currency

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ALBUM_LIMIT = 10
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_EDGES = 10_000
PHOTO_RATIO = 20
PHOTO_FORMATS = ("JPEG", "PNG", "WEBP")
TITLE_LIMIT = 32
DESCRIPTION_LIMIT = 255

_CELLS = 10
_ONLY_BUTTONS = "👇"


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message. ``quiet`` makes no sound: progress must not notify. ``about``: the person's
    own message that it replies to; 0: none."""

    text: str
    buttons: Keyboard = ()
    quiet: bool = False
    about: int = 0


@dataclass(frozen=True, slots=True)
class PhotoMessage:
    """One picture, as a photo to look at or (``original``) as an untouched file. ``passing`` as
    :class:`handlers.chat.Show` has it."""

    picture: Picture
    caption: str = ""
    buttons: Keyboard = ()
    original: bool = False
    passing: bool = False


@dataclass(frozen=True, slots=True)
class AlbumMessage:
    """Two to ten pictures together."""

    pictures: tuple[Picture, ...]
    caption: str = ""
    original: bool = False


@dataclass(frozen=True, slots=True)
class ClipMessage:
    """One clip, to be played in the chat or (``original``) as an untouched file."""

    clip: ClipFile
    caption: str = ""
    buttons: Keyboard = ()
    original: bool = False


@dataclass(frozen=True, slots=True)
class InvoiceMessage:
    """An invoice in Stars, paid in the chat. ``reference`` comes back with the payment."""

    title: str
    description: str
    stars: int
    reference: str
    buttons: Keyboard = ()

    @property
    def label(self) -> str:
        """What stands on its first button: Telegram draws its own star for this one."""
        return f"💳 {self.stars} ⭐"


MediaMessage = PhotoMessage | AlbumMessage | ClipMessage
PlannedMessage = TextMessage | MediaMessage | InvoiceMessage


def plan_messages(reply: Reply) -> tuple[PlannedMessage, ...]:
    """What to send, in order."""
    match reply:
        case Say():
            quiet = reply.tone in PASSING
            said = _words(_with_bar(reply.text, reply.share), reply.buttons, quiet)
            about = int(reply.about) if reply.about.isdecimal() else 0
            return (*said[:-1], replace(said[-1], about=about)) if about else said
        case Invoice(currency=Currency.XTR, pay_url=""):
            return _invoiced(reply)
        case Invoice():
            return _words(f"{reply.title}\n\n{reply.text}", _with_link(reply))
        case Show():
            return _shown(reply)
        case ShowClip():
            return _played(reply)
        case Marks():
            return ()


def media_of(planned: MediaMessage) -> tuple[Picture | ClipFile, ...]:
    """The pictures, or the clip, that it carries."""
    match planned:
        case PhotoMessage():
            return (planned.picture,)
        case AlbumMessage():
            return planned.pictures
        case ClipMessage():
            return (planned.clip,)


def digest_of(planned: PlannedMessage) -> str:
    """Equal for messages that look alike: what they say, their buttons and pictures."""
    digest = blake2b(digest_size=8)
    if isinstance(planned, TextMessage | InvoiceMessage):
        digest.update(repr(planned).encode())
    else:
        said = (type(planned).__name__, planned.caption, planned.original)
        digest.update(repr((*said, getattr(planned, "buttons", ()))).encode())
        for one in media_of(planned):
            digest.update(f"{one.id}\n{one.version}\n".encode())
            digest.update(one.data)
    return digest.hexdigest()


def filename(media: Picture | ClipFile) -> str:
    """What a picture or clip is called when it is saved: its opaque id."""
    extension = mimetypes.guess_extension(media.media_type) or ""
    return f"eider-{media.id.replace(':', '-')}{extension}"


def pieces(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """``text`` in parts of at most ``limit`` units, cut at line ends, else at spaces, else hard."""
    parts = []
    while _units(text) > limit:
        fits = _longest(text, limit)
        cut = max(fits.rfind("\n"), 0) or max(fits.rfind(" "), 0) or len(fits)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip("\n ")
    return [*parts, text]


def _words(text: str, buttons: Keyboard, quiet: bool = False) -> tuple[TextMessage, ...]:
    spelled = "\n".join([text.strip() or _ONLY_BUTTONS, *unlinkable(buttons)])
    *first, last = (part for part in pieces(spelled) if part)
    return (*(TextMessage(part, (), quiet) for part in first), TextMessage(last, buttons, quiet))


def _invoiced(bill: Invoice) -> tuple[PlannedMessage, ...]:
    """What does not fit on the invoice stands above it; its first line is said there again."""
    title, text = _short(bill.title, TITLE_LIMIT), bill.text.strip() or bill.title
    fits = _units(text) <= DESCRIPTION_LIMIT
    description = text if fits else _short(text.partition("\n")[0], DESCRIPTION_LIMIT)
    card = InvoiceMessage(title, description, bill.amount, bill.reference, bill.buttons)
    return (card,) if fits else (*_words(text, ()), card)


def _shown(reply: Show) -> tuple[PlannedMessage, ...]:
    # A caption under an album cannot carry buttons: then it stands above them, as a text.
    apart = _units(reply.caption) > CAPTION_LIMIT or (
        len(reply.pictures) > 1 and bool(reply.buttons)
    )
    caption = "" if apart else reply.caption
    shown: list[PlannedMessage] = []
    for start in range(0, len(reply.pictures), ALBUM_LIMIT):
        some = reply.pictures[start : start + ALBUM_LIMIT]
        files = reply.original or any(_too_much(each) for each in some)
        if len(some) > 1:
            shown.append(AlbumMessage(some, caption if start == 0 else "", files))
        else:
            under = () if apart else reply.buttons
            above = caption if start == 0 else ""
            shown.append(PhotoMessage(some[0], above, under, files, reply.passing))
    return (*shown, *(_words(reply.caption, reply.buttons) if apart else ()))


def _played(reply: ShowClip) -> tuple[PlannedMessage, ...]:
    apart = _units(reply.caption) > CAPTION_LIMIT
    caption, under = ("", ()) if apart else (reply.caption, reply.buttons)
    clip = ClipMessage(reply.clip, caption, under, reply.original)
    return (clip, *(_words(reply.caption, reply.buttons) if apart else ()))


def _too_much(picture: Picture) -> bool:
    """Whether Telegram would refuse it as a photo. As a file it takes anything."""
    try:
        with Image.open(io.BytesIO(picture.data), formats=PHOTO_FORMATS) as opened:
            width, height = opened.size  # by the header alone
    except (OSError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return True
    return (
        len(picture.data) > PHOTO_BYTES
        or width + height > PHOTO_EDGES
        or max(width, height) > PHOTO_RATIO * min(width, height)
    )


def _with_link(bill: Invoice) -> Keyboard:
    linked = any(each.url == bill.pay_url for row in bill.buttons for each in row)
    if linked or not bill.pay_url:
        return bill.buttons
    return ((Button(f"💳 {bill.title}", url=bill.pay_url),), *bill.buttons)


def _with_bar(text: str, share: float | None) -> str:
    if share is None:
        return text
    halves = round(min(max(share, 0.0), 1.0) * _CELLS * 2)
    full, half = divmod(halves, 2)
    return f"{text}\n\n{'▓' * full}{'▒' * half}{'░' * (_CELLS - full - half)}"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _short(text: str, limit: int) -> str:
    """``text`` within ``limit`` units, cut with a sign that something is missing."""
    return text if _units(text) <= limit else _longest(text, limit - 1).rstrip() + "…"


def _longest(text: str, limit: int) -> str:
    """The longest beginning of ``text`` within ``limit`` units, no character cut in two."""
    return text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", errors="ignore")
