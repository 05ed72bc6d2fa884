"""Clips by video bases: our path beside diffusers' own example call, and both beside the bound.

    python -m benchmarks.video --out docs/benchmarks/video.md        # tiny networks on the CPU
    python -m benchmarks.video --device cuda --steps 10              # full size, random, on a GPU
    python -m benchmarks.video --device cuda --bases /srv/bases      # the hub's weights, on a GPU

On a CPU the networks are the tests' tiny ones, random: what is compared there is what our path adds
around diffusers' pipeline (progress, frames as bytes), not a picture. The arithmetic of a forward
is that of the full-size network, counted on meta tensors at the recipe's own size.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import LTX2VideoTransformer3DModel
from PIL import Image

from benchmarks import full_video_bases, pages
from benchmarks.hardware import machine
from benchmarks.timing import race
from benchmarks.training.work import flops, speed
from pipeline.engine.messages import BaseMissing, DeviceMissing
from pipeline.models import video_recipe
from pipeline.models.memory import release_memory
from pipeline.models.video_recipe import VideoRecipe, VideoSampling
from pipeline.video import VideoPass
from pipeline.video.loading import LoadedVideoBase, open_video_base
from pipeline.video.ltx2 import PLAIN_GUIDANCE
from tests.pipeline import tiny_video_bases

TINY, TINY_STEPS = "tiny, random", 8
H100 = 800e12  # FLOP/s in dense bf16, as measured on an H100-class GPU
WORDS = "a woman turns her head and smiles"
ON_GPU = (
    "Parts lie where the recipe puts them (`memory.offload`), for both sides. **A whole pass** has "
    "the recipe's steps: ours, and the steps that were left out at the median of those measured."
)
ON_CPU = (
    "**No GPU was here**: what was measured on one stands below. The networks are the tests' "
    "tiny ones with random weights, 64 px: these times say what our path adds to diffusers' own "
    "call, and nothing about how long a clip takes."
)
COMPRESSION = {"wan22-ti2v-5b": (4, 16), "wan22-i2v-a14b": (4, 8), "ltx-2": (8, 32)}
"""Of the autoencoders: frames and pixels to a latent."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The arithmetic of one pass of the full-size network: FLOPs of a forward, and how many."""

    forward: float
    forwards: int

    @property
    def seconds(self) -> float:
        """At the speed of an H100-class GPU."""
        return self.forward * self.forwards / H100


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of a base: seconds of a pass by diffusers' call and by ours.

    whole   seconds of ours with all of the recipe's steps
    peak    GPU memory taken at once, bytes; 0 on a CPU
    """

    name: str
    cost: Cost
    what: str
    theirs: float
    ours: float
    bound: float
    whole: float
    peak: int


def cost(recipe: VideoRecipe) -> Cost:
    """At the recipe's size and with its longest pass."""
    sampling = recipe.sampling
    in_time, in_space = COMPRESSION[recipe.name]
    frames = (sampling.pass_frames - 1) // in_time + 1
    high, wide = sampling.height // in_space, sampling.width // in_space
    forwards = sampling.steps * (2 if sampling.guidance > 1 else 1)
    with torch.device("meta"):
        forward = (
            _ltx2(sampling, frames, high, wide)
            if recipe.family == "ltx2"
            else _wan(recipe.name, frames, high, wide)
        )
        return Cost(flops(forward), forwards)


