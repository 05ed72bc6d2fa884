"""The styles on offer: pages of previews, one press takes the set, and honest words on the rest."""

import asyncio
from collections.abc import Sequence

from handlers.acts import Act, button, pairs
from handlers.chat import Button, Keyboard, Picture, Reply, Say, Show
from handlers.turn import Outcome, Turn
from shop.catalog import Template
from shop.errors import NotFound
from shop.records import Subject

PAGE = 6
"""Styles a page: as many previews as one glance takes in, and a caption within 1,024 characters."""


async def styles(turn: Turn) -> Outcome:
    """A page of the styles: those that the base can show; the others named honestly at the end."""
    shown, lacking = turn.house.catalog.offered(*base_of(turn))
    pages = max(1, -(-len(shown) // PAGE))
    page = int(turn.argument) if turn.argument.isdecimal() else 1
    page = min(max(page, 1), pages)
    here = shown[(page - 1) * PAGE : page * PAGE]
    caption = "\n".join((_heading(turn, page, pages), *(_line(turn, one) for one in here)))
    buttons = (*_choices(turn, here), *_paging(turn, page, pages))

    async def album() -> Sequence[Reply]:
        pictures = await asyncio.to_thread(_previews, turn, here)
        said: list[Reply] = [Show(tuple(pictures), caption, buttons, slot="styles")]
        if not pictures:
            said = [Say(caption, buttons, slot="styles")]
        if lacking and page == pages:
            names = turn.texts.listing([name(turn, one) for one in lacking])
            said.insert(0, turn.say("styles-not-shown", names=names, slot="styles-not-shown"))
        return said

    return Outcome(after=album)


def name(turn: Turn, template: Template) -> str:
    return template.names[turn.user.language]


def name_of(turn: Turn, template_id: str) -> str:
    """A style's name, also of one that the catalogue has dropped since."""
    try:
        return name(turn, turn.house.catalog.template(template_id))
    except NotFound:
        return template_id


def base_of(turn: Turn) -> tuple[str, Subject]:
    """The base and the class word that decide which styles can be shown."""
    if turn.avatar is not None:
        return turn.avatar.base, turn.avatar.subject
    chosen = turn.order.subject if turn.order else Subject.PERSON
    return turn.house.settings.base, Subject(turn.data.get("subject", chosen))


def _heading(turn: Turn, page: int, pages: int) -> str:
    cost = turn.house.catalog.shoot_credits
    return turn.texts("styles-page", page=page, pages=pages, cost=cost)


def _line(turn: Turn, template: Template) -> str:
    return f"· {name(turn, template)} — {template.blurbs[turn.user.language]}"


def _choices(turn: Turn, here: Sequence[Template]) -> Keyboard:
    return pairs(*(Button(name(turn, one), f"{Act.STYLE}:{one.id}") for one in here))


def _paging(turn: Turn, page: int, pages: int) -> Keyboard:
    row: list[Button] = []
    if page > 1:
        row.append(button(turn.texts, "styles-button-previous", Act.STYLES, str(page - 1)))
    if page < pages:
        row.append(button(turn.texts, "styles-button-next", Act.STYLES, str(page + 1)))
    back = button(turn.texts, "button-back", Act.WHERE)
    return (tuple(row), (back,)) if row else ((back,),)


def _previews(turn: Turn, here: Sequence[Template]) -> list[Picture]:
    """The bundled pictures, as far as they are there."""
    pictures = []
    for one in here:
        try:
            data = turn.house.catalog.preview(one.id)
        except NotFound:
            continue
        alt = turn.texts("preview-alt", style=name(turn, one))
        pictures.append(Picture(f"preview:{one.id}", data, "image/jpeg", alt))
    return pictures
