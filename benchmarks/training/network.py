"""What the benchmark must know of an architecture, to have both trainers learn on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks.training.work import Work


@dataclass(frozen=True, slots=True)
class Case:
    """divisor: of the network's widths. resolution in pixels. steps of `batch` pictures each."""

    divisor: int
    resolution: int
    batch: int
    steps: int
    rank: int = 16
    rate: float = 1e-3
    warmup: int = 3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Way:
    """A way to start the script: what the table calls it, and its flags."""

    name: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says of a network.

    title       the network's own name
    heading     the page's first line
    denoiser    what the network calls the part that learns; predicted: what that part foretells
    encoding    when the script encodes its pictures
    end         what the script does after its LoRA is saved
    notes       further lines of the list below the table, each with its "- " and line's end
    """

    title: str
    heading: str
    denoiser: str
    predicted: str
    encoding: str
    end: str
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """One architecture, the script that trains it, and what makes our recipe alike.

    name        of our recipe, and on the command line
    page        where the table goes
    cpu, gpu    the divided network, and the one of full size
    targets     the modules that the script trains, written in its text
    learning    what our recipe's [train] says beside the case's numbers
    script      below the checkout; loaded: what it prints once its base is in memory
    flags       of every way to start it, beside the case's numbers; ways: its defaults come first
    write       saves the network with random weights as a diffusers folder, unless it lies there
    count       arithmetic of a step
    described   the case's network, for the page
    """

    name: str
    page: Path
    cpu: Case
    gpu: Case
    targets: tuple[str, ...]
    learning: Mapping[str, float]
    script: Path
    loaded: str
    flags: Callable[[Case], tuple[str, ...]]
    ways: tuple[Way, ...]
    write: Callable[[Path, int, torch.dtype], Path]
    count: Callable[[Case], Work]
    described: Callable[[Case], str]
    words: Words
