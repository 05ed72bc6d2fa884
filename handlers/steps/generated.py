"""Steps of a generated clip: by the video base that the operator sells beside the embedded
animator, with its own words, price and wait."""

from handlers.chat import Button, Keyboard, Say
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, action, button, pairs
from handlers.progress.clips import film_message, motion_title
from handlers.session import State
from handlers.steps import alive, motions
from handlers.wait_words import wait_words
from shop.clips import filming
from shop.clips.filming import VIDEO
from shop.money import ledger
from shop.orders import sales_guard
from shop.orders.sales_guard import Capacity
from shop.records import Clip, ClipState, Motion


async def choose(ctx: RequestContext) -> Outcome:
    """Offer what the video base makes of the picture that waits; with a motion or an effect, let it
    be made. Where none is sold (any more), or nothing waits, where things stand."""
    if ctx.clip is None:
        return await alive.nothing_to_move(ctx)
    base = ctx.deps.settings.video_base
    if not base or ctx.clip.state is not ClipState.READY:
        return reply_and_show(state=State.CLIP)
    offered = {one.id: one for one in _offered(ctx, ctx.clip)}
    wanted = offered.get(ctx.argument)
    if wanted is None:
        menu = await _menu(ctx, ctx.clip, tuple(offered.values()))
        return reply(menu, state=State.CLIP)
    capacity = Capacity.of(ctx.deps.settings)
    await sales_guard.require_generator(ctx.tx, capacity, base, ctx.now)
    owed = await filming.request(ctx.tx, ctx.deps.catalog, ctx.clip, wanted, ctx.now, engine=base)
    return reply(await film_message(ctx, owed))


async def _menu(ctx: RequestContext, clip: Clip, offered: tuple[Motion, ...]) -> Say:
    base = ctx.deps.settings.video_base
    cost = await filming.price(ctx.tx, ctx.deps.catalog, ctx.user, base, pictures=clip.pictures)
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    lines = [
        ctx.texts("generated-ask"),
        ctx.texts("generated-price", credits=cost.credits, balance=balance),
        await wait_words(ctx, VIDEO, "generated-wait", base),
    ]
    return Say("\n\n".join(lines), _buttons(ctx, offered), "generated")


def _buttons(ctx: RequestContext, offered: tuple[Motion, ...]) -> Keyboard:
    choices = (
        Button(motion_title(ctx.deps.catalog, ctx.texts, one.id), action(Intent.VIDEO, one.id))
        for one in offered
    )
    back = button(ctx.texts, "generated-button-back", Intent.MOTION)
    leave = button(ctx.texts, "alive-button-leave", Intent.MOTION, "no")
    return (*pairs(*choices), (back,), (leave,))


def _offered(ctx: RequestContext, clip: Clip) -> tuple[Motion, ...]:
    return ctx.deps.catalog.video_motions(ctx.deps.settings.video_base, motions.people(clip))
