"""Contact sheets: what the base paints for each word of its vocabulary, to judge by eye."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import FluxPipeline
from PIL import Image, ImageDraw

from pipeline.mini.dataset import PIXELS
from pipeline.mini.looks import LOOKS
from pipeline.mini.vocabulary import MAX_TOKENS

Row = tuple[str, list[Image.Image]]
_LABEL = 14  # pixels under each row of portraits
SUBJECTS = ("young woman", "man smile", "old woman", "middleaged man")


def paint(
    pipe: FluxPipeline, prompts: Sequence[str], seed: int, steps: int = 20, guidance: float = 2.5
) -> list[Image.Image]:
    """Paint one 256 px portrait for each prompt, all from the same seed."""
    generators = [torch.Generator().manual_seed(seed + i) for i in range(len(prompts))]
    pipe.set_progress_bar_config(disable=True)
    painted: list[Image.Image] = pipe(
        list(prompts),
        negative_prompt=[""] * len(prompts),
        true_cfg_scale=guidance,
        num_inference_steps=steps,
        height=PIXELS,
        width=PIXELS,
        max_sequence_length=MAX_TOKENS,
        generator=generators,
    ).images
    return painted


def rows(pipe: FluxPipeline, subjects: Sequence[str] = SUBJECTS) -> list[Row]:
    """Paint each subject plainly, close up, and then in every look."""
    looks = ["", "closeup", *LOOKS]
    return [(look or "plain", paint(pipe, [f"{s} {look}" for s in subjects], 1)) for look in looks]


def lay_out(painted: Sequence[tuple[str, Sequence[Image.Image]]]) -> Image.Image:
    """Return one picture with a labelled row for every entry."""
    side = painted[0][1][0].width
    columns = max(len(images) for _, images in painted)
    sheet = Image.new("RGB", (columns * side, len(painted) * (side + _LABEL)), "white")
    for number, (label, images) in enumerate(painted):
        top = number * (side + _LABEL)
        for column, image in enumerate(images):
            sheet.paste(image, (column * side, top))
        ImageDraw.Draw(sheet).text((3, top + side + 1), label, fill="black")
    return sheet


def write_sheet(folder: Path, target: Path) -> None:
    """Paint the sheet of the base in `folder` to `target`."""
    pipe = FluxPipeline.from_pretrained(folder, local_files_only=True)
    lay_out(rows(pipe)).save(target)
