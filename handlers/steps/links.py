"""Deep links: the payload of ``/start``. A link may show and remember; it never spends credits.

``r-{user}`` comes from a friend, ``t-{template}`` from a style, ``p-{portrait}`` and ``c-{clip}``
from the list of what can be shared; ``alive`` leads to bringing a photo alive, ``alive-{portrait}``
to that of a portrait, ``together`` to two pictures in one frame; ``paint`` to a picture in one's
own words. Whoever opens one may have
invented it: an unknown one is ignored.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from handlers.chat import Reply
from handlers.context import Outcome, RequestContext, reply_and_show
from handlers.session import TOGETHER
from handlers.steps import alive, clips, share, styles, wishes
from shop.catalog import Catalog
from shop.errors import NotFound
from shop.money import referrals
from shop.money.referrals import ReferralInvitation
from shop.records import PortraitId

Link = Callable[[RequestContext, str], Awaitable[Outcome | None]]


async def follow(ctx: RequestContext) -> Outcome | None:
    """The outcome of the link; None without one, and for one that leads nowhere (any more)."""
    kind, _, rest = ctx.argument.partition("-")
    link = LINKS.get(kind)
    return await link(ctx, rest) if link and (rest or kind in (ALIVE, TOGETHER, PAINT)) else None


async def _invited(ctx: RequestContext, host: str) -> Outcome | None:
    """Remember who invited somebody new, and say so above the present screen."""
    outcome = await referrals.accept_invite(ctx.tx, ctx.user, host)
    if outcome is ReferralInvitation.INVALID:
        return None
    credits = ctx.deps.catalog.referral_credits
    said: tuple[Reply, ...] = (
        ctx.say(f"invited-{outcome}", message_key="invited", credits=credits),
    )
    return reply_and_show(*said)


async def _style(ctx: RequestContext, template_id: str) -> Outcome | None:
    try:
        template = ctx.deps.catalog.template(template_id)
    except NotFound:
        return None
    if ctx.avatar is not None:
        return await styles.style_card(ctx, template)
    return await styles.choose_initial_style(replace(ctx, argument=template.id))


async def _portrait(ctx: RequestContext, id: str) -> Outcome | None:
    try:
        return await share.show_portrait(ctx, PortraitId(id))
    except NotFound:
        return None


async def _clip(ctx: RequestContext, id: str) -> Outcome | None:
    try:
        return await clips.show_again(ctx, id)
    except NotFound:
        return None


async def _alive(ctx: RequestContext, id: str) -> Outcome | None:
    try:
        return await alive.begin(replace(ctx, argument=id))
    except NotFound:
        return None


async def _together(ctx: RequestContext, _: str) -> Outcome:
    return await alive.begin(replace(ctx, argument=TOGETHER))


async def _paint(ctx: RequestContext, rest: str) -> Outcome | None:
    return await wishes.begin(replace(ctx, argument="")) if not rest else None


def leads_anybody(catalog: Catalog, payload: str) -> bool:
    """Whether a link with that payload may mean something to people who are new: a style of the
    catalogue's, one photo or two that are to come alive, words that are to be painted, or an
    invitation with what can be an id. A portrait's and a clip's are their owner's alone."""
    kind, _, rest = payload.partition("-")
    if kind == STYLE:
        return any(template.id == rest for template in catalog.templates)
    wanted = (ALIVE, TOGETHER, PAINT)
    return payload in wanted or (kind == INVITATION and _ID.fullmatch(rest) is not None)


_ID: Final = re.compile("[0-9a-f]{32}")
INVITATION: Final = "r"
STYLE: Final = "t"
ALIVE: Final = "alive"
PAINT: Final = "paint"
LINKS: Final[Mapping[str, Link]] = {
    INVITATION: _invited,
    STYLE: _style,
    "p": _portrait,
    "c": _clip,
    ALIVE: _alive,
    TOGETHER: _together,
    PAINT: _paint,
}
