"""Batches of several requests, and what happens when one fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.engine.messages import (
    OutOfMemory,
)
from pipeline.families import Base, SamplingRequest
from pipeline.images.faces import Pixels
from tests.pipeline.painting.harness import MakeRequest, Open, pixels

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_people_painted_together_look_as_if_alone(opened: Open, paint_request: MakeRequest) -> None:
    """Two customers and the bare base in one batch: at most two grey levels of JPEG and rounding
    apart from each alone."""
    harness = opened(batch=8)
    first, second = harness.lora(1), harness.lora(2)
    requests = [
        paint_request(lora=first, seeds=(5, 6)),
        paint_request(seeds=(5,), negative="man"),
        paint_request(lora=second, weight=0.4, seeds=(5,)),
    ]
    together = [
        p for result in harness.paint(*requests) if isinstance(result, tuple) for p in result
    ]
    alone = [p for request in requests for p in harness.pictures(request)]
    assert len(together) == 4
    for one, other in zip(together, alone, strict=True):
        assert np.abs(pixels(one) - pixels(other)).max() <= 2
    assert np.abs(pixels(alone[0]) - pixels(alone[3])).max() > 20, "the LoRAs make no difference"


class Fragile:
    """A base with memory for so many requests at once, and a word that breaks it."""

    def __init__(self, base: Base, max_batch: int) -> None:
        self.base, self.max_batch = base, max_batch
        self.inference_denoiser = base.inference_denoiser

    def sample(self, requests: list[SamplingRequest], *args: object) -> list[Pixels]:
        if any("cursed" in request.prompt for request in requests):
            raise KeyError(requests[0].prompt)
        if len(requests) > self.max_batch:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return self.base.sample(requests, *args)  # type: ignore[arg-type]


def test_out_of_memory_is_answered_by_smaller_batches_and_then_honestly(
    opened: Open, paint_request: MakeRequest
) -> None:
    harness = opened(batch=8)
    requests = paint_request(seeds=(1, 2)), paint_request(seeds=(4,))
    whole = harness.paint(*requests)
    small = replace(harness, base=Fragile(harness.base, 2)).paint(*requests)  # type: ignore[arg-type]
    for one, other in zip(whole, small, strict=True):
        assert isinstance(one, tuple)
        assert isinstance(other, tuple)
        for left, right in zip(one, other, strict=True):
            assert np.abs(pixels(left) - pixels(right)).max() <= 2
    none = replace(harness, base=Fragile(harness.base, 0)).paint(*requests)  # type: ignore[arg-type]
    assert [type(result) for result in none] == [OutOfMemory, OutOfMemory]
    assert harness.paint(*requests) == whole, "the base did not survive"


def test_a_request_that_breaks_its_batch_is_found(opened: Open, paint_request: MakeRequest) -> None:
    harness = opened(batch=8)
    requests = [paint_request(seeds=(n,), prompt="cursed" if n == 3 else "a man") for n in range(5)]
    results = replace(harness, base=Fragile(harness.base, 8)).paint(*requests)  # type: ignore[arg-type]
    assert [type(r) is tuple for r in results] == [True, True, True, False, True]
    assert "cursed" not in str(results[3]), "a prompt in an error"
