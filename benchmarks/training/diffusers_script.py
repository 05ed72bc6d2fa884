"""diffusers' own script in a process of its own, timed from outside by what it prints.

It imports torchvision for its picture transforms. The project must not have that package (its PyPI
build fails against torch's CPU build), so it is installed into a folder that only the script's
process sees. There two operators that the package's compiled half would bring, and that nothing
here calls, are declared before it is imported. A machine that has it already uses its own.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.training.case import Given
from benchmarks.training.network import ScriptVariant
from benchmarks.training.timing import RunTimes

TORCHVISION = "torchvision==0.28.0"  # goes with torch 2.13
FILE = "pytorch_lora_weights.safetensors"
STEP = re.compile(r"Steps:.*?(\d+)/(\d+) \[")
MEMORY = "CUDA out of memory"
TAIL = 3000  # characters of its last words
OPERATORS = """\
import torch

if not torch.version.cuda:
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""


class DoesNotFit(Exception):
    """The script ran out of the GPU's memory."""


def environment(folder: Path) -> Path | None:
    """A folder for PYTHONPATH with torchvision in it, made once; None: this Python has it."""
    if importlib.util.find_spec("torchvision"):
        return None
    place = folder / "torchvision"
    if not (place / "torchvision").is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(place), TORCHVISION], check=True)
    (place / "sitecustomize.py").write_text(OPERATORS, "utf-8")
    return place


def run(
    examples: Path,
    packages: Path | None,
    given: Given,
    out: Path,
    device: str,
    variant: ScriptVariant,
) -> RunTimes:
    """Train with a variant of the script. DoesNotFit: out of this GPU's memory."""
    more = {"HF_HUB_OFFLINE": "1"} | ({"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else {})
    if packages:
        known = os.environ.get("PYTHONPATH")
        more["PYTHONPATH"] = os.pathsep.join(filter(None, [str(packages), known]))
    times, began = RunTimes(), time.time()
    log = out.with_suffix(".log")
    process = subprocess.Popen(
        [sys.executable, str(examples / given.network.script), *_flags(given, out, variant)],
        env=os.environ | more,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # as our child: Linux shares its cores between sessions
    )
    with log.open("w", encoding="utf-8") as kept:
        for line in _lines(process):
            kept.write(line + "\n")
            _note(line, given.network.loaded, time.time() - began, times)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or len(times.steps) < given.case.steps:
        said = log.read_text("utf-8")
        if MEMORY in said:
            raise DoesNotFit
        raise SystemExit(f"diffusers' script ended with {process.returncode}:\n{said[-TAIL:]}")
    times.saved = (out / FILE).stat().st_mtime - began
    times.cpu = used.ru_utime + used.ru_stime
    return times


def _flags(given: Given, out: Path, variant: ScriptVariant) -> list[str]:
    case = given.case
    options = {
        "pretrained_model_name_or_path": given.base,
        "instance_data_dir": given.pictures,
        "instance_prompt": given.prompt,
        "output_dir": out,
        "resolution": case.resolution,
        "train_batch_size": case.batch,
        "max_train_steps": case.steps,
        "rank": case.rank,
        "learning_rate": case.learning_rate,
        "lr_scheduler": "cosine",
        "lr_warmup_steps": case.warmup,
        "seed": case.seed,
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    return [*flags, *given.network.flags(case), *variant.flags]


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """As they come; the progress bar ends its lines by a carriage return alone."""
    assert process.stderr is not None
    rest = b""
    while piece := os.read(process.stderr.fileno(), 1 << 16):
        *whole, rest = re.split(rb"[\r\n]", rest + piece)
        yield from (line.decode("utf-8", "replace") for line in whole)


def _note(line: str, loaded: str, now: float, times: RunTimes) -> None:
    if loaded in line and not times.loaded:
        times.loaded = now
    found = STEP.search(line)
    if found and int(found[1]) > len(times.steps):
        times.steps.append(now)
