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


async def screen(turn: RequestContext) -> Outcome:
    """What is being painted, and what can be done now that there is an avatar."""
    waiting = await turn.tx.find(
        Shoot, user_id=turn.user.id, state=ShootState.WAITING, order="created_at"
    )
    painted = [await painting(turn, one, name_of(turn, one.template)) for one in waiting]
    balance = await ledger.balance(turn.tx, turn.user.id)
    cost = turn.house.catalog.shoot_credits
    buttons = _studio(turn)
    studio = turn.say("studio", buttons, portraits=portraits.COUNT, cost=cost, balance=balance)
    return reply(*painted, studio)


async def nudge(turn: RequestContext) -> Say:
    return turn.say("studio-nudge", _studio(turn))


async def style(turn: RequestContext) -> Outcome:
    """One press takes the set; before there is an avatar, it chooses the first portraits' style."""
    if turn.avatar is None:
        return await first(turn)
    template = turn.house.catalog.template(turn.argument)
    base, _ = base_of(turn)
    if not turn.house.catalog.shows(base, template):
        back = button(turn.texts, "studio-button-styles", Intent.STYLES)
        return reply(turn.say("style-not-shown", column(back), style=name(turn, template)))
    return await _shoot(turn, _avatar(turn), template.id, ShootKind.STYLE)


async def another(turn: RequestContext) -> Outcome:
    """The same style, other seeds."""
    avatar, shoot = _avatar(turn), await shoot_named(turn)
    if shoot is None:
        return await styles(turn)
    return await _shoot(turn, avatar, shoot.template, ShootKind.ANOTHER)


async def more_like_me(turn: RequestContext) -> Outcome:
    return await _adjusted(turn, ShootKind.LIKER)


async def more_beautiful(turn: RequestContext) -> Outcome:
    return await _adjusted(turn, ShootKind.FAIRER)


async def originals(turn: RequestContext) -> Outcome:
    """The files as they were painted, labels intact."""
    shoot = await shoot_named(turn, only_done=True)
    back = column(button(turn.texts, "studio-button-styles", Intent.STYLES))
    if shoot is None:
        return reply(turn.say("originals-none", back))
    files = await pictures_of(turn, shoot)
    return reply(Show(files, turn.texts("originals"), back, original=True))


async def avatar(turn: RequestContext) -> Outcome:
    """The avatar's card."""
    made = turn.avatar
    if made is None:
        return reply_and_show(turn.say("avatar-none"))
    say = turn.say(
        "avatar-card",
        pairs(
            button(turn.texts, "studio-button-styles", Intent.STYLES),
            button(turn.texts, "studio-button-new", Intent.NEW),
        ),
        day=turn.texts.day(made.ready_at or made.created_at),
        steps=made.steps,
        span=turn.texts.span(made.seconds),
        likeness=turn.texts.percent(made.weight),
        floor=turn.texts.percent(made.floor),
        ceiling=turn.texts.percent(made.ceiling),
        portraits=await turn.tx.count(Portrait, avatar_id=made.id),
    )
    return reply(say)


async def new(turn: RequestContext) -> Outcome:
    """Another avatar: a new order, new photos; the present one stays until then."""
    if turn.order is not None:
        return reply_and_show(turn.say("new-already"))
    if turn.avatar is None:
        return reply_and_show()
    if turn.argument == "yes":
        ready = consent.enough(turn.given)
        fresh = {key: value for key, value in turn.data.items() if key != "template"}
        return replace(reply_and_show(state=State.SUBJECT if ready else State.AGREE), data=fresh)
    price = turn.house.catalog.price(Product.AVATAR, turn.currency)
    buttons = column(
        button(turn.texts, "new-button-yes", Intent.NEW, "yes"),
        button(turn.texts, "button-back", Intent.WHERE),
    )
    return reply(turn.say("new-ask", buttons, price=turn.texts.money(price.amount, price.currency)))


