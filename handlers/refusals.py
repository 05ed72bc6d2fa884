"""What the shop refuses, in the person's words, with a way on."""

from collections.abc import Mapping
from typing import Final

from handlers.acts import Act, button, column
from handlers.chat import Say, Tone
from handlers.turn import Outcome, Turn
from shop.errors import (
    AvatarMissing,
    Banned,
    ConsentMissing,
    EnoughPhotos,
    LikenessAtCeiling,
    LikenessAtFloor,
    ShopError,
    StillChecking,
    TemplateNotShown,
    TillError,
    TooFewCredits,
    TooFewPhotos,
)

Way = tuple[str, Act]

WAYS: Final[Mapping[type[ShopError], Way]] = {
    AvatarMissing: ("button-where", Act.WHERE),
    ConsentMissing: ("terms-button-again", Act.WHERE),
    EnoughPhotos: ("photos-button-done", Act.DONE),
    LikenessAtCeiling: ("portraits-button-again", Act.AGAIN),
    LikenessAtFloor: ("portraits-button-styles", Act.STYLES),
    StillChecking: ("photos-button-done", Act.DONE),
    TemplateNotShown: ("studio-button-styles", Act.STYLES),
    TillError: ("bill-button-retry", Act.PAY),
    TooFewCredits: ("studio-button-credits", Act.CREDITS),
    TooFewPhotos: ("photos-button-tips", Act.TIPS),
}
"""The most useful button; "continue" stands below it always, except for the banned."""

SLOTS: Final[Mapping[type[ShopError], str]] = {EnoughPhotos: "photo-note"}
"""Said once for a whole album."""

FOR_THE_BANNED: Final[tuple[Way, ...]] = (
    ("command-mydata", Act.MYDATA),
    ("erase-button-yes", Act.ERASE),
)


async def answer(turn: Turn, refusal: ShopError) -> Outcome:
    """One message: what happened, what to do. The place stays."""
    ways: tuple[Way, ...] = (("button-where", Act.WHERE),)
    first = next((way for kind, way in WAYS.items() if isinstance(refusal, kind)), None)
    if isinstance(refusal, Banned):
        ways = FOR_THE_BANNED
    elif first and first[1] is not Act.WHERE:
        ways = (first, *ways)
    elif first:
        ways = (first,)
    buttons = column(*(button(turn.texts, key, act) for key, act in ways))
    text = turn.texts(refusal.key, **refusal.details)
    slot = next((slot for kind, slot in SLOTS.items() if isinstance(refusal, kind)), "")
    return Outcome((Say(text, buttons, slot, Tone.TROUBLE),), turn.state)
