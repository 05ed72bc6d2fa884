"""Notices for admins: hosts that are out of service, and pictures that wait for a look,
and customers who say that they are minors."""

from handlers import billing
from handlers.chat import Reply, Tone
from handlers.context import RequestContext
from handlers.notifications.registry import Payload
from shop.jobs import held_pictures
from shop.orders import orders
from shop.people import users
from shop.records import Photo, PhotoState, UserId


async def worker_fault(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A worker (``studio@host (cuda:1)``) is out of service, and of what fault, for admins."""
    worker, what = str(payload["worker"]), str(payload["what"])
    return [ctx.say("admin-worker-fault", tone=Tone.TROUBLE, worker=worker, what=what)]


async def held_pictures_waiting(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """How many pictures wait for a look, for admins; nothing, once none does."""
    count, hours = await held_pictures.count(ctx.tx), ctx.deps.settings.upload_hours
    return [ctx.say("admin-held", count=count, hours=hours)] if count else []


async def stated_minor(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A customer says that they are a minor, for admins. Nothing, once they are erased."""
    customer = await users.current(ctx.tx, UserId(str(payload["customer"])))
    if customer is None or customer.erased_at is not None:
        return []
    order = await orders.current(ctx.tx, customer)
    number = billing.order_number(order) if order else "—"
    held = await ctx.tx.count(Photo, user_id=customer.id, state=PhotoState.HELD)
    person, tone = users.admin_name(customer), Tone.TROUBLE
    return [ctx.say("admin-stated-minor", tone=tone, person=person, order=number, held=held)]
