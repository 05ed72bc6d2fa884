"""What a designer may add to a template beyond words, read and checked at the start.

The files lie in ``designs/``, beside ``templates/``, and are named without a folder. Nothing here
is defaulted quietly: a key without the one that it belongs to is a mistake.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps

from shop.catalog.goods import RETOUCHES

KEYS: Final = frozenset(
    {
        "bases", "style_lora", "style_weight", "reference", "mask", "strength", "retouch",
        "background",
    }
)  # fmt: skip
"""All of them may be left out."""

FORMATS: Final = ("JPEG", "PNG", "WEBP")
SMALLEST: Final = 256  # pixels of a reference's side: less would be a blur
ASKEW: Final = 0.02  # shapes may differ by this share: a reference is not cropped unseen
HEAVIEST: Final = 2.0  # of a style LoRA
HEADER: Final = 100_000_000  # bytes; the format's own limit

Table = Mapping[str, Any]
Unless = Callable[[bool, str], None]
"""Notes a mistake of this template, unless the first argument holds."""


@dataclass(frozen=True, slots=True)
class Design:
    """Those fields of a :class:`shop.catalog.goods.Template`."""

    bases: tuple[str, ...]
    style_lora: Path | None
    style_weight: float
    reference: Path | None
    mask: Path | None
    strength: float
    retouch: tuple[str, ...]
    background: str


def design(table: Table, folder: Path, known: Collection[str], unless: Unless) -> Design:
    """``folder`` is the catalogue's, ``known`` the base models that there are."""
    bases = _listed(table, "bases", known, unless)
    retouch = _listed(table, "retouch", RETOUCHES, unless)
    shape = (table.get("width"), table.get("height"))
    lora, weight = _style(table, folder, unless)
    unless(lora is None or bool(bases), "a style_lora fits few bases: name them in bases")
    reference, mask, strength = _reference(table, folder, shape, unless)
    background = _background(table, retouch, unless)
    return Design(bases, lora, weight, reference, mask, strength, retouch, background)


def _listed(table: Table, key: str, known: Collection[str], unless: Unless) -> tuple[str, ...]:
    words = table.get(key, [])
    right = (
        isinstance(words, list)
        and all(isinstance(word, str) and word in known for word in words)
        and len(set(words)) == len(words)
        and (bool(words) or key not in table)
    )
    unless(right, f"{key} is no list of different words out of {', '.join(sorted(known))}")
    return tuple(words) if right else ()


def _style(table: Table, folder: Path, unless: Unless) -> tuple[Path | None, float]:
    if "style_lora" not in table:
        unless("style_weight" not in table, "style_weight without style_lora")
        return None, 0.0
    weight = _number(table.get("style_weight"), HEAVIEST)
    unless(weight > 0, f"style_weight is no number above 0, up to {HEAVIEST:g}")
    path = _file(table, "style_lora", folder, (".safetensors",), unless)
    if path is not None:
        unless(_is_lora(path), f"{path.name} is no whole LoRA in a safetensors file")
    return path, weight


def _reference(
    table: Table, folder: Path, shape: tuple[Any, Any], unless: Unless
) -> tuple[Path | None, Path | None, float]:
    if "reference" not in table:
        for key in ("mask", "strength"):
            unless(key not in table, f"{key} without reference")
        return None, None, 0.0
    strength = _number(table.get("strength"), 1.0)
    unless(strength > 0, "strength is no number above 0, up to 1")
    suffixes = (".jpg", ".png", ".webp")
    path = _file(table, "reference", folder, suffixes, unless)
    size = _size(path, unless) if path else None
    if size:
        unless(min(size) >= SMALLEST, f"the reference is smaller than {SMALLEST} pixels")
        unless(_alike(size, shape), "the reference is not of the shape of width and height")
    mask = _file(table, "mask", folder, suffixes, unless) if "mask" in table else None
    if mask and _size(mask, unless):
        unless(_whitest(mask) > 127, "the mask has nothing white: nothing would be painted")
        unless(size in (None, _size(mask, unless)), "the mask is not of the reference's size")
    return path, mask, strength


def _background(table: Table, retouch: tuple[str, ...], unless: Unless) -> str:
    colour = table.get("background", "")
    if "background" in retouch:
        right = isinstance(colour, str) and re.fullmatch(r"#[0-9a-f]{6}", colour.lower())
        unless(bool(right), 'background is no colour like "#438edb"')
        return colour.lower() if right else ""
    unless("background" not in table, 'background without "background" in retouch')
    return ""


def _file(
    table: Table, key: str, folder: Path, suffixes: tuple[str, ...], unless: Unless
) -> Path | None:
    name = table[key]
    right = isinstance(name, str) and re.fullmatch(r"[a-z0-9][a-z0-9-]*\.[a-z]+", name)
    if not right or Path(name).suffix not in suffixes:
        unless(False, f"{key} is no file name (a-z, 0-9, -) that ends in {' or '.join(suffixes)}")
        return None
    path = folder / "designs" / name
    unless(path.is_file(), f"designs/{name} is missing")
    return path if path.is_file() else None


def _is_lora(path: Path) -> bool:
    """Whether its header can be read, names LoRA weights, and the file is as long as it says: a
    half download, or the pointer that Git LFS leaves, is found now and not by a customer."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length <= HEADER else {}
        header.pop("__metadata__", None)
        end = max(entry["data_offsets"][1] for entry in header.values())
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        return False
    named = any("lora" in name.lower() for name in header)
    return named and path.stat().st_size == 8 + length + end


def _size(path: Path, unless: Unless) -> tuple[int, int] | None:
    """Width and height of a picture that can be decoded, as it is meant to be looked at."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            return ImageOps.exif_transpose(picture).size
    except (OSError, ValueError, Image.DecompressionBombError):
        unless(False, f"{path.name} is no picture")
        return None


def _whitest(mask: Path) -> int:
    with Image.open(mask, formats=FORMATS) as picture:
        return int(picture.convert("L").getextrema()[1])  # type: ignore[arg-type]


def _alike(size: tuple[int, int], shape: tuple[Any, Any]) -> bool:
    width, height = shape
    if not (type(width) is int and type(height) is int and width > 0 < height):
        return True  # which is a mistake of its own
    return bool(abs(size[0] * height / (size[1] * width) - 1) <= ASKEW)


def _number(value: object, most: float) -> float:
    """The number if it is one in 0..most, else 0."""
    right = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= most
    return float(value) if right else 0.0  # type: ignore[arg-type]
