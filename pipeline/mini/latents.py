"""Encode the dataset's pictures to the latents that the denoiser is trained on, once."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from pipeline.mini import data_parallel, dataset
from pipeline.mini.architecture import pack
from pipeline.mini.autoencoder import as_pixels, load_averaged
from pipeline.mini.dataset import SQUARE, Canvas

PARTS = 12  # files of a dataset's latents
HELD_OUT = PARTS  # the number of the file beside them that holds the held-out pictures
_AT_ONCE = 16
_Job = tuple[Path, Canvas, int, npt.NDArray[np.intp], str]


@dataclass(frozen=True, slots=True)
class Latents:
    """Pictures of one canvas, encoded: tokens (n, side * side, 128) of about unit size."""

    packed: torch.Tensor
    variants: Sequence[dataset.Variant]


@dataclass(frozen=True, slots=True)
class Scale:
    """What maps the autoencoder's latents to unit size: (latents - mean) / spread."""

    mean: float
    spread: float


def encode_dataset(
    work: Path,
    used: int = PARTS,
    canvas: Canvas = SQUARE,
    device: str = "cpu",
    processes: int = 1,
) -> Latents:
    """Encode the training pictures of a canvas; kept in its folder's latents/, part by part.

    Part n is every PARTS-th picture from the n-th: each shows all people, so that a training
    may begin on the first `used` parts while a slow machine has not made the others.

    Args:
        work: the folder with the datasets and the autoencoder's checkpoint.
        used: how many parts.
        canvas: whose dataset.
        device: where the encoder runs.
        processes: how many of them; more than one on a CPU alone.

    """
    variants = dataset.read_variants(work, canvas)
    wanted = {n: _part_of_trained(variants, n) for n in range(used)}
    learned = [variants[i] for indices in wanted.values() for i in indices]
    return _read(work, canvas, wanted, learned, device, processes)


def encode_held_out(work: Path, canvas: Canvas = SQUARE, device: str = "cpu") -> Latents:
    """Encode the pictures of a canvas that no training sees."""
    kept = [(i, v) for i, v in enumerate(dataset.read_variants(work, canvas)) if v.held_out]
    wanted = {HELD_OUT: np.array([i for i, _ in kept], dtype=np.intp)}
    return _read(work, canvas, wanted, [v for _, v in kept], device, 1)


def read_scale(work: Path, device: str = "cpu") -> Scale:
    """Return the scale of all latents, from the first part of the square canvas."""
    if not _part(work, SQUARE, 0).exists():
        _encode((work, SQUARE, 0, _part_of_trained(dataset.read_variants(work), 0), device))
    first = torch.load(_part(work, SQUARE, 0), weights_only=True).float()
    return Scale(first.mean().item(), first.std().item())


def _read(
    work: Path,
    canvas: Canvas,
    wanted: dict[int, npt.NDArray[np.intp]],
    variants: Sequence[dataset.Variant],
    device: str,
    processes: int,
) -> Latents:
    missing = [n for n in wanted if not _part(work, canvas, n).exists()]
    jobs: list[_Job] = [(work, canvas, n, wanted[n], device) for n in missing]
    if processes == 1:
        for job in jobs:
            _encode(job)
    else:
        # Spawned, not forked: a fork of a process that has used torch's threads can hang.
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            list(pool.map(_encode, jobs))
    scale = read_scale(work, device)
    parts = [torch.load(_part(work, canvas, n), weights_only=True) for n in wanted]
    packed = [((part.float() - scale.mean) / scale.spread).to(torch.bfloat16) for part in parts]
    return Latents(torch.cat(packed), variants)


def _part_of_trained(variants: Sequence[dataset.Variant], number: int) -> npt.NDArray[np.intp]:
    trained = [i for i, v in enumerate(variants) if not v.held_out]
    return np.array(trained[number::PARTS], dtype=np.intp)


def _part(work: Path, canvas: Canvas, number: int) -> Path:
    return canvas.place(work) / "latents" / f"{number:02}.pt"


@torch.no_grad()  # type: ignore[untyped-decorator]
def _encode(job: _Job) -> None:
    work, canvas, number, indices, device = job
    torch.set_num_threads(1)
    model, images = load_averaged(work).to(device), dataset.read_images(work, canvas)
    encoded = []
    for chunk in np.array_split(indices, max(1, len(indices) // _AT_ONCE)):
        data_parallel.wait_while_paused()
        with torch.autocast(device, torch.bfloat16):
            latents = model.encoder(as_pixels(images[chunk], device))
        encoded.append(pack(latents.float()).half().cpu())
    target = _part(work, canvas, number)
    target.parent.mkdir(exist_ok=True)
    fresh = target.with_suffix(".new")
    torch.save(torch.cat(encoded), fresh)
    os.replace(fresh, target)
