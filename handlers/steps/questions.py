"""Steps that answer questions in people's own words: what is true for this person now, and the
way on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from handlers.chat import Say
from handlers.context import Outcome, RequestContext, Step, reply
from handlers.intents import Intent, button, column
from handlers.questions import Question
from handlers.steps import account, checkout, support, welcome
from handlers.steps.consequences import yes_or_no
from shop.avatars import portraits
from shop.avatars.avatars import TRAIN
from shop.clips import filming
from shop.errors import Banned
from shop.job_kinds import JOB_KINDS
from shop.jobs import eta, jobs
from shop.money import ledger
from shop.orders import sales_guard, stopping
from shop.orders.sales_guard import Capacity
from shop.photos import photos
from shop.ports import OneOf
from shop.records import Currency, Job, OrderState, Shoot, ShootState

Values = Mapping[str, str | int]
Way = tuple[str, Intent, str]
Ways = Callable[[RequestContext], tuple[Way, ...]]
_TOLD: Final = OneOf(tuple(kind.name for kind in JOB_KINDS.values() if kind.told))
FOR_THE_BANNED: Final = frozenset(
    {Question.PERSON, Question.ERASE, Question.TROUBLE, Question.SAFE, Question.SEEN}
)
"""What a banned person is answered as anybody else: it is about their data and their money."""

OF_WHAT_IS_MADE: Final = frozenset({Question.WAIT, Question.MISSING, Question.AVATAR})
"""What is answered by where their avatar stands, while it is made."""


async def answer(ctx: RequestContext, question: Question) -> Outcome:
    """The answer; the state stays, but a new person has been welcomed by it, and what a step of
    its own answers may lead on. Raises :class:`Banned` for what a banned person cannot do."""
    if ctx.user.banned and question not in FOR_THE_BANNED:
        raise Banned
    if step := _STEPS.get(question):
        outcome = await step(ctx)
        return replace(outcome, state=ctx.staying) if question in _LOOKS else outcome
    values = await _VALUES[question](ctx) if question in _VALUES else {}
    ways = _WAYS[question](ctx) if question in _WAYS else ()
    if not await support.is_staffed(ctx):
        ways = tuple(way for way in ways if way != _PERSON)
    buttons = [button(ctx.texts, key, intent, argument) for key, intent, argument in ways]
    back = button(ctx.texts, "button-where", Intent.WHERE)
    text = ctx.texts(f"answer-{question}", **values)
    said = Say(text, column(*buttons, back))
    if question is Question.AVATAR and await _awaits_work(ctx):
        outcome = await welcome.where(ctx)  # perhaps it is theirs that is meant
        return replace(outcome, replies=(said, *outcome.replies))
    return reply(said, state=ctx.staying)


async def _price(ctx: RequestContext) -> Outcome:
    return await account.credits(replace(ctx, argument="price"))


async def _wait(ctx: RequestContext) -> Outcome:
    """Where what they ordered stands, while it is made; else the forecast for a new avatar."""
    if await _awaits_work(ctx):
        return await welcome.where(ctx)
    back = column(button(ctx.texts, "button-where", Intent.WHERE))
    return reply(Say(await _forecast(ctx), back), state=ctx.staying)


async def _forecast(ctx: RequestContext) -> str:
    """When an avatar would be ready, or why that is not known; and whether one is sold now."""
    sold = await sales_guard.is_open(ctx.tx, Capacity.of(ctx.deps.settings), ctx.now)
    promised = await eta.promise(ctx.tx, TRAIN, ctx.now, ctx.deps.settings.base)
    span = promised.seconds
    if not promised.attended:
        return ctx.texts("answer-wait-unknown", how="halted" if sold else "halted-closed")
    if span is None:
        return ctx.texts("answer-wait-unknown", how="unmeasured" if sold else "closed")
    spoken = ctx.texts.span(span.low, span.high)
    return ctx.texts("answer-wait", span=spoken, sold=yes_or_no(sold))


async def _awaits_work(ctx: RequestContext) -> bool:
    """Whether something that they ordered is yet to be made."""
    if ctx.order is not None and ctx.order.state is OrderState.PAID:
        return True
    return await ctx.tx.count(Job, user_id=ctx.user.id, kind=_TOLD, state=jobs.OWED) > 0


async def _missing(ctx: RequestContext) -> Outcome:
    """Where what they wait for stands; of a finished set, the way to see it again."""
    done = await ctx.tx.count(Shoot, user_id=ctx.user.id, state=ShootState.DONE)
    if not done or await _awaits_work(ctx):
        return await welcome.where(ctx)
    again = column(button(ctx.texts, "portraits-button-originals", Intent.ORIGINALS))
    return reply(ctx.say("answer-missing", (*again, *await support.ways(ctx))), state=ctx.state)


async def _free(ctx: RequestContext) -> Values:
    clip = await filming.price(ctx.tx, ctx.deps.catalog, ctx.user)
    return {"price": ctx.avatar_price, "gift": yes_or_no(clip.gift)}


async def _erased(ctx: RequestContext) -> Values:
    return {"hours": ctx.deps.settings.upload_hours}


async def _photos(ctx: RequestContext) -> Values:
    settings = ctx.deps.settings
    collecting = ctx.order is not None and ctx.order.state is OrderState.COLLECTING
    accepted = (await photos.tally(ctx.tx, ctx.order)).accepted if collecting and ctx.order else 0
    return {
        "asked": settings.photos_asked,
        "minimum": settings.photos_minimum,
        "maximum": settings.photos_maximum,
        "accepted": accepted,
    }


async def _begin(ctx: RequestContext) -> Values:
    return {"price": ctx.avatar_price, "asked": ctx.deps.settings.photos_asked}


async def _size(ctx: RequestContext) -> Values:
    """The size of their newest set; 0, where there is none yet."""
    found = await ctx.tx.find(
        Shoot, user_id=ctx.user.id, state=ShootState.DONE, order="-created_at", limit=1
    )
    painted = await portraits.pictures_of_shoot(ctx.tx, found[0]) if found else []
    if not painted:
        return {"width": 0, "height": 0}
    return {"width": painted[0].width, "height": painted[0].height}


async def _refund(ctx: RequestContext) -> Values:
    """``how``: what becomes of the money of their order if they stop it now."""
    if ctx.order is None or ctx.order.state is not OrderState.PAID:
        return {"how": "none", "amount": ""}
    begun = await stopping.work_begun(ctx.tx, ctx.order)
    amount = ctx.texts.money(ctx.order.kept, ctx.order.currency)
    return {"how": "begun" if begun else "free", "amount": amount}


async def _sets(ctx: RequestContext) -> Values:
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    return {"cost": ctx.deps.catalog.shoot_credits, "balance": balance}


async def _alive(ctx: RequestContext) -> Values:
    clip = await filming.price(ctx.tx, ctx.deps.catalog, ctx.user)
    return {"gift": yes_or_no(clip.gift), "cost": ctx.deps.catalog.film_credits}


async def _gift(ctx: RequestContext) -> Values:
    return {"credits": ctx.deps.catalog.referral_credits}


async def _paying(ctx: RequestContext) -> Values:
    return {"stars": yes_or_no(ctx.currency is Currency.XTR)}


_STEPS: Final[Mapping[Question, Step]] = {
    Question.PRICE: _price,
    Question.WAIT: _wait,
    Question.TROUBLE: account.payment_support,
    Question.MISSING: _missing,
    Question.CREDITS: account.credits,
    Question.CANCEL: checkout.cancel,
    Question.LANGUAGE: welcome.language,
    Question.PERSON: support.begin,
    Question.HELLO: welcome.start,
    Question.ERASE: account.erase,
}
"""Questions that a step answers already, or that have more than one answer."""

_LOOKS: Final = frozenset({Question.PRICE, Question.CREDITS, Question.TROUBLE})
"""Of these, what only shows: what a step waits for meanwhile is still waited for."""

_VALUES: Final[Mapping[Question, Callable[[RequestContext], Awaitable[Values]]]] = {
    Question.FREE: _free,
    Question.ERASED: _erased,
    Question.PHOTOS: _photos,
    Question.BEGIN: _begin,
    Question.SIZE: _size,
    Question.REFUND: _refund,
    Question.RESTYLE: _sets,
    Question.LIKENESS: _sets,
    Question.ALIVE: _alive,
    Question.GIFT: _gift,
    Question.PAYING: _paying,
}

_TERMS: Final[Way] = ("privacy-button-terms", Intent.TERMS, "")
_ALIVE: Final[Way] = ("alive-button", Intent.ALIVE, "")
_PERSON: Final[Way] = ("answer-button-support", Intent.SUPPORT, "")
_ORIGINALS: Final[Way] = ("portraits-button-originals", Intent.ORIGINALS, "")


def _studio(*ways: Way) -> Ways:
    """These for whoever has an avatar; for others, the way to one."""
    return lambda ctx: ways if ctx.avatar else ()


def _always(*ways: Way) -> Ways:
    return lambda _: ways


_WAYS: Final[Mapping[Question, Ways]] = {
    Question.FREE: _always(_ALIVE),
    Question.SAFE: _always(_TERMS),
    Question.SEEN: _always(_TERMS),
    Question.ERASED: _always(_TERMS),
    Question.PHOTOS: _always(("photos-button-tips", Intent.TIPS, "")),
    Question.AVATAR: _studio(("studio-button-avatar", Intent.AVATAR, "")),
    Question.BEGIN: _always(_ALIVE),
    Question.SIZE: _studio(_ORIGINALS),
    Question.REFUND: _always(("paysupport-button-orders", Intent.ORDERS, "")),
    Question.INVOICE: _always(("paysupport-button-orders", Intent.ORDERS, ""), _PERSON),
    Question.RESTYLE: _studio(("studio-button-styles", Intent.STYLES, "")),
    Question.LIKENESS: _studio(("portraits-button-more", Intent.MORE, ""), _PERSON),
    Question.ALIVE: _always(_ALIVE),
    Question.OLD: _always(_ALIVE),
    Question.GIFT: _always(("menu-invite", Intent.INVITE, "")),
    Question.GROUP: _always(("together-button", Intent.ALIVE, "together")),
    Question.RIGHTS: _always(_PERSON),
    Question.LABEL: _always(("menu-verify", Intent.VERIFY, "")),
    Question.WHO: _always(("button-help", Intent.HELP, ""), _PERSON),
}
"""The ways on beside going on from where they are."""