async def pictures_of(turn: RequestContext, shoot: Shoot) -> tuple[Picture, ...]:
    """The shoot's portraits, opened. Raises :class:`NotFound` once they were erased."""
    house, style_name = turn.house, name_of(turn, shoot.template)
    pictures = []
    for number, one in enumerate(await portraits.pictures_of_shoot(turn.tx, shoot), start=1):
        data = await portraits.open_picture(turn.tx, house.cipher, house.blobs, one)
        alt = turn.texts("portraits-alt", style=style_name, number=number)
        pictures.append(Picture(one.id, data, one.media_type, alt))
    if not pictures:
        raise NotFound
    return tuple(pictures)


def under(turn: RequestContext, shoot: Shoot) -> Keyboard:
    """The buttons below portraits."""
    say = turn.texts
    return pairs(
        button(say, "portraits-button-more", Intent.MORE, shoot.id),
        button(say, "portraits-button-fairer", Intent.FAIRER, shoot.id),
        button(say, "portraits-button-again", Intent.AGAIN, shoot.id),
        button(say, "portraits-button-styles", Intent.STYLES),
        button(say, "portraits-button-originals", Intent.ORIGINALS, shoot.id),
        button(say, "portraits-button-share", Intent.SHARE, shoot.id),
        button(say, "portraits-button-avatar", Intent.AVATAR),
    )


async def _adjusted(turn: RequestContext, kind: ShootKind) -> Outcome:
    """Same style and seeds, one step to one side; the step is remembered."""
    made, shoot = _avatar(turn), await shoot_named(turn)
    if shoot is None:
        return await styles(turn)
    if busy := await _busy(turn, shoot.template, kind):
        return reply(await _already(turn, busy))
    liker = kind is ShootKind.LIKER
    change = avatars.more_like_me if liker else avatars.more_beautiful
    moved = await change(turn.tx, made)
    before = turn.texts(
        "shoot-liker" if liker else "shoot-fairer", likeness=turn.texts.percent(moved.weight)
    )
    return await _shoot(turn, moved, shoot.template, kind, shoot.seeds, before)


async def _shoot(
    turn: RequestContext,
    made: Avatar,
    template_id: str,
    kind: ShootKind,
    seeds: Sequence[int] | None = None,
    before: str = "",
) -> Outcome:
    """Hold the credits and begin; a second press while it is painted changes nothing."""
    if busy := await _busy(turn, template_id, kind):
        return reply(await _already(turn, busy))
    shoot = await portraits.request(
        turn.tx, turn.house.catalog, made, template_id, kind, turn.now, seeds
    )
    return reply(await painting(turn, shoot, name_of(turn, template_id), before))


async def _busy(turn: RequestContext, template_id: str, kind: ShootKind) -> Shoot | None:
    """A shoot of the same style and kind that is still being painted: two presses are one."""
    waiting = await turn.tx.find(
        Shoot, user_id=turn.user.id, state=ShootState.WAITING, template=template_id
    )
    return next((one for one in waiting if one.kind is kind), None)


async def _already(turn: RequestContext, shoot: Shoot) -> Say:
    where = button(turn.texts, "button-where", Intent.WHERE)
    style_name = name_of(turn, shoot.template)
    return turn.say("shoot-already", column(where), style=style_name)


async def shoot_named(turn: RequestContext, *, only_done: bool = False) -> Shoot | None:
    """The person's shoot that a button names, or their newest. Raises :class:`NotFound` for
    another's, in the same words as for none."""
    if turn.argument:
        named = await turn.tx.get(Shoot, ShootId(turn.argument))
        if named is None or named.user_id != turn.user.id:
            raise NotFound
        return named
    recent = await portraits.recent(turn.tx, turn.user)
    done = [one for one in recent if one.state is ShootState.DONE]
    return next(iter(done if only_done else done or recent), None)


def _avatar(turn: RequestContext) -> Avatar:
    if turn.avatar is None:
        raise AvatarMissing
    return turn.avatar


def _studio(turn: RequestContext) -> Keyboard:
    return pairs(
        button(turn.texts, "studio-button-styles", Intent.STYLES),
        button(turn.texts, "studio-button-avatar", Intent.AVATAR),
        button(turn.texts, "studio-button-credits", Intent.CREDITS),
        button(turn.texts, "studio-button-new", Intent.NEW),
    )
