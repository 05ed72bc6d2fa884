"""The studio: choose a style, get portraits, make them more like me or more beautiful."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.chat import Keyboard, Picture, Say, Show
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.progress import painting
from handlers.session import State
from handlers.steps.styles import base_of, first, name, name_of, styles
from shop.avatars import avatars, portraits
from shop.errors import AvatarMissing, NotFound
from shop.money import ledger
from shop.people import consent
from shop.records import (
    Avatar,
    Portrait,
    Product,
    Shoot,
    ShootId,
    ShootKind,
    ShootState,
)


async def screen(ctx: RequestContext) -> Outcome:
    """What is being painted, and what can be done now that there is an avatar."""
    waiting = await ctx.tx.find(
        Shoot, user_id=ctx.user.id, state=ShootState.WAITING, order="created_at"
    )
    painted = [await painting(ctx, one, name_of(ctx, one.template)) for one in waiting]
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    cost = ctx.deps.catalog.shoot_credits
    buttons = _studio(ctx)
    studio = ctx.say("studio", buttons, portraits=portraits.SHOOT_SIZE, cost=cost, balance=balance)
    return reply(*painted, studio)


async def fallback_prompt(ctx: RequestContext) -> Say:
    return ctx.say("studio-nudge", _studio(ctx))


async def style(ctx: RequestContext) -> Outcome:
    """One press takes the set; before there is an avatar, it chooses the first portraits' style."""
    if ctx.avatar is None:
        return await first(ctx)
    template = ctx.deps.catalog.template(ctx.argument)
    base, _ = base_of(ctx)
    if not ctx.deps.catalog.shows(base, template):
        back = button(ctx.texts, "studio-button-styles", Intent.STYLES)
        return reply(ctx.say("style-not-shown", column(back), style=name(ctx, template)))
    return await _shoot(ctx, _avatar(ctx), template.id, ShootKind.STYLE)


async def another(ctx: RequestContext) -> Outcome:
    """The same style, other seeds."""
    avatar, shoot = _avatar(ctx), await shoot_named(ctx)
    if shoot is None:
        return await styles(ctx)
    return await _shoot(ctx, avatar, shoot.template, ShootKind.ANOTHER)


async def more_like_me(ctx: RequestContext) -> Outcome:
    return await _adjusted(ctx, ShootKind.LIKER)


async def more_beautiful(ctx: RequestContext) -> Outcome:
    return await _adjusted(ctx, ShootKind.FAIRER)


async def originals(ctx: RequestContext) -> Outcome:
    """The files as they were painted, labels intact."""
    shoot = await shoot_named(ctx, only_done=True)
    back = column(button(ctx.texts, "studio-button-styles", Intent.STYLES))
    if shoot is None:
        return reply(ctx.say("originals-none", back))
    files = await pictures_of(ctx, shoot)
    return reply(Show(files, ctx.texts("originals"), back, original=True))


async def avatar(ctx: RequestContext) -> Outcome:
    """The avatar's card."""
    made = ctx.avatar
    if made is None:
        return reply_and_show(ctx.say("avatar-none"))
    say = ctx.say(
        "avatar-card",
        pairs(
            button(ctx.texts, "studio-button-styles", Intent.STYLES),
            button(ctx.texts, "studio-button-new", Intent.NEW),
        ),
        day=ctx.texts.day(made.ready_at or made.created_at),
        steps=made.steps,
        span=ctx.texts.span(made.seconds),
        likeness=ctx.texts.percent(made.weight),
        floor=ctx.texts.percent(made.floor),
        ceiling=ctx.texts.percent(made.ceiling),
        portraits=await ctx.tx.count(Portrait, avatar_id=made.id),
    )
    return reply(say)


async def new(ctx: RequestContext) -> Outcome:
    """Another avatar: a new order, new photos; the present one stays until then."""
    if ctx.order is not None:
        return reply_and_show(ctx.say("new-already"))
    if ctx.avatar is None:
        return reply_and_show()
    if ctx.argument == "yes":
        ready = consent.is_sufficient(ctx.given)
        fresh = {key: value for key, value in ctx.data.items() if key != "template"}
        return replace(reply_and_show(state=State.SUBJECT if ready else State.AGREE), data=fresh)
    price = ctx.deps.catalog.price(Product.AVATAR, ctx.currency)
    buttons = column(
        button(ctx.texts, "new-button-yes", Intent.NEW, "yes"),
        button(ctx.texts, "button-back", Intent.WHERE),
    )
    return reply(ctx.say("new-ask", buttons, price=ctx.texts.money(price.amount, price.currency)))


