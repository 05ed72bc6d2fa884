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
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.money import ledger
from shop.photos import photos
from shop.ports import Blobs, Clock, Database, Till
from shop.records import (
    Avatar,
    Job,
    JobQueue,
    Order,
    OrderState,
    Platform,
    Shoot,
    User,
)
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
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._house = DialogueDependencies(database, blobs, cipher, catalog, tills, settings)
        self._clock = clock

    async def replies(self, payload: Payload) -> tuple[User, list[Reply]] | None:
        """Whom to tell, and what. None: not any more, or nobody is there. An unknown kind raises
        ValueError; :class:`shop.privacy.StillThere` asks for another try later."""
        kind = str(payload["kind"])
        if kind not in KINDS:
            raise ValueError(f"no such news: {kind}")
        async with self._house.database.begin() as tx:
            user = await tx.get(User, str(payload["user"]))
            if user is None:
                return None
            if kind == "erased":
                user = _as_they_were(user, payload)
            elif user.erased_at is not None or user.unreachable:
                return None
            turn = await load_context(self._house, tx, user, self._clock(), State.NEW, {})
            try:
                said = await KINDS[kind](turn, payload)
            except NotFound:  # erased meanwhile
                return None
        return (user, said) if said else None


async def _tally(turn: RequestContext, payload: Payload) -> list[Reply]:
    """The running count, while photos are taken."""
    order = await _order(turn, payload)
    if order.state not in photos.TAKING:
        return []
    return [photo_steps.running(turn, order, await photos.tally(turn.tx, order))]


async def _paid(turn: RequestContext, payload: Payload) -> list[Reply]:
    order = await _order(turn, payload)
    if order.state not in (OrderState.PAID, OrderState.DONE):
        return []
    return await billing.paid(turn, order)


async def _progress(turn: RequestContext, payload: Payload) -> list[Reply]:
    """A worker's beat: the waiting message, edited in place."""
    job = await turn.tx.get(Job, str(payload["job"]))
    if job is None or job.ended_at is not None:
        return []
    if job.kind is JobQueue.TRAIN:
        avatar = await own_record(turn, Avatar, job.ref)
        return [await progress(turn, await own_record(turn, Order, avatar.order_id))]
    if job.kind is JobQueue.PAINT:
        shoot = await own_record(turn, Shoot, job.ref)
        return [await painting(turn, shoot, name_of(turn, shoot.template))]
    return []


async def _avatar_failed(turn: RequestContext, payload: Payload) -> list[Reply]:
    order = await _order(turn, payload)
    amount = turn.texts.money(order.amount, order.currency)
    said = turn.say("news-avatar-failed", _back(turn), tone=Tone.TROUBLE, amount=amount)
    return [said]


async def _uploads_erased(turn: RequestContext, payload: Payload) -> list[Reply]:
    """The deletion receipt; none is due where nothing had been kept."""
    count = int(payload["count"])
    if not count:
        return []
    return [turn.say("news-uploads-erased", tone=Tone.RECEIPT, count=count)]


async def _erased(turn: RequestContext, _: Payload) -> list[Reply]:
    """A last word, after a look at what is really left."""
    if await privacy.left(turn.tx, turn.house.blobs, turn.user.id):
        raise privacy.StillThere("blobs of an erased person")
    return [turn.say("news-erased", tone=Tone.RECEIPT)]


async def _approved(turn: RequestContext, payload: Payload) -> list[Reply]:
    order = await _order(turn, payload)
    if order.state not in photos.TAKING:
        return []
    tally = await photos.tally(turn.tx, order)
    return [turn.say("news-approved"), photo_steps.running(turn, order, tally)]


async def _expired(turn: RequestContext, _: Payload) -> list[Reply]:
    hours = turn.house.settings.upload_hours
    again = button(turn.texts, "news-button-again", Intent.WHERE)
    return [turn.say("news-expired", column(again), hours=hours)]


async def _granted(turn: RequestContext, payload: Payload) -> list[Reply]:
    balance = await ledger.balance(turn.tx, turn.user.id)
    credits = int(payload["credits"])
    return [turn.say("news-granted", _studio(turn), credits=credits, balance=balance)]


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
        platform=Platform(str(payload["platform"])),
        platform_id=str(payload["person"]),
        language=str(payload["language"]),
    )


async def _order(turn: RequestContext, payload: Payload) -> Order:
    return await own_record(turn, Order, str(payload["order"]))


def _back(turn: RequestContext) -> Keyboard:
    return column(button(turn.texts, "button-where", Intent.WHERE))


def _studio(turn: RequestContext) -> Keyboard:
    return column(button(turn.texts, "studio-button-styles", Intent.STYLES))
