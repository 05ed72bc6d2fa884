"""How many operations a training step is: ``python -m benchmarks.launches``.

A GPU is told each of them by a launch of some microseconds, and at one picture a step it waits for
those. Counted are operations that compute or copy, as torch dispatches them, not views. The number
depends on the layers and not on their widths, so it is that of the full-size network.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks import customers, hardware, pages
from benchmarks.sdxl import SDXL
from benchmarks.training import case
from pipeline.child import warm_models
from pipeline.child.warm_models import LoadedBase
from pipeline.engine.engine import ChildSettings
from pipeline.models import recipe as recipes
from pipeline.training import train
from pipeline.training.trainer_state import TrainerState

PAGE = Path("docs/benchmarks/launches.md")
CACHE = Path(".cache/benchmarks")
NO_KERNEL = ("aten.detach", "aten.empty", "aten._unsafe_view")  # beside views


class Operations(TorchDispatchMode):
    """Counts what is dispatched within it, views left out."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = str(func.overloadpacket)
        if not func.is_view and not name.startswith(NO_KERNEL):
            self.counts[name] += 1
        return func(*args, **(kwargs or {}))


def step(loaded: LoadedBase, cache: Path) -> Callable[[], None]:
    """One step of one customer's training, as the trainer does it."""
    context = train.TrainingContext(
        loaded.base, loaded.injector, loaded.lora_cache, loaded.recipe, loaded.source.fingerprint,
        lambda *_: None, lambda: None, cache, 1, False,
    )  # fmt: skip
    (request,) = customers.train_requests(1, loaded.recipe.name, 10)
    trainer: TrainerState = train.prepare_trainer(context, 0, request, {request.subject: None})

    def run() -> None:
        (loss,) = train.forward_backward([trainer], context)
        trainer.optimizer_step(loss)

    return run


def measure(loaded: LoadedBase, rounds: int) -> tuple[Counter[str], float]:
    """The operations of a step, and its CPU seconds: the least of `rounds`."""
    run = step(loaded, CACHE)
    run()
    with Operations() as operations:
        run()
    seconds = []
    for _ in range(rounds):
        began = time.process_time()
        run()
        seconds.append(time.process_time() - began)
    return operations.counts, min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.launches", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    given = case.prepare(SDXL, SDXL.cpu, CACHE.resolve(), "cpu")
    rows = []
    for recipe, bases in ((given.recipe, given.bases), (recipes.load("mini"), None)):
        loaded = warm_models.open_loaded_base(recipe, ChildSettings(bases, "cpu"))
        counts, seconds = measure(loaded, chosen.rounds)
        layers, total = len(loaded.injector.layout.widths), sum(counts.values())
        rows.append((recipe.name, layers, f"{total:,}", f"{seconds:.3f}"))
        print(recipe.name, total, f"{seconds:.3f} s", counts.most_common(14), flush=True)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    text = f"""\
# Operations of a training step

`{pages.command("benchmarks.launches")}`, {pages.today()}; {hardware.machine()}; \
OMP_NUM_THREADS={threads}.

{pages.table(("base", "LoRA layers", "operations a step", "CPU seconds"), rows)}

One step of one customer: forward, backward and optimiser. **Operations** compute or copy, as \
torch dispatches them; views are not counted. {SDXL.described(SDXL.cpu)}, {SDXL.cpu.batch} \
pictures of {SDXL.cpu.resolution} px; `mini` as it ships. **CPU seconds**: the least of \
{chosen.rounds} steps.
"""
    pages.write(chosen.out, text)
    print(text)


if __name__ == "__main__":
    main()
