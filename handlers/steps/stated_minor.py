"""The step of somebody who says that they are a minor, after they agreed as an adult."""

from typing import Final

import structlog

from handlers import billing
from handlers.context import Outcome, RequestContext, reply
from handlers.intents import Intent, button, column
from handlers.steps.consequences import yes_or_no
from shop.jobs import outbox
from shop.people import users
from shop.photos import reviews

GATHERED: Final = 60.0  # seconds in which one person says it once, for an admin
NOTICE: Final = "stated_minor"

log = structlog.get_logger(__name__)


async def hear(ctx: RequestContext) -> Outcome:
    """What is not paid yet is held for a person's look; admins are told, who decide the rest."""
    held = await reviews.hold_for_age(ctx.tx, ctx.order, ctx.now) if ctx.order else 0
    staff = await users.known_admins(ctx.tx, ctx.deps.settings.admins)
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
    return reply(*outdated, said)
