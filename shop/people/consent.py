"""Consents: who agreed to what, in which version of the text, and when. Kept as evidence, also
after a withdrawal.

Telegram's developer terms and PIPL art. 29 ask for a separate, explicit and revocable yes before a
model is trained on someone's photos, again before their face is compared with anything (photos
with each other, portraits with photos: a yes to one is none to the other), and again before a
picture of a person is made to move: hence five kinds, and a version each. Two are required before
photos of an avatar are taken in, two before a picture comes alive; the two to comparing are
optional.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Final

from shop import erasure_notes
from shop.errors import ConsentMissing
from shop.people.users import lock
from shop.ports import Tx
from shop.records import Consent, ConsentKind, ErasureKind, User, UserId, new_id

VERSION: Final = {
    ConsentKind.TERMS: "2027-02",
    ConsentKind.TRAINING: "2026-11",
    ConsentKind.COMPARE: "2027-02",
    ConsentKind.COMPARE_PHOTOS: "2027-03",
    ConsentKind.MOTION: "2027-02",
}
"""The version of each text. Raise it when its meaning changes: everybody is asked again before
their next avatar order, their next photo, and before they pay for an avatar at a till that asks us
first (those inside the chat: :func:`shop.orders.payments.require_payable`). A bill that is open on
a till's own page can still be paid, credits can still be bought, and what is paid already goes on.
"""

STOPPING_KEEPS_MONEY: Final = "2026-12"
"""The first version of the terms that says what :mod:`shop.orders.stopping` does with the money."""

REQUIRED: Final = (ConsentKind.TERMS, ConsentKind.TRAINING)
"""Without these there is no avatar, in the order in which they are asked."""


REQUIRED_FOR_CLIPS: Final = (ConsentKind.TERMS, ConsentKind.MOTION)
"""Without these no picture comes alive, in the order in which they are asked."""

_COMPARING: Final = frozenset({ConsentKind.COMPARE, ConsentKind.COMPARE_PHOTOS})


async def give(tx: Tx, user: User, kind: ConsentKind, now: datetime) -> Consent:
    """Record a consent to the present version; idempotent."""
    await lock(tx, user.id)
    valid = await _valid(tx, user.id, kind)
    if valid:
        return valid[0]
    consent = Consent(new_id(), user.id, kind, VERSION[kind], now)
    await tx.add(consent)
    return consent


async def withdraw(tx: Tx, user: User, kind: ConsentKind, now: datetime) -> None:
    """Withdraw every consent of that kind, of whatever version. Comparing needs photos that may be
    used at all: without the consent to training those to comparing end too.
    """
    await lock(tx, user.id)
    ending = {kind} | (_COMPARING if kind is ConsentKind.TRAINING else frozenset())
    for consent in await tx.find(Consent, user_id=user.id, withdrawn_at=None, lock=True):
        if consent.kind in ending:
            await end(tx, consent, now)


async def become_one(tx: Tx, user_id: UserId, now: datetime) -> None:
    """Two people turned out to be one, who has both's consents: their latest word counts. A yes
    that was given before the other one's withdrawal is withdrawn as well."""
    found = await tx.find(Consent, user_id=user_id, lock=True)
    for one in found:
        kinds = {one.kind} | ({ConsentKind.TRAINING} if one.kind in _COMPARING else set())
        withdrawn = [
            other.withdrawn_at for other in found if other.withdrawn_at and other.kind in kinds
        ]
        if one.withdrawn_at is None and any(at > one.given_at for at in withdrawn):
            await end(tx, one, now)


async def is_given(tx: Tx, user: User, kind: ConsentKind) -> bool:
    """Whether there is a consent to the present version that was not withdrawn."""
    return bool(await _valid(tx, user.id, kind))


async def was_ever_given(tx: Tx, user: User, kind: ConsentKind) -> bool:
    """Whether there was ever a consent to the present version, even if withdrawn since."""
    found = await tx.find(Consent, user_id=user.id, version=VERSION[kind])
    return any(consent.kind is kind for consent in found)


async def is_outdated(tx: Tx, user: User, kind: ConsentKind) -> bool:
    """Whether they have agreed to an earlier version alone, and not withdrawn it."""
    found = await tx.find(Consent, user_id=user.id, kind=kind, withdrawn_at=None)
    return bool(found) and all(consent.version != VERSION[kind] for consent in found)


async def had_agreed(
    tx: Tx, user_id: UserId, kind: ConsentKind, version: str, at: datetime
) -> bool:
    """Whether by then they had agreed to that version or a later one, even if withdrawn since."""
    found = await tx.find(Consent, user_id=user_id, kind=kind)
    return any(consent.version >= version and consent.given_at <= at for consent in found)


async def given_kinds(tx: Tx, user: User) -> frozenset[ConsentKind]:
    """The kinds with a consent to the present version that was not withdrawn."""
    found = await tx.find(Consent, user_id=user.id, withdrawn_at=None)
    return frozenset(one.kind for one in found if one.version == VERSION[one.kind])


def is_sufficient(given: AbstractSet[ConsentKind]) -> bool:
    """Whether these kinds are all that photos need to be taken in."""
    return given >= frozenset(REQUIRED)


async def require(tx: Tx, user: User) -> None:
    """Raise :class:`ConsentMissing` unless all of :data:`REQUIRED` are given: before any photo is
    taken in."""
    if not is_sufficient(await given_kinds(tx, user)):
        raise ConsentMissing


async def require_for_clips(tx: Tx, user: User) -> None:
    """Raise :class:`ConsentMissing` unless all of :data:`REQUIRED_FOR_CLIPS` are given: before a
    source is taken in, and before it moves."""
    if not await given_kinds(tx, user) >= frozenset(REQUIRED_FOR_CLIPS):
        raise ConsentMissing


async def _valid(tx: Tx, user_id: UserId, kind: ConsentKind) -> list[Consent]:
    found = await tx.find(Consent, user_id=user_id, version=VERSION[kind], withdrawn_at=None)
    return [consent for consent in found if consent.kind is kind]


async def end(tx: Tx, consent: Consent, now: datetime) -> None:
    """Withdraw one, which is locked."""
    await tx.put(replace(consent, withdrawn_at=now))
    await erasure_notes.note(tx, ErasureKind.CONSENT, consent.id, now)
