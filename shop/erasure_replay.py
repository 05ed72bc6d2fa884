"""What was erased since a backup of the database was made is erased in the restored one again, by
the rules by which everything ends: keys, rows, and by outbox messages the blobs.

The whole journal is replayed, whatever its times: clocks differ, and to erase what is not there
does nothing. What a customer had paid for and a backup brings back half done, with its key
destroyed, is given up: it cannot be done any more, and the money goes back.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from shop import linking, privacy
from shop.avatars import avatars, prompts
from shop.clips import clips, endings
from shop.encryption import destroy
from shop.erasure_journal import ErasureLine
from shop.jobs import jobs, outbox
from shop.orders import orders
from shop.people import consent, linked_chats, users
from shop.people.users import lock as lock_user
from shop.photos import comparison, photos
from shop.ports import Database, OneOf, Tx
from shop.records import (
    Avatar,
    AvatarState,
    Clip,
    Consent,
    ErasureKind,
    Flaw,
    JobState,
    KeyId,
    LinkedChat,
    Order,
    Photo,
    PhotoState,
    Prompt,
    SealedKey,
    SupportCase,
    User,
)
from shop.support import cases
from shop.transactions import run_transaction

_BATCH: Final = 500
_WHY: Final = "erased"

Counts = Mapping[ErasureKind, int]


@dataclass(frozen=True, slots=True)
class Owned:
    """A kind of record, its field that names a data key, and how one ends without that."""

    kind: type[Any]
    field: str
    end: Callable[[Tx, Any, datetime], Awaitable[None]]


Erase = Callable[[Tx, str, datetime], Awaitable[None]]


_Owner = tuple[Owned, str]
"""What has a data key: how such a record ends, and its id."""


async def replay(database: Database, journal: AsyncIterator[ErasureLine]) -> Counts:
    """Erase again whatever the journal names and the database has; how many of each kind. It may be
    done again, also after it was cut off."""
    found = await _still_there(database, journal)
    for kind, erase in _ERASE.items():
        for subject in found.get(kind, ()):
            await run_transaction(database, partial(_erase, erase, subject))
    keys = found.get(ErasureKind.KEY, ())
    owners = await _owners(database, keys)
    for key in keys:
        await run_transaction(database, partial(_destroy, KeyId(key), owners.get(key, ())))
    return Counter({kind: len(subjects) for kind, subjects in found.items() if subjects})


async def _erase(erase: Erase, subject: str, tx: Tx) -> None:
    await erase(tx, subject, await tx.now())


async def _still_there(
    database: Database, journal: AsyncIterator[ErasureLine]
) -> Mapping[ErasureKind, Sequence[str]]:
    """What the journal names and the database still has, by kind, each once."""
    found: dict[ErasureKind, dict[str, None]] = defaultdict(dict)
    batch: list[ErasureLine] = []
    async for line in journal:
        batch.append(line)
        if len(batch) == _BATCH:
            await _keep_known(database, batch, found)
            batch = []
    await _keep_known(database, batch, found)
    return {kind: list(subjects) for kind, subjects in found.items()}


async def _keep_known(
    database: Database, batch: Sequence[ErasureLine], found: dict[ErasureKind, dict[str, None]]
) -> None:
    async with database.snapshot() as tx:
        for kind, known in _KNOWN.items():
            subjects = {line.subject for line in batch if line.kind is kind}
            if subjects:
                found[kind] |= dict.fromkeys(await known(tx, sorted(subjects)))


async def _keys(tx: Tx, ids: Sequence[str]) -> list[str]:
    return [one.id for one in await tx.find(SealedKey, id=OneOf(ids))]


async def _photos(tx: Tx, ids: Sequence[str]) -> list[str]:
    return [one.id for one in await tx.find(Photo, id=OneOf(ids)) if one.blob]


async def _people(tx: Tx, ids: Sequence[str]) -> list[str]:
    return [one.id for one in await tx.find(User, id=OneOf(ids), erased_at=None)]


async def _consents(tx: Tx, ids: Sequence[str]) -> list[str]:
    return [one.id for one in await tx.find(Consent, id=OneOf(ids), withdrawn_at=None)]


async def _chats(tx: Tx, links: Sequence[str]) -> list[str]:
    return [one.link for one in await tx.find(LinkedChat, link=OneOf(links))]


async def _addresses(tx: Tx, ids: Sequence[str]) -> list[str]:
    began = await tx.find(User, id=OneOf(ids), address_id="", erased_at=None)
    moved = await tx.find(User, address_id=OneOf(ids), erased_at=None)
    linked = await tx.find(LinkedChat, address_id=OneOf(ids))
    return [
        *(one.id for one in began),
        *(one.address_id for one in moved),
        *(one.address_id for one in linked),
    ]


async def _erase_person(tx: Tx, id: str, now: datetime) -> None:
    if (user := await tx.get(User, id)) is not None and user.erased_at is None:
        await privacy.erase(tx, user, now)
        await outbox.forget_news(tx, user.id)  # they were told when they were erased


async def _erase_chat(tx: Tx, link: str, now: datetime) -> None:
    """Unlink it. What begins anew there has nothing, and is erased as well, as it may have been."""
    for chat in await tx.find(LinkedChat, link=link):
        owner = await users.lock(tx, chat.user_id)
        if chat in await linked_chats.of(tx, owner.id):
            (parted,) = await linking.unlink(tx, owner, [chat], chat, now)
            # Without its address's id: that of a chat which was only unlinked is not erased.
            nobody = replace(parted, address_id="")
            await tx.put(nobody)
            await privacy.erase(tx, nobody, now, chat_alone=True)


async def _erase_address(tx: Tx, id: str, now: datetime) -> None:
    """Erase whoever has that chat alone; from an account with others it has gone by its link."""
    began = await tx.find(User, id=id, address_id="", erased_at=None)
    for user in (*began, *await tx.find(User, address_id=id, erased_at=None)):
        if not await linked_chats.of(tx, user.id):
            await _erase_person(tx, user.id, now)


async def _withdraw(tx: Tx, id: str, now: datetime) -> None:
    """And what has no key of its own to end by, as a withdrawal ends it."""
    known = await tx.get(Consent, id)
    if known is None:
        return
    user = await lock_user(tx, known.user_id)
    fresh = await tx.get(Consent, id, lock=True)
    if fresh is not None and fresh.withdrawn_at is None:
        await consent.end(tx, fresh, now)
        await comparison.forget(tx, user, now)
        await endings.give_up_unfinished(tx, user, now)


async def _erase_photo(tx: Tx, id: str, now: datetime) -> None:
    photo = await tx.get(Photo, id)
    if photo is None or photo.state is PhotoState.REJECTED:
        return
    await lock_user(tx, photo.user_id)
    await jobs.end_of(tx, photos.CHECK, photo.id, JobState.CANCELLED, now)
    await photos.transition(tx, photo, PhotoState.REJECTED, now, flaw=Flaw.TAKEN_OUT, sha256="")


async def _owners(database: Database, keys: Sequence[str]) -> Mapping[str, list[_Owner]]:
    """By the key: what has it."""
    found: dict[str, list[_Owner]] = defaultdict(list)
    async with database.snapshot() as tx:
        for start in range(0, len(keys), _BATCH):
            for owned in OWNED:
                where: dict[str, Any] = {owned.field: OneOf(keys[start : start + _BATCH])}
                for one in await tx.find(owned.kind, **where):
                    found[getattr(one, owned.field)].append((owned, one.id))
    return found


async def _destroy(key: KeyId, owners: Sequence[_Owner], tx: Tx) -> None:
    """The key, and whatever rests on it, by its own rules."""
    now = await tx.now()
    for owned, id in owners:
        one = await tx.get(owned.kind, id)
        if one is not None and getattr(one, owned.field) == key:
            await owned.end(tx, one, now)
    await destroy(tx, key)


async def _end_order(tx: Tx, order: Order, now: datetime) -> None:
    """Of its uploads nothing is left: a training that needed them has failed."""
    if order.state in orders.UNPAID:
        await orders.cancel(tx, order, now, _WHY)
        return
    for avatar in await tx.find(Avatar, order_id=order.id, state=AvatarState.WAITING):
        await avatars.fail(tx, avatar, "restored from a backup without its photos", now)
    await photos.erase_all(tx, order.id, _WHY, now)


async def _end_avatar(tx: Tx, avatar: Avatar, now: datetime) -> None:
    if avatar.state is AvatarState.WAITING:
        await avatars.fail(tx, avatar, "restored from a backup without its key", now)
    elif (order := await tx.get(Order, avatar.order_id)) is not None:
        await endings.revoke_avatar(tx, order, _WHY, now)


async def _end_clip(tx: Tx, clip: Clip, now: datetime) -> None:
    await endings.erase(tx, clip, now, _WHY)


async def _end_source(tx: Tx, clip: Clip, now: datetime) -> None:
    """A clip that is done needs none; any other cannot be made any more."""
    await clips.give_up(tx, clip, now, _WHY)


async def _end_prompt(tx: Tx, prompt: Prompt, now: datetime) -> None:
    await prompts.erase(tx, prompt, _WHY, now)


async def _end_case(tx: Tx, case: SupportCase, now: datetime) -> None:
    await lock_user(tx, case.user_id)
    await cases.remove(tx, case)


_KNOWN: Final[Mapping[ErasureKind, Callable[[Tx, Sequence[str]], Awaitable[list[str]]]]] = {
    ErasureKind.PERSON: _people,
    ErasureKind.CHAT: _chats,
    ErasureKind.ADDRESS: _addresses,
    ErasureKind.CONSENT: _consents,
    ErasureKind.PHOTO: _photos,
    ErasureKind.KEY: _keys,
}
_ERASE: Final[Mapping[ErasureKind, Erase]] = {
    ErasureKind.PERSON: _erase_person,
    ErasureKind.CHAT: _erase_chat,
    ErasureKind.ADDRESS: _erase_address,
    ErasureKind.CONSENT: _withdraw,
    ErasureKind.PHOTO: _erase_photo,
}
"""In this order, and then the keys: who is erased whole has no need of what follows."""

OWNED: Final = (
    Owned(Order, "key_id", _end_order),
    Owned(Avatar, "key_id", _end_avatar),
    Owned(Prompt, "key_id", _end_prompt),
    Owned(Clip, "key_id", _end_clip),
    Owned(Clip, "source_key_id", _end_source),
    Owned(Clip, "beside_key_id", _end_source),
    Owned(SupportCase, "key_id", _end_case),
)
"""Whatever has a data key."""
