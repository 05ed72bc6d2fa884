"""From a Reply to the messages that it takes in Telegram: within the limits, nothing sent yet.

Limits (Bot API): text 1 to 4,096 characters, caption 1,024, albums of 2 to 10 without a keyboard,
photos of at most 10 MB. Characters are counted as UTF-16 units, the larger of the two ways.
"""

import mimetypes
from dataclasses import dataclass

from bot.telegram.buttons import unlinkable
from handlers.chat import Button, Invoice, Keyboard, Picture, Reply, Say, Show, Tone

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
ALBUM_LIMIT = 10
PHOTO_BYTES = 10 * 1024 * 1024

_CELLS = 12
_ONLY_BUTTONS = "👇"


@dataclass(frozen=True, slots=True)
class Words:
    """A text message. ``quiet`` makes no sound: progress must not ring."""

    text: str
    buttons: Keyboard = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Single:
    """One picture, as a photo to look at or (``original``) as an untouched file."""

    picture: Picture
    caption: str = ""
    buttons: Keyboard = ()
    original: bool = False


@dataclass(frozen=True, slots=True)
class Album:
    """Two to ten pictures together."""

    pictures: tuple[Picture, ...]
    caption: str = ""
    original: bool = False


Letter = Words | Single | Album


def letters(reply: Reply) -> tuple[Letter, ...]:
    """What to send, in order."""
    match reply:
        case Say():
            quiet = reply.tone is Tone.PROGRESS
            return _words(_with_bar(reply.text, reply.share), reply.buttons, quiet)
        case Invoice():
            return _words(f"{reply.title}\n\n{reply.text}", _with_link(reply))
        case Show():
            return _shown(reply)


def filename(picture: Picture) -> str:
    """What the picture is called when it is saved: its opaque id, nobody's name."""
    extension = mimetypes.guess_extension(picture.media_type) or ""
    return f"eider-{picture.id.replace(':', '-')}{extension}"


def pieces(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """``text`` in parts of at most ``limit`` units, cut at line ends, else at spaces, else hard."""
    parts = []
    while _units(text) > limit:
        fits = _longest(text, limit)
        cut = max(fits.rfind("\n"), 0) or max(fits.rfind(" "), 0) or len(fits)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip("\n ")
    return [*parts, text]


def _words(text: str, buttons: Keyboard, quiet: bool = False) -> tuple[Words, ...]:
    spelled = "\n".join([text.strip() or _ONLY_BUTTONS, *unlinkable(buttons)])
    *first, last = (part for part in pieces(spelled) if part)
    return (*(Words(part, (), quiet) for part in first), Words(last, buttons, quiet))


def _shown(reply: Show) -> tuple[Letter, ...]:
    # A caption under an album cannot carry buttons: then it stands above them, as a text.
    apart = _units(reply.caption) > CAPTION_LIMIT or (
        len(reply.pictures) > 1 and bool(reply.buttons)
    )
    caption = "" if apart else reply.caption
    shown: list[Letter] = []
    for start in range(0, len(reply.pictures), ALBUM_LIMIT):
        some = reply.pictures[start : start + ALBUM_LIMIT]
        files = reply.original or any(len(each.data) > PHOTO_BYTES for each in some)
        if len(some) > 1:
            shown.append(Album(some, caption if start == 0 else "", files))
        else:
            under = () if apart else reply.buttons
            shown.append(Single(some[0], caption if start == 0 else "", under, files))
    return (*shown, *(_words(reply.caption, reply.buttons) if apart else ()))


def _with_link(bill: Invoice) -> Keyboard:
    linked = any(each.url == bill.pay_url for row in bill.buttons for each in row)
    if linked or not bill.pay_url:
        return bill.buttons
    return ((Button(f"💳 {bill.title}", url=bill.pay_url),), *bill.buttons)


def _with_bar(text: str, share: float | None) -> str:
    if share is None:
        return text
    full = round(min(max(share, 0.0), 1.0) * _CELLS)
    return f"{text}\n\n{'▓' * full}{'░' * (_CELLS - full)}"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _longest(text: str, limit: int) -> str:
    """The longest beginning of ``text`` within ``limit`` units, no character cut in two."""
    return text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", errors="ignore")
