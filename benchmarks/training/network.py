"""What the benchmark must know of an architecture, to train it with both trainers."""

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
    learning_rate: float = 1e-3
    warmup: int = 3
    seed: int = 1


@dataclass(frozen=True, slots=True)
class ScriptVariant:
    """A way to start the script: its name in the table, and its flags."""

    name: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageText:
    """The words of the page that depend on the network.

    title       the network's own name
    heading     the page's first line
    denoiser    the name of the part that is trained; predicted: its output
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
    """One architecture, the script that trains it, and the settings that make our recipe like it.

    name             of our recipe, and on the command line
    page             where the table goes
    cpu, gpu         the divided network, and the one of full size
    targets          the modules that the script trains, written in its text
    train_settings   of our recipe's [train], beside the case's numbers
    script           below the checkout; loaded: what it prints once its base is in memory
    flags            of every variant, beside the case's numbers
    variants         the ways to start the script; its defaults come first
    write            saves it with random weights as a diffusers folder, unless it is there; they
                     are drawn on the device
    count            arithmetic of a step
    described        the case's network, for the page
    """

    name: str
    page: Path
    cpu: Case
    gpu: Case
    targets: tuple[str, ...]
    train_settings: Mapping[str, float]
    script: Path
    loaded: str
    flags: Callable[[Case], tuple[str, ...]]
    variants: tuple[ScriptVariant, ...]
    write: Callable[[Path, int, torch.dtype, str], Path]
    count: Callable[[Case], Work]
    described: Callable[[Case], str]
    words: PageText
