"""Steps of the album of accepted photos: before paying, a customer sees on one numbered sheet which
photos are used, and takes out those that show somebody else.

The sheet is drawn when it is asked for, from the sealed uploads, in the decoder's sandbox
(:mod:`shop.photos.sheet`); no copy of it is kept. The numbers are those in which the photos came.
"""

import re
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from handlers.chat import Button, Keyboard, Picture, Reply, Say, Show
from handlers.context import AfterCommit, Outcome, RequestContext, reply_and_show
from handlers.intents import Intent, action, button, normalized
from handlers.texts import every
from shop.orders import orders
from shop.photos import chosen, photos, sheet
from shop.records import Order, Photo, PhotoState

ALBUM: Final = "album:"
"""How the ids of sheets begin, and their message keys. The order follows, and in an id, behind a
dot, which photos are on it: the same id is the same sheet."""

PER_ROW: Final = 5
DIGITS: Final = 3  # of a photo's number, at most
MOST_NUMBERS: Final = 60  # that one message may name


def place_of(order: Order) -> str:
    """The message key of an order's album."""
    return f"{ALBUM}{order.id[:8]}"


def closing(ctx: RequestContext, order: Order) -> Say:
    """The last word of an album: the order takes no more photos, and the sheet goes."""
    return Say(ctx.texts("ended-album"), message_key=place_of(order), closes=True)


async def question(ctx: RequestContext, order: Order, *, go_on: bool) -> AfterCommit:
    """After the commit: the album, and whether all of it is them. ``go_on``: with the button that
    leads to the bill; without, the bill stands below."""
    out = button(ctx.texts, "faces-button-out", Intent.OUT)
    buttons = ((_done(ctx),), (out,)) if go_on else ((out,),)
    return await _shown(ctx, order, "faces-ask", buttons)


async def take_out(ctx: RequestContext) -> Outcome:
    """Take out the photos that the argument names: by the id of one, or by their numbers as they
    were typed. Without one: ask which."""
    order = ctx.order
    if order is None or order.state not in photos.OPEN_FOR_PHOTOS:
        return reply_and_show()
    found = await chosen.numbered(ctx.tx, order.id)
    usable = {number: one for number, one in found.items() if one.state is PhotoState.ACCEPTED}
    if not usable:
        return reply_and_show()
    named = _named(ctx.argument, usable)
    said: tuple[Reply, ...] = ()
    if ctx.argument and not named:
        said = (ctx.say("faces-unknown"),)
    elif named:
        await chosen.take_out(ctx.tx, order, [usable[one].id for one in named], ctx.now)
        numbers = ctx.texts.listing([str(one) for one in named])
        key = f"taken:{order.id[:8]}"
        said = (ctx.say("faces-taken", message_key=key, numbers=numbers, count=len(named)),)
    left = {number: one for number, one in usable.items() if number not in named}
    if len(left) < ctx.deps.settings.photos_minimum:
        await orders.collect_again(ctx.tx, order, ctx.now)
    if not left:
        return Outcome(said)
    after = await _shown(ctx, order, "faces-pick", _picks(ctx, left))
    return Outcome(said, after_commit=after)


def read_numbers(text: str) -> str:
    """The numbers of photos that a text names, parted by dots: "3, 7" and "take out 3 and 7" are
    "3.7". "" for a text that says anything else."""
    plain = unicodedata.normalize("NFKC", text[:200]).casefold()
    numbers = re.findall(r"\d+", plain)
    rest = _without_ands(re.sub(r"\d+", " ", plain))
    asked = not rest or rest in {_without_ands(one) for one in _phrases("words-out")}
    short = all(len(one) <= DIGITS for one in numbers)
    return ".".join(numbers[:MOST_NUMBERS]) if numbers and asked and short else ""


def _without_ands(text: str) -> str:
    """A phrase as it is compared, without the words that stand between numbers."""
    for word in _phrases("numbers-and"):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", text)
    return normalized(text)


def _phrases(key: str) -> list[str]:
    return [phrase.strip().casefold() for say in every() for phrase in say(key).split("|")]


def _named(argument: str, usable: dict[int, Photo]) -> list[int]:
    numbers = {int(one) for one in argument.split(".") if one.isdecimal() and len(one) <= DIGITS}
    return [number for number, one in usable.items() if number in numbers or one.id == argument]


def _picks(ctx: RequestContext, usable: dict[int, Photo]) -> Keyboard:
    """A button for each number; whoever types has none, or they would be mistaken for choices."""
    if ctx.typed:
        return ((_done(ctx),),)
    numbers = [
        Button(str(number), action(Intent.OUT, photo.id)) for number, photo in usable.items()
    ]
    rows = (tuple(numbers[at : at + PER_ROW]) for at in range(0, len(numbers), PER_ROW))
    return (*rows, (_done(ctx),))


def _done(ctx: RequestContext) -> Button:
    return button(ctx.texts, "faces-button-done", Intent.DONE)


async def _shown(ctx: RequestContext, order: Order, key: str, buttons: Keyboard) -> AfterCommit:
    deps, owner = ctx.deps, ctx.user.id
    drawn = await sheet.plan(ctx.tx, deps.cipher, order)
    caption = ctx.texts(key, count=len(drawn.numbers))
    alt = ctx.texts("faces-alt", count=len(drawn.numbers))
    version = blake2b(repr(drawn.numbers).encode(), digest_size=4).hexdigest()

    async def show() -> Sequence[Reply]:
        data = await drawn.draw(deps.blobs, deps.decoder, owner)
        picture = Picture(f"{ALBUM}{order.id}.{version}", data, "image/jpeg", alt)
        return [Show((picture,), caption, buttons, place_of(order), passing=True)]

    return show
