"""Users, their linked chats and their consents. No name, no text of theirs."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from shop.records.ids import UserId, new_id

ChannelName = NewType("ChannelName", str)
"""The name of a chat channel, such as ``telegram``. Which ones there are, the chat side says."""


@dataclass(frozen=True, slots=True)
class User:
    """A person's account: the chat where they last spoke, and their language. No name.

    ``address_hash`` is the address's keyed hash (:mod:`shop.people.past_accounts`), "" for accounts
    of before it was kept; ``returned``: they had been erased, or unlinked, before they came.
    ``unreachable``: no chat of theirs can be written to. ``merged_into`` is the account that this
    one became part of (:mod:`shop.linking`); it is closed then, ``erased_at`` says since when.
    ``awaits_opening_at``: since when they wait to be told that orders are taken again
    (:mod:`shop.orders.openings`). ``address_id`` names the address of their only chat where that
    must not be named: the id of the account that began there, "" for this one. Of linked chats each
    has its own. ``stated_minor_at``: since when they say that they are a minor, until an admin has
    seen an adult (:mod:`shop.photos.reviews`).
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
    merged_into: str = ""
    awaits_opening_at: datetime | None = None
    address_id: str = ""
    stated_minor_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkedChat:
    """One of the chats of a person who has linked several (:mod:`shop.people.linked_chats`).

    ``id`` is the address, so that it belongs to one person. ``last_spoke_at`` is when they last
    came here from another of their chats; ``unreachable``: they blocked us here. For the journal of
    erasures, in which no address stands, ``link`` names this link, and ``address_id`` the address,
    as of :class:`User`, in whatever account it is.
    """

    id: str
    user_id: UserId
    platform: ChannelName
    platform_id: str
    address_hash: str
    last_spoke_at: datetime
    unreachable: bool = False
    link: str = field(default_factory=new_id)
    address_id: str = ""


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A one-time code by which ``user_id``'s chat may be linked with the one where it is typed.

    ``id`` is the code's keyed hash; ``claimed_by`` the person who typed it, "" before that.
    """

    id: str
    user_id: UserId
    ends_at: datetime
    claimed_by: str = ""


@dataclass(frozen=True, slots=True)
class WrongTry:
    """That a person typed a code that was not good; kept as long as it counts. ``user_id`` is the
    address's keyed hash where it outlives an erasure."""

    id: str
    user_id: UserId
    at: datetime


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
    COMPARE_PHOTOS = "compare_photos"  # with each other, before they are paid for; optional
    MOTION = "motion"  # to bring pictures of people alive


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent, to one version of a text. Kept as evidence after a withdrawal."""

    id: str
    user_id: UserId
    kind: ConsentKind
    version: str
    given_at: datetime
    withdrawn_at: datetime | None = None
