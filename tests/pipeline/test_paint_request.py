"""A template as a request to the engine."""

from __future__ import annotations

import pytest

from pipeline.engine.engine import LabelText, PaintRequest
from pipeline.engine.expressions import Expression
from pipeline.models import recipe as recipes
from pipeline.worker.paint_request import paint_request
from shop.catalog import Catalog
from shop.catalog.entries import EXPRESSIONS

CATALOG = Catalog.load()


async def asked_for(template: str, expression: str = "") -> PaintRequest:
    return await paint_request(
        CATALOG.template(template), base="mini", subject="woman", avatar=None, lora=None,
        weight=0.8, seeds=(1,), content_id="one", label=LabelText(), beauty=0.3,
        expression=expression,
    )  # fmt: skip


async def test_the_templates_expression_is_asked_for_unless_another_is_given() -> None:
    assert (await asked_for("studio")).expression is Expression.SOFT_SMILE
    assert (await asked_for("id-blue")).expression is Expression.NEUTRAL
    assert (await asked_for("id-blue", "smile")).expression is Expression.SMILE


@pytest.mark.parametrize("template", [one.id for one in CATALOG.templates])
async def test_no_prompt_says_another_expression(template: str) -> None:
    """Then two words would fight; the base's own word is added to the prompt."""
    prompt = CATALOG.template(template).prompt
    assert not {"smile", "smiling", "neutral"} & set(prompt.replace(",", " ").split())


@pytest.mark.parametrize("template", [one.id for one in CATALOG.templates])
def test_no_style_is_offered_with_an_expression_that_it_forbids(template: str) -> None:
    style = CATALOG.template(template)
    for base in CATALOG.bases:
        words = recipes.load(base).dataset.expressions
        for asked in {style.expression, *style.expressions}:
            word = words.of(Expression(asked))
            assert not {word, asked} & {one.strip() for one in style.negative.split(",")}
            smiles = "smil" in word
            assert not (smiles and "smil" in style.negative), f"{base}: {word}"


def test_the_shops_words_are_the_engines() -> None:
    assert {Expression(word).value for word in EXPRESSIONS} == set(EXPRESSIONS)
