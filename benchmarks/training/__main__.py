"""The run: ``python -m benchmarks.training [--network NAME] --diffusers-examples DIR``."""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import torch

from benchmarks import hardware, pages
from benchmarks.klein import KLEIN
from benchmarks.sdxl import SDXL
from benchmarks.training import case, diffusers_script, losses, ours, work
from benchmarks.training.case import Given
from benchmarks.training.network import Case, Network
from benchmarks.training.timing import WARM_UP, RunTimes
from benchmarks.training.work import Work
from benchmarks.zimage import Z_IMAGE

CACHE = Path(".cache/benchmarks")
BORROWED = f"""\
It wants torchvision, which the project may not have; its process alone sees \
{diffusers_script.TORCHVISION}, whose transforms are plain Python. Two operators of torchvision's \
compiled half that nothing here calls are declared for it, because its PyPI build does not load \
beside torch's CPU build."""
NETWORKS = {network.name: network for network in (SDXL, Z_IMAGE, KLEIN)}


@dataclass(slots=True)
class Side:
    """One way to train, and all its runs; each leaves `file` in the folder `out`."""

    name: str
    out: Path
    file: str
    run: Callable[[Path], RunTimes]
    runs: list[RunTimes] = field(default_factory=list)

    def median(self, what: Callable[[RunTimes], float]) -> float:
        return statistics.median(what(times) for times in self.runs)


def sides(
    given: Given,
    examples: Path,
    device: str,
    folder: Path,
    best_only: bool,
    again: bool,
    warm: bool,
) -> list[Side]:
    """best_only: of the script's ways the last; again: ours a second time, its code compiled; warm:
    ours by a worker that has trained somebody else before."""
    variants = given.network.variants[-1:] if best_only else given.network.variants
    packages = diffusers_script.environment(CACHE)
    theirs = [
        Side(
            f"diffusers' script, {variant.name}",
            folder / str(place),
            diffusers_script.FILE,
            partial(
                diffusers_script.run, examples, packages, given, device=device, variant=variant
            ),
        )
        for place, variant in enumerate(variants)
    ]
    run = partial(ours.run, given, device=device, cache=folder / "cache")
    eider = [Side("Eider", folder / "ours", ours.FILE, partial(run, first=True))]
    if again:
        name = "Eider, its code compiled before"
        eider.append(Side(name, folder / "again", ours.FILE, run))
    if warm:
        name = "Eider, a worker's next training"
        eider.append(Side(name, folder / "warm", ours.FILE, partial(run, warm=True)))
    return [*theirs, *eider]


def race(all_sides: Sequence[Side], rounds: int) -> list[Side]:
    """Run all sides alternately, so that slow minutes are shared; the sides that fit in memory."""
    racing = list(all_sides)
    for number in range(rounds):
        for side in list(racing):
            shutil.rmtree(side.out, ignore_errors=True)
            try:
                times = side.run(side.out)
            except diffusers_script.DoesNotFit:
                racing.remove(side)
                print(f"{number + 1} {side.name}: out of memory", flush=True)
                continue
            side.runs.append(times)
            print(
                f"{number + 1} {side.name}: training {times.training:.1f} s, "
                f"cold {times.saved:.1f} s, step {times.step:.3f} s, CPU {times.cpu:.1f} s",
                flush=True,
            )
    return racing


def results(all_sides: Sequence[Side], found: dict[str, float], needed: Work, rate: float) -> str:
    head = (
        *("side", "training, s", "times as fast", "cold process to saved LoRA, s"),
        *("times as fast", "CPU, s", "median step, s", "of the FLOP bound", "final error"),
    )
    slowest, rows = all_sides[0], []
    for side in all_sides:
        step = side.median(lambda times: times.step)
        training = side.median(lambda times: times.training)
        saved = side.median(lambda times: times.saved)
        rows.append(
            (
                side.name,
                f"{training:.1f}",
                f"{slowest.median(lambda times: times.training) / training:.2f}",
                f"{saved:.1f}",
                f"{slowest.median(lambda times: times.saved) / saved:.2f}",
                f"{side.median(lambda times: times.cpu):.1f}",
                f"{step:.3f}",
                f"{100 * needed.denoiser / rate / step:.0f} %",
                f"{found[side.name]:.4f}",
            )
        )
    return pages.table(head, rows)


