"""Steps of the style menu: pages of previews, and what the base cannot show, named as such.

With an avatar a press takes a set. Before there is one, it chooses the style of the initial
portraits, which are included in the avatar's price.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.chat import Button, Keyboard, Picture, Reply, Say, Show
from handlers.context import Outcome, RequestContext, Then, reply
from handlers.intents import Intent, action, button, column, pairs
from handlers.texts import texts
from shop.catalog import Catalog, Template
from shop.errors import NotFound
from shop.orders import orders
from shop.records import OrderState, Subject

PAGE = 6
"""Styles a page: as many previews as one glance takes in, and a caption within 1,024 characters."""

ORDER_PLACED = (OrderState.AWAITING, OrderState.PAID)


@dataclass(frozen=True, slots=True)
class StyleMenu:
    """A use of the list: the key of its heading, the intents of a choice and of another page."""

    heading: str
    pick: Intent
    page: Intent


SHOOT_MENU = StyleMenu("styles-page", Intent.STYLE, Intent.STYLES)
INITIAL_MENU = StyleMenu("firsts-page", Intent.INITIAL_STYLE, Intent.INITIAL_STYLES)


async def styles(ctx: RequestContext) -> Outcome:
    """The styles for a set, or with a style's id that one and what it costs; before there is an
    avatar, those for the initial portraits."""
    if ctx.avatar is None:
        return await initial_styles(ctx)
    if ctx.argument and not ctx.argument.isdecimal():
        return await style_card(ctx, ctx.deps.catalog.template(ctx.argument))
    return _page(ctx, SHOOT_MENU, base_of(ctx))


async def initial_styles(ctx: RequestContext) -> Outcome:
    """The styles for the initial portraits of an avatar that is to be made."""
    return _page(ctx, INITIAL_MENU, initial_base_of(ctx))


async def choose_initial_style(ctx: RequestContext) -> Outcome:
    """Choose the style of the initial portraits; with a finished avatar, show the style."""
    template = ctx.deps.catalog.template(ctx.argument)
    if ctx.order is None and ctx.avatar is not None:
        return await style_card(ctx, template)
    base, subject = initial_base_of(ctx)
    others = column(button(ctx.texts, "first-button-others", Intent.INITIAL_STYLES))
    if not ctx.deps.catalog.shows(base, template):
        return reply(ctx.say("first-not-shown", others, style=style_title(ctx, template)))
    if subject not in template.subjects and (ctx.order or "subject" in ctx.data):
        return reply(ctx.say("first-not-suited", others, style=style_title(ctx, template)))
    if ctx.order is not None and ctx.order.state in ORDER_PLACED:
        await orders.change_template(ctx.tx, ctx.deps.catalog, ctx.order, template.id)
    chosen = ctx.say("first-chosen", message_key="first", style=style_title(ctx, template))
    data = {**ctx.data, "template": template.id}
    return Outcome((chosen,), data=data, then=Then.SCREEN)


async def style_card(ctx: RequestContext, template: Template) -> Outcome:
    """Show a style with a button that takes the set: nothing is spent before that."""
    if not ctx.deps.catalog.shows(base_of(ctx)[0], template):
        others = column(button(ctx.texts, "studio-button-styles", Intent.STYLES))
        return reply(ctx.say("style-not-shown", others, style=style_title(ctx, template)))
    cost = ctx.deps.catalog.shoot_credits
    buttons = column(
        button(ctx.texts, "style-button-shoot", Intent.STYLE, template.id, cost=cost),
        button(ctx.texts, "studio-button-styles", Intent.STYLES),
    )
    text = _line(ctx, template)

    async def shown() -> Sequence[Reply]:
        pictures = await _previews(ctx, [template])
        return [Show(tuple(pictures), text, buttons) if pictures else Say(text, buttons)]

    return Outcome(after_commit=shown)


def style_title(ctx: RequestContext, template: Template) -> str:
    return template.names[ctx.user.language]


def title_of(ctx: RequestContext, template_id: str) -> str:
    return title_in(ctx.deps.catalog, ctx.user.language, template_id)


def title_in(catalog: Catalog, language: str, template_id: str) -> str:
    """A style's name, also of one that the catalogue has dropped since; of none, that it was
    painted in its customer's own words."""
    if not template_id:
        return texts(language)("paint-title")
    try:
        return catalog.template(template_id).names[language]
    except NotFound:
        return template_id


