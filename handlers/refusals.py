"""Error messages: refusals of the shop with a way on, and apologies for unexpected errors."""

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
    BeautyAtCeiling,
    ConsentMissing,
    EnoughPhotos,
    LikenessAtCeiling,
    NobodyWorks,
    ShopError,
    StillChecking,
    TemplateNotShown,
    TillError,
    TooFewCredits,
    TooFewPhotos,
)
from shop.orders import openings
from shop.people import consent
from shop.records import ConsentKind, new_id

CODE_LENGTH: Final = 6  # characters of the code that ties an apology to its log line

log = structlog.get_logger(__name__)

NextButton = tuple[str, Intent]

NEXT_BUTTONS: Final[Mapping[type[ShopError], NextButton]] = {
    AvatarMissing: ("button-where", Intent.WHERE),
    ConsentMissing: ("terms-button-again", Intent.WHERE),
    EnoughPhotos: ("photos-button-done", Intent.DONE),
    LikenessAtCeiling: ("portraits-button-again", Intent.AGAIN),
    BeautyAtCeiling: ("portraits-button-styles", Intent.STYLES),
    StillChecking: ("photos-button-done", Intent.DONE),
    TemplateNotShown: ("studio-button-styles", Intent.STYLES),
    TillError: ("bill-button-retry", Intent.PAY),
    TooFewCredits: ("studio-button-credits", Intent.CREDITS),
    TooFewPhotos: ("photos-button-tips", Intent.TIPS),
}
"""The most useful button by error; "continue" stands below it, except for the banned."""

MESSAGE_KEYS: Final[Mapping[type[ShopError], str]] = {EnoughPhotos: "photo-note"}
"""Message keys by error, so that a refusal is said once for a whole album."""

FOR_THE_BANNED: Final[tuple[NextButton, ...]] = (
    ("command-mydata", Intent.MYDATA),
    ("erase-button-yes", Intent.ERASE),
)


async def answer(ctx: RequestContext, refusal: ShopError) -> Outcome:
    """One message: what happened, and what to do. The state stays."""
    if isinstance(refusal, NobodyWorks):  # the words promise it
        await openings.await_opening(ctx.tx, ctx.user.id, ctx.now)
    ways: tuple[NextButton, ...] = (("button-where", Intent.WHERE),)
    best = next((way for kind, way in NEXT_BUTTONS.items() if isinstance(refusal, kind)), None)
    if isinstance(refusal, Banned):
        ways = FOR_THE_BANNED
    elif best and best[1] is not Intent.WHERE:
        ways = (best, *ways)
    elif best:
        ways = (best,)
    buttons = column(*(button(ctx.texts, key, intent) for key, intent in ways))
    text = ctx.texts(await _key(ctx, refusal), **refusal.details)
    message_key = next(
        (name for kind, name in MESSAGE_KEYS.items() if isinstance(refusal, kind)), ""
    )
    return Outcome((Say(text, buttons, message_key, Tone.TROUBLE),), ctx.state)


async def _key(ctx: RequestContext, refusal: ShopError) -> str:
    """Whoever agreed to earlier terms is told that they have changed since: they remember a yes."""
    if isinstance(refusal, ConsentMissing) and await consent.is_outdated(
        ctx.tx, ctx.user, ConsentKind.TERMS
    ):
        return "terms-changed"
    return refusal.key


def unexpected(language: str, error: Exception, *, alone: bool) -> Say:
    """An apology with a code, and a log line with the same code. Buttons only where the person is
    ``alone`` with us: in a group anybody could press them."""
    code = new_id()[:CODE_LENGTH].upper()
    # The log writes where it happened, and leaves out the error's own message.
    log.error("update_failed", code=code, error=type(error).__name__, exc_info=error)
    say = texts(language)
    ways = pairs(button(say, "button-where", Intent.WHERE), button(say, "button-help", Intent.HELP))
    return Say(say("error-unexpected", code=code), ways if alone else (), tone=Tone.TROUBLE)
