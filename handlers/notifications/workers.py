"""Notices for admins: hosts that are out of service, and pictures that wait for a look,
and customers who say that they are minors."""

from typing import Final

from handlers import billing
from handlers.admin.views import order_state
from handlers.chat import Reply, Tone
from handlers.context import RequestContext
from handlers.notifications.registry import Payload
from handlers.steps.consequences import yes_or_no
from shop.jobs import held_pictures
from shop.orders import orders
from shop.people import users
from shop.records import OrderState, Photo, PhotoState, UserId

_REFUNDABLE: Final = frozenset({OrderState.PAID, OrderState.DONE, OrderState.STOPPED})


async def worker_fault(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A worker (``studio@host (cuda:1)``) is out of service, and of what fault, for admins."""
    worker, what = str(payload["worker"]), str(payload["what"])
    return [ctx.say("admin-worker-fault", tone=Tone.TROUBLE, worker=worker, what=what)]


async def held_pictures_waiting(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """How many pictures wait for a look, for admins; nothing, once none does."""
    count, hours = await held_pictures.count(ctx.tx), ctx.deps.settings.upload_hours
    return [ctx.say("admin-held", count=count, hours=hours)] if count else []


async def stated_minor(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A customer says that they are a minor, for admins: with the avatar order that is under way,
    or their last one and how it stands. Nothing, once they are erased."""
    customer = await users.current(ctx.tx, UserId(str(payload["customer"])))
    if customer is None or customer.erased_at is not None:
        return []
    order = await orders.current(ctx.tx, customer) or await orders.latest(ctx.tx, customer)
    held = await ctx.tx.count(Photo, user_id=customer.id, state=PhotoState.HELD)
    told = ctx.say(
        "admin-stated-minor", tone=Tone.TROUBLE, person=users.admin_name(customer), held=held,
        order=billing.order_number(order) if order else "none",
        state=order_state(ctx.texts, order.state) if order else "—",
        paid=yes_or_no(order is not None and order.state in _REFUNDABLE),
    )  # fmt: skip
    return [told]
