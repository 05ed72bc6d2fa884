"""News from workers, tills and the clock, in a person's words: whether they are there or not.

A notice names what happened by its ``kind`` and ids; what is said is read from the records now, so
that late news is never wrong news. None means that there is nothing left to say.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from handlers import billing, money_notifications, portrait_notifications
from handlers.chat import Keyboard, Reply, Tone
from handlers.context import DialogueDependencies, RequestContext, load_context, own_record
from handlers.intents import Intent, button, column
from handlers.progress import painting, progress
from handlers.session import State
from handlers.steps import photos as photo_steps
from handlers.steps.styles import name_of
from shop import privacy
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.money import ledger
from shop.photos import photos
from shop.ports import Blobs, Clock, Database, Till
from shop.records import Avatar, ChannelName, Job, Order, OrderState, Shoot, User
from shop.settings import Settings

Payload = Mapping[str, str | int | float]
News = Callable[[RequestContext, Payload], Awaitable[list[Reply]]]


class Notifications:
    """Built once by the courier's composition root."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        cipher: EnvelopeCipher,
        catalog: Catalog,
        tills: Mapping[str, Till],
        till_names: Mapping[ChannelName, str],
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._deps = DialogueDependencies(
            database, blobs, cipher, catalog, tills, till_names, settings
        )
        self._clock = clock

    async def replies(self, payload: Payload) -> tuple[User, list[Reply]] | None:
        """Whom to tell, and what. None: not any more, or nobody is there. An unknown kind raises
        ValueError; :class:`shop.privacy.StillThere` asks for another try later."""
        kind = str(payload["kind"])
        if kind not in KINDS:
            raise ValueError(f"no such news: {kind}")
        async with self._deps.database.begin() as tx:
            user = await tx.get(User, str(payload["user"]))
            if user is None:
                return None
            if kind == "erased":
                user = _as_they_were(user, payload)
            elif user.erased_at is not None or user.unreachable:
                return None
            ctx = await load_context(self._deps, tx, user, self._clock(), State.NEW, {})
            try:
                said = await KINDS[kind](ctx, payload)
            except NotFound:  # erased meanwhile
                return None
        return (user, said) if said else None


async def _tally(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The running count, while photos are taken."""
    order = await _order(ctx, payload)
    if order.state not in photos.TAKING:
        return []
    return [photo_steps.running(ctx, order, await photos.tally(ctx.tx, order))]


async def _paid(ctx: RequestContext, payload: Payload) -> list[Reply]:
    order = await _order(ctx, payload)
    if order.state not in (OrderState.PAID, OrderState.DONE):
        return []
    return await billing.paid(ctx, order)


async def _progress(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A worker's beat: the waiting message, edited in place."""
    job = await ctx.tx.get(Job, str(payload["job"]))
    if job is None or job.ended_at is not None:
        return []
    if job.kind == TRAIN.name:
        avatar = await own_record(ctx, Avatar, job.ref)
        return [await progress(ctx, await own_record(ctx, Order, avatar.order_id))]
    if job.kind == PAINT.name:
        shoot = await own_record(ctx, Shoot, job.ref)
        return [await painting(ctx, shoot, name_of(ctx, shoot.template))]
    return []


async def _avatar_failed(ctx: RequestContext, payload: Payload) -> list[Reply]:
    order = await _order(ctx, payload)
    amount = ctx.texts.money(order.amount, order.currency)
    said = ctx.say("news-avatar-failed", _back(ctx), tone=Tone.TROUBLE, amount=amount)
    return [said]


async def _uploads_erased(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The deletion receipt; none is due where nothing had been kept."""
    count = int(payload["count"])
    if not count:
        return []
    return [ctx.say("news-uploads-erased", tone=Tone.RECEIPT, count=count)]


async def _erased(ctx: RequestContext, _: Payload) -> list[Reply]:
    """A last word, after a look at what is really left."""
    if await privacy.left(ctx.tx, ctx.deps.blobs, ctx.user.id):
        raise privacy.StillThere("blobs of an erased person")
    return [ctx.say("news-erased", tone=Tone.RECEIPT)]


async def _approved(ctx: RequestContext, payload: Payload) -> list[Reply]:
    order = await _order(ctx, payload)
    if order.state not in photos.TAKING:
        return []
    tally = await photos.tally(ctx.tx, order)
    return [ctx.say("news-approved"), photo_steps.running(ctx, order, tally)]


async def _expired(ctx: RequestContext, _: Payload) -> list[Reply]:
    hours = ctx.deps.settings.upload_hours
    again = button(ctx.texts, "news-button-again", Intent.WHERE)
    return [ctx.say("news-expired", column(again), hours=hours)]


async def _granted(ctx: RequestContext, payload: Payload) -> list[Reply]:
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    credits = int(payload["credits"])
    return [ctx.say("news-granted", _studio(ctx), credits=credits, balance=balance)]


KINDS: Final[Mapping[str, News]] = {
    "tally": _tally,
    "paid": _paid,
    "progress": _progress,
    "sample": portrait_notifications.sample,
    "avatar_ready": portrait_notifications.avatar_ready,
    "avatar_failed": _avatar_failed,
    "portraits": portrait_notifications.portraits,
    "shoot_failed": portrait_notifications.shoot_failed,
    "payment_refunded": money_notifications.refunded,
    "payment_returned": money_notifications.returned,
    "uploads_erased": _uploads_erased,
    "erased": _erased,
    "photo_approved": _approved,
    "expired": _expired,
    "granted": _granted,
    "referral": money_notifications.thanked,
    "referral_back": money_notifications.thanks_taken_back,
    "difference": money_notifications.difference,
    "differences": money_notifications.differences,
    "help_wanted": money_notifications.help_wanted,
}
"""Everything that :func:`shop.jobs.outbox.notify` is called with."""


def _as_they_were(user: User, payload: Payload) -> User:
    """The notice of an erasure carries the address, because the user has none any more."""
    return replace(
        user,
        platform=ChannelName(str(payload["platform"])),
        platform_id=str(payload["person"]),
        language=str(payload["language"]),
    )


async def _order(ctx: RequestContext, payload: Payload) -> Order:
    return await own_record(ctx, Order, str(payload["order"]))


def _back(ctx: RequestContext) -> Keyboard:
    return column(button(ctx.texts, "button-where", Intent.WHERE))


def _studio(ctx: RequestContext) -> Keyboard:
    return column(button(ctx.texts, "studio-button-styles", Intent.STYLES))
