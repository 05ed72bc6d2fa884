"""By what each look that is sold is told apart from a plain portrait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.looks.measures import Tones


@dataclass(frozen=True, slots=True)
class Signature:
    """A number of a picture, and where it must be: at most or at least `bar`; with `beside`, of
    the difference to the mean of the same person's plain portraits."""

    what: str
    number: Callable[[Tones], float]
    bar: float
    least: bool
    beside: bool = False

    def holds(self, look: Sequence[Tones], plain: Sequence[Tones]) -> bool:
        """Whether every picture is beyond the bar, and beyond every plain portrait."""
        ours, theirs = self.numbers(look), self.numbers(plain)
        from_ = float(np.mean(theirs)) if self.beside else 0.0
        sign = 1 if self.least else -1
        over = [sign * (one - from_ - self.bar) for one in ours]
        apart = min(sign * one for one in ours) > max(sign * one for one in theirs)
        return bool(ours) and min(over) >= 0 and apart

    def numbers(self, tones: Sequence[Tones]) -> list[float]:
        return [self.number(one) for one in tones]

    @property
    def asked(self) -> str:
        """The bar in words."""
        if self.beside:
            return f"at least {abs(self.bar):g} {'more' if self.least else 'less'} than plain"
        return f"{'at least' if self.least else 'at most'} {self.bar:g}"


def _from_colour(code: str) -> Callable[[Tones], float]:
    """CIE76's difference of the background from a colour."""
    rgb = np.array([[[int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]]], dtype=np.float32)
    wanted = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0]
    return lambda tones: float(np.linalg.norm(np.array(tones.behind) - wanted))


SIGNATURES = {
    "black-and-white": Signature("saturation", lambda t: t.saturation, 0.02, False),
    "noir": Signature("share of black", lambda t: t.dark * (t.saturation < 0.02), 0.25, True),
    "old-photo": Signature("spread of hues, degrees", lambda t: t.hues, 8.0, False),
    "warm-film": Signature("warmth, stops", lambda t: t.warmth, 0.4, True, beside=True),
    "cool-film": Signature("warmth, stops", lambda t: t.warmth, -0.3, False, beside=True),
    "golden-hour": Signature("warmth, stops", lambda t: t.warmth, 0.8, True, beside=True),
    "pastel": Signature("background's L*", lambda t: t.behind[0], 85.0, True),
    "low-key": Signature("background's L*", lambda t: t.behind[0], 10.0, False),
    "id-blue": Signature("background from #438edb, dE", _from_colour("#438edb"), 4.0, False),
    "id-white": Signature("background from #ffffff, dE", _from_colour("#ffffff"), 4.0, False),
    "id-red": Signature("background from #ff0000, dE", _from_colour("#ff0000"), 4.0, False),
}
PLAIN = "studio"
SHOTS = "session"
"""Plain as well: its portraits differ from each other, which `benchmarks.framings` measures."""