async def pictures_of(ctx: RequestContext, shoot: Shoot) -> tuple[Picture, ...]:
    """The shoot's portraits, opened. Raises :class:`NotFound` once they were erased."""
    deps, style_name = ctx.deps, name_of(ctx, shoot.template)
    pictures = []
    for number, one in enumerate(await portraits.pictures_of_shoot(ctx.tx, shoot), start=1):
        data = await portraits.open_picture(ctx.tx, deps.cipher, deps.blobs, one)
        alt = ctx.texts("portraits-alt", style=style_name, number=number)
        pictures.append(Picture(one.id, data, one.media_type, alt))
    if not pictures:
        raise NotFound
    return tuple(pictures)


def under(ctx: RequestContext, shoot: Shoot) -> Keyboard:
    """The buttons below portraits."""
    say = ctx.texts
    return pairs(
        button(say, "portraits-button-more", Intent.MORE, shoot.id),
        button(say, "portraits-button-fairer", Intent.FAIRER, shoot.id),
        button(say, "portraits-button-again", Intent.AGAIN, shoot.id),
        button(say, "portraits-button-styles", Intent.STYLES),
        button(say, "portraits-button-originals", Intent.ORIGINALS, shoot.id),
        button(say, "portraits-button-share", Intent.SHARE, shoot.id),
        button(say, "portraits-button-avatar", Intent.AVATAR),
    )


async def _adjusted(ctx: RequestContext, kind: ShootKind) -> Outcome:
    """Same style and seeds, one step to one side; the step is remembered."""
    made, shoot = _avatar(ctx), await shoot_named(ctx)
    if shoot is None:
        return await styles(ctx)
    if busy := await _busy(ctx, shoot.template, kind):
        return reply(await _already(ctx, busy))
    liker = kind is ShootKind.LIKER
    change = avatars.more_like_me if liker else avatars.more_beautiful
    moved = await change(ctx.tx, made)
    before = ctx.texts(
        "shoot-liker" if liker else "shoot-fairer", likeness=ctx.texts.percent(moved.weight)
    )
    return await _shoot(ctx, moved, shoot.template, kind, shoot.seeds, before)


async def _shoot(
    ctx: RequestContext,
    made: Avatar,
    template_id: str,
    kind: ShootKind,
    seeds: Sequence[int] | None = None,
    before: str = "",
) -> Outcome:
    """Hold the credits and begin; a second press while it is painted changes nothing."""
    if busy := await _busy(ctx, template_id, kind):
        return reply(await _already(ctx, busy))
    shoot = await portraits.request(
        ctx.tx, ctx.deps.catalog, made, template_id, kind, ctx.now, seeds
    )
    return reply(await painting(ctx, shoot, name_of(ctx, template_id), before))


async def _busy(ctx: RequestContext, template_id: str, kind: ShootKind) -> Shoot | None:
    """A shoot of the same style and kind that is still being painted: two presses are one."""
    waiting = await ctx.tx.find(
        Shoot, user_id=ctx.user.id, state=ShootState.WAITING, template=template_id
    )
    return next((one for one in waiting if one.kind is kind), None)


async def _already(ctx: RequestContext, shoot: Shoot) -> Say:
    where = button(ctx.texts, "button-where", Intent.WHERE)
    style_name = name_of(ctx, shoot.template)
    return ctx.say("shoot-already", column(where), style=style_name)


async def shoot_named(ctx: RequestContext, *, only_done: bool = False) -> Shoot | None:
    """The person's shoot that a button names, or their newest. Raises :class:`NotFound` for
    another's, in the same words as for none."""
    if ctx.argument:
        named = await ctx.tx.get(Shoot, ShootId(ctx.argument))
        if named is None or named.user_id != ctx.user.id:
            raise NotFound
        return named
    recent = await portraits.recent_shoots(ctx.tx, ctx.user)
    done = [one for one in recent if one.state is ShootState.DONE]
    return next(iter(done if only_done else done or recent), None)


def _avatar(ctx: RequestContext) -> Avatar:
    if ctx.avatar is None:
        raise AvatarMissing
    return ctx.avatar


def _studio(ctx: RequestContext) -> Keyboard:
    return pairs(
        button(ctx.texts, "studio-button-styles", Intent.STYLES),
        button(ctx.texts, "studio-button-avatar", Intent.AVATAR),
        button(ctx.texts, "studio-button-credits", Intent.CREDITS),
        button(ctx.texts, "studio-button-new", Intent.NEW),
    )
