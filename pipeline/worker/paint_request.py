"""A designer's template as an order to the engine."""

import asyncio
from collections.abc import Sequence

from pipeline.engine.engine import (
    Expression,
    Framing,
    LabelText,
    PaintRequest,
    Reference,
    Retouch,
    Shot,
    StyleLora,
)
from shop.catalog import Template


async def paint_request(
    template: Template,
    *,
    base: str,
    subject: str,
    avatar: str | None,
    lora: bytes | None,
    weight: float,
    seeds: Sequence[int],
    content_id: str,
    label: LabelText,
    beauty: float,
    expression: str = "",
) -> PaintRequest:
    """One picture per seed in that style, as its base paints it (:meth:`Catalog.painted`), with the
    template's ``expression`` unless another is given.

    ``avatar`` and ``lora`` None: of nobody in particular, or of whoever is being trained, whose
    LoRA the engine has itself. Raises OSError if a designer's file is gone.
    """
    return PaintRequest(
        avatar=avatar,
        lora=lora,
        weight=weight,
        base=base,
        subject=subject,
        prompt=template.prompt,
        negative=template.negative,
        width=template.width,
        height=template.height,
        seeds=tuple(seeds),
        content_id=content_id,
        label=label,
        adult=True,
        style=await _style(template),
        reference=await _reference(template),
        retouch=tuple(Retouch(word) for word in template.retouch),
        background=template.background,
        expression=Expression(expression or template.expression),
        beauty=beauty,
        grade=template.grade,
        framing=_framing(template.framing),
        shots=tuple(Shot(one.words, _framing(one.framing)) for one in template.shots),
    )


def _framing(word: str) -> Framing | None:
    return Framing(word) if word else None


async def _style(template: Template) -> StyleLora | None:
    if template.style_lora is None:
        return None
    file = await asyncio.to_thread(template.style_lora.read_bytes)
    return StyleLora(file, template.style_weight)


async def _reference(template: Template) -> Reference | None:
    if template.reference is None:
        return None
    image = await asyncio.to_thread(template.reference.read_bytes)
    mask = await asyncio.to_thread(template.mask.read_bytes) if template.mask else None
    return Reference(image, mask, template.strength)
