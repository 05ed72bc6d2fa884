"""What the people who run the studio can do from a chat. Each act is audited by the shop.

To anybody else these commands are unknown words, answered as any other: a stranger learns nothing.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from handlers.chat import Button, Picture, Reply, Say, Show
from handlers.context import Outcome, RequestContext, reply
from handlers.intents import pairs
from handlers.texts import Texts
from shop import admin_actions
from shop.admin_actions import OrderView, QueueView, Stats
from shop.errors import NotFound
from shop.jobs import outbox
from shop.people import users
from shop.ports import Above
from shop.records import Currency, Order, Photo

LOOKED_AT: Final = 5  # held photos that one /review shows
CREDITS_DIGITS: Final = 6
SPOKEN: Final = 8  # digits of an order's id that customers see


@dataclass(frozen=True, slots=True)
class AdminOrder:
    """A command and its words, as typed by an admin."""

    command: str
    words: tuple[str, ...]


Run = Callable[[RequestContext, str, tuple[str, ...]], Awaitable[tuple[Reply, ...]]]


def allowed(ctx: RequestContext) -> bool:
    return users.admin_name(ctx.user) in ctx.deps.settings.admins


def read(text: str) -> AdminOrder | None:
    """An admin's command; None for anything else, such as an admin's own /erase."""
    first, *words = text.split() or [""]
    command = first.removeprefix("/").partition("@")[0].lower()
    if not first.startswith("/") or command not in COMMANDS:
        return None
    if command == "erase" and not words:
        return None
    return AdminOrder(command, tuple(words))


def read_button(text: str) -> AdminOrder | None:
    """The two buttons under a held photo."""
    name, _, photo = text.partition(":")
    return AdminOrder(name, (photo,)) if name in ("ok", "nok") and photo else None


async def run(ctx: RequestContext, order: AdminOrder) -> Outcome:
    """Do it, or say how it is written."""
    what, words = COMMANDS.get(order.command) or BUTTONS[order.command]
    if len(order.words) != words:
        return reply(ctx.say(f"admin-usage-{order.command}"), state=ctx.state)
    replies = await what(ctx, users.admin_name(ctx.user), order.words)
    return reply(*replies, state=ctx.state)


async def _stats(ctx: RequestContext, admin: str, _: tuple[str, ...]) -> tuple[Reply, ...]:
    return (Say(_stats_text(ctx.texts, await admin_actions.stats(ctx.tx, admin, ctx.now))),)


async def _queue(ctx: RequestContext, admin: str, _: tuple[str, ...]) -> tuple[Reply, ...]:
    views = await admin_actions.queue(ctx.tx, admin, ctx.now)
    return (Say("\n".join(_queue_text(ctx.texts, view) for view in views)),)


async def _order(ctx: RequestContext, admin: str, words: tuple[str, ...]) -> tuple[Reply, ...]:
    id = await _whole_id(ctx, words[0])
    return (Say(_order_text(ctx.texts, await admin_actions.order(ctx.tx, admin, id, ctx.now))),)


async def _grant(ctx: RequestContext, admin: str, words: tuple[str, ...]) -> tuple[Reply, ...]:
    person, credits = words
    if not credits.isdecimal() or len(credits) > CREDITS_DIGITS:
        return (ctx.say("admin-usage-grant"),)
    given = await admin_actions.grant(ctx.tx, admin, person, int(credits), ctx.now)
    await outbox.notify(ctx.tx, given.user.id, "granted", ctx.now, credits=given.granted)
    return (_done(ctx, "grant", str(given.credits)),)


async def _refund(ctx: RequestContext, admin: str, words: tuple[str, ...]) -> tuple[Reply, ...]:
    id = await _whole_id(ctx, words[0])
    back = await admin_actions.refund(ctx.tx, admin, id, ctx.now)
    return (_done(ctx, "refund", ctx.texts(f"order-{back.state}")),)


async def _ban(ctx: RequestContext, admin: str, words: tuple[str, ...]) -> tuple[Reply, ...]:
    user = await admin_actions.ban(ctx.tx, admin, words[0], ctx.now)
    return (_done(ctx, "ban", user.id),)


async def _unban(ctx: RequestContext, admin: str, words: tuple[str, ...]) -> tuple[Reply, ...]:
    user = await admin_actions.unban(ctx.tx, admin, words[0], ctx.now)
    return (_done(ctx, "unban", user.id),)


async def _review(ctx: RequestContext, admin: str, _: tuple[str, ...]) -> tuple[Reply, ...]:
    """The photos that the checks were unsure of, each with two buttons."""
    held = await admin_actions.held(ctx.tx, admin, ctx.now, LOOKED_AT)
    if not held:
        return (ctx.say("admin-none"),)
    head = ctx.say("admin-review-head", count=len(held))
    return (head, *[await _held_photo(ctx, admin, photo) for photo in held])


async def _approve(ctx: RequestContext, admin: str, words: tuple[str, ...]) -> tuple[Reply, ...]:
    photo = await admin_actions.approve(ctx.tx, admin, words[0], ctx.now)
    return (_done(ctx, "review", photo.state),)


async def _reject(ctx: RequestContext, admin: str, words: tuple[str, ...]) -> tuple[Reply, ...]:
    photo = await admin_actions.reject(ctx.tx, admin, words[0], ctx.now)
    return (_done(ctx, "review", photo.state),)


async def _pause(ctx: RequestContext, admin: str, _: tuple[str, ...]) -> tuple[Reply, ...]:
    switch = await admin_actions.pause(ctx.tx, admin, ctx.now)
    return (_done(ctx, "pause", switch.id),)


async def _resume(ctx: RequestContext, admin: str, _: tuple[str, ...]) -> tuple[Reply, ...]:
    switch = await admin_actions.resume(ctx.tx, admin, ctx.now)
    return (_done(ctx, "resume", switch.id),)


async def _erase(ctx: RequestContext, admin: str, words: tuple[str, ...]) -> tuple[Reply, ...]:
    gone = await admin_actions.erase(ctx.tx, admin, words[0], ctx.now)
    counts = ctx.texts(
        "admin-erased", photos=gone.photos, avatars=gone.avatars, portraits=gone.portraits
    )
    return (_done(ctx, "erase", counts),)


COMMANDS: Final[Mapping[str, tuple[Run, int]]] = {
    "stats": (_stats, 0),
    "queue": (_queue, 0),
    "order": (_order, 1),
    "grant": (_grant, 2),
    "refund": (_refund, 1),
    "ban": (_ban, 1),
    "unban": (_unban, 1),
    "review": (_review, 0),
    "pause": (_pause, 0),
    "resume": (_resume, 0),
    "erase": (_erase, 1),
}
"""With the number of words that each wants; its message is ``admin-usage-...``."""

BUTTONS: Final[Mapping[str, tuple[Run, int]]] = {"ok": (_approve, 1), "nok": (_reject, 1)}


async def _held_photo(ctx: RequestContext, admin: str, photo: Photo) -> Reply:
    deps = ctx.deps
    data = await admin_actions.look(ctx.tx, deps.cipher, deps.blobs, admin, photo.id, ctx.now)
    flaw = ctx.texts(f"flaw-{photo.flaw}", count=1)
    buttons = pairs(
        Button(ctx.texts("admin-review-approve"), f"ok:{photo.id}"),
        Button(ctx.texts("admin-review-reject"), f"nok:{photo.id}"),
    )
    return Show((Picture(f"held:{photo.id}", data, "image/jpeg"),), flaw, buttons)


async def _whole_id(ctx: RequestContext, typed: str) -> str:
    """The order whose id begins so: people read out eight digits. Raises :class:`NotFound`."""
    start = typed.lower()
    if await ctx.tx.get(Order, start) is not None:
        return start
    found = await ctx.tx.find(Order, id=Above(start), order="id", limit=1)
    if len(start) < SPOKEN or not found or not found[0].id.startswith(start):
        raise NotFound
    return found[0].id


def _done(ctx: RequestContext, command: str, outcome: str) -> Say:
    return ctx.say("admin-done", command=f"/{command}", outcome=outcome)


def _stats_text(texts: Texts, stats: Stats) -> str:
    earned = (texts.money(amount, currency) for currency, amount in stats.earned.items() if amount)
    off = [currency.value for currency, amount in stats.books.items() if amount]
    head = texts(
        "admin-stats",
        users=stats.users,
        erased=stats.erased,
        held=stats.held,
        earned=texts.listing(list(earned)) or texts.money(0, Currency.CNY),
        credits=stats.credits,
        books=", ".join(off) or "0",
        selling="on" if stats.selling else "off",
    )
    counts = [
        texts("admin-line", name=texts(f"order-{state}"), value=count)
        for state, count in stats.orders.items()
    ]
    return "\n".join((head, *counts))


def _queue_text(texts: Texts, view: QueueView) -> str:
    wait = texts.span(view.wait.low, view.wait.high) if view.wait else "—"
    return texts(
        "admin-queue",
        queue=view.kind,
        waiting=view.waiting,
        running=view.running,
        workers=view.workers,
        wait=wait,
    )


def _order_text(texts: Texts, view: OrderView) -> str:
    order = view.order
    return texts(
        "admin-order",
        id=order.id,
        person=view.person or "—",
        day=texts.day(order.created_at),
        product=order.product.value,
        state=texts(f"order-{order.state}"),
        amount=texts.money(order.amount, order.currency),
        charges=len(view.charges),
        accepted=view.tally.accepted,
        sent=view.tally.sent,
        avatar=view.avatar.state.value if view.avatar else "—",
        reason=order.refund_reason or "—",
    )
