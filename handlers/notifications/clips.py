"""Notices of clips: what came of the photo, the finished clip, and failures."""

from handlers.chat import Picture, Reply, Say, Show, ShowClip, Tone
from handlers.context import AfterCommit, RequestContext, own_record
from handlers.intents import Intent, button, column
from handlers.notifications.registry import Payload
from handlers.progress.clips import motion_title, source_closing, source_place
from handlers.steps import motions, together
from handlers.steps.clips import clip_buttons, find_file
from shop.clips import clips, sources
from shop.clips.filming import EMBEDDED
from shop.clips.verdict import SourceFlaw
from shop.records import Clip, ClipState


async def source_ready(ctx: RequestContext, payload: Payload) -> list[Reply] | AfterCommit:
    """The photo as it will move, beside how it came where it was mended; and the motions."""
    clip = await own_record(ctx, Clip, str(payload["clip"]))
    if clip.state is not ClipState.READY:
        return []
    if clip.joined:
        return await _joined(ctx, clip)
    deps, mended = ctx.deps, bool(clip.done)
    after = (await sources.find_sources(ctx.tx, deps.cipher, clip))[-1]
    before = (await sources.find_before(ctx.tx, deps.cipher, clip))[-1]
    caption, seen = _what_was_done(ctx, clip), source_closing(ctx, clip.id, "seen")
    alts = ctx.texts("source-alt-before"), ctx.texts("source-alt-after")
    menu = (await motions.menu(ctx, clip)).after_commit

    async def show() -> list[Reply]:
        shown = [Picture(f"source:{clip.id}", await after.open(deps.blobs), _JPEG, alts[1])]
        if mended:
            came = Picture(f"came:{clip.id}", await before.open(deps.blobs), _JPEG, alts[0])
            shown.insert(0, came)
        return [seen, Show(tuple(shown), caption), *(await menu() if menu else ())]

    return show


async def _joined(ctx: RequestContext, clip: Clip) -> AfterCommit:
    """Both in one frame, beside how the second came where it was mended; and the motions."""
    deps, say = ctx.deps, ctx.texts
    joined = await sources.find_joined(ctx.tx, deps.cipher, clip)
    before = (await sources.find_before(ctx.tx, deps.cipher, clip))[-1]
    caption = ctx.texts.prose(say("together-ready"), *_mended(ctx, clip))
    seen = source_closing(ctx, clip.id, "seen")
    menu = (await motions.menu(ctx, clip)).after_commit

    async def show() -> list[Reply]:
        data = await joined.open(deps.blobs, deps.labelling.signer)
        shown = [Picture(f"together:{clip.id}", data, _JPEG, say("together-alt"))]
        if clip.done:
            came = await before.open(deps.blobs)
            alt = say("source-alt-before")
            shown.insert(0, Picture(f"came-beside:{clip.id}", came, _JPEG, alt))
        return [seen, Show(tuple(shown), caption), *(await menu() if menu else ())]

    return show


async def second_refused(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The photo of who was to come beside is of no use: why; another one, or the first alone."""
    clip = await own_record(ctx, Clip, str(payload["clip"]))
    why = ctx.texts(f"source-{payload['reason']}")
    place, key = source_place(clip.id), "together-refused"
    if not clips.missing(clip):
        return [ctx.say(key, message_key=place, tone=Tone.TROUBLE, why=why)]
    said = f"{ctx.texts(key, why=why)} {ctx.texts('together-prompt-photo')}"
    return [Say(said, together.waiting_buttons(ctx), place, Tone.TROUBLE)]


async def source_held(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Somebody has to look at the photo first."""
    clip = await own_record(ctx, Clip, str(payload["clip"]))
    if clip.state is not ClipState.HELD:
        return []
    return [ctx.say("source-held", message_key=source_place(clip.id))]


async def source_refused(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The photo cannot come alive: why, that it is erased, and another try."""
    clip = await own_record(ctx, Clip, str(payload["clip"]))
    why = ctx.texts(f"source-{payload['reason']}")
    again = column(button(ctx.texts, "clip-button-photo", Intent.ALIVE))
    return [
        ctx.say(
            "source-refused", again, message_key=source_place(clip.id), tone=Tone.TROUBLE, why=why
        )
    ]


async def clip_ready(ctx: RequestContext, payload: Payload) -> list[Reply] | AfterCommit:
    """The finished clip, with a line of receipt where a photo was erased."""
    clip = await own_record(ctx, Clip, str(payload["clip"]))
    if clip.state is not ClipState.DONE:
        return []
    motion = motion_title(ctx.deps.catalog, ctx.texts, clip.motion)
    sent, buttons = _sent(clip), clip_buttons(ctx, clip)
    key = "clip-ready-erased" if sent else "clip-ready"
    caption = ctx.texts(key, motion=motion, count=sent)
    if clip.engine != EMBEDDED:
        caption = ctx.texts.prose(caption, ctx.texts("generated-made"))
    opened = await find_file(ctx, clip)

    async def show() -> list[Reply]:
        return [ShowClip(await opened(), caption, buttons)]

    return show


async def clip_failed(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """An apology: why, what came back, and that the photo is erased."""
    clip = await own_record(ctx, Clip, str(payload["clip"]))
    if clip.state is not ClipState.FAILED:
        return []
    why = ctx.texts(f"source-{clip.reason or SourceFlaw.BROKEN}")
    again = (
        button(ctx.texts, "clip-button-again", Intent.ALIVE, clip.portrait_id)
        if clip.portrait_id
        else button(ctx.texts, "clip-button-photo", Intent.ALIVE)
    )
    back = "gift" if clip.gift else "credits"
    said = ctx.texts("clip-failed", why=why, back=back, credits=clip.credits)
    if count := _sent(clip):
        said = ctx.texts.prose(said, ctx.texts("clip-photo-erased", count=count))
    return [Say(said, column(again), tone=Tone.TROUBLE)]


async def source_erased(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The receipt for a photo that was given up, by its sender, for another one, or by time. What
    was delivered, failed or refused has said so itself."""
    if not int(payload["count"]) or str(payload["why"]) not in _TOLD_HERE:
        return []
    left, count = source_closing(ctx, str(payload["clip"]), "left"), int(payload["count"])
    return [left, ctx.say("source-erased", tone=Tone.RECEIPT, count=count)]


_JPEG = "image/jpeg"
_TOLD_HERE = frozenset({"another", "customer", "expired", "withdrawn"})


def _sent(clip: Clip) -> int:
    """How many photos were sent for a clip, also once they are erased."""
    return clip.pictures - (clip.portrait_id is not None)


def _what_was_done(ctx: RequestContext, clip: Clip) -> str:
    """What stands below the picture: the faces that were found, and what was mended."""
    return ctx.texts.prose(ctx.texts("source-ready", faces=clip.faces), *_mended(ctx, clip))


def _mended(ctx: RequestContext, clip: Clip) -> list[str]:
    """What was, and of an old print what never is; of a photo as it came nothing."""
    if not clip.done:
        return []
    done = ctx.texts.listing([ctx.texts(f"mended-{one}") for one in clip.done])
    old = {"cropped", "scratches", "fading"} & {*clip.done}
    return [
        ctx.texts("source-mended", done=done),
        *([ctx.texts("source-mended-not")] if old else []),
    ]
