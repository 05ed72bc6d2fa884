"""Privacy: what is stored about a person, its erasure, and the deletion receipt.

Erasing has two steps: keys and rows are deleted in the transaction, after which no blob can be
decrypted; the blobs are removed by outbox messages, and a receipt counts what the blob store still
has. Photos, samples, checkpoints, LoRAs and portraits lie nowhere else, whoever works on them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shop.avatars import avatars, training_checkpoints
from shop.errors import NotFound
from shop.jobs import jobs, outbox
from shop.money import ledger
from shop.orders import orders, stopping
from shop.people import consent, link_codes, linked_chats, past_accounts
from shop.people.users import lock
from shop.ports import Above, Blobs, Database, OneOf, Tx
from shop.records import (
    CHAT,
    Avatar,
    AvatarState,
    ChannelName,
    ChargePayer,
    Consent,
    ConsentKind,
    Job,
    JobState,
    LinkCode,
    LinkedChat,
    Order,
    OrderId,
    OrderState,
    PastAccount,
    Photo,
    Portrait,
    Product,
    SealedKey,
    Shoot,
    ShootState,
    Subject,
    User,
    UserId,
    WrongTry,
)
from shop.transactions import run_transaction

RECEIPT_DELAY = 3.0  # seconds until the receipt of an erasure, so that the blobs have gone


@dataclass(frozen=True, slots=True)
class StoredData:
    """What is stored about a person. ``uploads_left`` counts the upload blobs (photos and sample)
    that are in the blob store, ``keys_left`` the keys that could open them, and
    ``checkpoints_left`` the checkpoints of trainings in the blob store; ``credits`` includes held
    ones. ``chats`` are the channels of linked chats, the latest spoken in first; none for one chat.
    """

    photos: int
    uploads_left: int
    checkpoints_left: int
    keys_left: int
    avatars: tuple[Avatar, ...]
    portraits: int
    consents: tuple[Consent, ...]
    orders: tuple[Order, ...]
    credits: int
    chats: tuple[ChannelName, ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure deleted, by count: photos, avatars, portraits; the credits that were
    forfeited; the unfinished orders that it ended, ``refunded`` or ``kept`` (the money stays); and
    what of the person is kept, if anything.
    """

    photos: int = 0
    avatars: int = 0
    portraits: int = 0
    credits: int = 0
    refunded: tuple[Order, ...] = ()
    kept: tuple[Order, ...] = ()
    past: PastAccount | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many uploads of an order were erased, and how many of them and of the checkpoints of its
    training are still in the blob store (always 0). ``trained`` if there was a training."""

    order: OrderId
    erased: int
    left: int
    trained: bool


class BlobsRemain(Exception):
    """Blobs that were removed are still found: the outbox message must be tried again."""


async def holdings(database: Database, blobs: Blobs, user: User) -> StoredData:
    """Look up everything that is stored about a person: first the records, then the blobs."""
    async with database.snapshot() as tx:
        theirs = await tx.find(Avatar, user_id=user.id)
        ready = await tx.find(Avatar, user_id=user.id, state=AvatarState.READY, order="ready_at")
        their_orders = await tx.find(Order, user_id=user.id, order="created_at")
        found = StoredData(
            photos=await tx.count(Photo, user_id=user.id),
            uploads_left=0,
            checkpoints_left=0,
            keys_left=await _count_keys(tx, their_orders),
            avatars=tuple(ready),
            portraits=await tx.count(Portrait, user_id=user.id),
            consents=tuple(await tx.find(Consent, user_id=user.id, order="given_at")),
            orders=tuple(their_orders),
            credits=await ledger.unspent(tx, user.id),
            chats=tuple(one.platform for one in await linked_chats.of(tx, user.id)),
        )
    return replace(
        found,
        uploads_left=await _count_blobs(blobs, [f"uploads/{order.id}" for order in their_orders]),
        checkpoints_left=await _count_blobs(
            blobs, [training_checkpoints.folder(avatar.id) for avatar in theirs]
        ),
    )


async def uploads_left(database: Database, blobs: Blobs) -> int:
    """Count the upload blobs, the upload keys and the training checkpoints of all people."""
    async with database.snapshot() as tx:
        keys = await _count_keys(tx, await tx.find(Order, key_id=Above("")))
    checkpoints = 0
    async for path in blobs.walk("avatars"):
        checkpoints += _owner(path).endswith(f"/{training_checkpoints.FOLDER}")
    return await _count_blobs(blobs, ["uploads"]) + keys + checkpoints


async def count_remaining(database: Database, blobs: Blobs, user_id: UserId) -> int:
    """Count a person's blobs of any kind, and the keys that could open any: 0 once the outbox
    messages of an erasure are done."""
    async with database.snapshot() as tx:
        their_orders = await tx.find(Order, user_id=user_id)
        theirs = await tx.find(Avatar, user_id=user_id)
        keys = await _count_keys(tx, [*their_orders, *theirs])
    prefixes = [f"uploads/{order.id}" for order in their_orders]
    for avatar in theirs:  # the checkpoints of its training lie below it
        prefixes += [f"avatars/{avatar.id}", f"portraits/{avatar.id}"]
    return await _count_blobs(blobs, prefixes) + keys


async def erase(tx: Tx, user: User, now: datetime, *, chat_alone: bool = False) -> Erasure:
    """Delete or anonymise everything personal. The ledger stays: its ids are opaque.

    Unpaid orders are cancelled, unfinished ones stopped (:mod:`shop.orders.stopping` says which are
    refunded), avatars and portraits erased, jobs cancelled, consents withdrawn, the chat address
    removed, and so is every linked one (:func:`shop.linking.erase_chat` erases one of them alone).
    Whoever writes again is a new user; what is kept of this one is their :class:`PastAccount`, one
    for each chat, whose time starts anew.
    Outbox messages: erase_uploads, erase_blobs, for each chat drop_session {platform, person}, and
    the notice "erased" {platform, person, language, alone}, whose address is in it because the user
    has none now. ``chat_alone``: whatever else is the person's is in other chats, and stays.
    """
    known = await lock(tx, user.id)
    if known.erased_at is not None:
        return Erasure()
    counted = await _count(tx, known)
    ended = await _end_orders(tx, known, now)
    credits = await _forfeit_credits(tx, known, now)
    past = await past_accounts.remember(tx, known, now)
    await _anonymise_user(tx, known, now, chat_alone=chat_alone)
    return replace(counted, credits=credits, refunded=ended.refunded, kept=ended.kept, past=past)


async def erase_uploads(
    database: Database, blobs: Blobs, order_id: OrderId, count: int, why: str
) -> Receipt:
    """Handle the outbox message ``erase_uploads``: remove the blobs of the uploads, and of the
    checkpoints of the order's training; verify, enqueue the receipt.

    Raises :class:`BlobsRemain` if any are left, so that the message is tried again. ``count`` comes
    from the message: a second try finds fewer blobs than the first one removed.
    """
    async with database.snapshot() as tx:
        order = await tx.get(Order, order_id)
        trained = await tx.find(Avatar, order_id=order_id)
    if order is None:
        raise NotFound
    gone = [f"uploads/{order_id}", *(training_checkpoints.folder(one.id) for one in trained)]
    for prefix in gone:
        await erase_blobs(blobs, prefix)
    receipt = Receipt(order_id, count, await _count_blobs(blobs, gone), bool(trained))

    async def notify(tx: Tx) -> None:
        await outbox.notify(
            tx, order.user_id, "uploads_erased", await tx.now(),
            key=f"uploads_erased:{order_id}", once=True,
            order=order_id, count=receipt.erased, left=receipt.left, why=why,
            trained=int(receipt.trained),
        )  # fmt: skip

    await run_transaction(database, notify)
    return receipt


async def erase_blobs(blobs: Blobs, prefix: str) -> int:
    """Handle the outbox message ``erase_blobs``; returns how many there were. Raises
    :class:`BlobsRemain`.
    """
    removed = await blobs.remove(prefix)
    if await _count_blobs(blobs, [prefix]):
        raise BlobsRemain(prefix)
    return removed


async def sweep_blobs(database: Database, blobs: Blobs) -> int:
    """Remove orphaned blobs, whose key or owner is gone, or whose training has ended: a crash left
    them before their row, or a worker that did not know yet.

    One that is being written is safe: its order or avatar was committed before, and whoever has
    lost that since removes the blob as well. No transaction is open while the folders are walked
    and emptied: what nobody owns is never owned again.
    """
    removed = 0
    for folder in ("uploads", "avatars", "portraits"):
        found: dict[str, list[str]] = defaultdict(list)
        async for path in blobs.walk(folder):
            found[_owner(path)].append(path)
        for prefix, paths in sorted(found.items()):
            async with database.snapshot() as tx:
                owned = await _is_owned(tx, prefix)
                left = await _left_over(tx, prefix, paths) if owned else ()
            for gone in left if owned else (prefix,):
                removed += await blobs.remove(gone)
    return removed


def _owner(path: str) -> str:
    """The prefix of a blob that lives and ends together: of an order, an avatar, or a training."""
    parts = path.split("/")
    is_checkpoint = parts[0] == "avatars" and parts[2:3] == [training_checkpoints.FOLDER]
    return "/".join(parts[: 3 if is_checkpoint else 2])


async def _is_owned(tx: Tx, prefix: str) -> bool:
    folder, id, *checkpoints = prefix.split("/")
    if folder == "uploads":
        order = await tx.get(Order, id)
        return order is not None and order.key_id is not None
    avatar = await tx.get(Avatar, id)
    states = {AvatarState.WAITING} if checkpoints else {AvatarState.WAITING, AvatarState.READY}
    return avatar is not None and avatar.state in states


async def _left_over(tx: Tx, prefix: str, paths: Sequence[str]) -> list[str]:
    """Of the blobs of a finished avatar those that no row refers to and none will: a worker was
    killed, or had lost its lease, between writing them and its commit."""
    folder, id, *checkpoints = prefix.split("/")
    avatar = await tx.get(Avatar, id)
    if folder == "uploads" or checkpoints or avatar is None or avatar.state is AvatarState.WAITING:
        return []
    if folder == "avatars":
        return [path for path in paths if path not in avatar.blobs]
    if await tx.count(Shoot, avatar_id=id, state=ShootState.WAITING):
        return []  # it may be being written
    kept = {one.blob for one in await tx.find(Portrait, avatar_id=id)}
    return [path for path in paths if path not in kept]


async def _count(tx: Tx, user: User) -> Erasure:
    return Erasure(
        photos=await tx.count(Photo, user_id=user.id),
        avatars=await tx.count(Avatar, user_id=user.id, state=AvatarState.READY),
        portraits=await tx.count(Portrait, user_id=user.id),
    )


async def _end_orders(tx: Tx, user: User, now: datetime) -> stopping.Stake:
    """End every order; returns the paid, unfinished ones, by what became of their money."""
    stopped = []
    for order in await tx.find(Order, user_id=user.id, lock=True):
        if order.state in orders.UNPAID:
            await orders.cancel(tx, order, now, "erased")
        elif order.state is OrderState.PAID:
            stopped.append(await stopping.stop(tx, order, "erased", now))
        elif order.product is Product.AVATAR:
            await avatars.revoke(tx, order, "erased", now)
        await _anonymise_order(tx, order.id)
    still = OneOf((JobState.WAITING, JobState.RUNNING))
    for job in await tx.find(Job, user_id=user.id, state=still):
        await jobs.end(tx, job, JobState.CANCELLED, now, "erased")
    await tx.remove(Shoot, user_id=user.id)
    return stopping.by_outcome(stopped)


async def _anonymise_order(tx: Tx, order_id: OrderId) -> None:
    """Remove the subject (woman, man) and the style."""
    if order := await tx.get(Order, order_id, lock=True):
        await tx.put(replace(order, subject=Subject.PERSON, template=""))
    for avatar in await tx.find(Avatar, order_id=order_id, lock=True):
        await tx.put(replace(avatar, subject=Subject.PERSON))


async def _forfeit_credits(tx: Tx, user: User, now: datetime) -> int:
    balance = await ledger.balance(tx, user.id)
    key = f"user:{user.id}:erased"
    return await ledger.take_back(tx, user.id, balance, key, now)


async def _anonymise_user(tx: Tx, user: User, now: datetime, *, chat_alone: bool) -> None:
    for kind in ConsentKind:
        await consent.withdraw(tx, user, kind, now)
    await outbox.forget_news(tx, user.id)
    linked = await linked_chats.of(tx, user.id)
    chats = [(one.platform, one.platform_id) for one in linked]
    for platform, person in chats or [(user.platform, user.platform_id)]:
        # Also in another account, which this chat left: a refund there then goes without the id.
        await tx.remove(ChargePayer, payer=person)
        address = {"platform": platform, "person": person}
        await outbox.enqueue(tx, CHAT, "drop_session", address, now)
        await outbox.notify(
            tx, user.id, "erased", now, delay=RECEIPT_DELAY,
            platform=platform, person=person, language=user.language, alone=int(chat_alone),
        )  # fmt: skip
    await link_codes.keep_tries(
        tx, user, [user.address_hash, *(one.address_hash for one in linked)]
    )
    for gone in (LinkedChat, LinkCode, WrongTry, ChargePayer):
        await tx.remove(gone, user_id=user.id)
    await tx.put(
        replace(
            user, platform_id=f"erased:{user.id}", erased_at=now, language_chosen=False,
            unreachable=True, invited_by="", address_hash="", returned=False,
        )
    )  # fmt: skip


async def _count_blobs(blobs: Blobs, prefixes: Sequence[str]) -> int:
    count = 0
    for prefix in prefixes:
        async for _ in blobs.walk(prefix):
            count += 1
    return count


async def _count_keys(tx: Tx, holders: Sequence[Order | Avatar]) -> int:
    ids = [holder.key_id for holder in holders if holder.key_id is not None]
    return await tx.count(SealedKey, id=OneOf(ids)) if ids else 0
