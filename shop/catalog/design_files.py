"""The files in ``designs/``: style LoRAs, reference pictures, masks. Each function raises
:class:`ValueError` with what is wrong, in words that follow the name of the template's key.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

Size = tuple[int, int]
"""Width and height in pixels."""

FORMATS: Final = ("JPEG", "PNG", "WEBP")
PICTURES: Final = (".jpg", ".png", ".webp")
LORAS: Final = (".safetensors",)
SMALLEST: Final = 256  # pixels of a reference's side: less would be a blur
ASKEW: Final = 0.02  # shapes may differ by this share: a reference is not cropped unseen
HEADER: Final = 100_000_000  # bytes; the format's own limit


def design_file(folder: Path, name: object, suffixes: tuple[str, ...]) -> Path:
    """The file of that name in the catalogue's ``designs/``."""
    right = isinstance(name, str) and re.fullmatch(r"[a-z0-9][a-z0-9-]*\.[a-z]+", name)
    if not right or Path(str(name)).suffix not in suffixes:
        raise ValueError(f"is no file name (a-z, 0-9, -) that ends in {' or '.join(suffixes)}")
    path = folder / "designs" / str(name)
    if not path.is_file():
        raise ValueError(f"designs/{name} is missing")
    return path


def check_lora(path: Path) -> None:
    """Demand that its header can be read, names LoRA weights, and the file is as long as it says: a
    half download, or the pointer that Git LFS leaves, is found now and not by a customer."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length <= HEADER else {}
        header.pop("__metadata__", None)
        end = max(entry["data_offsets"][1] for entry in header.values())
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        header, length, end = {}, 0, 0
    named = any("lora" in name.lower() for name in header)
    if not named or path.stat().st_size != 8 + length + end:
        raise ValueError(f"{path.name} is no whole LoRA in a safetensors file")


def picture_size(path: Path) -> Size:
    """The size of a picture that can be decoded, as it is meant to be looked at."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            return ImageOps.exif_transpose(picture).size
    except (OSError, ValueError, Image.DecompressionBombError):
        raise ValueError(f"{path.name} is no picture") from None


def check_reference(path: Path, fields: Mapping[str, int]) -> None:
    """``fields`` has the template's ``width`` and ``height``, unless they are wrong themselves."""
    size = picture_size(path)
    if min(size) < SMALLEST:
        raise ValueError(f"is smaller than {SMALLEST} pixels")
    if "width" in fields and "height" in fields:
        stretched = size[0] * fields["height"] / (size[1] * fields["width"])
        if abs(stretched - 1) > ASKEW:
            raise ValueError("is not of the shape of width and height")


def check_mask(path: Path, reference: Path | None) -> None:
    """``reference`` is the picture that it belongs to; None if that one is wrong itself."""
    size = picture_size(path)
    with Image.open(path, formats=FORMATS) as picture:
        _, whitest = picture.convert("L").getextrema()
    if int(whitest) <= 127:  # type: ignore[arg-type]
        raise ValueError("has nothing white: nothing would be painted")
    if reference is not None and size != picture_size(reference):
        raise ValueError("is not of the reference's size")
