"""Notices for admins: hosts that are out of service, and pictures that wait for a look."""

from handlers.chat import Reply, Tone
from handlers.context import RequestContext
from handlers.notifications.registry import Payload
from shop.jobs import held_pictures


async def worker_fault(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A worker (``studio@host (cuda:1)``) is out of service, and of what fault, for admins."""
    worker, what = str(payload["worker"]), str(payload["what"])
    return [ctx.say("admin-worker-fault", tone=Tone.TROUBLE, worker=worker, what=what)]


async def held_pictures_waiting(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """How many pictures wait for a look, for admins; nothing, once none does."""
    count, hours = await held_pictures.count(ctx.tx), ctx.deps.settings.upload_hours
    return [ctx.say("admin-held", count=count, hours=hours)] if count else []
