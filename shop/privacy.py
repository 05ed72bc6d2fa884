"""Privacy: what is stored about a person, its erasure, and the deletion receipt.

Erasing has two steps: keys and rows are deleted in the transaction, after which no blob can be
decrypted; the blobs are removed by outbox messages, and a receipt counts what the blob store still
has. Photos, samples, checkpoints, LoRAs and portraits lie nowhere else, whoever works on them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shop import blob_erasure, erasure_notes
from shop.avatars import prompts, training_checkpoints
from shop.clips import clips, endings
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
    Clip,
    ClipState,
    Compared,
    Consent,
    ConsentKind,
    ErasureKind,
    Job,
    JobState,
    KeyId,
    LinkCode,
    LinkedChat,
    Order,
    OrderId,
    OrderState,
    PastAccount,
    Photo,
    Portrait,
    Product,
    Prompt,
    PromptState,
    SealedKey,
    Shoot,
    Subject,
    SupportCase,
    User,
    UserId,
    WrongTry,
)
from shop.support import cases

RECEIPT_DELAY = 3.0  # seconds until the receipt of an erasure, so that the blobs have gone


@dataclass(frozen=True, slots=True)
class StoredData:
    """What is stored about a person. ``uploads_left`` counts the upload blobs (photos and sample)
    that are in the blob store, ``keys_left`` the keys that could open them, and
    ``checkpoints_left`` the checkpoints of trainings in the blob store; ``clips`` those that are
    finished, ``sources_left`` the blobs of pictures that were sent for others; ``prompts`` what is
    kept of their words, sealed; ``cases`` counts the messages of their support cases, ``compared``
    the photos that were compared with each other;
    ``credits`` includes held ones. ``chats`` are the channels of linked chats, the latest spoken in
    first; none for one chat.
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
    clips: int = 0
    sources_left: int = 0
    prompts: int = 0
    cases: int = 0
    compared: int = 0


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure deleted, by count: photos (those sent for clips among them), avatars,
    portraits, clips; the credits that were forfeited; the unfinished orders that it ended,
    ``refunded`` or ``kept`` (the money stays); and what of the person is kept, if anything.
    """

    photos: int = 0
    avatars: int = 0
    portraits: int = 0
    credits: int = 0
    refunded: tuple[Order, ...] = ()
    kept: tuple[Order, ...] = ()
    past: PastAccount | None = None
    clips: int = 0


async def holdings(database: Database, blobs: Blobs, user: User) -> StoredData:
    """Look up everything that is stored about a person: first the records, then the blobs."""
    async with database.snapshot() as tx:
        theirs = await tx.find(Avatar, user_id=user.id)
        ready = await tx.find(Avatar, user_id=user.id, state=AvatarState.READY, order="ready_at")
        their_orders = await tx.find(Order, user_id=user.id, order="created_at")
        theirs_moving = await tx.find(Clip, user_id=user.id)
        found = StoredData(
            photos=await tx.count(Photo, user_id=user.id),
            compared=await tx.count(Photo, user_id=user.id, compared=OneOf(tuple(Compared))),
            uploads_left=0,
            checkpoints_left=0,
            keys_left=await _count_keys(
                tx, [*(one.key_id for one in their_orders), *_source_keys(theirs_moving)]
            ),
            avatars=tuple(ready),
            portraits=await tx.count(Portrait, user_id=user.id),
            consents=tuple(await tx.find(Consent, user_id=user.id, order="given_at")),
            orders=tuple(their_orders),
            credits=await ledger.unspent(tx, user.id),
            chats=tuple(one.platform for one in await linked_chats.of(tx, user.id)),
            clips=sum(one.state is ClipState.DONE for one in theirs_moving),
            cases=sum(one.lines for one in await tx.find(SupportCase, user_id=user.id)),
            prompts=await tx.count(
                Prompt, user_id=user.id, state=OneOf((PromptState.ASKED, PromptState.ORDERED))
            ),
        )
    return replace(
        found,
        uploads_left=await blob_erasure.count_blobs(
            blobs, [f"uploads/{order.id}" for order in their_orders]
        ),
        sources_left=await blob_erasure.count_blobs(
            blobs, [f"sources/{clip.id}" for clip in theirs_moving]
        ),
        checkpoints_left=await blob_erasure.count_blobs(
            blobs, [training_checkpoints.folder(avatar.id) for avatar in theirs]
        ),
    )


async def uploads_left(database: Database, blobs: Blobs) -> int:
    """Count the upload blobs, those of clips' sources too, their keys and the training checkpoints
    of all people."""
    async with database.snapshot() as tx:
        holders = await tx.find(Order, key_id=Above(""))
        moving = [
            *await tx.find(Clip, source_key_id=Above("")),
            *await tx.find(Clip, beside_key_id=Above("")),
        ]
        held = {*(one.key_id for one in holders), *_source_keys(moving)}
        keys = await _count_keys(tx, list(held))
    checkpoints = 0
    async for path in blobs.walk("avatars"):
        checkpoints += blob_erasure.owner_of(path).endswith(f"/{training_checkpoints.FOLDER}")
    return await blob_erasure.count_blobs(blobs, ["uploads", "sources"]) + keys + checkpoints


async def count_remaining(database: Database, blobs: Blobs, user_id: UserId) -> int:
    """Count a person's blobs of any kind, and the keys that could open any: 0 once the outbox
    messages of an erasure are done."""
    async with database.snapshot() as tx:
        their_orders = await tx.find(Order, user_id=user_id)
        theirs = await tx.find(Avatar, user_id=user_id)
        moving = await tx.find(Clip, user_id=user_id)
        said = await tx.find(Prompt, user_id=user_id)
        held = [one.key_id for one in their_orders] + [one.key_id for one in theirs]
        held += [one.key_id for one in moving] + _source_keys(moving)
        held += [one.key_id for one in said]
        held += [one.key_id for one in await tx.find(SupportCase, user_id=user_id)]
        keys = await _count_keys(tx, held)
    prefixes = [f"uploads/{order.id}" for order in their_orders]
    prefixes += [f"{folder}/{clip.id}" for clip in moving for folder in ("sources", "clips")]
    prefixes += [f"portraits/{prompt.id}" for prompt in said]
    for avatar in theirs:  # the checkpoints of its training lie below it
        prefixes += [f"avatars/{avatar.id}", f"portraits/{avatar.id}"]
    return await blob_erasure.count_blobs(blobs, prefixes) + keys


async def erase(tx: Tx, user: User, now: datetime, *, chat_alone: bool = False) -> Erasure:
    """Delete or anonymise everything personal. The ledger stays: its ids are opaque.

    Unpaid orders are cancelled, unfinished ones stopped (:mod:`shop.orders.stopping` says which are
    refunded), avatars, portraits and clips erased, jobs cancelled, consents withdrawn, the chat
    address removed, and so is every linked one (:func:`shop.linking.erase_chat` erases one of them
    alone). Whoever writes again is a new user; what is kept of this one is their
    :class:`PastAccount`, one for each chat, whose time starts anew.
    Outbox messages: erase_uploads, erase_source, erase_blobs, for each chat drop_session {platform,
    person}, and the notice "erased" {platform, person, language, alone}, whose address is in it
    because the user has none now. ``chat_alone``: whatever else is the person's is in other chats,
    and stays.
    """
    known = await lock(tx, user.id)
    if known.erased_at is not None:
        return Erasure()
    counted = await _count(tx, known)
    for clip in await tx.find(Clip, user_id=known.id):
        await endings.erase(tx, clip, now)
    for prompt in await tx.find(Prompt, user_id=known.id):
        await prompts.erase(tx, prompt, "erased", now)
    await cases.erase(tx, known)
    ended = await _end_orders(tx, known, now)
    credits = await _forfeit_credits(tx, known, now)
    past = await past_accounts.remember(tx, known, now)
    await _note_person(tx, known, now)
    await _anonymise_user(tx, known, now, chat_alone=chat_alone)
    return replace(counted, credits=credits, refunded=ended.refunded, kept=ended.kept, past=past)


async def _count(tx: Tx, user: User) -> Erasure:
    moving = await tx.find(Clip, user_id=user.id)
    return Erasure(
        photos=await tx.count(Photo, user_id=user.id) + sum(len(one.sources) for one in moving),
        avatars=await tx.count(Avatar, user_id=user.id, state=AvatarState.READY),
        portraits=await tx.count(Portrait, user_id=user.id),
        clips=sum(one.state is ClipState.DONE for one in moving),
    )


async def _note_person(tx: Tx, user: User, now: datetime) -> None:
    """For the journal: the person's account and those that became part of it, which may be apart in
    a backup; and their chats' addresses, which may be another account's there."""
    accounts = [user.id]
    for id in accounts:
        accounts += [one.id for one in await tx.find(User, merged_into=id)]
    for account in accounts:
        await erasure_notes.note(tx, ErasureKind.PERSON, account, now)
    chats = await linked_chats.of(tx, user.id)
    addresses = {one.address_id for one in chats} if chats else {user.address_id}
    for address in sorted(addresses - {"", *accounts}):
        await erasure_notes.note(tx, ErasureKind.ADDRESS, address, now)


async def _end_orders(tx: Tx, user: User, now: datetime) -> stopping.Stake:
    """End every order; returns the paid, unfinished ones, by what became of their money."""
    stopped = []
    for order in await tx.find(Order, user_id=user.id, lock=True):
        if order.state in orders.UNPAID:
            await orders.cancel(tx, order, now, "erased")
        elif order.state is OrderState.PAID:
            stopped.append(await stopping.stop(tx, order, "erased", now))
        elif order.product is Product.AVATAR:
            await endings.revoke_avatar(tx, order, "erased", now)
        await _anonymise_order(tx, order.id)
    still = OneOf((JobState.WAITING, JobState.RUNNING))
    for job in await tx.find(Job, user_id=user.id, state=still):
        await jobs.end(tx, job, JobState.CANCELLED, now, "erased", told=False)
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
            awaits_opening_at=None, address_id="", stated_minor_at=None,
        )
    )  # fmt: skip


def _source_keys(moving: Iterable[Clip]) -> list[KeyId | None]:
    return [key for clip in moving for key in clips.source_keys(clip)]


async def _count_keys(tx: Tx, holders: Sequence[KeyId | None]) -> int:
    ids = [id for id in holders if id is not None]
    return await tx.count(SealedKey, id=OneOf(ids)) if ids else 0
