"""The table of admin commands, and what each one does."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from handlers.admin import views
from handlers.chat import Button, Picture, Reply, Say, Show
from handlers.context import AfterCommit, RequestContext
from handlers.intents import pairs
from handlers.steps.consequences import yes_or_no
from shop import admin_actions, admin_cases, admin_reviews
from shop.errors import PartTooLarge
from shop.jobs import outbox
from shop.money import order_accounting
from shop.people import users
from shop.records import Clip, Currency, Flaw, Order, OrderId, OrderState, Photo, User, UserId
from shop.sealed_blobs import SealedBlob
from shop.support import cases

EVENTS: Final = 12  # the latest of an order that /order shows; python -m bot order has all
MAX_HELD: Final = 5  # held photos that one /review shows
CREDITS_DIGITS: Final = 6
PLACES: Final = {Currency.CNY: 2}  # of the minor unit, where there is one

Arguments = tuple[str, ...]
Replies = tuple[Reply, ...]
Run = Callable[[RequestContext, str, Arguments], Awaitable[Replies | AfterCommit]]
"""Takes the admin's name and the command's arguments. What reads blobs answers after the commit."""


@dataclass(frozen=True, slots=True)
class AdminCommand:
    """One admin command: ``/name``, the names of its arguments, and its function. ``erases``: its
    answer says that something was erased. ``optional``: what may follow the arguments. ``free``:
    the last argument is all the rest, as it was typed."""

    name: str
    arguments: Arguments
    run: Run
    erases: bool = False
    optional: Arguments = ()
    free: bool = False

    def takes(self, arguments: Arguments) -> bool:
        """Whether it can be run with so many arguments."""
        beyond = len(arguments) - len(self.arguments)
        return 0 <= beyond <= len(self.optional)

    @property
    def usage_key(self) -> str:
        """The message that says how the command is written."""
        return f"admin-usage-{self.name}"

    @property
    def menu_key(self) -> str:
        """The message that describes the command in the platform's menu."""
        return f"admin-command-{self.name}"


async def _stats(ctx: RequestContext, admin: str, _: Arguments) -> Replies:
    return (Say(views.stats_text(ctx.texts, await admin_actions.stats(ctx.tx, admin, ctx.now))),)


async def _queue(ctx: RequestContext, admin: str, _: Arguments) -> Replies:
    queues = await admin_actions.queue(ctx.tx, admin, ctx.now)
    return (Say("\n".join(views.queue_text(ctx.texts, queue) for queue in queues)),)


