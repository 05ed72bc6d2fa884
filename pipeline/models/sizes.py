"""The size that a base paints for a wished shape."""

from __future__ import annotations

import math


def nearest_size(
    aspect: float,
    area: float,
    multiple: int,
    min_aspect_ratio: float,
    most: float | None = None,
    largest: int | None = None,
) -> tuple[int, int]:
    """(width, height), multiples of `multiple`, nearest to `aspect` first, then to `area`.

    aspect    width / height; cut to `min_aspect_ratio` and its inverse
    most      largest area; None: `area`
    largest   longest side, as long as one cell is not longer
    """
    aspect = min(max(aspect, min_aspect_ratio), 1 / min_aspect_ratio)
    high = (area / aspect) ** 0.5 / multiple
    wide = high * aspect
    cells = [
        (w, h)
        for w in (max(1, int(wide)), int(wide) + 1)
        for h in (max(1, int(high)), int(high) + 1)
        if w * h * multiple**2 <= (area if most is None else most)
        and (largest is None or max(w, h) * multiple <= max(largest, multiple))
    ]
    w, h = min(
        cells or [(1, 1)],
        key=lambda c: (abs(math.log(c[0] / c[1] / aspect)), abs(c[0] * c[1] - wide * high)),
    )
    return w * multiple, h * multiple
