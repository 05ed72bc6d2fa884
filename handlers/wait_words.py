"""How long something would take if it was ordered now, in words."""

from handlers.context import RequestContext
from shop.jobs import eta
from shop.jobs.kinds import JobKind


async def wait_words(ctx: RequestContext, kind: JobKind, key: str, base: str) -> str:
    """The message ``key`` with a span of time, of a job that needs that base. Where
    nothing was measured (``known`` is "no"), or no worker is there ("no-worker"), it promises
    none."""
    promised = await eta.promise(ctx.tx, kind, ctx.now, base)
    if not promised.attended:
        return ctx.texts(key, known="no-worker", span="")
    if promised.seconds is None:
        return ctx.texts(key, known="no", span="")
    span = ctx.texts.span(promised.seconds.low, promised.seconds.high)
    return ctx.texts(key, known="yes", span=span)
