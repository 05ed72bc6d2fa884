"""The run: ``python -m benchmarks.swap``; writes docs/benchmarks/swap.md."""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import customers, hardware, pages, rivals, timing
from benchmarks.sdxl import SDXL
from benchmarks.timing import Stopwatch
from benchmarks.training import case
from pipeline.child import warm_models
from pipeline.child.warm_models import LoadedBase
from pipeline.engine.engine import ChildSettings
from pipeline.lora.multi_lora import ActiveLora

PAGE = Path("docs/benchmarks/swap.md")
CACHE = Path(".cache/benchmarks")
CROWD = 8
WARM = "Eider, a LoRA that hangs in the wardrobe"
COLD = "Eider, from the file's bytes"
LOAD = "diffusers, `load_lora_weights` and `unload_lora_weights`"
HOT = "diffusers, `load_lora_weights(hotswap=True)`"


def sides(room: LoadedBase, loader: rivals.Loader, folder: Path) -> dict[str, Callable[[], None]]:
    """Each call dresses the base for the next customer in turn."""
    files = customers.lora_files(room, CROWD)
    paths = []
    for number, file in enumerate(files):
        paths.append(folder / f"{number}.safetensors")
        paths[-1].write_bytes(file)
    keys = [room.lora_cache.fetch(file) for file in files]
    turns = {name: itertools.cycle(range(CROWD)) for name in (WARM, COLD, LOAD, HOT)}
    others = customers.lora_files(room, CROWD + 1)[CROWD:]  # nobody in the wardrobe is let go
    injector = room.lora_cache.injector

    def warm() -> None:
        with room.lora_cache.worn([ActiveLora(keys[next(turns[WARM])], 1.0)]):
            pass

    def cold() -> None:
        key = room.lora_cache.fetch(others[0])
        with room.lora_cache.worn([ActiveLora(key, 1.0)]):
            pass
        injector.drop(key)

    return {
        WARM: warm,
        COLD: cold,
        LOAD: lambda: loader.swap(paths[next(turns[LOAD])]),
    }


def results(watches: dict[str, Stopwatch]) -> str:
    slow = watches[LOAD].wall
    head = ("way", "p50, ms", "p99, ms", "times as fast, p50", "times as fast, p99")
    rows = []
    for name, watch in watches.items():
        p50, p99 = timing.quantile(watch.wall, 0.5), timing.quantile(watch.wall, 0.99)
        rows.append(
            (
                name,
                f"{1000 * p50:.2f}",
                f"{1000 * p99:.2f}",
                f"{timing.quantile(slow, 0.5) / p50:.0f}",
                f"{timing.quantile(slow, 0.99) / p99:.0f}",
            )
        )
    return pages.table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.swap", description=__doc__)
    parser.add_argument("--device", default="cpu", help="cpu, or cuda for the full-size network")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    used = SDXL.cpu if chosen.device == "cpu" else SDXL.gpu
    given = case.prepare(SDXL, used, CACHE.resolve())
    room = warm_models.open_loaded_base(given.recipe, ChildSettings(given.bases, chosen.device))
    loader = rivals.Loader(room, given, chosen.device)
    with tempfile.TemporaryDirectory() as folder:
        racing = sides(room, loader, Path(folder))
        timing.race(racing, 2)  # the first ones build what later ones find
        watches = timing.race(racing, chosen.rounds)
        first = Path(folder) / "0.safetensors"
        size = first.stat().st_size / 2**20
        loader.hotswap(first)
        watches |= timing.race({HOT: lambda: loader.hotswap(first)}, chosen.rounds)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    text = f"""\
# Swap: another customer's LoRA on a warm base

`{pages.command("benchmarks.swap")}`, {pages.today()}; {hardware.machine()}; \
OMP_NUM_THREADS={threads}.

{results(watches)}

SDXL's architecture with its channels divided by {used.divisor}, random weights, base in bf16, \
LoRAs of rank {used.rank} on {len(room.injector.layout.widths)} layers ({size:.1f} MiB a file, \
float32). {chosen.rounds} rounds, one swap of each way a round (hot swaps after them: they need an \
adapter that stays), {CROWD} customers in turn; both sides in one process on equal bases. A swap \
ends when the base would paint with the new LoRA: nothing is left for the first step.
"""
    pages.write(chosen.out, text)
    print(text)


if __name__ == "__main__":
    main()
