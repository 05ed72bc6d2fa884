"""Opaque ids: hex, made by :func:`new_id`; they say nothing about who, when or how many."""

import uuid
from typing import NewType

UserId = NewType("UserId", str)
OrderId = NewType("OrderId", str)
PhotoId = NewType("PhotoId", str)
AvatarId = NewType("AvatarId", str)
ShootId = NewType("ShootId", str)
PromptId = NewType("PromptId", str)
PortraitId = NewType("PortraitId", str)
ClipId = NewType("ClipId", str)
JobId = NewType("JobId", str)
CaseId = NewType("CaseId", str)
KeyId = NewType("KeyId", str)


def new_id() -> str:
    """A random 32-digit hex id: says nothing about who, when or how many."""
    return uuid.uuid4().hex
