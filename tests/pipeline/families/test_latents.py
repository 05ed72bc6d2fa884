"""Noise levels and the prompt cache."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from pipeline.families import latents
from tests.pipeline.families.pictures import (
    NAMES,
    Open,
)

pytestmark = pytest.mark.slow  # every architecture, built and painted with


def test_flow_sigmas_are_logit_normal_and_shifted() -> None:
    when = (torch.arange(1000) + 0.5) / 1000
    plain = latents.flow_sigmas(when, 1.0)
    assert float(plain.median()) == pytest.approx(0.5, abs=0.01)
    assert float(torch.logit(plain).std()) == pytest.approx(1, abs=0.02)
    assert float(latents.flow_sigmas(torch.tensor([0.5]), 3.0)) == pytest.approx(0.75)
    assert latents.flow_sigmas(torch.tensor([0.0, 1.0]), 1.0).isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_encoded_once_and_alone(
    name: str, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, _ = opened(name)
    texts = ["a man", "a woman with a very long description, looking left", "a man"]
    calls: list[str] = []
    encode = base.encode_prompts.encode_one

    def counted(text: str) -> Any:
        calls.append(text)
        return encode(text)

    monkeypatch.setattr(base.encode_prompts, "encode_one", counted)
    with torch.no_grad():
        prompts = base.encode_prompts(texts)
        again = base.encode_prompts(texts[:1])
    assert calls == texts[:2]
    assert prompts[0] is prompts[2] is again[0]
    assert not any(tensor.requires_grad for tensor in prompts[0].values())
