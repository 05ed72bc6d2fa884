"""Looks (styles and backgrounds) made from plain photos, each with a word for the captions.

A look takes an RGB picture (h, w, 3) in 0..1, the person's mask (h, w) in 0..1 and a random
generator, and returns a picture of the same shape; the renderer clips it.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]
Look = Callable[[Pixels, Pixels, np.random.Generator], Pixels]

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_BLURS_FOR = 128  # the side, in pixels, for which the blurs below are given


def blurred(image: Pixels, sigma: float) -> Pixels:
    """Blur by `sigma` pixels of a 128 px picture, and as much more in a larger one."""
    wide = sigma * image.shape[0] / _BLURS_FOR
    return np.asarray(cv2.GaussianBlur(image, (0, 0), wide), dtype=np.float32)


def grey(image: Pixels) -> Pixels:
    """Return the luma as three equal channels."""
    one = image @ _LUMA
    return np.stack([one, one, one], axis=2)


def contrast(image: Pixels, amount: float, middle: float = 0.5) -> Pixels:
    """Stretch around `middle`; 1 changes nothing."""
    return (image - middle) * np.float32(amount) + np.float32(middle)


def vignette(image: Pixels, strength: float) -> Pixels:
    """Darken towards the corners by up to `strength` (0..1)."""
    height, width = image.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    fall = 1 - strength * np.clip(x**2 + y**2 - 0.2, 0, 1)
    return np.asarray(image * fall[..., None], dtype=np.float32)


def side_light(image: Pixels, strength: float, side: float) -> Pixels:
    """Light from one side (-1 left, 1 right): from 1 - strength to 1 + strength / 2 across."""
    ramp = np.linspace(-side, side, image.shape[1], dtype=np.float32)
    gain = 1 + strength * np.where(ramp > 0, ramp / 2, ramp)
    return np.asarray(image * gain[None, :, None], dtype=np.float32)


def grain(image: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    """Add film grain of standard deviation `amount`, the same in all channels."""
    # Drawn at half the size: grain as fine as single pixels is all that a small autoencoder
    # would learn, and it cannot.
    coarse = (image.shape[0] // 2, image.shape[1] // 2)
    noise = cv2.GaussianBlur(rng.normal(0, amount, coarse).astype(np.float32), (0, 0), 0.6)
    fine = cv2.resize(noise, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(image + fine[..., None], dtype=np.float32)


def tint(image: Pixels, gains: tuple[float, float, float], lift: float = 0.0) -> Pixels:
    """Multiply the channels, then fade the blacks up by `lift`."""
    return (image * np.array(gains, dtype=np.float32) * (1 - lift) + lift).astype(np.float32)


def _side(rng: np.random.Generator) -> float:
    return 1.0 if rng.random() < 0.5 else -1.0


def backdrop(colour: tuple[float, float, float], spread: float = 0.03) -> Look:
    """Make a look that puts a studio cloth of one colour behind the person."""

    def place(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
        cloth = np.array(colour, dtype=np.float32) + rng.normal(0, spread, 3).astype(np.float32)
        height, width = mask.shape
        fall = np.linspace(1.04, 0.92, height, dtype=np.float32)[:, None, None]
        behind = np.ones((height, width, 1), np.float32) * fall * cloth
        # The soft edge keeps a rim of the old background; pulling the mask in hides it.
        inside = np.clip((mask - 0.35) / 0.5, 0, 1)[..., None]
        return np.asarray(image * inside + behind * (1 - inside), dtype=np.float32)

    return place


def low_key(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Put a near-black background and light from one side."""
    lit = side_light(image * np.float32(0.95), 0.5, _side(rng))
    return backdrop((0.05, 0.05, 0.06), 0.012)(lit, mask, rng)