async def _order(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    if owner := admin_actions.customer_of(arguments[0]):
        found = await admin_actions.orders_of(ctx.tx, admin, UserId(owner), ctx.now)
        listed = views.orders_text(ctx.texts, found)
        return (ctx.say("admin-order-by-link"), Say(listed or ctx.texts("admin-none")))
    id = (await admin_actions.find_typed(ctx.tx, Order, arguments[0])).id
    view = await admin_actions.order(ctx.tx, admin, id, ctx.now)
    events = views.history_text(ctx.texts, view, EVENTS)
    return (Say(f"{views.order_text(ctx.texts, view)}\n\n{events}"),)


async def _grant(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    person, credits = arguments
    if not credits.isdecimal() or len(credits) > CREDITS_DIGITS:
        return (ctx.say("admin-usage-grant"),)
    grant = await admin_actions.grant(ctx.tx, admin, person, int(credits), ctx.now)
    await outbox.notify(ctx.tx, grant.user.id, "granted", ctx.now, credits=grant.granted)
    given = ctx.texts("admin-granted", credits=grant.granted, balance=grant.credits)
    return (_done(ctx, "grant", given),)


async def _refund(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    id = (await admin_actions.find_typed(ctx.tx, Order, arguments[0])).id
    if arguments[1:]:
        return await _refund_part(ctx, admin, id, arguments[1])
    refunded = await admin_actions.refund(ctx.tx, admin, id, ctx.now)
    return (_done(ctx, "refund", ctx.texts(f"order-{refunded.state}")),)


async def _refund_part(ctx: RequestContext, admin: str, id: str, typed: str) -> Replies:
    """A part of what was paid, typed in the currency's units as people write them."""
    order = await order_accounting.get_order(ctx.tx, OrderId(id))
    amount = read_amount(typed, order.currency)
    if amount is None:
        return (ctx.say("admin-usage-refund"),)
    try:
        await admin_actions.refund_part(ctx.tx, ctx.deps.tills, admin, id, amount, ctx.now)
    except PartTooLarge as refusal:
        left = ctx.texts.money(int(refusal.details["left"]), order.currency)
        return (ctx.say("error-part-too-large", left=left),)
    owner = await ctx.tx.get(User, order.user_id)
    gone = order.state is OrderState.STOPPED or owner is None or owner.erased_at is not None
    said = {"amount": ctx.texts.money(amount, order.currency), "gone": yes_or_no(gone)}
    outcome = ctx.texts("admin-refund-begun", **said)
    return (_done(ctx, "refund", outcome),)


def read_amount(typed: str, currency: Currency) -> int | None:
    """An amount in minor units, typed as "3", "3.5" or "3,50" yuan, or as "3" Stars; None for what
    is none."""
    places = PLACES.get(currency, 0)
    found = re.fullmatch(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?", typed)
    if found is None or len(found[2] or "") > places:
        return None
    return int(found[1] + (found[2] or "").ljust(places, "0"))


async def _ban(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    addresses = ctx.deps.addresses
    user = await admin_actions.ban(ctx.tx, addresses, admin, arguments[0], ctx.now)
    return (_done(ctx, "ban", user.id if user else ctx.texts("admin-past-account")),)


async def _unban(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    addresses = ctx.deps.addresses
    user = await admin_actions.unban(ctx.tx, addresses, admin, arguments[0], ctx.now)
    return (_done(ctx, "unban", user.id if user else ctx.texts("admin-past-account")),)


async def _review(ctx: RequestContext, admin: str, _: Arguments) -> Replies | AfterCommit:
    """The photos, and pictures that are to come alive, that the checks were unsure of, each with
    two buttons."""
    held = await admin_reviews.held(ctx.tx, admin, ctx.now, MAX_HELD)
    moving = await admin_reviews.held_sources(ctx.tx, admin, ctx.now, MAX_HELD)
    if not held and not moving:
        return (ctx.say("admin-none"),)
    head = ctx.say("admin-review-head", count=len(held) + len(moving))
    found = [await _held_photo(ctx, admin, photo) for photo in held]
    found += [await _held_source(ctx, admin, clip) for clip in moving]

    async def show() -> list[Reply]:
        return [head, *[await open_photo() for open_photo in found]]

    return show


async def _approve(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    is_clip = await ctx.tx.get(Clip, arguments[0]) is not None
    approve = admin_reviews.approve_source if is_clip else admin_reviews.approve
    judged = await approve(ctx.tx, admin, arguments[0], ctx.now)
    return (_done(ctx, "review", judged.state),)


async def _reject(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    is_clip = await ctx.tx.get(Clip, arguments[0]) is not None
    reject = admin_reviews.reject_source if is_clip else admin_reviews.reject
    judged = await reject(ctx.tx, admin, arguments[0], ctx.now)
    return (_done(ctx, "review", judged.state),)


async def _pause(ctx: RequestContext, admin: str, _: Arguments) -> Replies:
    flag = await admin_actions.pause(ctx.tx, admin, ctx.now)
    return (_done(ctx, "pause", flag.id),)


async def _resume(ctx: RequestContext, admin: str, _: Arguments) -> Replies:
    flag = await admin_actions.resume(ctx.tx, admin, ctx.now)
    return (_done(ctx, "resume", flag.id),)


async def _pause_clips(ctx: RequestContext, admin: str, _: Arguments) -> Replies:
    flag = await admin_actions.pause_clips(ctx.tx, admin, ctx.now)
    return (_done(ctx, "pauseclips", flag.id),)


async def _resume_clips(ctx: RequestContext, admin: str, _: Arguments) -> Replies:
    flag = await admin_actions.resume_clips(ctx.tx, admin, ctx.now)
    return (_done(ctx, "resumeclips", flag.id),)


async def _erase(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    erased = await admin_actions.erase(ctx.tx, ctx.deps.addresses, admin, arguments[0], ctx.now)
    counts = ctx.texts(
        "admin-erased",
        photos=erased.photos,
        avatars=erased.avatars,
        portraits=erased.portraits,
        clips=erased.clips,
        refunded=", ".join(order.id for order in erased.refunded) or "—",
        kept=", ".join(order.id for order in erased.kept) or "—",
    )
    return (_done(ctx, "erase", counts),)


async def _cases(ctx: RequestContext, admin: str, _: Arguments) -> Replies:
    found, more = await admin_cases.waiting(ctx.tx, admin, ctx.now)
    if not found:
        return (ctx.say("admin-cases-none"),)
    lines = [views.case_line(ctx.texts, case) for case in found]
    if more:
        lines.append(ctx.texts("admin-cases-more", count=more))
    return (Say("\n".join(lines)),)


async def _case(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    """What was written, the latest at the end; of a long one, what fits in a message."""
    view = await admin_cases.read(ctx.tx, ctx.deps.cipher, admin, arguments[0], ctx.now)
    return (Say(views.case_text(ctx.texts, view)),)


async def _answer(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    typed, words = arguments
    if len(words) > cases.LONGEST:
        return (ctx.say("case-too-long", most=cases.LONGEST),)
    case = await admin_cases.answer(ctx.tx, ctx.deps.cipher, admin, typed, words, ctx.now)
    return (_done(ctx, "answer", ctx.texts(f"admin-case-{case.state}")),)


async def _close(ctx: RequestContext, admin: str, arguments: Arguments) -> Replies:
    case = await admin_cases.close(ctx.tx, admin, arguments[0], ctx.now)
    return (_done(ctx, "close", ctx.texts(f"admin-case-{case.state}")),)


async def _held_photo(
    ctx: RequestContext, admin: str, photo: Photo
) -> Callable[[], Awaitable[Reply]]:
    sealed = await admin_reviews.look(ctx.tx, ctx.deps.cipher, admin, photo.id, ctx.now)
    return _shown(ctx, sealed, photo.id, await _why_held(ctx, photo.user_id, str(photo.flaw)))


async def _held_source(
    ctx: RequestContext, admin: str, clip: Clip
) -> Callable[[], Awaitable[Reply]]:
    sealed = await admin_reviews.look_at_source(ctx.tx, ctx.deps.cipher, admin, clip.id, ctx.now)
    flaw = await _why_held(ctx, clip.user_id, clip.reason)
    return _shown(ctx, sealed, clip.id, f"{ctx.texts('admin-review-clip')}\n{flaw}")


async def _why_held(ctx: RequestContext, sender: UserId, flaw: str) -> str:
    """Perhaps a minor, and whether who sent it says so; or perhaps indecent."""
    owner = await users.current(ctx.tx, sender)
    stated = flaw == Flaw.MINOR and owner is not None and owner.stated_minor_at is not None
    return ctx.texts("admin-held-stated" if stated else f"admin-held-{flaw}")


def _shown(
    ctx: RequestContext, sealed: SealedBlob, id: str, caption: str
) -> Callable[[], Awaitable[Reply]]:
    buttons = pairs(
        Button(ctx.texts("admin-review-approve"), f"ok:{id}"),
        Button(ctx.texts("admin-review-reject"), f"nok:{id}"),
    )

    async def show() -> Reply:
        data = await sealed.open(ctx.deps.blobs)
        return Show((Picture(f"held:{id}", data, "image/jpeg"),), caption, buttons)

    return show


def _done(ctx: RequestContext, command: str, outcome: str) -> Say:
    return ctx.say("admin-done", command=f"/{command}", outcome=outcome)


def _table(*commands: AdminCommand) -> Mapping[str, AdminCommand]:
    return {command.name: command for command in commands}


COMMANDS: Final = _table(
    AdminCommand("stats", (), _stats),
    AdminCommand("queue", (), _queue),
    AdminCommand("order", ("order",), _order),
    AdminCommand("grant", ("person", "credits"), _grant),
    AdminCommand("refund", ("order",), _refund, optional=("amount",)),
    AdminCommand("ban", ("person",), _ban),
    AdminCommand("unban", ("person",), _unban),
    AdminCommand("review", (), _review),
    AdminCommand("cases", (), _cases),
    AdminCommand("case", ("case",), _case),
    AdminCommand("answer", ("case", "words"), _answer, free=True),
    AdminCommand("close", ("case",), _close),
    AdminCommand("pause", (), _pause),
    AdminCommand("resume", (), _resume),
    AdminCommand("pauseclips", (), _pause_clips),
    AdminCommand("resumeclips", (), _resume_clips),
    AdminCommand("erase", ("person",), _erase, erases=True),
)
"""Every command, in the order of the platform's menu."""

BUTTONS: Final = _table(
    AdminCommand("ok", ("photo",), _approve), AdminCommand("nok", ("photo",), _reject)
)
"""The two buttons under a held picture: ``ok:`` and ``nok:``, and the id of its photo or clip."""
