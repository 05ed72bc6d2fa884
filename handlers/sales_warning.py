"""A warning that sales are paused, the queue is full or nobody is at work, before anybody sends
photos."""

from handlers.chat import Reply
from handlers.context import RequestContext
from shop.errors import NobodyWorks, QueueTooLong, SalesPaused
from shop.orders import sales_guard
from shop.orders.sales_guard import Capacity


async def warning(ctx: RequestContext) -> tuple[Reply, ...]:
    """One message if an order could not be paid for now; none otherwise."""
    settings = ctx.deps.settings
    try:
        await sales_guard.require_sales_open(ctx.tx)
        await sales_guard.require_capacity(ctx.tx, Capacity.of(settings), ctx.now)
    except SalesPaused:
        return (ctx.say("closed-sales-paused", message_key="closed", hours=settings.upload_hours),)
    except NobodyWorks:
        return (ctx.say("closed-nobody-works", message_key="closed", hours=settings.upload_hours),)
    except QueueTooLong as refusal:
        span = ctx.texts.span(int(refusal.details["minutes"]) * 60)
        hours = settings.upload_hours
        return (ctx.say("closed-queue-too-long", message_key="closed", span=span, hours=hours),)
    return ()
