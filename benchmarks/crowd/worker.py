"""A worker process as ``python -m pipeline.worker``, whose engine keeps time instead of painting.

A job takes as long as ``benchmarks/day`` assumes, divided by ``CROWD_SPEED``.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks.day.trace import Durations
from pipeline.engine.engine import (
    AnimateRequest,
    EngineError,
    EngineStage,
    GenerateVideoRequest,
    InspectionResult,
    PaintedClip,
    PaintedImage,
    PaintRequest,
    Progress,
    Report,
    TrainedLora,
    TrainRequest,
)
from pipeline.worker import app
from shop.settings import Settings
from tests.doubles import QuickEngine

DURATIONS: Final = Durations(training=90.0, shoot=8.0, step=0.3, load=0.2)
DAY_IN_TEN_MINUTES: Final = 144.0


class PacedEngine(QuickEngine):
    """Answers as a :class:`QuickEngine` does, one GPU job at a time, each after its time. Keeps
    nothing of what it was asked."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed
        self._gpu = asyncio.Lock()

    async def train(
        self, orders: Sequence[TrainRequest], report: Report
    ) -> tuple[TrainedLora | EngineError, ...]:
        await self._work(
            DURATIONS.training * len(orders), EngineStage.TRAINING, report, len(orders)
        )
        return await super().train(orders, report)

    async def paint(
        self, orders: Sequence[PaintRequest], report: Report
    ) -> tuple[tuple[PaintedImage, ...] | EngineError, ...]:
        await self._work(DURATIONS.shoot * len(orders), EngineStage.PAINTING, report, len(orders))
        return await super().paint(orders, report)

    async def animate(
        self, orders: Sequence[AnimateRequest], report: Report
    ) -> tuple[PaintedClip | EngineError, ...]:
        await self._work(DURATIONS.film * len(orders), EngineStage.ANIMATING, report, len(orders))
        return await super().animate(orders, report)

    async def generate_video(
        self, orders: Sequence[GenerateVideoRequest], report: Report
    ) -> tuple[PaintedClip | EngineError, ...]:
        await self._work(DURATIONS.video * len(orders), EngineStage.ANIMATING, report, len(orders))
        return await super().generate_video(orders, report)

    async def inspect(self, photo: bytes) -> InspectionResult:
        result = await super().inspect(photo)
        del self.inspected[: len(self.inspected) // 3 * 3]  # by their number views take turns
        return result

    async def _stumble(self) -> None:
        await super()._stumble()
        for kept in (
            self.together, self.compared, self.trained, self.painted, self.prepared, self.joined,
            self.animated, self.generated,
        ):  # fmt: skip
            kept.clear()

    async def _work(self, seconds: float, stage: EngineStage, report: Report, orders: int) -> None:
        """In ten steps, each of which tells what is left; others pass between them."""
        part = seconds / self._speed / 10
        for step in range(1, 11):
            async with self._gpu:
                await asyncio.sleep(part)
            for number in range(orders):
                await report(number, Progress(stage, step, 10, None, part * (10 - step)))


def paced(_: Settings) -> PacedEngine:
    return PacedEngine(float(os.environ.get("CROWD_SPEED", DAY_IN_TEN_MINUTES)))


if __name__ == "__main__":
    app.engine_of = paced  # type: ignore[assignment]
    sys.exit(app.main())
