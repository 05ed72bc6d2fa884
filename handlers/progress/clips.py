"""The progress of a clip: of the look at its source, and of its making."""

from handlers.chat import Say, Tone
from handlers.context import RequestContext, own_record
from handlers.intents import Intent, button, column
from handlers.progress.registry import (
    Held,
    JobProgress,
    ahead_text,
    eta_text,
    job_progress,
    tone_of,
)
from handlers.texts import Texts
from shop.catalog import Catalog
from shop.clips.filming import EMBEDDED, kind_of
from shop.clips.sources import PREPARE
from shop.records import Clip, Job

CLIPS = "clips"
"""Of :data:`Intent.WHERE`: how far the clips are, and nothing else."""


def motion_title(catalog: Catalog, say: Texts, motion: str) -> str:
    """A motion's name, or a video base's effect's; also of one that the catalogue has dropped
    since."""
    entry = catalog.motions.get(motion)
    names = entry.names if entry else catalog.effect_names.get(motion, {})
    return names.get(say.language, motion)


async def source_message(ctx: RequestContext, clip: Clip) -> Say:
    """The photo has come, and is looked at: its place in the queue, if it has to wait."""
    progress = await job_progress(ctx, PREPARE, clip.id)
    leave = column(button(ctx.texts, "alive-button-leave", Intent.MOTION, "no"))
    lines = [ctx.texts("alive-looking")]
    if progress and not progress.position.running and not progress.position.attended:
        lines.append(ctx.texts("waiting-eta-no-worker"))
    return Say("\n".join(lines), leave, source_place(clip.id), Tone.PROGRESS)


def source_place(clip_id: str) -> str:
    """The message key of what is said of a source: that it is looked at, and what came of it."""
    return f"source:{clip_id[:8]}"


def source_closing(ctx: RequestContext, clip_id: str, how: str) -> Say:
    """The last word of the look at a source: ``seen``, or ``left`` by its sender or by time."""
    said = ctx.texts("ended-source", how=how)
    return Say(said, message_key=source_place(clip_id), closes=True)


def places(job: Job) -> dict[str, str]:
    """Where the progress of a clip's making stands, and what closes it."""
    return {_place(job.ref): "ended-clip"}


def _place(clip_id: str) -> str:
    return f"film:{clip_id[:8]}"


async def film_message(ctx: RequestContext, clip: Clip) -> Say:
    """Queue position or progress, and an estimated time."""
    progress = await job_progress(ctx, kind_of(clip.engine), clip.id)
    motion = motion_title(ctx.deps.catalog, ctx.texts, clip.motion)
    share = progress.share if progress and progress.position.running else None
    held = Held.NOTHING if clip.gift else Held.CREDITS
    lines = [_stage(ctx, clip, progress, motion, share), eta_text(ctx, progress, held)]
    if clip.engine != EMBEDDED:
        lines.append(ctx.texts("generated-on-the-way"))
    where = column(button(ctx.texts, "waiting-button-refresh", Intent.WHERE, CLIPS))
    return Say("\n".join(lines), where, _place(clip.id), tone_of(progress), share)


def _stage(
    ctx: RequestContext, clip: Clip, progress: JobProgress | None, motion: str, share: float | None
) -> str:
    if share is not None:
        return ctx.texts("film-working", motion=motion, percent=ctx.texts.percent(share))
    ahead = ahead_text(progress)
    gift = "yes" if clip.gift else "no"
    return ctx.texts("film-queued", motion=motion, ahead=ahead, credits=clip.credits, gift=gift)


async def message_of_job(ctx: RequestContext, job: Job) -> Say:
    """The message of a film job's clip. Raises :class:`NotFound` for another person's."""
    return await film_message(ctx, await own_record(ctx, Clip, job.ref))
