"""The run: ``python -m benchmarks.together``; writes docs/benchmarks/together.md."""

from __future__ import annotations

import argparse
import dataclasses
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from benchmarks import customers, hardware, pages, rivals, timing
from benchmarks.sdxl import SDXL
from benchmarks.timing import Stopwatch
from benchmarks.training import case
from benchmarks.training.case import Given
from pipeline.child import warm_models
from pipeline.child.warm_models import LoadedBase
from pipeline.engine.engine import ChildSettings, Progress, TrainedLora, TrainRequest
from pipeline.families import SamplingRequest, unheard
from pipeline.lora.multi_lora import ActiveLora
from pipeline.training.train import train

PAGE = Path("docs/benchmarks/together.md")
CACHE = Path(".cache/benchmarks")
CROWD = 8
LOOKS = 10  # photos of each: the looking at them is not what is compared
ALONE, COHORT = "one by one", "in one batch"
MIXED = "Eider, all in one batch, a LoRA a row"
OURS = "Eider, one by one, swapped by the rack"
HOT = "diffusers, one by one, `hotswap=True`"
LOAD = "diffusers, one by one, load and unload"


def _unheard(order: int, news: Progress) -> None:
    """Nobody looks on."""


def trainings(room: LoadedBase) -> dict[str, Callable[[], None]]:
    def together(orders: Sequence[TrainRequest], cache: Path) -> None:
        made = train(
            room.base,
            room.injector,
            room.lora_cache,
            room.recipe,
            room.source.fingerprint,
            orders,
            _unheard,
            lambda: None,
            cache,
        )
        if not all(isinstance(one, TrainedLora) for one in made):
            raise SystemExit(f"a training failed: {made}")

    def run(groups: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            orders = customers.orders(CROWD, room.recipe.name, place, LOOKS)
            size = CROWD // groups
            for start in range(0, CROWD, size):
                together(orders[start : start + size], place)

    return {ALONE: lambda: run(CROWD), COHORT: lambda: run(1)}


def paintings(
    room: LoadedBase, loader: rivals.Loader, folder: Path, size: tuple[int, int]
) -> dict[str, Callable[[], None]]:
    """One portrait of each customer, with guidance; no gate: it costs all alike."""
    files = customers.lora_files(room, CROWD)
    paths = [folder / f"{number}.safetensors" for number in range(CROWD)]
    for path, file in zip(paths, files, strict=True):
        path.write_bytes(file)
    worn = [ActiveLora(room.lora_cache.fetch(file), 1.0) for file in files]
    asks = [SamplingRequest("portrait photo of ohwx woman", "", seed) for seed in range(CROWD)]

    def ours(some: Sequence[int]) -> None:
        with torch.no_grad(), room.lora_cache.worn([worn[one] for one in some]):
            room.base.sample([asks[one] for one in some], size, unheard)

    def hot() -> None:
        for path, ask in zip(paths, asks, strict=True):
            loader.hotswap(path)
            loader.paint(ask)
        loader.pipe.unload_lora_weights()

    def load() -> None:
        for path, ask in zip(paths, asks, strict=True):
            loader.load(path)
            loader.paint(ask)
            loader.pipe.unload_lora_weights()

    def one_by_one() -> None:
        for one in range(CROWD):
            ours([one])

    return {MIXED: lambda: ours(range(CROWD)), OURS: one_by_one, HOT: hot, LOAD: load}


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


def shortened(given: Given, steps: int, batch: int, paint_steps: int) -> Given:
    old = given.recipe
    plan = dataclasses.replace(
        old.train, steps=steps, batch=batch, warmup=1, together=CROWD, checkpoint_every=10
    )
    paint = dataclasses.replace(old.paint, steps=paint_steps)
    return dataclasses.replace(given, recipe=dataclasses.replace(old, train=plan, paint=paint))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.together", description=__doc__)
    parser.add_argument("--device", default="cpu", help="cpu, or cuda for the full-size network")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5, help="of each training")
    parser.add_argument("--batch", type=int, default=1, help="pictures of each customer in a step")
    parser.add_argument("--paint-steps", type=int, default=4)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    used = SDXL.cpu if chosen.device == "cpu" else SDXL.gpu
    prepared = case.prepare(SDXL, used, CACHE.resolve())
    given = shortened(prepared, chosen.steps, chosen.batch, chosen.paint_steps)
    room = warm_models.open_loaded_base(given.recipe, ChildSettings(given.bases, chosen.device))
    loader = rivals.Loader(room, given, chosen.device)
    side = used.resolution
    learned = timing.race(trainings(room), chosen.rounds)
    with tempfile.TemporaryDirectory() as folder:
        racing = paintings(room, loader, Path(folder), (side, side))
        painted = timing.race(racing, chosen.rounds)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    text = f"""\
# Together: {CROWD} customers at once

`{pages.command("benchmarks.together")}`, {pages.today()}; {hardware.machine()}; \
OMP_NUM_THREADS={threads}.

SDXL's architecture with its channels divided by {used.divisor}, random weights, base in bf16, \
{side} px, LoRAs of rank {used.rank}. Medians of {chosen.rounds} rounds, all ways by turns, in one \
warm process.

## {CROWD} trainings

{table(learned, ALONE)}

{chosen.steps} steps of {chosen.batch} picture(s) of each customer, the looking at their photos \
included, in our own trainer both times. Each one's LoRA is the same either way (the tests compare \
gradients to 1e-5 in fp32).

## {CROWD} portraits of {CROWD} customers

{table(painted, LOAD)}

{chosen.paint_steps} sampler steps with guidance, decoding included, the gate left out on all \
sides. diffusers' ways are its documented calls on an equal base of their own.
"""
    pages.write(chosen.out, text)
    print(text)


if __name__ == "__main__":
    main()
