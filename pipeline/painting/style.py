"""What a template brings: a reference picture for image-to-image, and a style LoRA.

A style LoRA goes beside the customers' ones through diffusers' own loader, which reads kohya's
files too. It is loaded for a batch and unloaded after it, so that the base is bare in between.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.engine.messages import EngineError, Reference, StyleLora
from pipeline.families import Base, InitialImage
from pipeline.lora import adapters

ADAPTER = "style"


def initial_image(reference: Reference, size: tuple[int, int]) -> InitialImage:
    """A reference picture, cropped and scaled to `size` = (width, height).

    The mask is cropped alike; where it is grey, old and new are blended.
    EngineError: unreadable, or its strength is not in 0..1.
    """
    if not 0 <= reference.strength <= 1:
        raise EngineError("the reference's strength is not in 0..1")
    pixels = np.asarray(_decode_and_fit(reference.image, "RGB", size), dtype=np.uint8)
    mask: NDArray[np.uint8] | None = None
    if reference.mask is not None:
        mask = np.asarray(_decode_and_fit(reference.mask, "L", size), dtype=np.uint8)
    return InitialImage(pixels, mask, reference.strength)


def parse_colour(code: str) -> NDArray[np.float32]:
    """RGB, float32 of 0..255, of a code like "#438edb". EngineError: it is none."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", code):
        raise EngineError(f"not a colour: {code!r}")
    return np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.float32)


def _decode_and_fit(image: bytes, mode: str, size: tuple[int, int]) -> Image.Image:
    try:
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(image))).convert(mode)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise EngineError("the reference is no picture") from error
    return ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


@contextlib.contextmanager
def activate(base: Base, style: StyleLora | None) -> Iterator[None]:
    """Paint in this style, or in none. BadLora: the file does not fit; the base is left bare."""
    if style is None or style.weight == 0:
        yield
        return
    denoiser: Any = base.inference_denoiser
    pipe: Any = base.pipe  # type: ignore[attr-defined]  # every family is made of a diffusers one
    try:
        adapters.load(pipe, denoiser, base.prefix, style.file, ADAPTER)
        adapters.set_weights(denoiser, {ADAPTER: style.weight})
        yield
    finally:
        adapters.remove(denoiser, ADAPTER)
