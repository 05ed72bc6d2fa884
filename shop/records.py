"""Every record of the shop and every state it can be in. All frozen: a change is a new record.

Times are aware and in UTC. Money is whole minor units (fen, Stars, credits). Ids are opaque hex,
made by :func:`new_id`. No record holds a name, a text of a user, a key point or an embedding.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

UserId = NewType("UserId", str)
OrderId = NewType("OrderId", str)
PhotoId = NewType("PhotoId", str)
AvatarId = NewType("AvatarId", str)
ShootId = NewType("ShootId", str)
PortraitId = NewType("PortraitId", str)
JobId = NewType("JobId", str)
KeyId = NewType("KeyId", str)


def new_id() -> str:
    """A random 32-digit hex id: says nothing about who, when or how many."""
    return uuid.uuid4().hex


class Platform(StrEnum):
    PLAYGROUND = "playground"
    TELEGRAM = "telegram"


class Currency(StrEnum):
    CNY = "CNY"
    XTR = "XTR"
    CREDITS = "credits"


@dataclass(frozen=True, slots=True)
class User:
    """A person as the shop knows them: where to answer, in which language. No name."""

    id: UserId
    platform: Platform
    platform_id: str
    language: str
    language_chosen: bool
    created_at: datetime
    banned: bool = False
    unreachable: bool = False
    erased_at: datetime | None = None
    invited_by: str = ""  # the user by whose link they came; their first purchase thanks both


class ConsentKind(StrEnum):
    TERMS = "terms"
    TRAINING = "training"
    COMPARE = "compare"  # first portraits with the photos, while both are there; never demanded


@dataclass(frozen=True, slots=True)
class Consent:
    """One yes, to one kind, of one version of the words. Kept as evidence after a withdrawal."""

    id: str
    user_id: UserId
    kind: ConsentKind
    version: str
    given_at: datetime
    withdrawn_at: datetime | None = None


class Subject(StrEnum):
    """The class word by which the recipe calls the customer."""

    WOMAN = "woman"
    MAN = "man"
    PERSON = "person"


class Product(StrEnum):
    AVATAR = "avatar"
    CREDITS = "credits"


class OrderState(StrEnum):
    COLLECTING = "collecting"  # photos come in; no price yet
    AWAITING = "awaiting"  # the bill is out
    PAID = "paid"  # money in, work owed
    DONE = "done"  # work delivered
    REFUNDING = "refunding"  # entitlement gone, till not yet confirmed
    REFUNDED = "refunded"
    CANCELLED = "cancelled"  # by the customer, or timed out, before paying


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase. ``amount`` and ``currency`` are the catalogue's price, copied in when placed."""

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
    referral: int = 0  # credits for the buyer and for whoever invited them, if it is paid


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that a till says it took. Unique by (till, charge): booked once, whatever repeats."""

    id: str  # "{till}:{charge}"
    order_id: OrderId
    amount: int
    currency: Currency
    at: datetime


class PhotoState(StrEnum):
    CHECKING = "checking"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    HELD = "held"  # perhaps a minor, perhaps indecent: a person looks


class Flaw(StrEnum):
    """Why a photo is not counted. Its values are keys of the demo's JSON and of the messages."""

    UNREADABLE = "unreadable"
    BOMB = "bomb"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    FACE_TOO_SMALL = "face_too_small"
    BLURRED = "blurred"
    DUPLICATE = "duplicate"
    INDECENT = "indecent"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Photo:
    """One upload. The row goes with the blob: after training neither exists."""

    id: PhotoId
    order_id: OrderId
    user_id: UserId
    state: PhotoState
    blob: str
    sha256: str
    created_at: datetime
    flaw: Flaw | None = None
    phash: str = ""
    view: str = "unknown"
    close: bool = False  # the face fills the picture: helps guided capture
    judged_at: datetime | None = None


