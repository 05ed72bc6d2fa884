"""Deep links: the payload of ``/start``. A link may show and remember; it never spends credits.

``r-{user}`` comes from a friend, ``t-{template}`` from a style, ``p-{portrait}`` from the list of
portraits to share. Whoever opens one may have invented it: an unknown one is ignored.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from handlers.chat import Reply
from handlers.context import Outcome, RequestContext, reply_and_show
from handlers.steps import share, styles
from shop.errors import NotFound
from shop.money import referrals
from shop.money.referrals import ReferralInvitation
from shop.records import PortraitId

Link = Callable[[RequestContext, str], Awaitable[Outcome | None]]


async def follow(ctx: RequestContext) -> Outcome | None:
    """The outcome of the link; None without one, and for one that leads nowhere (any more)."""
    kind, _, rest = ctx.argument.partition("-")
    link = LINKS.get(kind)
    return await link(ctx, rest) if link and rest else None


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


LINKS: Final[Mapping[str, Link]] = {"r": _invited, "t": _style, "p": _portrait}
