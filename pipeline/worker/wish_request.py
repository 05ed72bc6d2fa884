"""A customer's own words as an order to the engine: "paint me ..."."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.engine.engine import Expression, Framing, LabelText, PaintRequest
from shop.catalog.wishes import Wish

SIZE: Final = (768, 1024)  # a wish in pixels, of a portrait's shape


def wish_request(
    wish: Wish,
    *,
    base: str,
    subject: str,
    avatar: str | None,
    lora: bytes | None,
    weight: float,
    seeds: Sequence[int],
    content_id: str,
    label: LabelText,
    beauty: float = 0.0,
) -> PaintRequest:
    """One picture per seed of what the wish says, of its customer (`avatar`, `lora`, and their own
    `subject`) or, with both None, of nobody in particular: then the wish's subject goes before.

    The words have passed `shop.catalog.wishes.blocked`; the pictures pass the engine's gate, which
    refuses those that look like a minor.
    """
    who = subject if avatar is not None else wish.subject or subject
    return PaintRequest(
        avatar=avatar,
        lora=lora,
        weight=weight,
        base=base,
        subject=who,
        prompt=wish.prompt,
        negative="",
        width=SIZE[0],
        height=SIZE[1],
        seeds=tuple(seeds),
        content_id=content_id,
        label=label,
        adult=True,
        expression=Expression(wish.expression) if wish.expression else None,
        beauty=beauty,
        framing=Framing(wish.framing) if wish.framing else None,
    )
