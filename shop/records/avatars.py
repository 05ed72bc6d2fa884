"""Avatars, the shoots that are painted with them, and the finished portraits."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shop.records.ids import AvatarId, KeyId, OrderId, PortraitId, PromptId, ShootId, UserId
from shop.records.orders import Subject


class AvatarState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class LikenessRange:
    """The LoRA weights that a recipe offers: the default, the step of "more like me", its end."""

    weight: float
    step: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class Avatar:
    """A person's LoRA ("digital avatar"), how it was trained, and the likeness its owner chose.

    ``blobs`` are the checkpoints that were kept of it, early to late. ``weight``, ``checkpoint``
    (an index into ``blobs``) and ``beauty`` (of the retouch, 0 to 1) are its owner's rung of the
    ladder between more beautiful and more like me (:func:`shop.avatars.likeness.ladder`), which is
    laid out around ``start`` and ``best``.
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
    ceiling: float = 0.0
    steps: int = 0
    seconds: float = 0.0
    loss_first: float = 0.0
    loss_last: float = 0.0
    ready_at: datetime | None = None
    beauty: float = 0.0


class ShootKind(StrEnum):
    FIRST = "first"  # the initial portraits, which come with the avatar
    STYLE = "style"  # another template
    ANOTHER = "another"  # same template, other seeds
    EXPRESSION = "expression"  # same template and seeds, another expression
    MORE_LIKE_ME = "liker"  # same template and seeds, more like me
    MORE_BEAUTIFUL = "fairer"  # same template and seeds, retouched more


class ShootState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Shoot:
    """One request for portraits: a template, a LoRA weight, seeds, and the credits held for it; or,
    with ``prompt_id`` and no template (""), one in its customer's own words, then perhaps of nobody
    (no ``avatar_id``).

    ``weight``, ``checkpoint`` and ``beauty`` are copied from the avatar when it is requested,
    ``expression`` from the template unless another was asked for; "" in shoots of before: the
    template's.
    """

    id: ShootId
    user_id: UserId
    avatar_id: AvatarId | None
    template: str
    kind: ShootKind
    state: ShootState
    weight: float
    seeds: tuple[int, ...]
    credits: int
    created_at: datetime
    done_at: datetime | None = None
    checkpoint: int = 0
    expression: str = ""
    beauty: float = 0.0
    prompt_id: PromptId | None = None


@dataclass(frozen=True, slots=True)
class Portrait:
    """A finished picture, labelled, encrypted under its avatar's key; one of nobody under the key
    of its prompt, which it names instead of an avatar."""

    id: PortraitId
    shoot_id: ShootId
    user_id: UserId
    avatar_id: AvatarId | None
    blob: str
    seed: int
    width: int
    height: int
    media_type: str
    created_at: datetime
    prompt_id: PromptId | None = None
