"""Steps of the album of accepted photos: before paying, a customer sees on one numbered sheet which
photos are used, and takes out those that show somebody else.

The sheet is drawn when it is asked for, from the sealed uploads, in the decoder's sandbox
(:mod:`shop.photos.sheet`); no copy of it is kept. The numbers are those in which the photos came.
Whoever had them compared (:mod:`handlers.steps.photo_comparison`) sees marks on those unlike the
rest.
"""

import re
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from handlers import billing
from handlers.chat import Button, Keyboard, Picture, Reply, Say, Show
from handlers.context import AfterCommit, Outcome, RequestContext, reply_and_show
from handlers.intents import Intent, action, button, column, normalized
from handlers.steps import standing
from handlers.steps.standing import Standing
from handlers.texts import every
from shop.photos import chosen, comparison, photos, sheet
from shop.photos.comparison import ComparedPhotos
from shop.records import Order, Photo, PhotoState

ALBUM: Final = "album:"
"""How the ids of sheets begin, and their message keys. The order follows, and in an id, behind a
dot, which photos are on it: the same id is the same sheet."""

PER_ROW: Final = 5
MARKED: Final = "marked."
"""How the argument that means the marked ones begins; which ones they were when it was offered
follows, so that an old button takes out no others."""
DIGITS: Final = 3  # of a photo's number, at most
MOST_NUMBERS: Final = 60  # that one message may name
REST: Final = "rest."
"""The same of those that were found alike."""


def place_of(order: Order) -> str:
    """The message key of an order's album."""
    return f"{ALBUM}{order.id[:8]}"


def closing(ctx: RequestContext, order: Order) -> Say:
    """The last word of an album: the order takes no more photos, and the sheet goes."""
    return Say(ctx.texts("ended-album"), message_key=place_of(order), closes=True)


async def question(ctx: RequestContext, order: Order, *, go_on: bool) -> AfterCommit:
    """After the commit: the album, and whether all of it is them. ``go_on``: with the button that
    leads to the bill; without, the bill stands below."""
    found = await comparison.known(ctx.tx, order)
    return await _shown(ctx, order, "faces-ask", _choices(ctx, found, go_on=go_on), found)


async def compared(ctx: RequestContext, order: Order) -> AfterCommit:
    """After the commit: the album with its marks, where it stands; and what was found, below all
    that was said since, unless the album is sent anew anyhow. The bill that did not say so goes."""
    show_album = await question(ctx, order, go_on=True)
    found = await comparison.known(ctx.tx, order)
    text = await _of_comparison(ctx, order, found)
    place = standing.place_of(Standing.MARKS, order)
    said = [] if ctx.typed else [Say(text, _choices(ctx, found, go_on=True), place)]
    over = [
        standing.compared(ctx, done=True),
        standing.closing(ctx, Standing.MARKS, order),
        *billing.outdated(ctx, order),
    ]

    async def show() -> Sequence[Reply]:
        return [*over, *await show_album(), *said]

    return show


def _choices(ctx: RequestContext, found: ComparedPhotos, *, go_on: bool) -> Keyboard:
    rows = []
    if found.unlike:
        rows.append(button(ctx.texts, "faces-button-marked", Intent.OUT, marked(found)))
        if found.two_people:  # who of them the customer is, they alone know
            rest = marked(found, REST)
            rows.append(button(ctx.texts, "faces-button-rest", Intent.OUT, rest))
        rows.append(button(ctx.texts, "faces-button-keep", Intent.KEEP, marked(found)))
    elif go_on:
        rows.append(_done(ctx))
    rows.append(button(ctx.texts, "faces-button-out", Intent.OUT))
    if found.left_out and not found.pending:
        key = "faces-button-again" if found.compared else "faces-button-compare"
        rows.append(button(ctx.texts, key, Intent.COMPARE))
    return column(*rows)


def marked(found: ComparedPhotos, which: str = MARKED) -> str:
    """The argument of a button that means these marked photos, or (:data:`REST`) the others that
    were compared with them."""
    names = " ".join(sorted(found.unlike)).encode()
    return which + blake2b(names, digest_size=4).hexdigest()


