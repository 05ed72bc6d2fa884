"""News of pictures: the glimpse, the avatar, the portraits, and those that did not come."""

from collections.abc import Mapping

from handlers.chat import Picture, Reply, Show, Tone
from handlers.context import RequestContext, own_record
from handlers.intents import Intent, button, column
from handlers.steps.portraits import pictures_of, under
from handlers.steps.styles import name_of
from shop.avatars import samples
from shop.avatars.portraits import cost_of
from shop.records import Avatar, Order, Shoot, ShootKind, ShootState

Payload = Mapping[str, str | int | float]


async def sample(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A glimpse during training; too late, and better ones are there."""
    order = await own_record(ctx, Order, str(payload["order"]))
    deps = ctx.deps
    data = await samples.open_sample(ctx.tx, deps.cipher, deps.blobs, order.id)
    media_type = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    caption = ctx.texts("waiting-sample")
    picture = Picture(f"sample:{order.id}", data, media_type, caption)
    refresh = button(ctx.texts, "waiting-button-refresh", Intent.WHERE)
    return [Show((picture,), caption, column(refresh))]


async def avatar_ready(ctx: RequestContext, payload: Payload) -> list[Reply]:
    avatar = await own_record(ctx, Avatar, str(payload["avatar"]))
    span = ctx.texts.span(avatar.seconds)
    styles = column(button(ctx.texts, "studio-button-styles", Intent.STYLES))
    return [ctx.say("news-avatar-ready", styles, span=span)]


async def portraits(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The pictures, with everything that can be done next below them; an apology for those that
    did not come, and for what they would have cost."""
    shoot = await own_record(ctx, Shoot, str(payload["shoot"]))
    if shoot.state is not ShootState.DONE:
        return []
    key = "portraits-first" if shoot.kind is ShootKind.FIRST else "portraits"
    caption = ctx.texts(
        key, style=name_of(ctx, shoot.template), likeness=ctx.texts.percent(shoot.weight)
    )
    pictures = await pictures_of(ctx, shoot)
    if back := shoot.credits - cost_of(shoot, len(pictures)):
        fewer = ctx.texts(
            "portraits-fewer", came=len(pictures), asked=len(shoot.seeds), credits=back
        )
        caption = f"{caption}\n\n{fewer}"
    return [Show(pictures, caption, under(ctx, shoot))]


async def shoot_failed(ctx: RequestContext, payload: Payload) -> list[Reply]:
    shoot = await own_record(ctx, Shoot, str(payload["shoot"]))
    retry = column(
        button(ctx.texts, "bill-button-retry", Intent.AGAIN, shoot.id),
        button(ctx.texts, "studio-button-styles", Intent.STYLES),
    )
    style = name_of(ctx, shoot.template)
    return [
        ctx.say("news-shoot-failed", retry, tone=Tone.TROUBLE, style=style, credits=shoot.credits)
    ]
