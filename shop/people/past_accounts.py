"""Past accounts: what outlives an erasure. A keyed hash of the chat address says, for a stated
time, that somebody was here before (and is no newcomer, who could be invited again), and whether
they were banned.

The hash is HMAC-SHA-256 under a key that serves nothing else (:func:`address_hash`). It stands in
the account while that lives, so that erasing needs no key. Nothing leads from it to the orders and
the ledger entries of the erased account, whose ids are random.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shop.encryption import KeyedHash
from shop.errors import NotFound
from shop.people import link_codes, linked_chats, users
from shop.ports import Below, Tx
from shop.records import ChannelName, LinkedChat, PastAccount, User

REMEMBERED: Final = timedelta(days=180)
"""How long it is kept that somebody was here before; counted from the latest erasure."""

BAN_REMEMBERED: Final = timedelta(days=730)
"""How long a ban is kept beyond an erasure; counted from the latest one."""

_PURPOSE: Final = "past-accounts/1"


def address_hash(signing_key: bytes) -> KeyedHash:
    """The hash of chat addresses: called with platform and platform id."""
    return KeyedHash(signing_key, _PURPOSE)


async def arrive(
    tx: Tx,
    addresses: KeyedHash,
    platform: ChannelName,
    platform_id: str,
    language_hint: str,
    now: datetime,
) -> User:
    """The user of that chat, locked, created with the first update: whoever was banned when they
    were erased is banned again, and whoever was here before is no newcomer.
    """
    user = await users.find(tx, platform, platform_id, lock=True)
    if user is not None:
        user = await linked_chats.speak_from(tx, user, platform, platform_id, now)
        return await users.follow_hint(tx, await identified(tx, addresses, user), language_hint)
    digest = addresses(platform, platform_id)
    # Locked: an admin who bans the address at this moment finds the user, or is seen here.
    past = await _unexpired(tx, digest, now, lock=True)
    return await users.create(
        tx, platform, platform_id, language_hint, now,
        address_hash=digest, returned=past is not None, banned=past is not None and past.banned,
    )  # fmt: skip


async def part(tx: Tx, owner: User, chat: LinkedChat, now: datetime) -> User:
    """The user of a chat that is its owner's no more: nobody new, and banned, or a minor as they
    say, if the owner is."""
    new = await users.create(
        tx, chat.platform, chat.platform_id, owner.language, now,
        address_hash=chat.address_hash, returned=True, banned=owner.banned,
    )  # fmt: skip
    own = replace(
        new, language_chosen=owner.language_chosen, unreachable=chat.unreachable,
        address_id=chat.address_id, stated_minor_at=owner.stated_minor_at,
    )  # fmt: skip
    await tx.put(own)
    await link_codes.keep_tries(tx, owner, [chat.address_hash])
    return own


async def identified(tx: Tx, addresses: KeyedHash, user: User) -> User:
    """The user with their address's hash, which accounts of before migration 0007 lack."""
    if user.address_hash or user.erased_at is not None:
        return user
    user = await users.lock(tx, user.id)
    known = replace(user, address_hash=addresses(user.platform, user.platform_id))
    await tx.put(known)
    return known


async def remember(tx: Tx, user: User, now: datetime) -> PastAccount | None:
    """The user is being erased: keep, anew, that they were here and whether they are banned; of
    linked chats each for itself.

    None for a user without a hash (:func:`identified`): of them nothing is kept.
    """
    past = None
    for digest in await _digests(tx, user):
        past = _starting(digest, user.banned, now)
        if await tx.get(PastAccount, past.id, lock=True):
            await tx.put(past)
        else:
            await tx.add(past)
    return past


async def find(tx: Tx, user: User, now: datetime) -> PastAccount | None:
    """What is still kept of the user's time before their latest erasure, of any of their chats."""
    found = [await _unexpired(tx, digest, now) for digest in await _digests(tx, user)]
    return max((one for one in found if one), key=lambda one: one.ends_at, default=None)


async def set_ban_remembered(tx: Tx, user: User, now: datetime, *, banned: bool) -> None:
    """The user is banned, or pardoned: so is what is still kept of their chats from before."""
    for digest in await _digests(tx, user):
        if await _unexpired(tx, digest, now):
            await set_banned(tx, digest, now, banned=banned)


async def set_banned(tx: Tx, digest: str, now: datetime, *, banned: bool) -> PastAccount:
    """Ban, or pardon, an address that was erased and is not back; its time starts anew.

    Raises :class:`NotFound` for one of which nothing is kept (any more).
    """
    past = await _unexpired(tx, digest, now, lock=True)
    if past is None:
        raise NotFound
    changed = _starting(digest, banned, now)
    await tx.put(changed)
    return changed


async def prune(tx: Tx, now: datetime) -> int:
    """Delete those whose time is over; returns how many."""
    return await tx.remove(PastAccount, ends_at=Below(now))


async def _digests(tx: Tx, user: User) -> list[str]:
    """The hashes of all their chats' addresses, in one order for everybody who locks them."""
    chats = await linked_chats.of(tx, user.id)
    digests = {user.address_hash, *(chat.address_hash for chat in chats)}
    return sorted(digests - {""})


def _starting(digest: str, banned: bool, now: datetime) -> PastAccount:
    return PastAccount(digest, banned, now + (BAN_REMEMBERED if banned else REMEMBERED))


async def _unexpired(
    tx: Tx, digest: str, now: datetime, *, lock: bool = False
) -> PastAccount | None:
    past = await tx.get(PastAccount, digest, lock=lock)
    return past if past is not None and past.ends_at >= now else None
