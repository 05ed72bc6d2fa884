"""Orders: purchases, and their states."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shop.records.ids import KeyId, OrderId, UserId
from shop.records.money import Currency


class Subject(StrEnum):
    """The class word for the customer in prompts and training captions."""

    WOMAN = "woman"
    MAN = "man"
    PERSON = "person"


class Product(StrEnum):
    AVATAR = "avatar"
    CREDITS = "credits"


class OrderState(StrEnum):
    COLLECTING = "collecting"  # photos come in; no price yet
    AWAITING = "awaiting"  # placed: the bill was sent
    PAID = "paid"  # money in, work outstanding
    DONE = "done"  # work delivered
    STOPPED = "stopped"  # by the customer, once the work had begun: the money stays
    REFUNDING = "refunding"  # what it bought is revoked, the till has not confirmed yet
    REFUNDED = "refunded"
    CANCELLED = "cancelled"  # by the customer, or timed out, before paying


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase. ``amount`` and ``currency`` are the catalogue's price, copied in when placed.

    ``credits`` is what paying it grants: a pack's, or an avatar's price's and one shoot's more,
    which are ``shoot_credits``.
    """

    id: OrderId
    user_id: UserId
    product: Product
    state: OrderState
    created_at: datetime
    touched_at: datetime
    credits: int = 0
    amount: int = 0
    currency: Currency = Currency.CNY
    till: str = ""
    bill: str = ""
    charge: str | None = None
    paid_at: datetime | None = None
    refund_reason: str = ""
    key_id: KeyId | None = None  # of the uploads; None once destroyed
    subject: Subject = Subject.PERSON  # copied in when placed, like the price
    template: str = ""  # of the first portraits
    base: str = ""  # the base model that was sold
    referral: int = 0  # credits for the buyer and for whoever invited them, once it is done
    shoot_credits: int = 0  # of ``credits``, what the initial shoot costs; copied like the price
    billed_till: str = ""  # where ``bill`` is; "" before there is one
    reduced: int = 0  # of ``amount``, what is owed back, or went back, in parts while it was paid
    complete: bool = False  # its customer has said that these are all their photos

    @property
    def former_till(self) -> str:
        """The till of an earlier bill, if the order is sold at another one now; else ""."""
        return self.billed_till if self.billed_till != self.till else ""

    @property
    def kept(self) -> int:
        """What a refund of the order gives back, or gave back: the amount less the parts."""
        return self.amount - self.reduced
