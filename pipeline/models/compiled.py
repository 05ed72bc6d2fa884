"""Regional compilation: torch.compile of the denoiser's repeated blocks, kept across requests.

On a GPU alone; what it costs and brings there: docs/benchmarks/training-*-h200.md. The tests show
on the CPU, with dynamo's counters, that another customer compiles no new graph.
"""

from __future__ import annotations

import contextlib
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import structlog
import torch

from pipeline.models.training_settings import TrainSettings

log = structlog.get_logger()
SHAPES = 32  # graphs per block: batch sizes and portrait sizes, in training and painting


def compile_blocks(denoiser: Any, settings: TrainSettings, cache: Path) -> bool:
    """Compile if the recipe says so and this is a GPU; returns whether the blocks are compiled.

    A second call changes nothing. `cache` is the folder below which the compiler keeps its files,
    so that a new process starts warm. What cannot be compiled runs uncompiled: slower, but it runs.
    """
    if settings.compile == "none" or denoiser.device.type != "cuda":
        return False
    if is_compiled(denoiser):
        return True
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "inductor"))
    torch._dynamo.config.suppress_errors = True
    torch._dynamo.config.recompile_limit = SHAPES
    try:
        # A graph for each shape: a UNet's two widths would else become one graph of any size,
        # which is slower at every step. A training has few shapes, and painting compiles none.
        denoiser.compile_repeated_blocks(dynamic=False)
    except (RuntimeError, ValueError, ImportError) as error:
        log.warning("not_compiled", error=type(error).__name__)
        return False
    return True


def is_compiled(denoiser: Any) -> bool:
    """Whether blocks of a denoiser are compiled."""
    return any(part._compiled_call_impl is not None for part in denoiser.modules())


def without_waiting(compiled: bool) -> AbstractContextManager[Any]:
    """Context for all but a training's steps: a new shape runs uncompiled and costs no compile."""
    if not compiled:
        return contextlib.nullcontext()
    stance: AbstractContextManager[Any] = torch.compiler.set_stance("eager_on_recompile")
    return stance
