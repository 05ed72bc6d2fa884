"""From replies to what goes out in WeChat: pictures, then one text that holds all the words.

An image or a video has no caption and a text no buttons here. The words of several replies are one
text, which comes last: with the numbered choices in it, it is what the person reads and answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bot.choices import above_choices, below, buttons_of, offers
from bot.fitting import POSTER
from bot.wechat.message_text import clean
from bot.wechat.qr import qr_png
from handlers.chat import (
    Button,
    ClipFile,
    Invoice,
    Marks,
    Picture,
    Reply,
    Say,
    Show,
    ShowClip,
    Tone,
    words_of,
)

CODE: Final = "code:"
_SAMPLE: Final = "sample:"
_WEIGHTY: Final = frozenset({Tone.RECEIPT, Tone.TROUBLE})


class Urgency(IntEnum):
    """How much news matter. The value is how many messages of the budget they leave untouched."""

    IMPORTANT = 0
    """Portraits, bills, payments, refunds, receipts, trouble."""
    NEWS = 1
    PROGRESS = 4
    """How far work is, and a picture of it: told where there is plenty of room, or left out. How
    far it is can be asked for at any time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``codes`` must be shown, or the words are of no use; of ``pictures``, clips among them, as
    many as can be.
    ``pay_urls``: pages where a bill is paid; ``links``: deep links to hand on, each to be made into
    a code. ``sets``: of how many replies portraits are shown."""

    text: str
    pictures: tuple[Picture | ClipFile, ...] = ()
    codes: tuple[Picture, ...] = ()
    pay_urls: tuple[str, ...] = ()
    links: tuple[Button, ...] = ()
    urgency: Urgency = Urgency.NEWS
    sets: int = 0

    @property
    def has_ordered(self) -> bool:
        """Whether what the person has ordered is among the pictures."""
        return any(is_ordered(picture) for picture in self.pictures)

    @property
    def has_portraits(self) -> bool:
        """Whether portraits of theirs are."""
        return any(is_ordered(one) and not is_clip(one) for one in self.pictures)

    def unplayed(self, shown: int) -> bool:
        """Whether a clip of theirs cannot be played in the chat: only its first frame is a message,
        or it is not among the first ``shown`` pictures."""
        theirs = [one for one in self.pictures if is_ordered(one) and is_clip(one)]
        return any(one.id.startswith(POSTER) or one in self.pictures[shown:] for one in theirs)


def plan_of(replies: Sequence[Reply]) -> Plan:
    """All that those replies have to show."""
    pictures: list[Picture | ClipFile] = []
    bills = [one for one in replies if isinstance(one, Invoice)]
    for reply in replies:
        if isinstance(reply, Show):
            pictures += reply.pictures
        elif isinstance(reply, ShowClip):
            pictures.append(reply.clip)
    return Plan(
        _text(replies, bool(pictures)),
        tuple(pictures),
        tuple(_code(one) for one in bills if one.qr_content),
        tuple(one.pay_url for one in bills if one.pay_url),
        tuple(one for reply in replies for one in buttons_of(reply) if one.start),
        min((_urgency(reply) for reply in replies), default=Urgency.NEWS),
        sum(isinstance(one, Show) and any(map(is_ordered, one.pictures)) for one in replies),
    )


def is_ordered(picture: Picture | ClipFile) -> bool:
    """Whether it is a portrait or a clip of the person's: everything else has an id that begins
    with its kind."""
    return ":" not in picture.id.removeprefix(POSTER)


def is_clip(picture: Picture | ClipFile) -> bool:
    """Whether it is a clip, or stands for one."""
    return isinstance(picture, ClipFile) or picture.id.startswith(POSTER)


def _text(replies: Sequence[Reply], has_pictures: bool) -> str:
    """All their words: two events that read alike are two, but a caption that several sets have in
    common is said once, since each set is there to see. Receipts come after what is said of
    pictures, not between."""
    receipts = [one for one in replies if has_pictures and _is_receipt(one)]
    text, captions = "", set[str]()
    for reply in replies:
        if reply in receipts:
            continue
        for words in map(clean, _words(reply)):
            if words not in captions:
                text = below(text, words)
        if isinstance(reply, Show | ShowClip):
            captions.add(clean(reply.caption))
    for one in receipts:
        text = above_choices(text, clean(words_of(one)))
    return text


def _words(reply: Reply) -> Iterator[str]:
    match reply:
        case Say(text=text) | Show(caption=text) | ShowClip(caption=text):
            yield text
        case Invoice():
            yield reply.title
            yield reply.text


def _is_receipt(reply: Reply) -> bool:
    return isinstance(reply, Say) and reply.tone is Tone.RECEIPT and not offers(reply.text)


def _code(bill: Invoice) -> Picture:
    return Picture(f"{CODE}{bill.reference}", qr_png(bill.qr_content), "image/png", bill.title)


def _urgency(reply: Reply) -> Urgency:
    match reply:
        case Invoice():
            return Urgency.IMPORTANT
        case Show(pictures=shown):
            return _urgency_of(shown)
        case ShowClip(clip=clip):
            return _urgency_of((clip,))
        case Say(tone=Tone.PROGRESS) | Marks():
            return Urgency.PROGRESS
        case Say(tone=tone):
            return Urgency.IMPORTANT if tone in _WEIGHTY else Urgency.NEWS


def _urgency_of(shown: Sequence[Picture | ClipFile]) -> Urgency:
    if any(is_ordered(one) for one in shown):
        return Urgency.IMPORTANT
    sample = any(one.id.startswith(_SAMPLE) for one in shown)
    return Urgency.PROGRESS if sample else Urgency.NEWS
