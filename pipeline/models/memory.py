"""Running out of memory: how to recognise it, and how to free what is unused."""

from __future__ import annotations

import gc
import sys


def is_out_of_memory(error: BaseException) -> bool:
    """Whether that is the error: torch raises a RuntimeError, from a GPU or from the CPU."""
    words = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and ("out of memory" in words or "can't allocate memory" in words)
    )


def release_memory() -> None:
    """Collect garbage and empty torch's cache, if torch was loaded at all."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
