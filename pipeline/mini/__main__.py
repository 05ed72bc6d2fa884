"""`python -m pipeline.mini STEP`: make the embedded base, step by step; trainings resume."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

STEPS = ("data", "autoencoder", "sharpen", "denoiser", "assemble", "sheet")


def read_arguments(words: list[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.mini", description=__doc__)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--people", type=Path, help="folder with portraits-cc0/ and openpeople/")
    parser.add_argument("--work", type=Path, default=Path(".cache/mini"), help="checkpoints")
    parser.add_argument("--before", type=Path, help="folder of a base to go on from, if any")
    parser.add_argument("--base", type=Path, default=Path("pipeline/bases/mini"))
    parser.add_argument("--sheet", type=Path, default=Path("docs/mini-base-sheet.jpg"))
    parser.add_argument("--steps", type=int, help="length of a training, instead of the usual")
    parser.add_argument("--save-every", type=int, help="steps from checkpoint to checkpoint")
    parser.add_argument("--batch", type=int, help="pictures a step, instead of the usual")
    parser.add_argument("--device", default="cpu", help="where trainings run: cpu or cuda")
    parser.add_argument(
        "--processes", type=int, default=2, help="that draw pictures, and captions for a GPU"
    )
    parser.add_argument(
        "--more", type=float, default=1, help="times as many variants of each photo"
    )
    given = parser.parse_args(words)
    if given.step == "data" and given.people is None:
        parser.error("the data step needs --people")
    return given


def run(given: argparse.Namespace) -> None:
    """Run one step; torch is imported only by the step that needs it."""
    chosen = {"steps": given.steps, "batch": given.batch, "save_every": given.save_every}
    length = {name: value for name, value in chosen.items() if value is not None}
    if given.step == "data":
        from pipeline.mini.dataset import CANVASES, DatasetSize, build_dataset

        size = DatasetSize().times(given.more)
        for canvas in CANVASES:
            build_dataset(given.people, given.work, size, canvas, given.processes)
    elif given.step == "autoencoder":
        from pipeline.mini import autoencoder, data_parallel, predecessor

        data_parallel.init()
        teacher = predecessor.load_autoencoder(given.before) if given.before else None
        autoencoder.train_autoencoder(given.work, autoencoder.AutoencoderRun(**length), teacher)
    elif given.step == "sharpen":
        from pipeline.mini import predecessor, sharpen

        if given.before:
            predecessor.keep_autoencoder(given.before, given.work)
        sharpen.sharpen(given.work, sharpen.SharpenRun(**length, device=given.device))
    elif given.step == "denoiser":
        from pipeline.mini import data_parallel, denoiser, predecessor
        from pipeline.mini.denoiser_run import DenoiserRun

        data_parallel.init()
        start = None
        if given.before:
            predecessor.keep_autoencoder(given.before, given.work)
            start = predecessor.load_weights(given.before)
        loaders = 0 if given.device == "cpu" else given.processes
        run = DenoiserRun(**length, device=given.device, loaders=loaders)
        denoiser.train_denoiser(given.work, run, start)
    elif given.step == "assemble":
        from pipeline.mini.assemble import assemble, write

        write(assemble(given.work), given.base)
    else:
        from pipeline.mini.sheet import write_sheet

        write_sheet(given.base, given.sheet)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    run(read_arguments())
