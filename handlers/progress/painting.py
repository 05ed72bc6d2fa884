"""The progress of a shoot: a set of portraits that is being painted."""

from typing import Final

from handlers.chat import Say
from handlers.context import RequestContext, own_record
from handlers.intents import Intent, button, column
from handlers.progress.registry import Held, ahead_text, eta_text, job_progress, tone_of
from handlers.steps.styles import title_of
from shop.avatars.portraits import PAINT
from shop.money import ledger
from shop.records import Job, Shoot


async def painting_message(ctx: RequestContext, shoot: Shoot, before: str = "") -> Say:
    """Queue position or progress, and an estimated time; ``before`` is a line above them."""
    progress = await job_progress(ctx, PAINT, shoot.id)
    style = title_of(ctx, shoot.template)
    share = progress.share if progress and progress.position.running else None
    if share is not None:
        text = ctx.texts("shoot-working", style=style, percent=ctx.texts.percent(share))
    else:
        ahead = ahead_text(progress)
        balance = await ledger.balance(ctx.tx, ctx.user.id)
        text = ctx.texts(
            "shoot-queued", style=style, credits=shoot.credits, balance=balance, ahead=ahead
        )
    held = Held.CREDITS if shoot.credits else Held.NOTHING
    lines = [line for line in (before, text, eta_text(ctx, progress, held)) if line]
    other = ("paint-button-other", Intent.PAINT) if shoot.prompt_id else _OTHER_STYLE
    more = column(button(ctx.texts, *other))
    return Say("\n".join(lines), more, _place(shoot.id), tone_of(progress), share)


def places(job: Job) -> dict[str, str]:
    """Where its progress stands, and what closes it."""
    return {_place(job.ref): "ended-shoot"}


def _place(shoot_id: str) -> str:
    return f"shoot:{shoot_id[:8]}"


_OTHER_STYLE: Final = ("portraits-button-styles", Intent.STYLES)


async def message_of_job(ctx: RequestContext, job: Job) -> Say:
    """The message of a paint job's shoot. Raises :class:`NotFound` for another person's."""
    return await painting_message(ctx, await own_record(ctx, Shoot, job.ref))
