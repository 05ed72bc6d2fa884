"""Regional compilation: the denoiser's repeated blocks, compiled once and kept warm across jobs.

On a GPU alone. It was written without one and has never run there; the tests show on the CPU, with
dynamo's counters, that another customer costs no graph.
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
SHAPES = 32  # graphs per block: sizes of crowds and of portraits, learning and painting


def compile_blocks(denoiser: Any, plan: TrainSettings, cache: Path) -> bool:
    """Compile if the recipe says so and this is a GPU; says whether the blocks are compiled.

    A second call changes nothing.
    cache   folder; what the compiler makes lies below it, so a new process starts warm
    What the compiler cannot do runs uncompiled: slower, never a failed training.
    """
    if plan.compile == "none" or denoiser.device.type != "cuda":
        return False
    if any(part._compiled_call_impl is not None for part in denoiser.modules()):
        return True
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "inductor"))
    torch._dynamo.config.suppress_errors = True
    torch._dynamo.config.recompile_limit = SHAPES
    try:
        denoiser.compile_repeated_blocks()
    except (RuntimeError, ValueError, ImportError) as error:
        log.warning("not compiled", error=type(error).__name__)
        return False
    return True


def without_waiting(is_compiled: bool) -> AbstractContextManager[Any]:
    """Paint in a training's midst: a new shape runs uncompiled, so that nobody waits for it."""
    if not is_compiled:
        return contextlib.nullcontext()
    stance: AbstractContextManager[Any] = torch.compiler.set_stance("eager_on_recompile")
    return stance
