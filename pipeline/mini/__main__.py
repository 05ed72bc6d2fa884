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
    parser.add_argument("--masks", type=Path, help="selfie_segmentation.tflite, for the data step")
    parser.add_argument("--work", type=Path, default=Path(".cache/mini"), help="checkpoints")
    parser.add_argument(
        "--before", type=Path, help="folder of the 128 px base to start from, if any"
    )
    parser.add_argument("--base", type=Path, default=Path("pipeline/bases/mini"))
    parser.add_argument("--sheet", type=Path, default=Path("docs/mini-base-sheet.jpg"))
    parser.add_argument("--steps", type=int, help="length of a training, instead of the usual")
    given = parser.parse_args(words)
    if given.step == "data" and (given.people is None or given.masks is None):
        parser.error("the data step needs --people and --masks")
    return given


def run(given: argparse.Namespace) -> None:
    """Run one step; torch is imported only by the step that needs it."""
    length = {} if given.steps is None else {"steps": given.steps}
    if given.step == "data":
        from pipeline.mini.dataset import DatasetSize, build_dataset

        build_dataset(given.people, given.work, given.masks, DatasetSize())
    elif given.step == "autoencoder":
        from pipeline.mini import autoencoder, data_parallel, predecessor

        data_parallel.init()
        teacher = predecessor.load_autoencoder(given.before) if given.before else None
        autoencoder.train_autoencoder(given.work, autoencoder.AutoencoderRun(**length), teacher)
    elif given.step == "sharpen":
        from pipeline.mini import sharpen

        sharpen.sharpen(given.work, sharpen.SharpenRun(**length))
    elif given.step == "denoiser":
        from pipeline.mini import data_parallel, denoiser, predecessor

        data_parallel.init()
        start = predecessor.load_weights(given.before) if given.before else None
        denoiser.train_denoiser(given.work, denoiser.DenoiserRun(**length), start)
    elif given.step == "assemble":
        from pipeline.mini.assemble import assemble, write

        write(assemble(given.work), given.base)
    else:
        from pipeline.mini.sheet import write_sheet

        write_sheet(given.base, given.sheet)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    run(read_arguments())
