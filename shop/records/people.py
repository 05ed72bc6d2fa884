"""Users and their consents. No name, no text of theirs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from shop.records.ids import UserId

ChannelName = NewType("ChannelName", str)
"""The name of a chat channel, such as ``telegram``. Which ones there are, the chat side says."""


@dataclass(frozen=True, slots=True)
class User:
    """A person's account: their chat address and language. No name.

    ``address_hash`` is the address's keyed hash (:mod:`shop.people.past_accounts`), "" for accounts
    of before it was kept; ``returned``: they had been erased before they came.
    """

    id: UserId
    platform: ChannelName
    platform_id: str
    language: str
    language_chosen: bool
    created_at: datetime
    banned: bool = False
    unreachable: bool = False
    erased_at: datetime | None = None
    invited_by: str = ""  # the user by whose link they came (:mod:`shop.money.referrals`)
    address_hash: str = ""
    returned: bool = False


@dataclass(frozen=True, slots=True)
class PastAccount:
    """What outlives an erasure, until ``ends_at``: that this address was here, and whether it was
    banned. ``id`` is the address's keyed hash: nobody can read the address from it."""

    id: str
    banned: bool
    ends_at: datetime


class ConsentKind(StrEnum):
    TERMS = "terms"
    TRAINING = "training"
    COMPARE = "compare"  # the initial portraits with the photos; optional


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent, to one version of a text. Kept as evidence after a withdrawal."""

    id: str
    user_id: UserId
    kind: ConsentKind
    version: str
    given_at: datetime
    withdrawn_at: datetime | None = None
