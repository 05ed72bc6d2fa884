"""Notices of workers: what admins are told about the hosts that do the work."""

from handlers.chat import Reply, Tone
from handlers.context import RequestContext
from handlers.notifications.registry import Payload


async def worker_fault(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A worker (``studio@host (cuda:1)``) is out of service, and of what fault, for admins."""
    worker, what = str(payload["worker"]), str(payload["what"])
    return [ctx.say("admin-worker-fault", tone=Tone.TROUBLE, worker=worker, what=what)]
