"""Whether the house takes orders now: told before anybody takes pains, not at the till alone."""

from handlers.chat import Reply
from handlers.context import RequestContext
from shop.errors import QueueTooLong, SalesPaused
from shop.orders import sales_guard


async def warning(turn: RequestContext) -> tuple[Reply, ...]:
    """What to know before sending photos: that paying has to wait. Nothing while all is well."""
    settings = turn.house.settings
    try:
        await sales_guard.demand_sales(turn.tx)
        await sales_guard.demand_short_queue(turn.tx, settings.max_wait_minutes, turn.now)
    except SalesPaused:
        return (turn.say("closed-sales-paused", slot="closed", hours=settings.upload_hours),)
    except QueueTooLong as long:
        span = turn.texts.span(int(long.details["minutes"]) * 60)
        hours = settings.upload_hours
        return (turn.say("closed-queue-too-long", slot="closed", span=span, hours=hours),)
    return ()