class AvatarState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much of the LoRA is applied, 0..ceiling, and the steps of "more like me"."""

    weight: float
    step: float
    floor: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class Avatar:
    """A LoRA ("digital avatar"), and what it was made by. Its likeness is its owner's to change.

    ``blobs`` are the checkpoints that were kept of it, early to late. ``weight`` and ``checkpoint``
    (an index into ``blobs``) are its owner's rung of the ladder between more beautiful and more
    like me (:func:`shop.avatars.likeness.ladder`), which is laid out around ``start`` and ``best``.
    """

    id: AvatarId
    user_id: UserId
    order_id: OrderId
    state: AvatarState
    base: str
    subject: Subject
    seed: int
    created_at: datetime
    key_id: KeyId | None
    blobs: tuple[str, ...] = ()
    best: int = 0
    start: float = 0.0
    checkpoint: int = 0
    weight: float = 0.0
    step: float = 0.0
    floor: float = 0.0
    ceiling: float = 0.0
    steps: int = 0
    seconds: float = 0.0
    loss_first: float = 0.0
    loss_last: float = 0.0
    ready_at: datetime | None = None


class ShootKind(StrEnum):
    FIRST = "first"  # comes with the avatar
    STYLE = "style"  # another template
    ANOTHER = "another"  # same template, other seeds
    LIKER = "liker"  # same template and seeds, more like me
    FAIRER = "fairer"  # same template and seeds, more beautiful


class ShootState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Shoot:
    """One request for portraits: a template, a weight, seeds, and the credits held for it.

    ``weight`` and ``checkpoint`` are the avatar's of that moment: a later wish is the next shoot's.
    """

    id: ShootId
    user_id: UserId
    avatar_id: AvatarId
    template: str
    kind: ShootKind
    state: ShootState
    weight: float
    seeds: tuple[int, ...]
    credits: int
    created_at: datetime
    done_at: datetime | None = None
    checkpoint: int = 0


@dataclass(frozen=True, slots=True)
class Portrait:
    """A finished picture, labelled, encrypted under its avatar's key."""

    id: PortraitId
    shoot_id: ShootId
    user_id: UserId
    avatar_id: AvatarId
    blob: str
    seed: int
    width: int
    height: int
    media_type: str
    created_at: datetime


class JobQueue(StrEnum):
    CHECK = "check"
    TRAIN = "train"
    PAINT = "paint"
    CHAT = "chat"


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work owed. This row, with its lease, is the truth; arq only rings the bell.

    ``ref`` is the id of the photo, avatar or shoot; ``turn_at`` its place in the line
    (:mod:`shop.jobs.scheduler`; None is ``created_at``). Until ``lease_until`` no other worker may
    take it, and while it waits none at all. ``stage``, ``step``, ``steps`` and ``seconds_left`` are
    the worker's last word on its progress.
    """

    id: JobId
    queue: JobQueue
    ref: str
    user_id: UserId
    state: JobState
    created_at: datetime
    attempts: int = 0
    worker: str = ""
    lease_until: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    stage: str = ""
    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    error: str = ""
    turn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that was at work at ``seen_at``: which ``queues`` it does, and the avatars that it
    painted last, the latest first.
    """

    id: str
    queues: tuple[str, ...]
    seen_at: datetime
    wears: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Errand:
    """An outbox row: a thing to do after the commit, at least once, by the courier or a queue.

    ``queue`` and ``name`` say who and what; ``payload`` holds ids and numbers only.
    """

    id: str
    queue: JobQueue
    name: str
    payload: dict[str, str | int | float]
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None = None
    done_at: datetime | None = None
    attempts: int = 0
    key: str = ""  # errands of one key are gathered into one while the first is unsent


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


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A data key, wrapped by the master key. Deleting this row makes everything under it noise."""

    id: KeyId
    wrapped: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """An outside event that has had its effect. Written in the same transaction as that effect."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Audit:
    """What an admin did, to whom, with which result. Only grows."""

    id: str
    admin: str
    command: str
    target: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Switch:
    """A thing that admins turn on or off: ``sales`` for now."""

    id: str
    on: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """What a till says of a bill, after its signature was verified. Not stored as such."""

    till: str
    event_id: str
    charge: str
    order_id: OrderId
    amount: int
    currency: Currency
    at: datetime
    payer: str = field(default="", repr=False)


RECORDS = (
    User,
    Consent,
    Order,
    Charge,
    Photo,
    Avatar,
    Shoot,
    Portrait,
    Job,
    Worker,
    Errand,
    Journal,
    Posting,
    SealedKey,
    Event,
    Audit,
    Switch,
)
"""Everything that a :class:`shop.ports.Tx` stores."""
