"""What a table was measured on: the one place that names the machine."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path


def machine() -> str:
    """CPU, cores and Python; the GPU too once torch has been imported and sees one."""
    graphics = gpu()
    python = f"Python {platform.python_version()}"
    return ", ".join(filter(None, [cpu(), graphics, python]))


def cpu() -> str:
    names = {
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    }
    return f"{', '.join(sorted(names)) or platform.processor()}, {os.cpu_count()} cores"


def gpu() -> str:
    """The first GPU's name, or "". Does not import torch: benchmarks without it stay light."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return ""
    return str(torch.cuda.get_device_name(0))
