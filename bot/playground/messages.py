"""A message as the page shows it, and its JSON. Holds ids and our own words, never a person's.

What a person types or sends is noted here by id and kind alone, so that it keeps its place in the
transcript; the words and photos themselves stay in the browser that they came from.
"""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import ClassVar, Final

from PIL import Image
from pydantic import ConfigDict, TypeAdapter

from handlers.chat import (
    Button,
    Invoice,
    Keyboard,
    Marks,
    PhotoFate,
    Picture,
    Reply,
    Say,
    Show,
    ShowClip,
    Tone,
)
from handlers.sharing import INVITE


class MessageKind(StrEnum):
    """What a message is made of; the ``MY_`` ones are placeholders for what the person sent."""

    TEXT = "text"
    PICTURES = "pictures"
    CLIP = "clip"
    BILL = "bill"
    MY_WORDS = "my_words"
    MY_PHOTO = "my_photo"


MINE = frozenset({MessageKind.MY_WORDS, MessageKind.MY_PHOTO})


@dataclass(frozen=True, slots=True)
class PictureFrame:
    """A picture by its id, with its size in pixels so that the page need not jump."""

    id: str
    alt: str
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ClipFrame:
    """A clip by its id, with its size in pixels and its length."""

    id: str
    alt: str
    width: int
    height: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Message:
    """One bubble. ``amount`` is in minor units; ``share`` of a progress is 0..1.
    ``fate`` is what became of the person's own photo; ``text`` then says it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    kind: MessageKind
    text: str = ""
    buttons: Keyboard = ()
    tone: Tone = Tone.PLAIN
    share: float | None = None
    pictures: tuple[PictureFrame, ...] = ()
    clip: ClipFrame | None = None
    original: bool = False
    title: str = ""
    amount: int = 0
    currency: str = ""
    reference: str = ""
    url: str = ""
    album: str = ""
    fate: PhotoFate | None = None

    def json(self) -> str:
        """Compact JSON, without what is at its default."""
        return _ADAPTER.dump_json(self, exclude_defaults=True).decode()


_ADAPTER: Final = TypeAdapter(Message)


def message_from(text: str | bytes) -> Message:
    """The message that :meth:`Message.json` wrote. Raises ValueError for unknown keys and for
    values of another type.
    """
    return _ADAPTER.validate_json(text)


def message_of(reply: Reply) -> Message:
    """The bubble of a reply. Pictures and clips go in by id; other routes hand out their bytes."""
    match reply:
        case Say():
            return Message(MessageKind.TEXT, reply.text, buttons_of(reply), reply.tone, reply.share)
        case Show():
            return Message(
                MessageKind.PICTURES,
                reply.caption,
                buttons_of(reply),
                pictures=tuple(_frame(picture) for picture in reply.pictures),
                original=reply.original,
            )
        case ShowClip(clip=clip):
            return Message(
                MessageKind.CLIP,
                reply.caption,
                buttons_of(reply),
                clip=ClipFrame(clip.id, clip.alt, clip.width, clip.height, clip.seconds),
                original=reply.original,
            )
        case Marks():
            raise ValueError("marks are no message")
        case Invoice():
            return Message(
                MessageKind.BILL,
                reply.text,
                buttons_of(reply),
                title=reply.title,
                amount=reply.amount,
                currency=reply.currency.value,
                reference=reply.reference,
                url=reply.pay_url,
            )


def buttons_of(reply: Reply) -> Keyboard:
    """The buttons as the page can show them: a portrait to share becomes its file to keep, a deep
    link one to this page. There is no other chat here to send an invitation to."""
    rows = (tuple(_shown(one) for one in row if one.share != INVITE) for row in reply.buttons)
    return tuple(row for row in rows if row)


def _shown(button: Button) -> Button:
    if button.share:
        return Button(button.label, url=f"/playground/picture/{button.share}?download=1")
    if button.start:
        return Button(button.label, url=f"/playground?start={button.start}")
    return button


def _frame(picture: Picture) -> PictureFrame:
    with Image.open(BytesIO(picture.data)) as opened:  # reads the header only
        width, height = opened.size
    return PictureFrame(picture.id, picture.alt, picture.media_type, width, height)
