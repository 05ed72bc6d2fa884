"""Steps of photo collection: photos are taken in, and one running count (tally) answers them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from handlers import billing, captions, sales_warning
from handlers.chat import Button, Keyboard, Reply, Say, SentPhoto, Tone
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.session import State
from handlers.steps import agreement, album, checkout, standing
from handlers.steps.standing import Standing
from shop.errors import EnoughPhotos, NotFound, PhotoRefused, TooFewPhotos
from shop.people import consent
from shop.photos import chosen, comparison, photos
from shop.photos.photos import PhotoCounts, StoredUpload
from shop.records import Flaw, Order, OrderState, Photo, PhotoState

TALLY: Final = "tally:"
"""How the message key of a tally begins: of an order only the newest tally says anything."""

_WARNED: Final = "few"
"""In the session: of how many photos of which order it was said that they are few. Whoever says
again that these are all has heard it."""

TALLY_EVERY = 5
"""The tally is sent at a batch's first photo and every fifth; notices of the checks do the rest."""


async def screen(ctx: RequestContext) -> Outcome:
    """How to send photos; once some were sent, the tally."""
    order = _order(ctx)
    tally = await photos.tally(ctx.tx, order)
    if tally.sent or _waits_for_staff(ctx, tally):
        return reply(tally_message(ctx, order, tally))
    return reply(*await sales_warning.warning(ctx), _instructions(ctx))


async def fallback_prompt(ctx: RequestContext) -> Say:
    order = _order(ctx)
    tally = await photos.tally(ctx.tx, order)
    minimum = ctx.deps.settings.photos_minimum
    key = "photos-prompt-few" if tally.accepted < minimum else "photos-prompt"
    key = "tally-held-age" if _waits_for_staff(ctx, tally) else key
    place = standing.place_of(Standing.PROMPT, order)
    return ctx.say(key, _buttons(ctx, tally), message_key=place, minimum=minimum, count=tally.held)


async def has_room(ctx: RequestContext) -> bool:
    """Whether another photo could count."""
    return await photos.can_still_count(ctx.tx, _order(ctx), ctx.deps.settings.photos_maximum)


async def take_photo(ctx: RequestContext, sent: SentPhoto) -> Outcome:
    """Admit the photo that the dispatcher has fetched, or count why it was refused: one that came
    when there was room for no more was not even fetched."""
    await consent.require(ctx.tx, ctx.user)
    order, why = _order(ctx), ""
    try:
        photo = await _taken_in(ctx, order, last=captions.is_last(ctx, sent))
    except EnoughPhotos:
        photo = await _refused(ctx, order, Flaw.SURPLUS)
    else:
        if isinstance(ctx.photo, PhotoRefused):
            why = ctx.texts(ctx.photo.key, **ctx.photo.details)
    tally = await photos.tally(ctx.tx, order)
    said: tuple[Reply, ...] = tuple(await billing.outdated_now(ctx, order))
    if not _needs_no_reply(photo, tally):
        said += (tally_message(ctx, order, tally, why),)
    if not sent.album or not captions.says_last(sent):
        return Outcome(said)
    return Outcome(said, data={**ctx.data, captions.LAST_ALBUM: sent.album})


async def _taken_in(ctx: RequestContext, order: Order, *, last: bool) -> Photo:
    """Raises :class:`EnoughPhotos` where there is room for no more, and writes nothing then."""
    maximum = ctx.deps.settings.photos_maximum
    if isinstance(ctx.photo, PhotoRefused):
        return await _refused(ctx, order, flaw_of(ctx.photo))
    if isinstance(ctx.photo, StoredUpload):
        return await photos.admit(
            ctx.tx, order, ctx.photo, ctx.now, maximum, ctx.message, last=last
        )
    raise EnoughPhotos(maximum=maximum)


async def _refused(ctx: RequestContext, order: Order, flaw: Flaw) -> Photo:
    maximum = ctx.deps.settings.photos_maximum
    return await photos.refuse(ctx.tx, order, flaw, ctx.now, maximum, ctx.message)


async def tips(ctx: RequestContext) -> Outcome:
    where = button(ctx.texts, "button-where", Intent.WHERE)
    return reply(ctx.say("photos-tips", column(where)))


