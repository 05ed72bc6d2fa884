"""Steps of finished clips: shown again, as a file, and handed on."""

from collections.abc import Awaitable, Callable

from handlers.chat import Button, ClipFile, Keyboard, Reply, ShowClip
from handlers.context import Outcome, RequestContext, own_record, reply
from handlers.intents import Intent, button, pairs
from handlers.progress.clips import motion_title
from handlers.steps import alive
from shop.clips import clips, delivery
from shop.errors import NotFound
from shop.records import Clip, ClipState


async def show_file(ctx: RequestContext) -> Outcome:
    """The clip that the button names, or the newest, as a file with its labels intact; where the
    channel has no files, the clip again."""
    clip = await _named(ctx)
    if clip is None:
        return reply(ctx.say("clip-none", alive.alive_button(ctx)))
    opened, buttons = await find_file(ctx, clip), clip_buttons(ctx, clip, file=False)

    async def show() -> list[Reply]:
        return [ShowClip(await opened(), ctx.texts("clip-file"), buttons, original=True)]

    return Outcome(after_commit=show)


async def show_again(ctx: RequestContext, id: str) -> Outcome:
    """A clip in the person's own chat once more, from where it can be shared. Raises
    :class:`NotFound` for another's."""
    clip = await own_record(ctx, Clip, id)
    opened, buttons = await find_file(ctx, clip), clip_buttons(ctx, clip)
    caption = motion_title(ctx.deps.catalog, ctx.texts, clip.motion)

    async def show() -> list[Reply]:
        return [ShowClip(await opened(), caption, buttons)]

    return Outcome(after_commit=show)


async def find_file(ctx: RequestContext, clip: Clip) -> Callable[[], Awaitable[ClipFile]]:
    """What opens a finished clip after the transaction, signed. Raises :class:`NotFound`, now or
    then, once it was erased."""
    deps = ctx.deps
    sealed = await delivery.find_clip(ctx.tx, deps.cipher, clip)
    alt = ctx.texts("clip-alt", motion=motion_title(deps.catalog, ctx.texts, clip.motion))

    async def opened() -> ClipFile:
        signer = deps.labelling.signer
        return ClipFile(
            clip.id, await sealed.video.open(deps.blobs, signer),
            await sealed.poster.open(deps.blobs, signer), clip.width, clip.height, clip.seconds,
            alt,
        )  # fmt: skip

    return opened


def clip_buttons(ctx: RequestContext, clip: Clip, *, file: bool = True) -> Keyboard:
    """The buttons below a clip. Of a portrait another can be made at once; a photo is erased."""
    say = ctx.texts
    again = (
        button(say, "clip-button-again", Intent.ALIVE, clip.portrait_id)
        if clip.portrait_id
        else button(say, "clip-button-photo", Intent.ALIVE)
    )
    original = (button(say, "clip-button-file", Intent.CLIP, clip.id),) if file else ()
    return pairs(
        again, *original, Button(say("clip-button-share"), share=clip.id),
        button(say, "button-where", Intent.WHERE),
    )  # fmt: skip


async def _named(ctx: RequestContext) -> Clip | None:
    if not ctx.argument:
        return next(iter(await clips.newest(ctx.tx, ctx.user, 1)), None)
    clip = await own_record(ctx, Clip, ctx.argument)
    if clip.state is not ClipState.DONE:
        raise NotFound
    return clip
