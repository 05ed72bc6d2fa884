"""The memory of a GPU, asked of NVIDIA's driver: the worker's front has no torch to ask."""

import math
from collections.abc import Callable
from typing import Final

_WITHOUT_NUMBER: Final = "0"


def gpu_memory(device: str) -> Callable[[str], float] | None:
    """Reads bytes, ``used`` or ``total``, of the device ``cuda`` or ``cuda:N``: NaN while the
    driver does not answer. None for a CPU, or where there is no driver.

    Torch and the driver count alike only where CUDA_DEVICE_ORDER=PCI_BUS_ID, or the devices are
    equal, and CUDA_VISIBLE_DEVICES hides none before it.
    """
    kind, _, number = device.partition(":")
    if kind != "cuda":
        return None
    import pynvml  # the images without a GPU have none

    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(int(number or _WITHOUT_NUMBER))
    except pynvml.NVMLError:
        return None

    def read(state: str) -> float:
        try:
            return float(getattr(pynvml.nvmlDeviceGetMemoryInfo(handle), state))
        except pynvml.NVMLError:
            return math.nan

    return read