async def photos_done(ctx: RequestContext) -> Outcome:
    """No more photos: once a warning below the number asked for, then the album of those that are
    used, and the bill."""
    if ctx.order is None or ctx.order.state is OrderState.PAID:
        return reply_and_show()
    tally = await photos.tally(ctx.tx, ctx.order)
    settings = ctx.deps.settings
    if tally.too_young or _waits_for_staff(ctx, tally):
        key = "photos-stated-minor" if ctx.user.stated_minor_at else "photos-too-young"
        return reply(ctx.say(key, _buttons(ctx, tally)))
    if tally.checking:
        await chosen.complete(ctx.tx, ctx.order)
        waits = ctx.texts("photos-done-waits", checking=tally.checking)
        return reply(tally_message(ctx, ctx.order, tally, waits))
    if tally.accepted < settings.photos_minimum:
        missing = settings.photos_minimum - tally.accepted
        raise TooFewPhotos(
            accepted=tally.accepted, minimum=settings.photos_minimum, missing=missing
        )
    collecting = ctx.order.state is OrderState.COLLECTING
    if "subject" not in ctx.data and collecting and not ctx.order.bill:
        return reply(await agreement.ask_subject(ctx))
    warned = f"{ctx.order.id[:8]}:{tally.accepted}"
    sure = ctx.argument == "go" or ctx.data.get(_WARNED) == warned
    if tally.accepted < settings.photos_asked and not sure:
        data = {**ctx.data, _WARNED: warned}
        return Outcome((_fewer_than_asked(ctx, ctx.order, tally),), data=data)
    return await _album_and_bill(ctx, ctx.order)


async def keep_marked(ctx: RequestContext) -> Outcome:
    """The photos that are marked in the album are theirs as well: no more photos. An old button,
    of other marks, keeps nothing, and the album is shown as it is."""
    order = ctx.order
    if order is None or order.state not in photos.OPEN_FOR_PHOTOS:
        return reply_and_show()
    if ctx.argument != album.marked(await comparison.known(ctx.tx, order)):
        return Outcome(after_commit=await album.question(ctx, order, go_on=True))
    await comparison.keep(ctx.tx, order)
    after = await photos_done(replace(ctx, argument=""))
    kept = standing.closing(ctx, Standing.MARKS, order)
    return replace(after, replies=(*after.replies, kept))


async def _album_and_bill(ctx: RequestContext, order: Order) -> Outcome:
    show_album = await album.question(ctx, order, go_on=False)
    placed = await checkout.place_order(ctx)
    show_bill = placed.after_commit

    async def show() -> Sequence[Reply]:
        bill = await show_bill() if show_bill else ()
        return [*await show_album(), *bill, *standing.answered(ctx, order)]

    return replace(placed, after_commit=show)


async def pay(ctx: RequestContext) -> Outcome:
    """Pay: the open bill; while photos are taken and there is none yet, no more photos."""
    collecting = ctx.order is not None and ctx.order.state is OrderState.COLLECTING
    if not collecting or ctx.argument or ctx.state is State.SUBJECT:
        return await checkout.pay_bill(ctx)
    return await checkout.unpaid_bill(ctx) or await photos_done(ctx)


def tally_message(ctx: RequestContext, order: Order, tally: PhotoCounts, before: str = "") -> Say:
    """The tally: counts, flaws and what is missing, in one message that is edited in place."""
    parts = [before] if before else []
    parts.append(_tally_counts(ctx, tally))
    if tally.rejected:
        parts.append(_flaws(ctx, tally))
    if not _waits_for_staff(ctx, tally):
        parts.append(_still_needed(ctx, tally))
    text = "\n\n".join(part for part in parts if part)
    tone = Tone.PROGRESS if tally.checking else Tone.PLAIN
    return Say(text, _buttons(ctx, tally), tally_place(order), tone)


def tally_place(order: Order) -> str:
    """The message key of an order's tally."""
    return f"{TALLY}{order.id[:8]}"


def tally_closing(ctx: RequestContext, order: Order, tally: PhotoCounts) -> Say:
    """The last word of a tally: of an order that is paid, how many of its photos are used."""
    how = "paid" if order.state is OrderState.PAID and tally.sent else "ended"
    said = ctx.texts("ended-tally", how=how, sent=tally.sent, accepted=tally.accepted)
    return Say(said, message_key=tally_place(order), closes=True)


def flaw_of(refused: PhotoRefused) -> Flaw:
    """The flaw as which a refused photo is counted: its message is named after the flaw."""
    return Flaw(refused.key.removeprefix("photo-").replace("-", "_"))


def _tally_counts(ctx: RequestContext, tally: PhotoCounts) -> str:
    lines = [ctx.texts("tally-none")]
    if tally.sent:
        lines = [ctx.texts("tally-head", sent=tally.sent, accepted=tally.accepted)]
    if tally.checking:
        lines.append(ctx.texts("tally-checking", count=tally.checking))
    if _waits_for_staff(ctx, tally) or (tally.held and ctx.user.stated_minor_at):
        lines.append(ctx.texts("tally-held-age", count=tally.held))
    elif tally.held:
        lines.append(ctx.texts("tally-held", count=tally.held))
    return "\n".join(lines)


