"""Steps of the studio: take sets of portraits, adjust their likeness, get the originals."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from handlers.chat import Keyboard, Picture, Reply, Say, Show
from handlers.context import Outcome, RequestContext, own_record, reply, reply_and_show
from handlers.intents import Intent, button, column, pairs
from handlers.progress.painting import painting_message
from handlers.session import State
from handlers.steps.portrait_buttons import (
    album_button,
    other_expression,
    portrait_buttons,
    priced_button,
)
from handlers.steps.styles import base_of, choose_initial_style, style_title, styles, title_of
from shop.avatars import avatars, portraits, prompts
from shop.avatars.likeness import neighbour
from shop.errors import AvatarMissing, NotFound
from shop.money import ledger
from shop.people import consent
from shop.records import (
    Avatar,
    OrderState,
    Portrait,
    Prompt,
    PromptId,
    Shoot,
    ShootId,
    ShootKind,
    ShootState,
)


async def screen(ctx: RequestContext) -> Outcome:
    """The shoots that are being painted, and the menu of the studio."""
    waiting = await ctx.tx.find(
        Shoot, user_id=ctx.user.id, state=ShootState.WAITING, order="created_at"
    )
    painted = [await painting_message(ctx, one) for one in waiting]
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    cost = ctx.deps.catalog.shoot_credits
    buttons = _studio_buttons(ctx)
    studio = ctx.say("studio", buttons, portraits=portraits.SHOOT_SIZE, cost=cost, balance=balance)
    return reply(*painted, studio)


async def fallback_prompt(ctx: RequestContext) -> Say:
    return ctx.say("studio-prompt", _studio_buttons(ctx))


async def style(ctx: RequestContext) -> Outcome:
    """Take a set in that style; without an avatar, choose it for the initial portraits."""
    if ctx.avatar is None:
        return await choose_initial_style(ctx)
    template = ctx.deps.catalog.template(ctx.argument)
    base, _ = base_of(ctx)
    if not ctx.deps.catalog.shows(base, template):
        back = button(ctx.texts, "studio-button-styles", Intent.STYLES)
        return reply(ctx.say("style-not-shown", column(back), style=style_title(ctx, template)))
    return await _shoot(ctx, _avatar(ctx), template.id, ShootKind.STYLE)


async def another_set(ctx: RequestContext) -> Outcome:
    """Another set in the same style, with other seeds."""
    shoot, kind = await shoot_named(ctx), ShootKind.ANOTHER
    if shoot is not None and not ctx.argument and (shoot.prompt_id or ctx.avatar):
        return await _offer(ctx, shoot, kind)
    if shoot is not None and shoot.prompt_id:
        return await _same_words(ctx, shoot, kind)
    avatar = _avatar(ctx)
    if shoot is None:
        return await styles(ctx)
    return await _shoot(ctx, avatar, shoot.template, kind, expression=shoot.expression)


async def another_expression(ctx: RequestContext) -> Outcome:
    """The same style and seeds with the next expression that the style allows and the base paints
    otherwise; where there is none, a word on that, and nothing is spent."""
    avatar, shoot = _avatar(ctx), await shoot_named(ctx)
    if shoot is None:
        return await styles(ctx)
    wanted = other_expression(ctx, shoot)
    if not wanted:
        others = column(button(ctx.texts, "studio-button-styles", Intent.STYLES))
        return reply(ctx.say("shoot-one-expression", others, style=title_of(ctx, shoot.template)))
    kind = ShootKind.EXPRESSION
    if not ctx.argument:
        return await _offer(ctx, shoot, kind)
    before = ctx.texts("shoot-expression", expression=wanted)
    seeds = await portraits.seeds_again(ctx.tx, shoot)
    return await _shoot(ctx, avatar, shoot.template, kind, seeds, before, wanted)


async def more_like_me(ctx: RequestContext) -> Outcome:
    return await _adjust_likeness(ctx, ShootKind.MORE_LIKE_ME)


async def more_beautiful(ctx: RequestContext) -> Outcome:
    return await _adjust_likeness(ctx, ShootKind.MORE_BEAUTIFUL)


async def originals(ctx: RequestContext) -> Outcome:
    """The portraits as files, unchanged, with their labels intact."""
    shoot = await shoot_named(ctx, only_done=True)
    back = column(button(ctx.texts, "studio-button-styles", Intent.STYLES))
    if shoot is None:
        return reply(ctx.say("originals-none", back))
    if ctx.typed:  # the choices below the set mean nothing any more, once others were offered
        back = portrait_buttons(ctx, shoot)
    files = await find_pictures(ctx, shoot)
    found = await portraits.pictures_of_shoot(ctx.tx, shoot)
    caption = ctx.texts("originals", width=found[0].width, height=found[0].height)

    async def show() -> list[Reply]:
        return [Show(await files(), caption, back, original=True)]

    return Outcome(after_commit=show)


async def avatar_card(ctx: RequestContext) -> Outcome:
    """The figures of the avatar: training, likeness and its range."""
    avatar = ctx.avatar
    if avatar is None:
        is_made = ctx.order is not None and ctx.order.state is OrderState.PAID
        return reply_and_show(*(() if is_made else (ctx.say("avatar-none"),)))
    say = ctx.say(
        "avatar-card",
        pairs(
            button(ctx.texts, "studio-button-styles", Intent.STYLES),
            button(ctx.texts, "studio-button-new", Intent.NEW),
        ),
        day=ctx.texts.day(avatar.ready_at or avatar.created_at),
        steps=avatar.steps,
        span=ctx.texts.span(avatar.seconds),
        strength=ctx.texts.strength(avatar.weight),
        top=ctx.texts.strength(avatar.ceiling),
        beauty=ctx.texts.percent(avatar.beauty),
        portraits=await ctx.tx.count(Portrait, avatar_id=avatar.id),
    )
    return reply(say)


async def new_avatar(ctx: RequestContext) -> Outcome:
    """Begin another avatar, after a question; the present one works until it is ready."""
    if ctx.order is not None:
        return reply_and_show(ctx.say("new-already"))
    if ctx.avatar is None:
        return reply_and_show()
    if ctx.argument == "yes":
        ready = consent.is_sufficient(ctx.given)
        fresh = {key: value for key, value in ctx.data.items() if key != "template"}
        return replace(reply_and_show(state=State.SUBJECT if ready else State.AGREE), data=fresh)
    buttons = column(
        button(ctx.texts, "new-button-yes", Intent.NEW, "yes"),
        button(ctx.texts, "button-back", Intent.WHERE),
    )
    return reply(ctx.say("new-ask", buttons, price=ctx.avatar_price))


async def find_pictures(
    ctx: RequestContext, shoot: Shoot
) -> Callable[[], Awaitable[tuple[Picture, ...]]]:
    """What decrypts the shoot's portraits after the transaction. Raises :class:`NotFound`, now or
    then, once they were erased."""
    deps, style_name = ctx.deps, title_of(ctx, shoot.template)
    found = await portraits.pictures_of_shoot(ctx.tx, shoot)
    if not found:
        raise NotFound
    sealed = [await portraits.find_picture(ctx.tx, deps.cipher, one) for one in found]

    async def opened() -> tuple[Picture, ...]:
        return tuple(
            [
                Picture(
                    one.id, await blob.open(deps.blobs, deps.labelling.signer), one.media_type,
                    ctx.texts("portraits-alt", style=style_name, number=number),
                )
                for number, (one, blob) in enumerate(zip(found, sealed, strict=True), start=1)
            ]
        )  # fmt: skip

    return opened


def ladder_text(ctx: RequestContext) -> str:
    """What "more like me" and "more beautiful" would do to both numbers: they are steps of one
    ladder, so that one takes back the other. "" without an avatar."""
    steps = (("portraits-button-more", 1), ("portraits-button-fairer", -1))
    lines = []
    for label, by in steps if ctx.avatar else ():
        if ctx.avatar and (rung := neighbour(ctx.avatar, by)):
            lines.append(
                ctx.texts(
                    "shoot-next", label=ctx.texts(label),
                    strength=ctx.texts.strength(rung.weight),
                    top=ctx.texts.strength(ctx.avatar.ceiling),
                    beauty=ctx.texts.percent(rung.beauty),
                )
            )  # fmt: skip
    return "\n".join(lines)


async def _adjust_likeness(ctx: RequestContext, kind: ShootKind) -> Outcome:
    """The same style, one rung up or down the ladder, which the avatar keeps; the same seeds, but
    new ones where they gave no portrait."""
    shoot = await shoot_named(ctx)
    if shoot is not None and not shoot.avatar_id:
        again = button(ctx.texts, "portraits-button-again", Intent.AGAIN, shoot.id)
        return reply(ctx.say("paint-nobody-to-be-like", column(again)))
    avatar = await _avatar_of(ctx, shoot)
    if shoot is None:
        return await styles(ctx)
    if busy := await _shoot_under_way(ctx, shoot.template, kind, shoot.prompt_id):
        return reply(await _already_under_way(ctx, busy))
    liker, was = kind is ShootKind.MORE_LIKE_ME, avatar
    if not ctx.argument and neighbour(avatar, 1 if liker else -1):
        return await _offer(ctx, shoot, kind)
    change = avatars.more_like_me if liker else avatars.more_beautiful
    adjusted = await change(ctx.tx, avatar)
    before = ctx.texts(
        "shoot-liker" if liker else "shoot-fairer",
        strength=ctx.texts.strength(adjusted.weight), top=ctx.texts.strength(adjusted.ceiling),
        strength_before=ctx.texts.strength(was.weight),
        beauty=ctx.texts.percent(adjusted.beauty), beauty_before=ctx.texts.percent(was.beauty),
    )  # fmt: skip
    seeds = await portraits.seeds_again(ctx.tx, shoot)
    if shoot.prompt_id:
        return await _same_words(ctx, shoot, kind, seeds, before)
    return await _shoot(ctx, adjusted, shoot.template, kind, seeds, before, shoot.expression)


async def _offer(ctx: RequestContext, shoot: Shoot, kind: ShootKind) -> Outcome:
    """The price of such a set, and the button that takes it: words alone spend nothing."""
    if busy := await _shoot_under_way(ctx, shoot.template, kind, shoot.prompt_id):
        return reply(await _already_under_way(ctx, busy))
    say = ctx.say(
        "shoot-offer",
        column(priced_button(ctx, kind, shoot)),
        style=title_of(ctx, shoot.template),
        portraits=portraits.SHOOT_SIZE,
        cost=ctx.deps.catalog.shoot_credits,
        balance=await ledger.balance(ctx.tx, ctx.user.id),
    )
    return reply(say)


async def _shoot(
    ctx: RequestContext,
    avatar: Avatar,
    template_id: str,
    kind: ShootKind,
    seeds: Sequence[int] | None = None,
    before: str = "",
    expression: str = "",
) -> Outcome:
    """Hold the credits and request the shoot; a second press while it is painted does nothing."""
    if busy := await _shoot_under_way(ctx, template_id, kind):
        return reply(await _already_under_way(ctx, busy))
    shoot = await portraits.request(
        ctx.tx, ctx.deps.catalog, avatar, template_id, kind, ctx.now, seeds, expression
    )
    return reply(await painting_message(ctx, shoot, before))


async def _same_words(
    ctx: RequestContext,
    shoot: Shoot,
    kind: ShootKind,
    seeds: Sequence[int] | None = None,
    before: str = "",
) -> Outcome:
    """As :func:`_shoot`, in the words of ``shoot``. Raises :class:`NotFound` once they are gone."""
    prompt = await ctx.tx.get(Prompt, shoot.prompt_id) if shoot.prompt_id else None
    if prompt is None:
        raise NotFound
    if busy := await _shoot_under_way(ctx, "", kind, prompt.id):
        return reply(await _already_under_way(ctx, busy))
    made = await prompts.again(ctx.tx, ctx.deps.catalog, prompt, kind, ctx.now, seeds)
    return reply(await painting_message(ctx, made, before))


async def _shoot_under_way(
    ctx: RequestContext, template_id: str, kind: ShootKind, prompt_id: PromptId | None = None
) -> Shoot | None:
    """A shoot of the same style, or words, and kind that is still being painted."""
    waiting = await ctx.tx.find(
        Shoot, user_id=ctx.user.id, state=ShootState.WAITING, template=template_id,
        prompt_id=prompt_id,
    )  # fmt: skip
    return next((one for one in waiting if one.kind is kind), None)


async def _already_under_way(ctx: RequestContext, shoot: Shoot) -> Say:
    where = button(ctx.texts, "button-where", Intent.WHERE)
    style_name = title_of(ctx, shoot.template)
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


async def _avatar_of(ctx: RequestContext, shoot: Shoot | None) -> Avatar:
    """The avatar whose likeness a set can be adjusted by: of a set in own words the one that they
    are about, else the newest."""
    if shoot is None or not shoot.prompt_id or not shoot.avatar_id:
        return _avatar(ctx)
    return await own_record(ctx, Avatar, shoot.avatar_id)


def _studio_buttons(ctx: RequestContext) -> Keyboard:
    buttons = pairs(
        button(ctx.texts, "studio-button-styles", Intent.STYLES),
        button(ctx.texts, "paint-button", Intent.PAINT),
        button(ctx.texts, "alive-button", Intent.ALIVE),
        button(ctx.texts, "studio-button-avatar", Intent.AVATAR),
        button(ctx.texts, "studio-button-credits", Intent.CREDITS),
        button(ctx.texts, "studio-button-new", Intent.NEW),
    )
    return (*buttons, *album_button(ctx))
