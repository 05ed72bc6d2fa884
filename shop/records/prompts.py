"""Prompts: what a customer asks to be painted in their own words, sealed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shop.records.ids import AvatarId, KeyId, PromptId, UserId


class PromptState(StrEnum):
    ASKED = "asked"  # its customer was told what was heard of it; nothing is owed
    ORDERED = "ordered"  # painted, or to be: kept so that it can be painted again
    ENDED = "ended"  # neither the words nor their key are left


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is to be painted in a customer's words: of ``avatar_id``, or of nobody (None), by the
    base model ``base``. ``sealed`` is what was heard (:class:`shop.catalog.wishes.Wish`), under
    ``key_id``, which the portraits of nobody are sealed under as well.
    """

    id: PromptId
    user_id: UserId
    state: PromptState
    base: str
    created_at: datetime
    touched_at: datetime
    avatar_id: AvatarId | None = None
    key_id: KeyId | None = None
    sealed: bytes = field(default=b"", repr=False)
