"""A grade: how a look is finished after painting, as numbers that a designer wrote."""

from dataclasses import dataclass

Gains = tuple[float, float, float]
"""Of red, green and blue, in linear light."""

Curve = tuple[tuple[float, float], ...]
"""Points (in, out) of a film's curve, both in stops around 18 % grey; in rises, out never falls."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What `pipeline/finishing` does to a painted picture, in linear light and in this order.

    side         stops between both cheeks: above 0 the light comes from the picture's left
    vignette     stops by which the corners are darker; the face is spared
    balance      the colour of the light
    skin         stops by which the skin's mean luminance changes, whatever its tone: the exposure
                 is chosen so; 0 keeps it. Without a face the exposure stays
    saturation   share of the colour that is left; 0: none, 1: all
    curve        the film's curve; empty: a straight line
    shadows, highlights   tones of the film, fading into each other around 18 % grey
    background   "#rrggbb" that the mean of all behind the person becomes; "": as painted
    grain        standard deviation in stops; 0: none
    grain_size   of the grains, in thousandths of the picture's shorter side
    """

    side: float
    vignette: float
    balance: Gains
    skin: float
    saturation: float
    curve: Curve
    shadows: Gains
    highlights: Gains
    background: str
    grain: float
    grain_size: float
