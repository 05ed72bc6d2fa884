"""The styles on offer: pages of previews, one press chooses, and honest words on the rest.

With an avatar a press takes a set. Before there is one, it chooses the style of the first
portraits, which come with the avatar and cost nothing more, whichever they are.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from handlers.chat import Button, Keyboard, Picture, Reply, Say, Show
from handlers.context import Outcome, RequestContext, Then, reply
from handlers.intents import Intent, action, button, column, pairs
from shop.catalog import Catalog, Template
from shop.errors import NotFound
from shop.orders import orders
from shop.records import OrderState, Subject

PAGE = 6
"""Styles a page: as many previews as one glance takes in, and a caption within 1,024 characters."""

PLACED = (OrderState.AWAITING, OrderState.PAID)


@dataclass(frozen=True, slots=True)
class Menu:
    """What the styles are listed for: the heading's message, what a press and a turned page do."""

    heading: str
    pick: Intent
    page: Intent


SHOOT = Menu("styles-page", Intent.STYLE, Intent.STYLES)
FIRST = Menu("firsts-page", Intent.FIRST, Intent.FIRSTS)


async def styles(turn: RequestContext) -> Outcome:
    """What can be shot now; before there is an avatar, what the first portraits can be."""
    if turn.avatar is None:
        return await firsts(turn)
    return _listed(turn, SHOOT, base_of(turn))


async def firsts(turn: RequestContext) -> Outcome:
    """The styles for the first portraits of an avatar that is to be made."""
    return _listed(turn, FIRST, first_base_of(turn))


async def first(turn: RequestContext) -> Outcome:
    """Choose the style of the first portraits: at any time until they are begun."""
    template = turn.house.catalog.template(turn.argument)
    if turn.order is None and turn.avatar is not None:
        return await card(turn, template)
    base, subject = first_base_of(turn)
    others = column(button(turn.texts, "first-button-others", Intent.FIRSTS))
    if not turn.house.catalog.shows(base, template):
        return reply(turn.say("first-not-shown", others, style=name(turn, template)))
    if subject not in template.subjects and (turn.order or "subject" in turn.data):
        return reply(turn.say("first-not-suited", others, style=name(turn, template)))
    if turn.order is not None and turn.order.state in PLACED:
        await orders.dress(turn.tx, turn.house.catalog, turn.order, template.id)
    chosen = turn.say("first-chosen", slot="first", style=name(turn, template))
    data = {**turn.data, "template": template.id}
    return Outcome((chosen,), data=data, then=Then.SCREEN)


async def card(turn: RequestContext, template: Template) -> Outcome:
    """A style to look at, and one button that takes the set: nothing is spent before that."""
    if not turn.house.catalog.shows(base_of(turn)[0], template):
        others = column(button(turn.texts, "studio-button-styles", Intent.STYLES))
        return reply(turn.say("style-not-shown", others, style=name(turn, template)))
    cost = turn.house.catalog.shoot_credits
    buttons = column(
        button(turn.texts, "style-button-shoot", Intent.STYLE, template.id, cost=cost),
        button(turn.texts, "studio-button-styles", Intent.STYLES),
    )
    text = _line(turn, template)

    async def shown() -> Sequence[Reply]:
        pictures = await asyncio.to_thread(_previews, turn, [template])
        return [Show(tuple(pictures), text, buttons) if pictures else Say(text, buttons)]

    return Outcome(after=shown)


def name(turn: RequestContext, template: Template) -> str:
    return template.names[turn.user.language]


def name_of(turn: RequestContext, template_id: str) -> str:
    return style_name(turn.house.catalog, turn.user.language, template_id)


def style_name(catalog: Catalog, language: str, template_id: str) -> str:
    """A style's name, also of one that the catalogue has dropped since."""
    try:
        return catalog.template(template_id).names[language]
    except NotFound:
        return template_id


def base_of(turn: RequestContext) -> tuple[str, Subject]:
    """The base and the class word that decide which styles can be shown."""
    if turn.avatar is not None:
        return turn.avatar.base, turn.avatar.subject
    return first_base_of(turn)


def first_base_of(turn: RequestContext) -> tuple[str, Subject]:
    """Those of the avatar that is to be made."""
    placed = turn.order if turn.order and turn.order.state in PLACED else None
    if placed is not None:
        return placed.base, placed.subject
    return turn.house.settings.base, Subject(turn.data.get("subject", Subject.PERSON))


def _listed(turn: RequestContext, menu: Menu, offer: tuple[str, Subject]) -> Outcome:
    """A page of the styles that the base can show; the others named honestly at the end."""
    shown, lacking = turn.house.catalog.offered(*offer)
    pages = max(1, -(-len(shown) // PAGE))
    page = int(turn.argument) if turn.argument.isdecimal() else 1
    page = min(max(page, 1), pages)
    here = shown[(page - 1) * PAGE : page * PAGE]
    cost = turn.house.catalog.shoot_credits
    heading = turn.texts(menu.heading, page=page, pages=pages, cost=cost)
    caption = "\n".join((heading, *(f"· {_line(turn, one)}" for one in here)))
    buttons = (*_choices(turn, menu, here), *_paging(turn, menu, page, pages))

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


def _line(turn: RequestContext, template: Template) -> str:
    return f"{name(turn, template)} — {template.blurbs[turn.user.language]}"


def _choices(turn: RequestContext, menu: Menu, here: Sequence[Template]) -> Keyboard:
    return pairs(*(Button(name(turn, one), action(menu.pick, one.id)) for one in here))


def _paging(turn: RequestContext, menu: Menu, page: int, pages: int) -> Keyboard:
    row: list[Button] = []
    if page > 1:
        row.append(button(turn.texts, "styles-button-previous", menu.page, str(page - 1)))
    if page < pages:
        row.append(button(turn.texts, "styles-button-next", menu.page, str(page + 1)))
    back = button(turn.texts, "button-back", Intent.WHERE)
    return (tuple(row), (back,)) if row else ((back,),)


def _previews(turn: RequestContext, here: Sequence[Template]) -> list[Picture]:
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
