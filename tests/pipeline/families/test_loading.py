"""A distilled painter beside the base that LoRAs are trained on."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.pipeline import tiny_bases as tiny
from tests.pipeline.families.pictures import (
    REQUESTS,
    SIZE,
    Open,
    quiet,
)

pytestmark = pytest.mark.slow  # every architecture, built and painted with


@pytest.mark.parametrize("name", sorted(tiny.PAINTERS))
def test_a_distilled_model_paints_what_its_base_was_taught(name: str, opened: Open) -> None:
    base, _ = opened(name)
    assert base.inference_denoiser is base.pipe.transformer
    assert base.inference_denoiser is not base.train_denoiser
    learned = dict(base.train_denoiser.named_modules())
    painting = dict(base.inference_denoiser.named_modules())
    assert learned.keys() == painting.keys(), "a LoRA would not fit"
    assert not any(p.requires_grad for p in base.train_denoiser.parameters())
    assert not any(p.requires_grad for p in base.inference_denoiser.parameters())
    with torch.no_grad():
        before = base.sample(REQUESTS[:1], SIZE, quiet)
        for parameter in base.train_denoiser.parameters():
            parameter.zero_()
        assert np.array_equal(before, base.sample(REQUESTS[:1], SIZE, quiet))
