"""One-time codes by which a person links two chats: shown in one, typed in the other.

A code is :data:`LENGTH` characters from the system's randomness (39 bits), of an alphabet without
those that are taken for each other, with a digit among them, so that no word is one. Only its keyed
hash is stored. It is good for :data:`LASTS`, and one person has one at a time. Typing it claims it:
nobody else can any more. What is answered to one that is not good is the same whatever is the
matter with it, and after :data:`MOST_WRONG` of them within :data:`COUNTED` a good one is not even
looked at. That they were tried outlives an erasure, for as long as it counts, under the keyed hash
of the chat's address.
"""

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shop.encryption import KeyedHash
from shop.people import users
from shop.ports import Above, Below, OneOf, Tx
from shop.records import LinkCode, User, UserId, WrongTry, new_id

DIGITS: Final = "23456789"
ALPHABET: Final = f"{DIGITS}ABCDEFGHJKMNPQRSTVWXYZ"
"""Digits and capitals without 0 and O, 1, I and L, and U, which is taken for V."""

LENGTH: Final = 8
LASTS: Final = timedelta(minutes=10)
MOST_WRONG: Final = 5
COUNTED: Final = timedelta(minutes=10)

_PURPOSE: Final = "link-codes/1"


@dataclass(frozen=True, slots=True)
class WrongCode:
    """A code that is not good. ``left`` are the tries that are left; at 0 nothing is looked at for
    ``seconds``."""

    left: int
    seconds: float = 0.0


def code_hash(signing_key: bytes) -> KeyedHash:
    """The hash under which codes are stored."""
    return KeyedHash(signing_key, _PURPOSE)


def read(text: str) -> str:
    """The code that a person typed, in any case, width and spacing; "" for what is none."""
    folded = unicodedata.normalize("NFKC", text).upper()
    code = "".join(sign for sign in folded if not sign.isspace() and sign not in "-‐‑–—")
    is_code = len(code) == LENGTH and set(code) <= set(ALPHABET) and set(code) & set(DIGITS)
    return code if is_code else ""


def shown(code: str) -> str:
    """A code as it is shown: in two halves."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


async def issue(tx: Tx, hashed: KeyedHash, user: User, now: datetime) -> str:
    """A new code for that person, who is not banned; the one of before is good no more. Raises
    :class:`shop.errors.Banned`."""
    owner = await users.lock_unbanned(tx, user.id)
    code = ""
    while not read(code):
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    await tx.remove(LinkCode, user_id=owner.id)
    await tx.add(LinkCode(hashed(code), owner.id, now + LASTS))
    return code


async def claim(
    tx: Tx, hashed: KeyedHash, user: User, code: str, now: datetime
) -> LinkCode | WrongCode:
    """The person, whose lock is held, types that code (:func:`read`): it is theirs alone now.

    Nothing is raised for one that is not good: that it was tried must be stored.
    """
    counted = [one for one in await _tries(tx, user) if one.at > now - COUNTED]
    if len(counted) >= MOST_WRONG:
        return WrongCode(0, (counted[-MOST_WRONG].at + COUNTED - now).total_seconds())
    found = await _good(tx, hashed(code), user, now)
    if found is not None:
        claimed = replace(found, claimed_by=user.id)
        await tx.put(claimed)
        return claimed
    await tx.remove(WrongTry, user_id=_whose(user), at=Below(now - COUNTED))
    await tx.add(WrongTry(new_id(), user.id, now))
    left = MOST_WRONG - len(counted) - 1
    if left:
        return WrongCode(left)
    first = counted[0].at if counted else now
    return WrongCode(0, (first + COUNTED - now).total_seconds())


async def keep_tries(tx: Tx, user: User, digests: Iterable[str]) -> None:
    """The person begins anew in the chats with those addresses' hashes: what they have tried is
    counted there still."""
    tries = await _tries(tx, user)
    for digest in sorted({one for one in digests if one}):
        for one in tries:
            copy = WrongTry(f"{digest}:{_typed(one)}", UserId(digest), one.at)
            if one.user_id != digest and await tx.get(WrongTry, copy.id) is None:
                await tx.add(copy)


async def _tries(tx: Tx, user: User) -> list[WrongTry]:
    """The earliest first, each once: it may be kept for the person and for a chat of theirs."""
    found = await tx.find(WrongTry, user_id=_whose(user), order="at")
    return list({_typed(one): one for one in found}.values())


def _whose(user: User) -> OneOf:
    return OneOf(sorted({user.id, user.address_hash or user.id}))


def _typed(one: WrongTry) -> str:
    """The same for every copy of one wrong try."""
    return one.id.rpartition(":")[2]


async def claimed_by(tx: Tx, user: User, now: datetime) -> list[LinkCode]:
    """The codes that the person has typed and whose time is not over, the latest made first."""
    return await tx.find(LinkCode, claimed_by=user.id, ends_at=Above(now), order="-ends_at")


async def prune(tx: Tx, now: datetime) -> int:
    """Delete what is good, or counts, no more; returns how many."""
    gone = await tx.remove(LinkCode, ends_at=Below(now))
    return gone + await tx.remove(WrongTry, at=Below(now - COUNTED))


async def _good(tx: Tx, digest: str, user: User, now: datetime) -> LinkCode | None:
    known = await tx.get(LinkCode, digest)
    if known is None:
        return None
    owner = await users.lock(tx, known.user_id)
    fresh = await tx.get(LinkCode, digest, lock=True)  # of two who type it, one is first
    if fresh is None or fresh.ends_at <= now or fresh.claimed_by not in ("", user.id):
        return None
    if owner.banned or owner.erased_at is not None or owner.id == user.id:
        return None
    return fresh
