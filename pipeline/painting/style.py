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
import safetensors.torch
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from safetensors import SafetensorError

from pipeline.engine.messages import BadLora, EngineError, Reference, StyleLora
from pipeline.families import Base, InitialImage

ADAPTER = "style"
# What safetensors, diffusers and peft raise for a file that is no LoRA, or one of another base.
DOES_NOT_FIT = (SafetensorError, ValueError, KeyError, RuntimeError, AttributeError, TypeError)


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
    try:
        _load_style(base, style)
        yield
    finally:
        _unload_style(base.inference_denoiser)


def _load_style(base: Base, style: StyleLora) -> None:
    """Load all of it or refuse it: diffusers alone would warn and keep the layers that fit."""
    try:
        layers, alphas = _to_diffusers_layers(base, style.file)
        base.inference_denoiser.load_lora_adapter(
            layers, prefix=base.prefix, network_alphas=alphas, adapter_name=ADAPTER
        )
    except DOES_NOT_FIT as error:
        raise BadLora(f"the style's LoRA does not fit the base ({type(error).__name__})") from error
    expected = sum(key.endswith((".lora_A.weight", ".lora.down.weight")) for key in layers)
    found = sum(
        name.endswith(f".lora_A.{ADAPTER}") for name, _ in base.inference_denoiser.named_modules()
    )
    if found != expected or not found:
        raise BadLora(f"only {found} of the style's {expected} layers fit the base")
    base.inference_denoiser.set_adapters([ADAPTER], [style.weight])


def _to_diffusers_layers(base: Base, file: bytes) -> tuple[dict[str, Any], dict[str, float] | None]:
    """The denoiser's layers in diffusers' names, and their alphas.

    Layers for the text encoders are dropped: cached prompts were encoded without them.
    """
    tensors = safetensors.torch.load(file)
    pipe: Any = base.pipe  # type: ignore[attr-defined]  # every family is made of a diffusers one
    more: dict[str, Any] = (
        {"unet_config": base.inference_denoiser.config} if base.prefix == "unet" else {}
    )
    state = pipe.lora_state_dict(tensors, **more)
    state, alphas = state[:2] if isinstance(state, tuple) else (state, None)
    start = f"{base.prefix}."
    layers = {key: value for key, value in state.items() if key.startswith(start)}
    if not layers:
        raise BadLora(f"the style's LoRA is none for a {base.prefix}")
    if alphas is not None:
        alphas = {key: value for key, value in alphas.items() if key.startswith(start)} or None
    return layers, alphas


def _unload_style(painter: Any) -> None:
    if ADAPTER in getattr(painter, "peft_config", {}):
        painter.delete_adapters(ADAPTER)
    if not getattr(painter, "peft_config", {}):
        painter.unload_lora()
