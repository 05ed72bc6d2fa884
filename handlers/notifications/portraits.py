"""Notices of an avatar and its portraits: progress, sample, results and failures."""

from handlers.chat import Picture, Reply, Show, Tone
from handlers.context import AfterCommit, RequestContext, own_record
from handlers.intents import Intent, button, column
from handlers.notifications.registry import Payload
from handlers.progress.registry import closing, progress_message
from handlers.progress.training import sample_place
from handlers.steps.portrait_buttons import portrait_buttons
from handlers.steps.portraits import find_pictures, ladder_text
from handlers.steps.styles import title_of
from shop.avatars import samples
from shop.avatars.portraits import NOTHING_PASSED, PAINT, cost_of
from shop.jobs import jobs
from shop.records import Avatar, AvatarState, Job, Order, Shoot, ShootKind, ShootState


async def progress(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A worker's heartbeat: the progress message, edited in place while the job runs."""
    job = await ctx.tx.get(Job, str(payload["job"]))
    if job is None or job.ended_at is not None:
        return []
    message = await progress_message(ctx, job)
    return [message] if message else []


async def progress_ended(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The job has ended: its progress message is closed, in its place."""
    job = await ctx.tx.get(Job, str(payload["job"]))
    return closing(ctx, job) if job else []


async def sample(ctx: RequestContext, payload: Payload) -> AfterCommit:
    """A picture painted with the unfinished avatar. NotFound once the training has ended."""
    order = await own_record(ctx, Order, str(payload["order"]))
    deps = ctx.deps
    sealed = await samples.find_sample(ctx.tx, deps.cipher, order.id)
    avatars = await ctx.tx.find(Avatar, order_id=order.id)
    place = sample_place(avatars[0].id) if avatars else ""

    async def show() -> list[Reply]:
        data = await sealed.open(deps.blobs, deps.labelling.signer)
        media_type = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
        caption = ctx.texts("waiting-sample")
        picture = Picture(f"sample:{order.id}", data, media_type, caption)
        refresh = button(ctx.texts, "waiting-button-refresh", Intent.WHERE)
        return [Show((picture,), caption, column(refresh), place, passing=True)]

    return show


async def avatar_ready(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The training succeeded; nothing is said once the avatar is gone, as after a refund."""
    avatar = await own_record(ctx, Avatar, str(payload["avatar"]))
    if avatar.state is not AvatarState.READY:
        return []
    span = ctx.texts.span(avatar.seconds)
    styles = column(button(ctx.texts, "studio-button-styles", Intent.STYLES))
    return [ctx.say("news-avatar-ready", styles, span=span)]


async def portraits(ctx: RequestContext, payload: Payload) -> list[Reply] | AfterCommit:
    """The finished portraits with buttons for what can be done next; for those that failed the
    checks an apology and how many credits went back."""
    shoot = await own_record(ctx, Shoot, str(payload["shoot"]))
    if shoot.state is not ShootState.DONE:
        return []
    key = "portraits-first" if shoot.kind is ShootKind.FIRST else "portraits"
    if shoot.avatar_id:
        avatar = await own_record(ctx, Avatar, shoot.avatar_id)
        caption = ctx.texts(
            key, style=title_of(ctx, shoot.template), strength=ctx.texts.strength(shoot.weight),
            top=ctx.texts.strength(avatar.ceiling), beauty=ctx.texts.percent(shoot.beauty),
        )  # fmt: skip
    else:
        caption = ctx.texts("portraits-nobody", style=title_of(ctx, shoot.template))
    found = await find_pictures(ctx, shoot)
    if shoot.avatar_id and (steps := ladder_text(ctx)):
        caption = f"{caption}\n\n{steps}"

    async def show() -> list[Reply]:
        pictures, text = await found(), caption
        if back := shoot.credits - cost_of(shoot, len(pictures)):
            fewer = ctx.texts(
                "portraits-fewer", came=len(pictures), asked=len(shoot.seeds), credits=back
            )
            text = f"{caption}\n\n{fewer}"
        return [Show(pictures, text, portrait_buttons(ctx, shoot))]

    return show


async def avatar_failed(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The training failed; the payment goes back."""
    order = await own_record(ctx, Order, str(payload["order"]))
    back = column(button(ctx.texts, "button-where", Intent.WHERE))
    amount = ctx.texts.money(order.kept, order.currency)
    return [ctx.say("news-avatar-failed", back, tone=Tone.TROUBLE, amount=amount)]


async def shoot_failed(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A set of portraits failed; its credits went back. Of own words also why, where nothing that
    was painted passed the gate: other words may."""
    shoot = await own_record(ctx, Shoot, str(payload["shoot"]))
    retry = column(
        button(ctx.texts, "bill-button-retry", Intent.AGAIN, shoot.id),
        button(ctx.texts, "paint-button-other", Intent.PAINT)
        if shoot.prompt_id
        else button(ctx.texts, "studio-button-styles", Intent.STYLES),
    )
    if shoot.prompt_id:
        passed = await jobs.error_of(ctx.tx, PAINT, shoot.id) != NOTHING_PASSED
        key = "news-wish-failed" if passed else "news-wish-not-passed"
        return [ctx.say(key, retry, tone=Tone.TROUBLE, credits=shoot.credits)]
    style = title_of(ctx, shoot.template)
    return [
        ctx.say("news-shoot-failed", retry, tone=Tone.TROUBLE, style=style, credits=shoot.credits)
    ]