def page(given: Given, body: str, found: dict[str, float], needed: Work, rate: float,
         rounds: int, device: str) -> str:  # fmt: skip
    network, used, words = given.network, given.case, given.network.words
    pictures = len(list(given.pictures.glob("*.png")))
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    torchvision = BORROWED if diffusers_script.environment(CACHE) else "torchvision was there."
    return f"""\
# {words.heading}

`{pages.command("benchmarks.training")}`, {pages.today()}; {hardware.machine()}; \
OMP_NUM_THREADS={threads} for every side.

{body}

Both sides by turns, {rounds} rounds, medians. {network.described(used)}, {used.resolution} px, \
{used.steps} steps of {used.batch}, rank {used.rank}, AdamW at {used.learning_rate:g} with \
{used.warmup} steps of warm-up and a cosine, seed {used.seed}, {pictures} pictures. A step needs \
{needed.denoiser / 1e9:.0f} GFLOP in the {words.denoiser}; encoding its pictures each time, \
{words.encoding}, is {needed.vae / 1e9:.0f} more ({100 * needed.vae_share:.0f} % of its arithmetic).

- **Training** is from the loaded base to the LoRA on the disk: pictures, latents, all steps, the \
file. Ours finds and crops the faces in it; the script is given the finished crops.
- **Cold** begins with the start of the process, of a worker's next training with its request. \
{words.end}
- **Median step**: of those after the first {WARM_UP}, in which a GPU's kernels are chosen and our \
blocks compiled; "training" holds them all.
- **Of the FLOP bound**: what the {words.denoiser}'s arithmetic alone would take at \
{rate / 1e9:.0f} GFLOP/s, which is what a large bf16 product reaches here, by what a step took.
- **Final error**: mean squared error of the {words.predicted} predicted with each LoRA over the \
same latents, noise and times, in fp32, both loaded by diffusers' own loader. Without a LoRA: \
{found[""]:.4f}.
{words.notes}\
- The script is unmodified, from the checkout named above. {torchvision}

{no_gpu(network) if device == "cpu" else ""}
"""


def left_out(names: Iterable[str]) -> str:
    return "".join(f"\n\n{name}: out of this GPU's memory, so no row." for name in names)


def no_gpu(network: Network) -> str:
    return (
        f"This machine has no GPU: the full-size runs ({network.words.title} at "
        f"{network.gpu.resolution:,} px, `--device cuda`) were skipped, and nothing is said here "
        "about the aims for a GPU."
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training")
    parser.add_argument("--network", choices=sorted(NETWORKS), default=SDXL.name)
    parser.add_argument(
        "--diffusers-examples", type=Path, required=True, help="a checkout of diffusers"
    )
    parser.add_argument("--device", default="cpu", help="cpu, or cuda for the full-size network")
    parser.add_argument("--small", action="store_true", help="the CPU's network on a GPU too")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, help="instead of the case's own")
    parser.add_argument("--best-only", action="store_true", help="the script's best flags alone")
    parser.add_argument("--again", action="store_true", help="ours also from compiled code")
    parser.add_argument("--warm", action="store_true", help="ours also as a worker's next training")
    parser.add_argument("--out", type=Path, help="instead of the network's own page")
    chosen = parser.parse_args()
    network = NETWORKS[chosen.network]
    if not (chosen.diffusers_examples / network.script).is_file():
        parser.error(f"{chosen.diffusers_examples} holds no {network.script}")
    if chosen.device != "cpu" and not torch.cuda.is_available():
        parser.error(f"--device {chosen.device}: this machine has no GPU")
    used: Case = network.cpu if chosen.device == "cpu" or chosen.small else network.gpu
    if chosen.steps:
        used = dataclasses.replace(used, steps=chosen.steps)
    needed, rate = network.count(used), work.speed(chosen.device)
    given = case.prepare(network, used, CACHE.resolve(), chosen.device)
    with tempfile.TemporaryDirectory() as folder:
        asked = sides(
            given,
            chosen.diffusers_examples.resolve(),
            chosen.device,
            Path(folder),
            chosen.best_only,
            chosen.again,
            chosen.warm,
        )
        raced = race(asked, chosen.rounds)
        files = {side.name: side.out / side.file for side in raced}
        found = losses.errors(given, files, chosen.device)
    body = results(raced, found, needed, rate)
    body += left_out(side.name for side in asked if side not in raced)
    out = chosen.out or network.page
    pages.write(out, page(given, body, found, needed, rate, chosen.rounds, chosen.device))
    print(out.read_text("utf-8"))


if __name__ == "__main__":
    main()
