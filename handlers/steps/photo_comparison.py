"""Steps of the optional consent to compare an order's photos with each other, and of doing it.

It is offered at the album, before paying, and asked when that button is pressed for the first time.
A yes lets a worker look (:mod:`shop.photos.comparison`); what it found the album shows, as marks.
Nobody waits for it: a no, or no answer, changes nothing.
"""

from typing import Final

from handlers import billing
from handlers.chat import Say
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.progress.registry import eta_text, job_progress
from handlers.session import State
from handlers.steps.compare_consent import OptionalConsent
from handlers.steps.standing import COMPARING
from shop.people import consent
from shop.photos import comparison, photos
from shop.photos.comparison import COMPARE, KIND
from shop.records import Order


async def ask(ctx: RequestContext) -> Outcome:
    """Ask for the consent."""
    if not consent.is_sufficient(ctx.given):
        return reply_and_show(state=State.AGREE)
    yes = button(ctx.texts, "compare-button-yes", Intent.AGREE, KIND)
    no = button(ctx.texts, "compare-button-no", Intent.DECLINE, KIND)
    return reply(ctx.say("compare-photos-ask", pairs(yes, no), message_key=COMPARING))


async def begin(ctx: RequestContext) -> Outcome:
    """Compare the photos of the order that is not paid for yet; ask first whether that may be."""
    order = await _comparable(ctx)
    if order is None:
        return reply_and_show()
    return reply(await _begun(ctx, order)) if KIND in ctx.given else await ask(ctx)


async def accept(ctx: RequestContext) -> Outcome:
    """A yes: the photos are compared at once, if there are any. The demanded consents come
    first."""
    if not consent.is_sufficient(ctx.given):
        return reply_and_show(state=State.AGREE)
    await consent.give(ctx.tx, ctx.user, KIND, ctx.now)
    order = await _comparable(ctx)
    return reply(await _begun(ctx, order) if order else _say(ctx, "noted"))


async def decline(ctx: RequestContext) -> Outcome:
    """A no; an earlier yes is withdrawn."""
    return await withdraw(ctx) if KIND in ctx.given else reply(_say(ctx, "no"))


async def withdraw(ctx: RequestContext) -> Outcome:
    """Withdraw the yes: the marks are forgotten, what is being compared is thrown away, and a
    bill that says that photos were compared is out of date."""
    given = KIND in ctx.given
    await comparison.withdraw(ctx.tx, ctx.user, ctx.now)
    bill = await billing.outdated_now(ctx, ctx.order) if ctx.order else []
    return reply(_say(ctx, "off" if given else "no"), *bill)


CONSENT: Final = OptionalConsent(
    KIND,
    ask,
    accept,
    decline,
    withdraw,
    "compare-photos-privacy-ask",
    "compare-photos-privacy-off",
    "compare-photos-revoke",
)


async def _comparable(ctx: RequestContext) -> Order | None:
    """The unpaid order, if it has enough photos and a comparison would say anything new of them."""
    order = ctx.order
    if order is None or order.state not in photos.OPEN_FOR_PHOTOS:
        return None
    found = await comparison.known(ctx.tx, order)
    total = found.compared + len(found.left_out)
    return order if found.left_out and total >= ctx.deps.settings.photos_minimum else None


async def _begun(ctx: RequestContext, order: Order) -> Say:
    await comparison.request(ctx.tx, ctx.user, order, ctx.now)
    progress = await job_progress(ctx, COMPARE, order.id)
    measured = progress and (progress.position.seconds or not progress.position.attended)
    return _say(ctx, "yes", eta=eta_text(ctx, progress) if measured else "")


def _say(ctx: RequestContext, what: str, eta: str = "") -> Say:
    where = column(button(ctx.texts, "button-where", Intent.WHERE))
    text = "\n".join(filter(None, (ctx.texts(f"compare-photos-{what}"), eta)))
    return Say(text, where, COMPARING)