def base_of(ctx: RequestContext) -> tuple[str, Subject]:
    """The base and the subject that decide which styles can be shown."""
    if ctx.avatar is not None:
        return ctx.avatar.base, ctx.avatar.subject
    return initial_base_of(ctx)


def initial_base_of(ctx: RequestContext) -> tuple[str, Subject]:
    """The base and the subject of the avatar that is to be made."""
    placed = ctx.order if ctx.order and ctx.order.state in ORDER_PLACED else None
    if placed is not None:
        return placed.base, placed.subject
    return ctx.deps.settings.base, Subject(ctx.data.get("subject", Subject.PERSON))


def _page(ctx: RequestContext, menu: StyleMenu, offer: tuple[str, Subject]) -> Outcome:
    """A page of the styles that the base can show; the last page names the others."""
    shown, lacking = ctx.deps.catalog.offered(*offer)
    pages = max(1, -(-len(shown) // PAGE))
    page = int(ctx.argument) if ctx.argument.isdecimal() else 1
    page = min(max(page, 1), pages)
    here = shown[(page - 1) * PAGE : page * PAGE]
    cost = ctx.deps.catalog.shoot_credits
    heading = ctx.texts(menu.heading, page=page, pages=pages, cost=cost)
    caption = "\n".join((heading, *(f"· {_line(ctx, one)}" for one in here)))
    buttons = (*_style_buttons(ctx, menu, here), *_page_buttons(ctx, menu, page, pages))

    async def album() -> Sequence[Reply]:
        pictures = await _previews(ctx, here, menu.pick)
        said: list[Reply] = [Show(tuple(pictures), caption, buttons, message_key="styles")]
        if not pictures:
            said = [Say(caption, buttons, message_key="styles")]
        if lacking and page == pages:
            names = ctx.texts.listing([style_title(ctx, one) for one in lacking])
            said.insert(0, ctx.say("styles-not-shown", names=names, message_key="styles-not-shown"))
        return said

    return Outcome(after_commit=album)


def _line(ctx: RequestContext, template: Template) -> str:
    return f"{style_title(ctx, template)} — {template.blurbs[ctx.user.language]}"


def _style_buttons(ctx: RequestContext, menu: StyleMenu, here: Sequence[Template]) -> Keyboard:
    return pairs(*(Button(style_title(ctx, one), action(menu.pick, one.id)) for one in here))


def _page_buttons(ctx: RequestContext, menu: StyleMenu, page: int, pages: int) -> Keyboard:
    row: list[Button] = []
    if page > 1:
        row.append(button(ctx.texts, "styles-button-previous", menu.page, str(page - 1)))
    if page < pages:
        row.append(button(ctx.texts, "styles-button-next", menu.page, str(page + 1)))
    back = button(ctx.texts, "button-back", Intent.WHERE)
    return (tuple(row), (back,)) if row else ((back,),)


async def _previews(
    ctx: RequestContext, here: Sequence[Template], pick: Intent | None = None
) -> list[Picture]:
    """The previews of those styles, as far as there are any; ``pick``: what chooses one."""
    pictures = []
    for one in here:
        try:
            preview = await ctx.deps.previews.get(one.id)
        except NotFound:
            continue
        alt = ctx.texts("preview-alt", style=style_title(ctx, one))
        choice = action(pick, one.id) if pick else ""
        pictures.append(
            Picture(f"preview:{one.id}", preview.data, "image/jpeg", alt, preview.version, choice)
        )
    return pictures
