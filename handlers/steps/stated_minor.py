"""The step of somebody who says that they are a minor."""

from dataclasses import replace
from typing import Final

import structlog

from handlers import billing
from handlers.context import Outcome, RequestContext, reply
from handlers.intents import Intent, button, column
from handlers.session import State
from handlers.steps.consequences import yes_or_no
from shop.clips import sources
from shop.jobs import outbox
from shop.people import users
from shop.photos import reviews
from shop.records import ConsentKind

GATHERED: Final = 60.0  # seconds in which one person says it once, for an admin
NOTICE: Final = "stated_minor"

log = structlog.get_logger(__name__)


async def hear(ctx: RequestContext) -> Outcome:
    """What is not paid yet, and whatever they send from now on, is held for a person's look; once
    they have agreed as an adult, admins are told, who decide the rest."""
    agreed = ConsentKind.TERMS in ctx.given
    held = await hold(ctx)
    ctx = replace(ctx, user=await users.lock(ctx.tx, ctx.user.id))
    staff = await users.known_admins(ctx.tx, ctx.deps.settings.admins) if agreed else []
    for admin in staff:
        await outbox.notify(
            ctx.tx, admin.id, NOTICE, ctx.now, delay=GATHERED,
            key=f"{NOTICE}:{admin.id}:{ctx.user.id}", customer=ctx.user.id,
        )  # fmt: skip
    log.warning("stated_minor", held=held)
    ways = [button(ctx.texts, "button-where", Intent.WHERE)]
    if staff:
        ways.insert(0, button(ctx.texts, "answer-button-support", Intent.SUPPORT))
    said = ctx.say("minor-said", column(*ways), held=held, told=yes_or_no(bool(staff)))
    outdated = await billing.outdated_now(ctx, ctx.order) if ctx.order else []
    return reply(*outdated, said, state=ctx.staying)


async def hold(ctx: RequestContext) -> int:
    """What they have sent and not paid waits, and what they send from now on; of the order how many
    photos do."""
    held = await reviews.hold_for_age(ctx.tx, ctx.user, ctx.order, ctx.now)
    await sources.hold_for_age(ctx.tx, ctx.user, ctx.now)
    return held


def is_of_sender(ctx: RequestContext) -> bool:
    """Whether what stands below a photo is said of who sent it, not of somebody else who is on it,
    as below a file to verify, or one that is to come alive."""
    if ctx.state is State.CLIP:
        return ctx.clip is not None and sources.is_of_sender(ctx.clip)
    return ctx.state is not State.VERIFYING
