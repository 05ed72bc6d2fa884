"""The run: ``python -m benchmarks.swap``; writes docs/benchmarks/swap.md."""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import customers, diffusers_loader, hardware, pages, timing
from benchmarks.sdxl import SDXL
from benchmarks.timing import Stopwatch
from benchmarks.training import case
from pipeline.child import warm_models
from pipeline.child.warm_models import LoadedBase
from pipeline.engine.engine import ChildSettings
from pipeline.lora.multi_lora import ActiveLora

PAGE = Path("docs/benchmarks/swap.md")
CACHE = Path(".cache/benchmarks")
CUSTOMERS = 8
WARM = "Eider, a LoRA in the cache"
COLD = "Eider, from the file's bytes"
LOAD = "diffusers, `load_lora_weights` and `unload_lora_weights`"
HOT = "diffusers, `load_lora_weights(hotswap=True)`"


def sides(
    loaded_base: LoadedBase, loader: diffusers_loader.Loader, folder: Path
) -> dict[str, Callable[[], None]]:
    """Each call activates the next customer's LoRA on the base."""
    files = customers.lora_files(loaded_base, CUSTOMERS)
    paths = []
    for number, file in enumerate(files):
        paths.append(folder / f"{number}.safetensors")
        paths[-1].write_bytes(file)
    keys = [loaded_base.lora_cache.fetch(file) for file in files]
    customer_cycles = {name: itertools.cycle(range(CUSTOMERS)) for name in (WARM, COLD, LOAD, HOT)}
    others = customers.lora_files(loaded_base, CUSTOMERS + 1)[
        CUSTOMERS:
    ]  # no cached LoRA is evicted
    injector = loaded_base.lora_cache.injector

    def warm() -> None:
        with loaded_base.lora_cache.activate([ActiveLora(keys[next(customer_cycles[WARM])], 1.0)]):
            pass

    def cold() -> None:
        key = loaded_base.lora_cache.fetch(others[0])
        with loaded_base.lora_cache.activate([ActiveLora(key, 1.0)]):
            pass
        injector.unload(key)

    return {
        WARM: warm,
        COLD: cold,
        LOAD: lambda: loader.swap(paths[next(customer_cycles[LOAD])]),
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
    parser.add_argument("--small", action="store_true", help="the CPU's network on a GPU too")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    used = SDXL.cpu if chosen.device == "cpu" or chosen.small else SDXL.gpu
    given = case.prepare(SDXL, used, CACHE.resolve(), chosen.device)
    loaded_base = warm_models.open_loaded_base(
        given.recipe, ChildSettings(given.bases, chosen.device)
    )
    loader = diffusers_loader.Loader(loaded_base, given, chosen.device)
    with tempfile.TemporaryDirectory() as folder:
        racing = sides(loaded_base, loader, Path(folder))
        timing.race(racing, 2)  # the first ones build what later ones find
        watches = timing.race(racing, chosen.rounds)
        first = Path(folder) / "0.safetensors"
        size = first.stat().st_size / 2**20
        loader.hotswap(first)
        watches |= timing.race({HOT: lambda: loader.hotswap(first)}, chosen.rounds)
    layers = len(loaded_base.injector.layout.widths)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    text = f"""\
# Swap: another customer's LoRA on a warm base

`{pages.command("benchmarks.swap")}`, {pages.today()}; {hardware.machine()}; \
OMP_NUM_THREADS={threads}.

{results(watches)}

{SDXL.described(used)}, base in bf16, \
LoRAs of rank {used.rank} on {layers} layers ({size:.1f} MiB a file, \
float32). {chosen.rounds} rounds, one swap of each way a round (hot swaps after them: they need an \
adapter that stays), {CUSTOMERS} customers in turn; both sides in one process on equal bases. A \
swap ends when the base would paint with the new LoRA: nothing is left for the first step.
"""
    pages.write(chosen.out, text)
    print(text)


if __name__ == "__main__":
    main()
