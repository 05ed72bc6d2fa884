"""What the shop refuses, in the person's words, with a way on; and what nobody foresaw."""

import traceback
from collections.abc import Mapping
from typing import Final

import structlog

from handlers.chat import Say, Tone
from handlers.context import Outcome, RequestContext
from handlers.intents import Intent, button, column, pairs
from handlers.texts import texts
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
from shop.records import new_id

CODE_LENGTH: Final = 6  # characters of the code that ties an apology to its log line

log = structlog.get_logger(__name__)

NextButton = tuple[str, Intent]

NEXT_BUTTONS: Final[Mapping[type[ShopError], NextButton]] = {
    AvatarMissing: ("button-where", Intent.WHERE),
    ConsentMissing: ("terms-button-again", Intent.WHERE),
    EnoughPhotos: ("photos-button-done", Intent.DONE),
    LikenessAtCeiling: ("portraits-button-again", Intent.AGAIN),
    LikenessAtFloor: ("portraits-button-styles", Intent.STYLES),
    StillChecking: ("photos-button-done", Intent.DONE),
    TemplateNotShown: ("studio-button-styles", Intent.STYLES),
    TillError: ("bill-button-retry", Intent.PAY),
    TooFewCredits: ("studio-button-credits", Intent.CREDITS),
    TooFewPhotos: ("photos-button-tips", Intent.TIPS),
}
"""The most useful button; "continue" stands below it always, except for the banned."""

MESSAGE_KEYS: Final[Mapping[type[ShopError], str]] = {EnoughPhotos: "photo-note"}
"""Said once for a whole album."""

FOR_THE_BANNED: Final[tuple[NextButton, ...]] = (
    ("command-mydata", Intent.MYDATA),
    ("erase-button-yes", Intent.ERASE),
)


async def answer(ctx: RequestContext, refusal: ShopError) -> Outcome:
    """One message: what happened, what to do. The place stays."""
    ways: tuple[NextButton, ...] = (("button-where", Intent.WHERE),)
    first = next((way for kind, way in NEXT_BUTTONS.items() if isinstance(refusal, kind)), None)
    if isinstance(refusal, Banned):
        ways = FOR_THE_BANNED
    elif first and first[1] is not Intent.WHERE:
        ways = (first, *ways)
    elif first:
        ways = (first,)
    buttons = column(*(button(ctx.texts, key, act) for key, act in ways))
    text = ctx.texts(refusal.key, **refusal.details)
    message_key = next(
        (message_key for kind, message_key in MESSAGE_KEYS.items() if isinstance(refusal, kind)), ""
    )
    return Outcome((Say(text, buttons, message_key, Tone.TROUBLE),), ctx.state)


def unexpected(language: str, error: Exception, *, alone: bool) -> Say:
    """An apology with a code, and a log line with the same code. Buttons only where the person is
    ``alone`` with us: in a group anybody could press them."""
    code = new_id()[:CODE_LENGTH].upper()
    # The way through our code, and not the error's own words: they may quote a person's.
    trace = "".join(traceback.format_tb(error.__traceback__))
    log.error("update failed", code=code, error=type(error).__name__, trace=trace)
    say = texts(language)
    ways = pairs(button(say, "button-where", Intent.WHERE), button(say, "button-help", Intent.HELP))
    return Say(say("error-unexpected", code=code), ways if alone else (), tone=Tone.TROUBLE)
