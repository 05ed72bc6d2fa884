"""WeChat's clock: the wall's, which a test may move on."""

import time
from collections.abc import Callable
from datetime import timedelta


class Clock:
    """``clock()`` is WeChat's time in seconds since 1970: allowances, tokens, media and codes age
    by it. ``clock.wall()`` is what callbacks are stamped with, always the true time: a bot compares
    those stamps with its own clock, which no test of ours can move."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self.wall = wall
        self.shift = 0.0

    def __call__(self) -> float:
        return self.wall() + self.shift

    def forward(self, **amount: float) -> None:
        """Moves on by ``timedelta(**amount)``."""
        self.shift += timedelta(**amount).total_seconds()
