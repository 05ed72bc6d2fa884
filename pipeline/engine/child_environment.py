"""The environment that the torch child gets: an allow-list, and how many threads it may use."""

from __future__ import annotations

import os

ALLOWED_ENVIRONMENT = (  # prefixes of the variables that the child gets
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_", "TZ", "LD_LIBRARY_PATH", "PYTHON", "COV_"),
    *("CUDA_", "NVIDIA_", "HF_HOME", "HF_HUB_", "XDG_CACHE_HOME", "TORCH"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT"),
)
MAX_THREADS = 4


def cores() -> int:
    """Default of torch's threads: the cores that we may use, at most MAX_THREADS.

    A small base is hardly faster with more.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(MAX_THREADS, usable or 1)


def child_environment(threads: int) -> dict[str, str]:
    """The child's environment, from an allow-list: no tokens, keys or database addresses."""
    kept = {
        name: value for name, value in os.environ.items() if name.startswith(ALLOWED_ENVIRONMENT)
    }
    # The thread counts must stand before torch and onnxruntime are imported. Threads that wait for
    # each other spin only shortly: by OpenMP's own habit they lose a factor of 3 on a busy machine.
    count = str(threads or cores())
    counts = {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "GOMP_SPINCOUNT": "2000"}
    quiet = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return kept | counts | quiet | {"TOKENIZERS_PARALLELISM": "false"}
