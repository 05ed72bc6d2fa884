"""What becomes of replies that a channel cannot show as they are: the one place where
:class:`bot.channels.Capabilities` are read.

Without buttons their labels are numbered below the text (:mod:`bot.choices`). Albums are split to
the channel's size, of a clip that the channel does not play its first frame is shown, and where the
number of messages is limited, texts that follow each other become one message. For a channel that
can do everything, every reply stays as it is.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.channels import Capabilities, PhotoMarks
from bot.choices import below, numbered
from handlers.chat import ClipFile, Mark, Marks, PhotoFate, Picture, Reply, Say, Show, ShowClip

CAPTION_LIMIT: Final = 1024
REPLIES: Final = 8
"""Replies to photos that do not count, of one order: the tally names them all."""
POSTER: Final = "poster:"
"""How the id of a picture begins that stands for a clip; the clip's follows."""


_UNCOUNTED: Final = (PhotoFate.HELD, PhotoFate.REJECTED)


def adapt(replies: Sequence[Reply], can: Capabilities) -> list[Reply]:
    """The same replies as a channel with these capabilities can show them, in order."""
    return fit(replies, can)[0]


def fit(
    replies: Sequence[Reply], can: Capabilities, taken: Sequence[str] = ()
) -> tuple[list[Reply], list[str]]:
    """:func:`adapt`, and what the numbers mean from then on (:func:`bot.choices.numbered`)."""
    marked = [part for reply in replies for part in _marked(reply, can)]
    shown = [reply for reply in marked if can.edits or not _only_edits(reply)]
    parts = [part for reply in shown for part in _split(_reworded(reply, can), can)]
    if can.message_budget is not None:
        parts = _joined(parts, can.message_budget)
    if can.buttons:
        return parts, []
    written, choices = numbered(parts, scannable=can.scannable, taken=taken)
    return [part for reply in written for part in _below_pictures(reply)], choices


def _marked(reply: Reply, can: Capabilities) -> list[Reply]:
    """Marks as the channel shows them. A reply is sent of a photo that does not count, or may not:
    if it then does, the reply says so."""
    if not isinstance(reply, Marks) or can.marks is PhotoMarks.TILES:
        return [reply]
    if can.marks is PhotoMarks.NONE:
        return []
    told = [mark for mark in reply.marks if mark.fate in _UNCOUNTED][:REPLIES]
    counted = [
        mark for mark in reply.marks if mark.fate in (PhotoFate.ACCEPTED, PhotoFate.TAKEN_OUT)
    ]
    return [_reply_to(mark) for mark in (*told, *counted)]


def _reply_to(mark: Mark) -> Reply:
    counts = mark.fate not in _UNCOUNTED
    return Say(mark.words, message_key=f"photo:{mark.message}", closes=counts, about=mark.message)


def _only_edits(reply: Reply) -> bool:
    return isinstance(reply, Say) and reply.closes


def _reworded(reply: Reply, can: Capabilities) -> Reply:
    if not can.edits and not can.needs_contact and reply.message_key:
        reply = replace(reply, message_key="")  # who gathers must know what replaces what
    if isinstance(reply, ShowClip) and len(reply.clip.data) > can.video:
        poster = poster_of(reply.clip)
        reply = Show((poster,), reply.caption, reply.buttons, reply.message_key)
    if isinstance(reply, Show | ShowClip) and reply.original and not can.files:
        reply = replace(reply, original=False)
    return reply


def poster_of(clip: ClipFile) -> Picture:
    """The first frame of a clip that a channel cannot play."""
    return Picture(f"{POSTER}{clip.id}", clip.poster, "image/jpeg", clip.alt, clip.version)


def _split(reply: Reply, can: Capabilities) -> list[Reply]:
    """A reply with more pictures than go into one message: the caption above, the buttons below."""
    if not isinstance(reply, Show):
        return [reply]
    if len(reply.pictures) <= can.pictures:
        return [reply]
    starts = range(0, len(reply.pictures), can.pictures)
    return [
        replace(
            reply,
            pictures=reply.pictures[at : at + can.pictures],
            message_key="",
            caption=reply.caption if at == 0 else "",
            buttons=reply.buttons if at == starts[-1] else (),
        )
        for at in starts
    ]


def _below_pictures(reply: Reply) -> list[Reply]:
    """A caption that has grown too long for one stands below what it is about."""
    if not isinstance(reply, Show | ShowClip) or len(reply.caption) <= CAPTION_LIMIT:
        return [reply]
    words = Say(reply.caption, reply.buttons)
    return [replace(reply, caption="", buttons=()), words]


def _joined(replies: Sequence[Reply], most: int) -> list[Reply]:
    """At most so many messages, as far as joining texts can do it: no picture is left out."""
    kept = list(replies)
    at = 1
    while len(kept) > most and at < len(kept):
        first, second = kept[at - 1], kept[at]
        if isinstance(first, Say) and isinstance(second, Say):
            text = below(first.text, second.text)
            buttons = (*first.buttons, *second.buttons)
            kept[at - 1 : at + 1] = [replace(second, text=text, buttons=buttons)]
        else:
            at += 1
    return kept
