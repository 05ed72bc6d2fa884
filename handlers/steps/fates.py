"""What became of each photo, said of that photo: a mark on it, or a reply to it, as a channel can.

Where a channel can do neither, the tally names the photos by their numbers.
"""

from collections.abc import Mapping

from handlers.chat import Mark, Marks, PhotoFate, Reply
from handlers.context import RequestContext
from shop.photos import chosen
from shop.records import Flaw, Order, Photo, PhotoState

_FATES = {
    PhotoState.CHECKING: PhotoFate.CHECKING,
    PhotoState.ACCEPTED: PhotoFate.ACCEPTED,
    PhotoState.HELD: PhotoFate.HELD,
    PhotoState.REJECTED: PhotoFate.REJECTED,
}
_FATES_BY_FLAW: Mapping[Flaw | None, PhotoFate] = {
    Flaw.TAKEN_OUT: PhotoFate.TAKEN_OUT,
    Flaw.SURPLUS: PhotoFate.SURPLUS,
}


async def marks(ctx: RequestContext, order: Order) -> list[Reply]:
    """The marks of the photos that came by the chat where this person is spoken to."""
    here = f"{ctx.user.platform}:"
    found = await chosen.numbered(ctx.tx, order.id)
    theirs = tuple(
        Mark(photo.message.removeprefix(here), fate_of(photo), _words(ctx, number, photo))
        for number, photo in found.items()
        if photo.message.startswith(here)
    )
    return [Marks(theirs)] if theirs else []


def fate_of(photo: Photo) -> PhotoFate:
    """Of a photo that its own sender took out nothing needs to be said; of those beyond the most
    that can be used, only how many there are."""
    return _FATES_BY_FLAW.get(photo.flaw, _FATES[photo.state])


def _words(ctx: RequestContext, number: int, photo: Photo) -> str:
    fate = fate_of(photo)
    if fate is PhotoFate.REJECTED:
        # The sentence for one of several, without the "one" that begins it.
        said = ctx.texts(f"flaw-{photo.flaw or Flaw.UNREADABLE}", count=1)
        why = said.removeprefix(ctx.texts("fate-one")).strip()
        return ctx.texts("fate-rejected", number=number, why=why)
    if fate is PhotoFate.HELD and ctx.user.stated_minor_at:
        return ctx.texts("fate-held-age", number=number)
    return ctx.texts(f"fate-{fate.value.replace('_', '-')}", number=number)
