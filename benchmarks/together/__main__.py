"""The run: ``python -m benchmarks.together``; writes docs/benchmarks/together.md."""

from __future__ import annotations

import argparse
import dataclasses
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from benchmarks import customers, diffusers_loader, hardware, pages, timing
from benchmarks.sdxl import SDXL
from benchmarks.timing import Stopwatch
from benchmarks.training import case
from benchmarks.training.case import Given
from pipeline.child import warm_models
from pipeline.child.warm_models import LoadedBase
from pipeline.engine.engine import ChildSettings, Progress, TrainedLora, TrainRequest
from pipeline.families import SamplingRequest, ignore_step
from pipeline.lora.multi_lora import ActiveLora
from pipeline.training.train import train

PAGE = Path("docs/benchmarks/together.md")
CACHE = Path(".cache/benchmarks")
CUSTOMERS = 8
GPU_SIDE = 512  # pixels; eight rows of 1,024 px do not fit in 80 GB
PHOTOS_EACH = 10  # few: their preparation is not what is compared
ALONE, BATCHED = "one by one", "in one batch"
MIXED = "Eider, all in one batch, a LoRA a row"
OURS = "Eider, one by one, swapped by the injector"
HOT = "diffusers, one by one, `hotswap=True`"
LOAD = "diffusers, one by one, load and unload"


def _ignore_progress(index: int, progress: Progress) -> None:
    """Progress is not shown."""


def trainings(loaded_base: LoadedBase) -> dict[str, Callable[[], None]]:
    def together(train_requests: Sequence[TrainRequest], cache: Path) -> None:
        made = train(
            loaded_base.base,
            loaded_base.injector,
            loaded_base.lora_cache,
            loaded_base.recipe,
            loaded_base.source.fingerprint,
            train_requests,
            _ignore_progress,
            lambda: None,
            cache,
        )
        if not all(isinstance(one, TrainedLora) for one in made):
            raise SystemExit(f"a training failed: {made}")

    def run(groups: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            train_requests = customers.train_requests(
                CUSTOMERS, loaded_base.recipe.name, PHOTOS_EACH
            )
            size = CUSTOMERS // groups
            for start in range(0, CUSTOMERS, size):
                together(train_requests[start : start + size], place)

    return {ALONE: lambda: run(CUSTOMERS), BATCHED: lambda: run(1)}


def paintings(
    loaded_base: LoadedBase, loader: diffusers_loader.Loader, folder: Path, size: tuple[int, int]
) -> dict[str, Callable[[], None]]:
    """One portrait of each customer, with guidance; no gate: it costs all alike."""
    files = customers.lora_files(loaded_base, CUSTOMERS)
    paths = [folder / f"{number}.safetensors" for number in range(CUSTOMERS)]
    for path, file in zip(paths, files, strict=True):
        path.write_bytes(file)
    loras = [ActiveLora(loaded_base.lora_cache.fetch(file), 1.0) for file in files]
    requests = [
        SamplingRequest("portrait photo of ohwx woman", "", seed) for seed in range(CUSTOMERS)
    ]

    def ours(some: Sequence[int]) -> None:
        with torch.no_grad(), loaded_base.lora_cache.activate([loras[one] for one in some]):
            loaded_base.base.sample([requests[one] for one in some], size, ignore_step)

    def hot() -> None:
        for path, request in zip(paths, requests, strict=True):
            loader.hotswap(path)
            loader.paint(request)
        loader.pipe.unload_lora_weights()

    def load() -> None:
        for path, request in zip(paths, requests, strict=True):
            loader.load(path)
            loader.paint(request)
            loader.pipe.unload_lora_weights()

    def one_by_one() -> None:
        for one in range(CUSTOMERS):
            ours([one])

    return {MIXED: lambda: ours(range(CUSTOMERS)), OURS: one_by_one, HOT: hot, LOAD: load}


def table(watches: dict[str, Stopwatch], against: str) -> str:
    head = ("way", "seconds", "CPU seconds", f"times as fast as {against}", "by CPU seconds")
    slow = watches[against]
    return pages.table(
        head,
        [
            (
                name,
                f"{watch.median:.1f}",
                f"{watch.median_cpu:.1f}",
                f"{slow.median / watch.median:.2f}",
                f"{slow.median_cpu / watch.median_cpu:.2f}",
            )
            for name, watch in watches.items()
        ],
    )


def warm_up(loaded_base: LoadedBase) -> None:
    """One short training of all, so that a GPU's kernels are chosen."""
    short = dataclasses.replace(loaded_base.recipe.train, steps=2)
    recipe = dataclasses.replace(loaded_base.recipe, train=short)
    trainings(dataclasses.replace(loaded_base, recipe=recipe))[BATCHED]()


def shortened(given: Given, steps: int, batch: int, paint_steps: int) -> Given:
    old = given.recipe
    settings = dataclasses.replace(
        old.train,
        steps=steps,
        batch=batch,
        warmup=1,
        max_batch_customers=CUSTOMERS,
        checkpoint_every=10,
        compile="none",  # each way has its own shapes: compiling them would be what is measured
    )
    paint = dataclasses.replace(old.paint, steps=paint_steps)
    return dataclasses.replace(given, recipe=dataclasses.replace(old, train=settings, paint=paint))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.together", description=__doc__)
    parser.add_argument("--device", default="cpu", help="cpu, or cuda for the full-size network")
    parser.add_argument("--small", action="store_true", help="the CPU's network on a GPU too")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5, help="of each training")
    parser.add_argument("--batch", type=int, default=1, help="pictures of each customer in a step")
    parser.add_argument("--paint-steps", type=int, default=4)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    used = SDXL.cpu
    if chosen.device != "cpu" and not chosen.small:
        used = dataclasses.replace(SDXL.gpu, resolution=GPU_SIDE)
    prepared = case.prepare(SDXL, used, CACHE.resolve(), chosen.device)
    given = shortened(prepared, chosen.steps, chosen.batch, chosen.paint_steps)
    loaded_base = warm_models.open_loaded_base(
        given.recipe, ChildSettings(given.bases, chosen.device)
    )
    loader = diffusers_loader.Loader(loaded_base, given, chosen.device)
    side = used.resolution
    if chosen.device != "cpu":
        warm_up(loaded_base)
    learned = timing.race(trainings(loaded_base), chosen.rounds)
    with tempfile.TemporaryDirectory() as folder:
        racing = paintings(loaded_base, loader, Path(folder), (side, side))
        if chosen.device != "cpu":
            timing.race(racing, 1)  # a GPU's kernels are chosen at their first call
        painted = timing.race(racing, chosen.rounds)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    text = f"""\
# Together: {CUSTOMERS} customers at once

`{pages.command("benchmarks.together")}`, {pages.today()}; {hardware.machine()}; \
OMP_NUM_THREADS={threads}.

{SDXL.described(used)}, base in bf16, \
{side} px, LoRAs of rank {used.rank}. Medians of {chosen.rounds} rounds, all ways by turns, in one \
warm process.

## {CUSTOMERS} trainings

{table(learned, ALONE)}

{chosen.steps} steps of {chosen.batch} picture(s) of each customer, the preparation of their \
photos included, in our own trainer both times. Each one's LoRA is the same either way (the tests \
compare gradients to 1e-5 in fp32).

## {CUSTOMERS} portraits of {CUSTOMERS} customers

{table(painted, LOAD)}

{chosen.paint_steps} sampler steps with guidance, decoding included, the gate left out on all \
sides. diffusers' ways are its documented calls on an equal base of their own.
"""
    pages.write(chosen.out, text)
    print(text)


if __name__ == "__main__":
    main()
