"""Every record of the shop and every state it can be in. All frozen: a change is a new record.

Times are aware and in UTC. Money is whole minor units (fen, Stars, credits). Ids are opaque hex,
made by :func:`new_id`. No record holds a name, a text of a user, a key point or an embedding.
"""

from shop.records.avatars import (
    Avatar,
    AvatarState,
    LikenessRange,
    Portrait,
    Shoot,
    ShootKind,
    ShootState,
)
from shop.records.grades import Grade
from shop.records.ids import (
    AvatarId,
    JobId,
    KeyId,
    OrderId,
    PhotoId,
    PortraitId,
    ShootId,
    UserId,
    new_id,
)
from shop.records.jobs import (
    CHAT,
    Job,
    JobKindName,
    JobState,
    OutboxMessage,
    OutboxState,
    Worker,
)
from shop.records.money import (
    Charge,
    Currency,
    Journal,
    PaymentEvent,
    Posting,
    RefundEvent,
    RefundState,
)
from shop.records.operations import (
    AuditEntry,
    FeatureFlag,
    Installation,
    ProcessedEvent,
    SealedKey,
)
from shop.records.orders import Order, OrderState, Product, Subject
from shop.records.people import ChannelName, Consent, ConsentKind, PastAccount, User
from shop.records.photos import Flaw, Photo, PhotoState

__all__ = [
    "CHAT",
    "RECORDS",
    "AuditEntry",
    "Avatar",
    "AvatarId",
    "AvatarState",
    "ChannelName",
    "Charge",
    "Consent",
    "ConsentKind",
    "Currency",
    "FeatureFlag",
    "Flaw",
    "Grade",
    "Installation",
    "Job",
    "JobId",
    "JobKindName",
    "JobState",
    "Journal",
    "KeyId",
    "LikenessRange",
    "Order",
    "OrderId",
    "OrderState",
    "OutboxMessage",
    "OutboxState",
    "PastAccount",
    "PaymentEvent",
    "Photo",
    "PhotoId",
    "PhotoState",
    "Portrait",
    "PortraitId",
    "Posting",
    "ProcessedEvent",
    "Product",
    "RefundEvent",
    "RefundState",
    "SealedKey",
    "Shoot",
    "ShootId",
    "ShootKind",
    "ShootState",
    "Subject",
    "User",
    "UserId",
    "Worker",
    "new_id",
]

RECORDS = (
    User,
    PastAccount,
    Consent,
    Order,
    Charge,
    Photo,
    Avatar,
    Shoot,
    Portrait,
    Job,
    Worker,
    OutboxMessage,
    Journal,
    Posting,
    SealedKey,
    ProcessedEvent,
    AuditEntry,
    FeatureFlag,
    Installation,
)
"""Everything that a :class:`shop.ports.Tx` stores."""
