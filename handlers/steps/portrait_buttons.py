"""The buttons below portraits: what can be done next, and what it costs."""

from typing import Final

from handlers.chat import Button, Keyboard
from handlers.context import RequestContext
from handlers.intents import Intent, action, button, column, pairs
from handlers.steps.styles import base_of
from shop.records import Shoot, ShootKind

_AFTER: Final = {
    ShootKind.MORE_LIKE_ME: ("portraits-button-more", Intent.MORE),
    ShootKind.MORE_BEAUTIFUL: ("portraits-button-fairer", Intent.MORE_BEAUTIFUL),
    ShootKind.ANOTHER: ("portraits-button-again", Intent.AGAIN),
    ShootKind.EXPRESSION: ("portraits-button-expression", Intent.EXPRESSION),
}


def portrait_buttons(ctx: RequestContext, shoot: Shoot) -> Keyboard:
    """The buttons below portraits; for another expression where there is one to be had, and of
    nobody none that is about a likeness. What costs credits says how many, a row each: two prices
    side by side are cut on a phone."""
    priced = [ShootKind.ANOTHER]
    if shoot.avatar_id:
        priced[:0] = [ShootKind.MORE_LIKE_ME, ShootKind.MORE_BEAUTIFUL]
    if other_expression(ctx, shoot):
        priced.append(ShootKind.EXPRESSION)
    here = [
        ("portraits-button-originals", Intent.ORIGINALS),
        ("portraits-button-alive", Intent.ALIVE),
        ("portraits-button-share", Intent.SHARE),
    ]
    styles_key, words_key = "portraits-button-styles", "paint-button-other"
    elsewhere = (words_key, Intent.PAINT) if shoot.prompt_id else (styles_key, Intent.STYLES)
    avatar = ("portraits-button-avatar", Intent.AVATAR)
    buttons = pairs(
        button(ctx.texts, *elsewhere),
        *(button(ctx.texts, key, intent, shoot.id) for key, intent in here),
        button(ctx.texts, *(avatar if shoot.avatar_id else ("button-where", Intent.WHERE))),
    )
    paid = (priced_button(ctx, kind, shoot) for kind in priced)
    return (*column(*paid), *buttons, *album_button(ctx))


def priced_button(ctx: RequestContext, kind: ShootKind, shoot: Shoot) -> Button:
    """The button that takes such a set after that one, with its price. Raises KeyError for a kind
    that follows no set."""
    key, intent = _AFTER[kind]
    cost = ctx.deps.catalog.shoot_credits
    label = ctx.texts("button-cost", label=ctx.texts(key), cost=cost)
    return Button(label, action(intent, shoot.id))


def album_button(ctx: RequestContext) -> Keyboard:
    """A row with the button that opens the person's album; none where there is no album."""
    link = ctx.deps.album_link(ctx.user)
    return ((Button(ctx.texts("portraits-button-album"), url=link, page=True),),) if link else ()


def other_expression(ctx: RequestContext, shoot: Shoot) -> str:
    """The expression that the style has beside that of a shoot; "" if it has none."""
    return ctx.deps.catalog.other_expression(base_of(ctx)[0], shoot.template, shoot.expression)
