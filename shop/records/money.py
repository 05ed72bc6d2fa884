"""Money in whole minor units: charges, a till's payment events, and the ledger's entries."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shop.records.ids import OrderId, UserId


class Currency(StrEnum):
    CNY = "CNY"
    XTR = "XTR"
    CREDITS = "credits"


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that a till says it took. Unique by (till, charge): booked once, whatever repeats."""

    id: str  # "{till}:{charge}"
    order_id: OrderId
    amount: int
    currency: Currency
    at: datetime


@dataclass(frozen=True, slots=True)
class ChargePayer:
    """Which of the owner's chats paid a charge (``id``), as its till calls it; "" for somebody
    else, whose id is not kept. Removed when the owner is erased, and when that chat is: also one
    that had left them (:func:`shop.linking.unlink`) and is somebody else by then."""

    id: str
    user_id: UserId
    payer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """A verified notification of a till that a bill was paid. Not stored as such."""

    till: str
    event_id: str
    charge: str
    order_id: OrderId
    amount: int
    currency: Currency
    at: datetime
    payer: str = field(default="", repr=False)


class RefundState(StrEnum):
    """How far a till is with a refund that it was asked for."""

    DONE = "done"  # the money is back
    PENDING = "pending"  # accepted: it takes its time, and may fail yet
    STUCK = "stuck"  # a person has to act at the provider's, then it goes on
    CLOSED = "closed"  # ended without moving money: another one is to be asked for


@dataclass(frozen=True, slots=True)
class RefundEvent:
    """A verified notification of a till about a refund. Not stored as such. ``amount`` is what this
    refund gives back, of the charge's ``total``, in minor units of its currency. ``refund``: the
    key under which we asked for it, or else the till's own number of it. ``number``: that number,
    of each attempt another, where the till has told it."""

    till: str
    event_id: str
    charge: str
    amount: int
    state: RefundState
    total: int
    refund: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class PartialRefund:
    """A part of a charge that is owed back, or went back, while the rest stays paid.

    ``id`` is the idempotency key under which the till is asked for it, "{charge_id}:part:{turn}";
    of one that somebody made at the till, "{charge_id}:{the till's number}"."""

    id: str
    charge_id: str  # "{till}:{charge}"
    amount: int
    at: datetime
    returned_at: datetime | None = None  # when the till had confirmed it


@dataclass(frozen=True, slots=True)
class Journal:
    """One entry of the ledger, unique by ``key``; its postings sum to zero per currency."""

    id: str
    key: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Posting:
    id: str
    journal_id: str
    account: str
    currency: Currency
    amount: int
