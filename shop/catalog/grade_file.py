"""``grades/{id}.toml``: how a look is finished, checked key by key (docs/templates.md)."""

import re
from itertools import pairwise
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shop.records.grades import Curve, Grade

LOWEST, HIGHEST = -14.0, 4.0  # stops around 18 % grey that a curve may speak of
WHITE: Final = 2.474  # stops from 18 % grey to paper white: nothing is brighter


def _rising(curve: Curve) -> Curve:
    if len(curve) < 3:
        raise ValueError("has fewer than 3 points")
    if any(later[0] <= earlier[0] for earlier, later in pairwise(curve)):
        raise ValueError("goes back: the first numbers of its points must rise")
    if any(later[1] < earlier[1] for earlier, later in pairwise(curve)):
        raise ValueError("falls: the second numbers of its points must not")
    if curve[-1][1] > WHITE:
        raise ValueError(f"ends above white, which is {WHITE:g} stops over 18 % grey")
    return curve


def colour_code(given: object) -> str:
    """A colour, "#rrggbb", in lower case. Raises ValueError for anything else."""
    if isinstance(given, str) and re.fullmatch("#[0-9a-f]{6}", given.lower()):
        return given.lower()
    raise ValueError('is no colour like "#438edb"')


_Gain = Annotated[float, Field(strict=True, ge=0.2, le=5.0)]
_Stop = Annotated[float, Field(strict=True, ge=LOWEST, le=HIGHEST)]
_Curve = Annotated[tuple[tuple[_Stop, _Stop], ...], AfterValidator(_rising)]


class GradeFile(BaseModel):
    """The keys of a grade; all but ``skin`` may be left out, and then change nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    skin: Annotated[float, Field(strict=True, ge=-2.0, le=0.5)]
    side: Annotated[float, Field(strict=True, ge=-3.0, le=3.0)] = 0.0
    vignette: Annotated[float, Field(strict=True, ge=0.0, le=4.0)] = 0.0
    balance: tuple[_Gain, _Gain, _Gain] = (1.0, 1.0, 1.0)
    saturation: Annotated[float, Field(strict=True, ge=0.0, le=1.5)] = 1.0
    curve: _Curve | None = None
    shadows: tuple[_Gain, _Gain, _Gain] = (1.0, 1.0, 1.0)
    highlights: tuple[_Gain, _Gain, _Gain] = (1.0, 1.0, 1.0)
    background: Annotated[str, AfterValidator(colour_code)] | None = None
    grain: Annotated[float, Field(strict=True, ge=0.0, le=0.5)] = 0.0
    grain_size: Annotated[float, Field(strict=True, ge=0.5, le=10.0)] | None = None

    @model_validator(mode="after")
    def _grain_has_a_size(self) -> "GradeFile":
        if (self.grain > 0) != (self.grain_size is not None):
            raise ValueError("grain and grain_size belong together")
        return self

    def grade(self) -> Grade:
        """The record that the workers finish by."""
        return Grade(
            side=self.side,
            vignette=self.vignette,
            balance=self.balance,
            skin=self.skin,
            saturation=self.saturation,
            curve=self.curve or (),
            shadows=self.shadows,
            highlights=self.highlights,
            background=self.background or "",
            grain=self.grain,
            grain_size=self.grain_size or 0.0,
        )