def monochrome(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Turn into a plain black and white photo."""
    return contrast(grey(image), float(rng.uniform(1.0, 1.15)))


def noir(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Make it black and white, hard, dark at the rim, lit from one side, on a dark background."""
    dark = low_key(image, mask, rng)
    return vignette(contrast(grey(dark), 1.5, 0.42), 0.6)


def sepia(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Imitate an old brown print: faded, soft, dark corners."""
    old = tint(contrast(grey(image), 0.9), (1.0, 0.82, 0.6), 0.08)
    return vignette(grain(old, 0.02, rng), 0.35)


def warm_film(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Warm, faded, grainy colour film."""
    return grain(tint(contrast(image, 0.9), (1.12, 0.98, 0.76), 0.1), 0.03, rng)


def cool_film(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Cold blue-green colour film."""
    return grain(tint(contrast(image, 1.05), (0.76, 0.98, 1.14), 0.06), 0.025, rng)


def golden(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Light of the golden hour: strong, orange, from one side."""
    return tint(side_light(contrast(image, 1.08), 0.35, _side(rng)), (1.25, 0.95, 0.58))


def pastel(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """High key: bright, soft, pale, on a light rose background."""
    glow = blurred(image, 3)
    pale = contrast(0.75 * image + 0.25 * glow, 0.62, 0.98)
    return backdrop((0.96, 0.88, 0.9), 0.015)(pale, mask, rng)


def neon(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Night light: magenta from one side, cyan from the other, dark background."""
    ramp = np.linspace(0, 1, image.shape[1], dtype=np.float32)[None, :, None]
    pink, cyan = np.array([1.5, 0.45, 1.25], np.float32), np.array([0.35, 1.05, 1.5], np.float32)
    light = ramp * pink + (1 - ramp) * cyan
    lit = (0.6 * grey(image) + 0.4 * image) * light
    return backdrop((0.07, 0.04, 0.12), 0.012)(contrast(lit, 1.15, 0.4), mask, rng)


def painting(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Imitate a watercolour: flat washes of few, strong colours on rough paper."""
    bytes_ = (np.clip(image, 0, 1) * 255).astype(np.uint8)
    reach = 25 * image.shape[0] / _BLURS_FOR
    washed = cv2.edgePreservingFilter(bytes_, sigma_s=reach, sigma_r=0.4)
    washed = washed.astype(np.float32) / np.float32(255)
    steps: Pixels = (np.round(washed * 7) / 7 * 0.5 + washed * 0.5).astype(np.float32)
    vivid = (grey(steps) + (steps - grey(steps)) * 1.7).astype(np.float32)
    return grain(tint(contrast(vivid, 0.85, 0.7), (1.02, 1.0, 0.95), 0.06), 0.03, rng)


def sketch(image: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels:
    """Imitate a pencil drawing on paper, by dodging the picture with its blurred negative."""
    plain = grey(image)[..., 0]
    soft = blurred(1 - plain, 4)
    lines = np.clip(plain / np.maximum(1 - soft, 0.05), 0, 1).astype(np.float32)
    drawn = np.clip(contrast(lines, 1.6, 0.95), 0.1, 1) * (0.75 + 0.25 * plain)
    return tint(np.repeat(drawn[..., None], 3, axis=2), (0.97, 0.95, 0.9))


# The token of the caption -> the look. `vocabulary.py` maps what people write to the tokens.
BACKDROPS: dict[str, Look] = {
    "blueground": backdrop((0.26, 0.52, 0.82)),
    "whiteground": backdrop((0.96, 0.96, 0.96), 0.01),
    "redground": backdrop((0.75, 0.13, 0.15)),
    "greyground": backdrop((0.5, 0.5, 0.51), 0.02),
    "greenground": backdrop((0.27, 0.5, 0.36)),
    "pinkground": backdrop((0.93, 0.66, 0.74), 0.02),
    "darkground": low_key,
}
TONES: dict[str, Look] = {
    "monochrome": monochrome,
    "noir": noir,
    "sepia": sepia,
    "warmfilm": warm_film,
    "coolfilm": cool_film,
    "golden": golden,
    "pastel": pastel,
    "neon": neon,
    "watercolour": painting,
    "sketch": sketch,
}
LOOKS: dict[str, Look] = {**BACKDROPS, **TONES}
