"""Taking photos in: quietly while all is well, one running count for all that is to be said."""

from handlers import sales_warning
from handlers.chat import Button, Keyboard, Say
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.steps import agreement, checkout
from shop.errors import NotFound, PhotoRefused, StillChecking, TooFewPhotos
from shop.people import consent
from shop.photos import photos
from shop.photos.photos import Tally
from shop.records import Flaw, Order, OrderState, Photo, PhotoState

OFTEN = 5
"""The count is said at a batch's first photo and every fifth; news of the checks say the rest."""


async def screen(turn: RequestContext) -> Outcome:
    """How to send photos; once some are there, how far it is."""
    order = _order(turn)
    tally = await photos.tally(turn.tx, order)
    if tally.sent:
        return reply(running(turn, order, tally))
    return reply(*await sales_warning.warning(turn), _how(turn))


async def nudge(turn: RequestContext) -> Say:
    """On the last line of an answer to odd input."""
    tally = await photos.tally(turn.tx, _order(turn))
    minimum = turn.house.settings.photos_minimum
    if tally.accepted < minimum:
        return turn.say("photos-nudge-few", _buttons(turn, tally), minimum=minimum)
    return turn.say("photos-nudge", _buttons(turn, tally))


async def take(turn: RequestContext) -> Outcome:
    """Admit the photo that the desk has fetched, or count what it was refused for."""
    await consent.demand(turn.tx, turn.user)
    order = _order(turn)
    maximum = turn.house.settings.photos_maximum
    if isinstance(turn.photo, PhotoRefused):
        await photos.refuse(turn.tx, order, flaw_of(turn.photo), turn.now, maximum)
        why = turn.texts(turn.photo.key, **turn.photo.details)
        return reply(running(turn, order, await photos.tally(turn.tx, order), why))
    if turn.photo is None:
        raise NotFound
    house = turn.house
    photo = await photos.admit(
        turn.tx, house.blobs, house.cipher, order, turn.photo, turn.now, maximum
    )
    tally = await photos.tally(turn.tx, order)
    if _quiet(photo, tally):
        return Outcome()
    return reply(running(turn, order, tally))


async def tips(turn: RequestContext) -> Outcome:
    where = button(turn.texts, "button-where", Intent.WHERE)
    return reply(turn.say("photos-tips", column(where)))


async def done(turn: RequestContext) -> Outcome:
    """No more photos: an honest word below the number asked for, then the bill."""
    if turn.order is None or turn.order.state is OrderState.PAID:
        return reply_and_show()
    tally = await photos.tally(turn.tx, turn.order)
    settings = turn.house.settings
    if tally.too_young:
        return reply(turn.say("photos-too-young", _buttons(turn, tally)))
    if tally.checking:
        raise StillChecking(checking=tally.checking)
    if tally.accepted < settings.photos_minimum:
        raise TooFewPhotos(accepted=tally.accepted, minimum=settings.photos_minimum)
    if "subject" not in turn.data and turn.order.state is OrderState.COLLECTING:
        return reply(await agreement.ask_subject(turn))
    if tally.accepted < settings.photos_asked and turn.argument != "go":
        return reply(_honest(turn, tally))
    return await checkout.place(turn)


def running(turn: RequestContext, order: Order, tally: Tally, before: str = "") -> Say:
    """The count, what was wrong, what is missing: one message that is edited in place."""
    parts = [before] if before else []
    parts.append(_count(turn, tally))
    if tally.rejected:
        parts.append(_flaws(turn, tally))
    parts.append(_outlook(turn, tally))
    text = "\n\n".join(part for part in parts if part)
    return Say(text, _buttons(turn, tally), slot=f"tally:{order.id[:8]}")


def flaw_of(refused: PhotoRefused) -> Flaw:
    """How a photo that could not be opened is counted: its message is named after its flaw."""
    return Flaw(refused.key.removeprefix("photo-").replace("-", "_"))


def _count(turn: RequestContext, tally: Tally) -> str:
    if not tally.sent:
        return turn.texts("tally-none")
    lines = [turn.texts("tally-head", sent=tally.sent, accepted=tally.accepted)]
    if tally.checking:
        lines.append(turn.texts("tally-checking", count=tally.checking))
    if tally.held:
        lines.append(turn.texts("tally-held", count=tally.held))
    return "\n".join(lines)


def _flaws(turn: RequestContext, tally: Tally) -> str:
    found = [flaw for flaw in Flaw if tally.rejected.get(flaw, 0)]
    lines = ["· " + turn.texts(f"flaw-{one}", count=tally.rejected[one]) for one in found]
    return "\n".join((turn.texts("tally-flaws"), *lines))


def _outlook(turn: RequestContext, tally: Tally) -> str:
    """How many more, and which: asked for by name once the minimum is near."""
    settings = turn.house.settings
    lines = [_need(turn, tally)]
    near = tally.accepted * 2 >= settings.photos_minimum
    if near and tally.wishes and tally.accepted < settings.photos_maximum:
        wanted = turn.texts.listing([turn.texts(f"wish-{wish}") for wish in tally.wishes])
        lines.append(turn.texts("tally-wishes", wishes=wanted))
    return "\n".join(lines)


def _need(turn: RequestContext, tally: Tally) -> str:
    asked, minimum = turn.house.settings.photos_asked, turn.house.settings.photos_minimum
    if tally.accepted < minimum:
        return turn.texts("tally-need", missing=minimum - tally.accepted, minimum=minimum)
    if tally.accepted < asked:
        return turn.texts("tally-enough", missing=asked - tally.accepted, asked=asked)
    return turn.texts("tally-full", asked=asked)


def _buttons(turn: RequestContext, tally: Tally) -> Keyboard:
    buttons: list[Button] = []
    if tally.accepted >= turn.house.settings.photos_minimum:
        buttons.append(button(turn.texts, "photos-button-done", Intent.DONE))
    buttons.append(button(turn.texts, "photos-button-tips", Intent.TIPS))
    buttons.append(button(turn.texts, "photos-button-cancel", Intent.CANCEL))
    return pairs(*buttons)


def _quiet(photo: Photo, tally: Tally) -> bool:
    """All is well, and the count was said a moment ago."""
    first = tally.checking == 1 or tally.sent % OFTEN == 0
    return photo.state is PhotoState.CHECKING and not first


def _how(turn: RequestContext) -> Say:
    settings = turn.house.settings
    buttons = pairs(
        button(turn.texts, "photos-button-tips", Intent.TIPS),
        button(turn.texts, "photos-button-cancel", Intent.CANCEL),
    )
    return turn.say(
        "photos-ask", buttons, asked=settings.photos_asked, minimum=settings.photos_minimum
    )


def _honest(turn: RequestContext, tally: Tally) -> Say:
    buttons = column(
        button(turn.texts, "few-button-go", Intent.DONE, "go"),
        button(turn.texts, "photos-button-tips", Intent.TIPS),
    )
    asked = turn.house.settings.photos_asked
    return turn.say("few-honest", buttons, accepted=tally.accepted, asked=asked)


def _order(turn: RequestContext) -> Order:
    if turn.order is None:
        raise NotFound
    return turn.order
