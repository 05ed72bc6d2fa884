"""The progress of a training: the message that a customer who has paid reads meanwhile."""

from handlers.chat import Keyboard, Say, Tone
from handlers.context import RequestContext, own_record
from handlers.intents import Intent, button, column
from handlers.progress.registry import (
    Held,
    JobProgress,
    eta_text,
    job_progress,
    not_started,
    tone_of,
)
from shop.avatars.avatars import TRAIN
from shop.records import Avatar, Job, Order

TRAINING = "training"
STAGES = frozenset({"loading", "preparing", TRAINING, "sampling", "painting"})
"""What the engine reports (its ``EngineStage``); each has a message ``waiting-stage-...``."""


async def training_progress(ctx: RequestContext, order: Order) -> JobProgress | None:
    """The training of the order's avatar; None if it has ended or was never ordered."""
    found = await ctx.tx.find(Avatar, order_id=order.id)
    return await job_progress(ctx, TRAIN, found[0].id) if found else None


async def training_message(ctx: RequestContext, order: Order) -> Say:
    """Queue position or progress, an estimated time, and leave to close the chat."""
    avatars = await ctx.tx.find(Avatar, order_id=order.id)
    progress = await job_progress(ctx, TRAIN, avatars[0].id) if avatars else None
    eta = eta_text(ctx, progress, _held(order))
    lines = [_stage(ctx, progress), eta, ctx.texts("waiting-leave")]
    share = None
    if progress and progress.position.running and progress.job.stage == TRAINING:
        share = progress.share
    key = place_of(avatars[0].id if avatars else order.id)
    return Say("\n".join(lines), _buttons(ctx, progress), key, tone_of(progress), share)


def halted_text(ctx: RequestContext, progress: JobProgress | None, order: Order) -> str:
    """That nobody is there for an order's training, and that it goes on; "" where somebody is."""
    halted = tone_of(progress) is Tone.HALTED
    return eta_text(ctx, progress, _held(order)) if halted else ""


def _held(order: Order) -> Held:
    return Held.MONEY if order.kept else Held.NOTHING


def place_of(avatar_id: str) -> str:
    """The message key of a training's progress."""
    return f"progress:{avatar_id[:8]}"


def sample_place(avatar_id: str) -> str:
    """The message key of the newest sample of a training."""
    return f"sample:{avatar_id[:8]}"


def places(job: Job) -> dict[str, str]:
    """Its progress, and the sample, which is removed with its training."""
    return {place_of(job.ref): "ended-training", sample_place(job.ref): "ended-sample"}


async def message_of_job(ctx: RequestContext, job: Job) -> Say:
    """The message of a training job's order. Raises :class:`NotFound` for another person's."""
    avatar = await own_record(ctx, Avatar, job.ref)
    return await training_message(ctx, await own_record(ctx, Order, avatar.order_id))


def _stage(ctx: RequestContext, progress: JobProgress | None) -> str:
    if progress is None:
        return ctx.texts("waiting-prompt")
    if not progress.position.running:
        return ctx.texts("waiting-queue", ahead=progress.position.ahead)
    if progress.job.stage == TRAINING and progress.share is not None:
        return ctx.texts("waiting-working", percent=ctx.texts.percent(progress.share))
    stage = progress.job.stage if progress.job.stage in STAGES else "loading"
    return ctx.texts(f"waiting-stage-{stage}")


def _buttons(ctx: RequestContext, progress: JobProgress | None) -> Keyboard:
    refresh = button(ctx.texts, "waiting-button-refresh", Intent.WHERE)
    if not_started(progress):
        return column(refresh, button(ctx.texts, "waiting-button-cancel", Intent.CANCEL))
    return column(refresh)
