"""The part of a recipe about the base: its licence, its classes, and where its weights lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, PlainValidator, TypeAdapter

from pipeline.models.recipe_toml import Problem, problem, rules


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file of a base, by its path below the base's folder, and its sha256 in hex."""

    file: str
    sha256: str


def _sha256(digest: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise problem("not a sha256")
    return digest


_HASHES = TypeAdapter(
    dict[str, Annotated[str, AfterValidator(_sha256)]], config=ConfigDict(strict=True)
)


def _pins(table: object) -> tuple[Pinned, ...]:
    hashes = _HASHES.validate_python(table)
    return tuple(Pinned(file, digest) for file, digest in sorted(hashes.items()))


PinTable = Annotated[tuple[Pinned, ...], PlainValidator(_pins)]
"""In TOML a table of file names and hashes; in the record sorted by file name."""


def _place_problems(place: Weights | Painter) -> Iterator[Problem]:
    if place.hub and not re.fullmatch("[0-9a-f]{40}", place.revision):
        yield "revision", "a hub id needs a full commit hash"
    if not place.folder or Path(place.folder).is_absolute() or ".." in place.folder:
        yield "folder", "must be a folder below EIDER_BASES"


def _weights_problems(weights: Weights) -> Iterator[Problem]:
    yield from _place_problems(weights)
    if len(weights.classes.text_encoders) not in (1, 2):
        yield "classes.text_encoders", "must be one or two"


def empty_as_none(value: object) -> object:
    """For `BeforeValidator`: an empty string stands for what is not there."""
    return None if value == "" else value  # TOML has no null


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of the base; commercial: whether it allows commercial use."""

    name: str
    url: str
    commercial: bool


@dataclass(frozen=True, slots=True)
class Classes:
    """Names of the diffusers and transformers classes that a base's model_index.json must name."""

    pipeline: str
    denoiser: str
    autoencoder: str
    text_encoders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Painter:
    """Where the distilled model lies that paints with LoRAs of the undistilled one.

    Only its denoiser and its scheduler are loaded; the rest is the base's own.
    """

    folder: str
    hub: str
    revision: str
    sha256: PinTable


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the base lies: `folder` below EIDER_BASES or below pipeline/bases, else the hub.

    painter     "" (the base paints itself) or a table
    sha256      a table "file" = "hash", checked at load; {} checks nothing; `weights pin` prints it
    sealed      the folder must hold a manifest.json with the sha256 of every file
    variant     file variant on the hub, e.g. "fp16"; "" for none
    """

    folder: str
    hub: str
    revision: str
    variant: str
    classes: Classes
    painter: Annotated[
        Annotated[Painter, rules(_place_problems)] | None, BeforeValidator(empty_as_none)
    ]
    sha256: PinTable
    sealed: bool
    dtype: Literal["float32", "bfloat16", "float16"]


CheckedWeights = Annotated[Weights, rules(_weights_problems)]
