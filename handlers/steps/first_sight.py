"""What somebody sees before anything is asked of them: samples of the portraits, what they cost and
how long they take now, and whether a first clip is a gift. Nothing is promised that could not be
had if they said yes at once.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import Final

from handlers.chat import Keyboard, Picture, Reply, Say, Show
from handlers.context import AfterCommit, RequestContext
from handlers.steps.styles import initial_base_of
from handlers.texts import texts
from handlers.wait_words import wait_words
from shop.avatars.avatars import TRAIN
from shop.catalog import Catalog, Template
from shop.catalog.signed_previews import SignedPreviews
from shop.clips import filming
from shop.errors import NobodyWorks, NotFound, QueueTooLong, SalesPaused
from shop.orders import sales_guard
from shop.orders.sales_guard import Capacity
from shop.people.users import LANGUAGES
from shop.records import Subject

SAMPLES: Final = 4
"""On the sheet: two in a row, so that a name can be read on a phone."""

SHEET: Final = "preview:first-"
"""How the id of a sheet begins; language and subject follow, by which it can be drawn again."""

_PAPERS: Final = "id"  # the group of plain backgrounds, which show the least


async def shown(ctx: RequestContext, buttons: Keyboard) -> AfterCommit:
    """After the commit: the sheet of samples with the words below it, or the words alone where the
    catalogue has no samples."""
    words = await _words(ctx)
    deps, language, (base, subject) = ctx.deps, ctx.user.language, initial_base_of(ctx)

    async def show() -> Sequence[Reply]:
        pictures = await samples(deps.catalog, deps.previews, base, subject, language)
        if not pictures:
            return [Say(words, buttons)]
        about = ctx.texts("welcome-samples")
        sheet = f"{SHEET}{language}-{subject}"
        return [Show(pictures, f"{about}\n\n{words}", buttons, sheet=sheet)]

    return show


async def samples(
    catalog: Catalog, previews: SignedPreviews, base: str, subject: Subject, language: str
) -> tuple[Picture, ...]:
    """Previews of styles that the base can show, with their names as captions: of people like
    that subject, or of women and men where it is not known."""
    pictures = []
    for one in _chosen(catalog.offered(base, subject)[0], subject):
        try:
            preview = await previews.get(one.id)
        except NotFound:
            continue
        name = one.names[language]
        alt = texts(language)("preview-alt", style=name)
        id = f"preview:{one.id}"
        pictures.append(Picture(id, preview.data, "image/jpeg", alt, preview.version, caption=name))
    return tuple(pictures)


def read_sheet(id: str) -> tuple[str, Subject] | None:
    """Language and subject of the sheet of that id; None for any other id."""
    language, _, subject = id.removeprefix(SHEET).rpartition("-")
    known = id.startswith(SHEET) and language in LANGUAGES and subject in set(Subject)
    return (language, Subject(subject)) if known else None


def _chosen(offered: Sequence[Template], subject: Subject) -> list[Template]:
    painted = [one for one in offered if one.shown_by]
    like = [one for one in painted if subject in (Subject.PERSON, one.shown_by)] or painted
    ordered = sorted(like, key=lambda one: one.group == _PAPERS)
    return _mixed(ordered)[:SAMPLES]


def _mixed(templates: Iterable[Template]) -> list[Template]:
    """In turn those that a woman shows, and those that a man does."""
    listed = list(templates)
    women = [one for one in listed if one.shown_by is Subject.WOMAN]
    men = [one for one in listed if one.shown_by is Subject.MAN]
    return [one for one in chain.from_iterable(zip_longest(women, men)) if one is not None]


async def _words(ctx: RequestContext) -> str:
    how, closed = ctx.texts("welcome-how"), await _closed(ctx)
    if not closed:
        how = ctx.texts.prose(how, ctx.texts("welcome-safe"))
    portraits = (
        closed
        or f"{_offer(ctx)}\n{await wait_words(ctx, TRAIN, 'welcome-wait', ctx.deps.settings.base)}"
    )
    return "\n\n".join(part for part in (portraits, await _clip(ctx), how) if part)


async def _closed(ctx: RequestContext) -> str:
    """Why no avatar is sold now; "" where one is."""
    try:
        await sales_guard.require_sales_open(ctx.tx)
        await sales_guard.require_capacity(ctx.tx, Capacity.of(ctx.deps.settings), ctx.now)
    except SalesPaused:
        return ctx.texts("welcome-closed", why="paused")
    except NobodyWorks:
        return ctx.texts("welcome-closed", why="away")
    except QueueTooLong:
        return ctx.texts("welcome-closed", why="queue")
    return ""


def _offer(ctx: RequestContext) -> str:
    return ctx.texts("welcome", price=ctx.avatar_price, asked=ctx.deps.settings.photos_asked)


async def _clip(ctx: RequestContext) -> str:
    """What a clip costs; "" where none is made, nor while nobody is at work."""
    try:
        capacity = Capacity.of(ctx.deps.settings)
        await sales_guard.require_attended(ctx.tx, capacity, ctx.now)
    except NobodyWorks:
        return ""
    cost = await filming.offered_price(ctx.tx, ctx.deps.catalog, ctx.user)
    if cost is None:
        return ""
    return ctx.texts("welcome-clip", gift="yes" if cost.gift else "no", credits=cost.credits)