async def take_out(ctx: RequestContext) -> Outcome:
    """Take out the photos that the argument names: by the id of one, by their numbers as they were
    typed, or those that are marked. Without one: ask which."""
    order = ctx.order
    if order is None or order.state not in photos.OPEN_FOR_PHOTOS:
        return reply_and_show()
    found = await chosen.numbered(ctx.tx, order.id)
    usable = {number: one for number, one in found.items() if one.state is PhotoState.ACCEPTED}
    if not usable:
        return reply_and_show()
    by_mark = ctx.argument.startswith((MARKED, REST))
    named = await _named(ctx, order, usable)
    said: tuple[Reply, ...] = ()
    if ctx.argument and not named and not by_mark:
        said = (ctx.say("faces-unknown"),)
    elif named:
        await chosen.take_out(ctx.tx, order, [usable[one].id for one in named], ctx.now)
        numbers = ctx.texts.listing([str(one) for one in named])
        place = standing.place_of(Standing.TAKEN, order)
        said = (
            ctx.say("faces-taken", message_key=place, numbers=numbers, count=len(named)),
            standing.closing(ctx, Standing.MARKS, order),
            *await billing.outdated_now(ctx, order),
        )
    left = {number: one for number, one in usable.items() if number not in named}
    enough = len(left) >= ctx.deps.settings.photos_minimum
    if not left:
        return Outcome(said)
    if by_mark:
        after = await question(ctx, order, go_on=True) if enough else None
        return Outcome(said, after_commit=after)
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


async def _named(ctx: RequestContext, order: Order, usable: dict[int, Photo]) -> list[int]:
    argument = ctx.argument
    if argument.startswith((MARKED, REST)):
        found = await comparison.known(ctx.tx, order)
        if argument == marked(found):
            return [number for number, one in usable.items() if one.id in found.unlike]
        kept = {*found.unlike, *found.unclear, *found.left_out}
        rest = argument == marked(found, REST)
        return [number for number, one in usable.items() if rest and one.id not in kept]
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


async def _shown(
    ctx: RequestContext,
    order: Order,
    key: str,
    buttons: Keyboard,
    found: ComparedPhotos | None = None,
) -> AfterCommit:
    deps, owner = ctx.deps, ctx.user.id
    drawn = await sheet.plan(ctx.tx, deps.cipher, order, found.unlike if found else ())
    caption = ctx.texts(key, count=len(drawn.numbers))
    if found and (said := await _of_comparison(ctx, order, found)):
        caption = f"{said}\n\n{caption}"
    if drawn.turns:
        numbers = ctx.texts.listing([str(one) for one in drawn.turns])
        caption += f"\n{ctx.texts('faces-turned', numbers=numbers, count=len(drawn.turns))}"
    alt = ctx.texts("faces-alt", count=len(drawn.numbers))
    version = blake2b(f"{drawn.numbers} {sorted(drawn.marked)}".encode(), digest_size=4).hexdigest()

    async def show() -> Sequence[Reply]:
        data = await drawn.draw(deps.blobs, deps.decoder, owner)
        picture = Picture(f"{ALBUM}{order.id}.{version}", data, "image/jpeg", alt)
        return [Show((picture,), caption, buttons, place_of(order), passing=True)]

    return show


async def _of_comparison(ctx: RequestContext, order: Order, found: ComparedPhotos) -> str:
    """What a comparison found, and of how many nothing is known; "" where there was none."""
    said = [ctx.texts("faces-comparing")] if found.pending else []
    if not found.compared:
        return "".join(said)
    numbered = await chosen.numbered(ctx.tx, order.id)
    named = {one.id: str(number) for number, one in numbered.items()}
    if not found.unlike:
        said.append(ctx.texts("faces-alike"))
    else:
        numbers = ctx.texts.listing([named[one] for one in found.unlike])
        two = "yes" if found.two_people else "no"
        count = len(found.unlike)
        said.append(ctx.texts("faces-marked", numbers=numbers, count=count, two=two))
    if found.unclear:
        numbers = ctx.texts.listing([named[one] for one in found.unclear])
        said.append(ctx.texts("faces-unclear", numbers=numbers))
    if found.left_out:
        said.append(ctx.texts("faces-left-out", count=len(found.left_out)))
    return "\n".join(said)
