"""What somebody writes below a photo: part of the photo, and done after it was taken where it asks
for something that counts there ("that's all", "cancel", a language), or says that its sender is a
minor. Anything else is passed over.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from handlers.chat import Caption, Incoming, Reply, SentPhoto
from handlers.context import RequestContext
from handlers.intents import Action, Intent, read_words
from handlers.session import State
from handlers.stated_age import says_minor

LAST_ALBUM: Final = "last_album"
"""In the session data: the album of which one photo's caption says that these are all. The others
of it may still be coming in."""

_ANYWHERE: Final = frozenset({Intent.LANGUAGE})
_ENDS: Final = frozenset({Intent.DONE, Intent.PAY})
_WITH_PHOTOS: Final = _ANYWHERE | _ENDS | {Intent.CANCEL, Intent.TIPS}
_COUNTING: Final = {
    State.PHOTOS: _WITH_PHOTOS,
    State.CHECKOUT: _WITH_PHOTOS,
    State.CLIP: _ANYWHERE | {Intent.CANCEL},
}


def update_of(incoming: Incoming) -> Incoming | None:
    """The caption as an update of its own, with an id of its own, to be handled after its photo:
    what it leads to can neither undo the photo nor be done twice. None where it asks for nothing.
    """
    sent = incoming.content
    if not isinstance(sent, SentPhoto):
        return None
    if _wanted(sent.caption) is None and not says_minor(sent.caption):
        return None
    content = Caption(sent.caption)
    return replace(incoming, event_id=f"{incoming.event_id}:caption", content=content)


def wanted_in(state: State, text: str) -> Action | None:
    """What a caption asks for, if that counts in that state."""
    wanted = _wanted(text)
    return wanted if wanted and wanted[0] in _COUNTING.get(state, _ANYWHERE) else None


def is_last(ctx: RequestContext, sent: SentPhoto) -> bool:
    """Whether its sender has said that no photo comes after it, or after its album."""
    of_last_album = bool(sent.album) and ctx.data.get(LAST_ALBUM) == sent.album
    return of_last_album or says_last(sent)


def says_last(sent: SentPhoto) -> bool:
    """Whether its own caption says that these are all."""
    wanted = _wanted(sent.caption)
    return wanted is not None and wanted[0] in _ENDS


def joined(photo: Sequence[Reply], caption: Sequence[Reply]) -> list[Reply]:
    """Both answers as one: of a message key what was said last."""
    again = {one.message_key for one in caption} - {""}
    return [*(one for one in photo if one.message_key not in again), *caption]


def _wanted(text: str) -> Action | None:
    """None for the question which language, too: the rest of an album would come before the
    answer."""
    wanted = read_words(text) if text else None
    asks = wanted == (Intent.LANGUAGE, "")
    return wanted if wanted and wanted[0] in _WITH_PHOTOS and not asks else None