def _wan(name: str, frames: int, high: int, wide: int) -> Callable[[], object]:
    *_, channels_in, channels_out = full_video_bases.WAN[name]
    network = full_video_bases.wan_transformer(name)
    latents = torch.empty(1, channels_in, frames, high, wide)
    each = channels_in == channels_out  # a time for each token, where the first frame has none
    times = torch.empty(1, frames * high * wide // 4) if each else torch.empty(1)
    words = torch.empty(1, 512, 4096)
    return lambda: network(hidden_states=latents, timestep=times, encoder_hidden_states=words)


def _ltx2(sampling: VideoSampling, frames: int, high: int, wide: int) -> Callable[[], object]:
    network = LTX2VideoTransformer3DModel()  # the defaults are its own
    tokens, heard = frames * high * wide, round(25 * sampling.pass_frames / sampling.fps)
    words = torch.empty(1, sampling.max_prompt_tokens, 3840)
    return lambda: network(
        hidden_states=torch.empty(1, tokens, 128),
        audio_hidden_states=torch.empty(1, heard, 128),
        encoder_hidden_states=words,
        audio_encoder_hidden_states=words,
        timestep=torch.empty(1, tokens),
        audio_timestep=torch.empty(1),
        num_frames=frames,
        height=high,
        width=wide,
        fps=float(sampling.fps),
        audio_num_frames=heard,
        video_coords=torch.empty(1, 3, tokens, 2),
        audio_coords=torch.empty(1, 1, heard, 2),
    )


def sides(
    loaded: LoadedVideoBase, frames: int, moments: list[float]
) -> dict[str, Callable[[], None]]:
    """Diffusers' example call and our pass, for the same clip; `moments` are the ends of the steps
    of our last pass."""
    recipe, pipe = loaded.recipe, loaded.base.pipe
    sampling = recipe.sampling
    size = sampling.width, sampling.height
    first = np.asarray(Image.linear_gradient("L").resize(size).convert("RGB"))
    more: dict[str, Any] = {}
    if recipe.family == "ltx2":
        more = PLAIN_GUIDANCE | {"frame_rate": float(sampling.fps), "image_crf": 0}

    def theirs() -> None:
        pipe(
            image=Image.fromarray(first),
            prompt=WORDS,
            negative_prompt=sampling.negative,
            width=size[0],
            height=size[1],
            num_frames=frames,
            num_inference_steps=sampling.steps,
            guidance_scale=sampling.guidance,
            max_sequence_length=sampling.max_prompt_tokens,
            generator=torch.Generator().manual_seed(1),
            **more,
        )

    def ours() -> None:
        moments.clear()
        conditioning = loaded.base.encode(WORDS)
        wanted = VideoPass(conditioning, first, frames, size, 1)
        loaded.base.generate(wanted, lambda _: moments.append(time.perf_counter()))

    return {"theirs": theirs, "ours": ours}


def measured(given: argparse.Namespace, bases: Path) -> Iterator[Row]:
    """One row a base; one whose weights are not there, or that does not fit, is left out."""
    rate = speed(given.device)
    for name in given.base or video_recipe.names():
        full = video_recipe.load(name, allow_noncommercial=True)
        try:
            loaded, what = opened(given, full, bases)
        except (BaseMissing, DeviceMissing) as error:
            print(f"{name}: left out: {error}")
            continue
        sampling, moments = loaded.recipe.sampling, list[float]()
        run = sides(loaded, sampling.pass_frames, moments)
        if given.device == "cpu":
            run["theirs"]()  # a network's first pass is slower
        else:
            torch.cuda.reset_peak_memory_stats()
        times = race(run, given.rounds)
        peak = 0 if given.device == "cpu" else torch.cuda.max_memory_allocated()
        need, ours = cost(full), times["ours"].median
        step = statistics.median(later - one for one, later in itertools.pairwise(moments))
        whole = ours + (full.sampling.steps - sampling.steps) * step
        done = need.forward * need.forwards * sampling.steps / full.sampling.steps
        bound = (_tiny_flops(loaded) if what == TINY else done) / rate
        yield Row(
            f"{name}, {sampling.steps} steps", need, what, times["theirs"].median, ours, bound,
            whole, peak,
        )  # fmt: skip
        del loaded, run
        release_memory()


def opened(
    given: argparse.Namespace, full: VideoRecipe, bases: Path
) -> tuple[LoadedVideoBase, str]:
    """A base as the arguments want it, and what it is: the hub's, or random of either size."""
    sampling = dataclasses.replace(full.sampling, steps=given.steps or full.sampling.steps)
    recipe = dataclasses.replace(full, sampling=sampling)
    if given.bases is not None:
        return open_video_base(recipe, bases, given.device), "the hub's weights"
    if given.device != "cpu" and not given.small:
        return full_video_bases.opened(recipe, given.device), "full size, random"
    tiny_video_bases.write_video_base(full.name, bases)
    tiny = tiny_video_bases.recipe(full.name, steps=given.steps or TINY_STEPS)
    return open_video_base(tiny, bases, given.device), TINY


def _tiny_flops(loaded: LoadedVideoBase) -> float:
    """Of a whole pass: tiny networks are counted as they run, autoencoder and all."""
    return flops(sides(loaded, loaded.recipe.sampling.pass_frames, [])["ours"])


def table(rows: list[Row]) -> str:
    head = (
        "base", "one forward, TFLOP", "forwards a pass", "bound of a pass on an H100, s",
        "measured with", "diffusers' call, s", "ours, s", "bound there, s",
    )  # fmt: skip
    lines = [
        (
            row.name, f"{row.cost.forward / 1e12:,.0f}", row.cost.forwards,
            f"{row.cost.seconds:.1f}", row.what, f"{row.theirs:.3f}", f"{row.ours:.3f}",
            f"{row.bound:.3f}",
        )
        for row in rows
    ]  # fmt: skip
    if any(row.peak for row in rows):
        head += ("a whole pass, s", "peak memory, GB")
        lines = [
            (*line, f"{row.whole:.1f}", f"{row.peak / 1e9:.1f}")
            for line, row in zip(lines, rows, strict=True)
        ]
    return pages.table(head, lines)


def page(given: argparse.Namespace, rows: list[Row]) -> str:
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    return f"""\
# Clips by video bases

`{pages.command("benchmarks.video")}`, {pages.today()}; {machine()}; OMP_NUM_THREADS={threads}.

{table(rows)}

- **One forward** is counted on meta tensors: the full-size transformer at its recipe's size and \
longest pass. **Forwards**: steps, twice with guidance. **Bound on an H100**: at 800 TFLOP/s, \
which a large product in bf16 reaches there; text encoder and autoencoder are not in it.
- **Diffusers' call** is the example of its documentation, prompt and all; **ours** is `encode` \
and `generate` of `pipeline/video`. Medians of {given.rounds} rounds, by turns. **Bound there**: \
the arithmetic of what was measured, at the speed of a large bf16 product on that machine.
- {ON_CPU if given.device == "cpu" else ON_GPU}
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video", description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bases", type=Path, help="folder of the hub's weights; none: random ones")
    parser.add_argument("--base", action="append", help="of these alone")
    parser.add_argument("--small", action="store_true", help="the CPU's networks on a GPU too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="of a pass, instead of the recipe's")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measured(given, given.bases or Path(folder)))
    text = page(given, rows)
    if given.out:
        pages.write(given.out, text)
    print(text)


if __name__ == "__main__":
    main()
