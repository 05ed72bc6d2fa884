"""A warning that sales are paused or the queue is full, before anybody sends photos."""

from handlers.chat import Reply
from handlers.context import RequestContext
from shop.errors import QueueTooLong, SalesPaused
from shop.orders import sales_guard


async def warning(ctx: RequestContext) -> tuple[Reply, ...]:
    """One message if an order could not be paid for now; none otherwise."""
    settings = ctx.deps.settings
    try:
        await sales_guard.require_sales_open(ctx.tx)
        await sales_guard.require_short_queue(ctx.tx, settings.max_wait_minutes, ctx.now)
    except SalesPaused:
        return (ctx.say("closed-sales-paused", message_key="closed", hours=settings.upload_hours),)
    except QueueTooLong as refusal:
        span = ctx.texts.span(int(refusal.details["minutes"]) * 60)
        hours = settings.upload_hours
        return (ctx.say("closed-queue-too-long", message_key="closed", span=span, hours=hours),)
    return ()