def _flaws(ctx: RequestContext, tally: PhotoCounts) -> str:
    found = [flaw for flaw in Flaw if tally.rejected.get(flaw, 0)]
    lines = ["· " + _flaw(ctx, tally, one) for one in found]
    return "\n".join((ctx.texts("tally-flaws"), *lines))


def _flaw(ctx: RequestContext, tally: PhotoCounts, flaw: Flaw) -> str:
    maximum = ctx.deps.settings.photos_maximum
    said = ctx.texts(f"flaw-{flaw}", count=tally.rejected[flaw], maximum=maximum)
    if not ctx.names_numbers:
        return said
    numbers = ctx.texts.listing([str(one) for one in tally.numbers[flaw]])
    return ctx.texts("tally-numbers", flaw=said, numbers=numbers)


def _still_needed(ctx: RequestContext, tally: PhotoCounts) -> str:
    """How many more photos, and which views, named once the minimum is near."""
    settings = ctx.deps.settings
    lines = [_number_needed(ctx, tally)]
    near = tally.accepted * 2 >= settings.photos_minimum
    if near and tally.missing_views and tally.accepted < settings.photos_maximum:
        wanted = ctx.texts.listing([ctx.texts(f"wish-{wish}") for wish in tally.missing_views])
        lines.append(ctx.texts("tally-wishes", wishes=wanted))
    return "\n".join(lines)


def _number_needed(ctx: RequestContext, tally: PhotoCounts) -> str:
    asked, minimum = ctx.deps.settings.photos_asked, ctx.deps.settings.photos_minimum
    if tally.accepted < minimum:
        return ctx.texts("tally-need", missing=minimum - tally.accepted, minimum=minimum)
    if tally.accepted < asked:
        return ctx.texts("tally-enough", missing=asked - tally.accepted, asked=asked)
    return ctx.texts("tally-full", accepted=tally.accepted)


def _buttons(ctx: RequestContext, tally: PhotoCounts) -> Keyboard:
    if _waits_for_staff(ctx, tally):
        return column(button(ctx.texts, "photos-button-cancel", Intent.CANCEL))
    buttons: list[Button] = []
    if tally.accepted >= ctx.deps.settings.photos_minimum:
        buttons.append(button(ctx.texts, "photos-button-done", Intent.DONE))
    buttons.append(button(ctx.texts, "photos-button-tips", Intent.TIPS))
    buttons.append(button(ctx.texts, "photos-button-cancel", Intent.CANCEL))
    return pairs(*buttons)


def _waits_for_staff(ctx: RequestContext, tally: PhotoCounts) -> bool:
    """Whether they say that they are a minor, and no admin has accepted enough photos since: they
    are asked for no more, and nothing goes on."""
    return bool(ctx.user.stated_minor_at) and tally.accepted < ctx.deps.settings.photos_minimum


def _needs_no_reply(photo: Photo, tally: PhotoCounts) -> bool:
    """Whether the photo is being checked, or one too many, and the tally was sent a moment ago."""
    if tally.sent % TALLY_EVERY == 0:
        return False
    if photo.flaw is Flaw.SURPLUS:
        return tally.rejected[Flaw.SURPLUS] > 1
    return photo.state is PhotoState.CHECKING and tally.checking > 1


def _instructions(ctx: RequestContext) -> Say:
    settings = ctx.deps.settings
    buttons = pairs(
        button(ctx.texts, "photos-button-tips", Intent.TIPS),
        button(ctx.texts, "photos-button-cancel", Intent.CANCEL),
    )
    return ctx.say(
        "photos-ask", buttons, asked=settings.photos_asked, minimum=settings.photos_minimum
    )


def _fewer_than_asked(ctx: RequestContext, order: Order, tally: PhotoCounts) -> Say:
    buttons = column(
        button(ctx.texts, "few-button-go", Intent.DONE, "go"),
        button(ctx.texts, "photos-button-tips", Intent.TIPS),
    )
    asked = ctx.deps.settings.photos_asked
    missing = asked - tally.accepted
    said = ctx.say(
        "few-honest", buttons, message_key=standing.place_of(Standing.FEW, order),
        accepted=tally.accepted, asked=asked, missing=missing,
    )  # fmt: skip
    return replace(said, once=True)


def _order(ctx: RequestContext) -> Order:
    if ctx.order is None:
        raise NotFound
    return ctx.order
