"""The run: ``python -m benchmarks.training --diffusers-examples DIR``."""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import hardware, pages
from benchmarks.training import case, losses, ours, rival, work
from benchmarks.training.case import Case, Given
from benchmarks.training.timing import Marks
from benchmarks.training.work import Work

PAGE = Path("docs/benchmarks/training.md")
CACHE = Path(".cache/benchmarks")
NO_GPU = (
    "This machine has no GPU: the full-size runs (SDXL at 1,024 px, `--device cuda`) were skipped, "
    "and nothing is said here about the aims for a GPU."
)


@dataclass(slots=True)
class Side:
    """One way to train, and all its runs."""

    name: str
    file: str
    run: Callable[[Path], Marks]
    runs: list[Marks] = field(default_factory=list)

    def median(self, what: Callable[[Marks], float]) -> float:
        return statistics.median(what(marks) for marks in self.runs)


def sides(given: Given, examples: Path, device: str) -> list[Side]:
    packages = rival.environment(CACHE)
    theirs = "diffusers' script"
    return [
        Side(
            f"{theirs}, its defaults (fp32)",
            rival.FILE,
            lambda out: rival.run(examples, packages, given, out, device, "no"),
        ),
        Side(
            f"{theirs}, `--mixed_precision=bf16`",
            rival.FILE,
            lambda out: rival.run(examples, packages, given, out, device, "bf16"),
        ),
        Side("Eider", ours.FILE, lambda out: ours.run(given, out, device)),
    ]


def race(all_sides: Sequence[Side], rounds: int, folder: Path) -> None:
    """By turns, so that a slow minute of the machine is everybody's."""
    for number in range(rounds):
        for place, side in enumerate(all_sides):
            out = folder / str(place)
            shutil.rmtree(out, ignore_errors=True)
            marks = side.run(out)
            side.runs.append(marks)
            print(
                f"{number + 1} {side.name}: training {marks.training:.1f} s, "
                f"cold {marks.saved:.1f} s, step {marks.step:.2f} s, CPU {marks.cpu:.1f} s",
                flush=True,
            )


def results(all_sides: Sequence[Side], found: dict[str, float], needed: Work, rate: float) -> str:
    head = (
        *("side", "training, s", "times as fast", "cold process to saved LoRA, s"),
        *("times as fast", "CPU, s", "median step, s", "of the FLOP bound", "final error"),
    )
    slowest, rows = all_sides[0], []
    for side in all_sides:
        step = side.median(lambda marks: marks.step)
        training = side.median(lambda marks: marks.training)
        saved = side.median(lambda marks: marks.saved)
        rows.append(
            (
                side.name,
                f"{training:.1f}",
                f"{slowest.median(lambda marks: marks.training) / training:.2f}",
                f"{saved:.1f}",
                f"{slowest.median(lambda marks: marks.saved) / saved:.2f}",
                f"{side.median(lambda marks: marks.cpu):.1f}",
                f"{step:.2f}",
                f"{100 * needed.unet / rate / step:.0f} %",
                f"{found[side.name]:.4f}",
            )
        )
    return pages.table(head, rows)


def page(given: Given, body: str, found: dict[str, float], needed: Work, rate: float,
         rounds: int, device: str) -> str:  # fmt: skip
    used, pictures = given.case, len(list(given.pictures.glob("*.png")))
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    return f"""\
# Training: photos to a LoRA, beside diffusers' own script

`{pages.command("benchmarks.training")}`, {pages.today()}; {hardware.machine()}; \
OMP_NUM_THREADS={threads} for every side.

{body}

Both sides by turns, {rounds} rounds, medians. SDXL's architecture with random weights and its \
channels divided by {used.divisor} (UNet, VAE and text encoders alike), {used.resolution} px, \
{used.steps} steps of {used.batch}, rank {used.rank}, AdamW at {used.rate:g} with {used.warmup} \
steps of warm-up and a cosine, seed {used.seed}, {pictures} pictures. A step needs \
{needed.unet / 1e9:.0f} GFLOP in the UNet; encoding its pictures each time, as the script does, is \
{needed.vae / 1e9:.0f} more ({100 * needed.vae_share:.0f} % of its arithmetic).

- **Training** is from the loaded base to the LoRA on the disk: pictures, latents, all steps, the \
file. Ours finds and crops the faces in it; the script is given the finished crops.
- **Cold** begins with the start of the process. The script's end, where it loads the base once \
more to show pictures, is not counted.
- **Of the FLOP bound**: what the UNet's arithmetic alone would take at {rate / 1e9:.0f} GFLOP/s, \
which is what a large bf16 product reaches here, by what a step took.
- **Final error**: mean squared error of the noise predicted with each LoRA over the same latents, \
noise and times, in fp32, both loaded by diffusers' own loader. Without a LoRA: {found[""]:.4f}.
- The script is unmodified, from the checkout named above. It wants torchvision, which the project \
may not have; its process alone sees {rival.TORCHVISION}, whose transforms are plain Python. Two \
operators of torchvision's compiled half that nothing here calls are declared for it, because its \
PyPI build does not load beside torch's CPU build.

{NO_GPU if device == "cpu" else ""}
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training")
    parser.add_argument(
        "--diffusers-examples", type=Path, required=True, help="a checkout of diffusers"
    )
    parser.add_argument("--device", default="cpu", help="cpu, or cuda for the full-size network")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--steps", type=int, help="instead of the case's own")
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    if not (chosen.diffusers_examples / rival.SCRIPT).is_file():
        parser.error(f"{chosen.diffusers_examples} holds no {rival.SCRIPT}")
    used: Case = case.CPU if chosen.device == "cpu" else case.GPU
    if chosen.steps:
        used = dataclasses.replace(used, steps=chosen.steps)
    needed, rate = work.count(used), work.speed(chosen.device)
    given = case.prepare(used, CACHE.resolve())
    with tempfile.TemporaryDirectory() as folder:
        racing = sides(given, chosen.diffusers_examples.resolve(), chosen.device)
        race(racing, chosen.rounds, Path(folder))
        files = {side.name: Path(folder, str(n), side.file) for n, side in enumerate(racing)}
        found = losses.errors(given, files, chosen.device)
    body = results(racing, found, needed, rate)
    pages.write(chosen.out, page(given, body, found, needed, rate, chosen.rounds, chosen.device))
    print(chosen.out.read_text("utf-8"))


if __name__ == "__main__":
    main()
