"""The video base that stays loaded between clips, and gives way to a picture base.

On a GPU that has no room for both, the video base waits in the computer's memory while portraits
are painted, also between two steps of a clip, and comes back for the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import structlog

from pipeline.engine.clip_messages import PaintedClip
from pipeline.engine.engine import ChildSettings
from pipeline.engine.messages import EngineError, EngineStage, OutOfMemory, Progress
from pipeline.engine.video import GenerateVideoRequest
from pipeline.models import video_recipe
from pipeline.models.memory import is_out_of_memory, release_memory
from pipeline.models.recipe import RECIPES
from pipeline.models.video_recipe import VideoRecipe

if TYPE_CHECKING:
    from pipeline.video.loading import LoadedVideoBase

log = structlog.get_logger()
Report = Callable[[int, Progress], None]


class WarmVideoBase:
    """Carries out requests for clips with the loaded base; loads another one when one names it."""

    def __init__(self, settings: ChildSettings, free_pictures: Callable[[], None]) -> None:
        """`free_pictures` takes the picture base off the device."""
        self._settings, self._free_pictures = settings, free_pictures
        self._loaded: LoadedVideoBase | None = None
        self._parked = False

    def generate(
        self,
        requests: Sequence[GenerateVideoRequest],
        report: Report,
        between_steps: Callable[[], None],
    ) -> list[PaintedClip | EngineError]:
        """One clip after the other, or their errors. `between_steps` may have portraits painted."""
        return [
            self._one(index, request, report, between_steps)
            for index, request in enumerate(requests)
        ]

    def load(self, name: str, loading: Callable[[Progress], None]) -> LoadedVideoBase:
        """The base called `name` on the device, loaded unless it is already; the loading is told.
        RecipeError, BaseMissing, DeviceMissing: it cannot be."""
        if self._loaded is None or self._loaded.recipe.name != name:
            from pipeline.video.loading import open_video_base

            recipe = self.recipe(name)
            loading(Progress(EngineStage.LOADING, 0, 1))
            self._loaded, self._parked = None, False
            release_memory()
            if not self._has_room_for_both(recipe):
                self._free_pictures()
            self._loaded = open_video_base(recipe, self._settings.bases, self._settings.device)
            loading(Progress(EngineStage.LOADING, 1, 1))
        self._come_back()
        return self._loaded

    def recipe(self, name: str) -> VideoRecipe:
        """The recipe of that name. RecipeError, LicenceRefused."""
        folder = (self._settings.recipes or RECIPES) / "video"
        return video_recipe.load(name, folder, self._settings.allow_noncommercial)

    def is_known(self, name: str) -> bool:
        """Whether there is a recipe of that name."""
        return name in video_recipe.names((self._settings.recipes or RECIPES) / "video")

    def make_room(self) -> None:
        """Leave the device to a picture base, if there is no room for both."""
        loaded = self._loaded
        if loaded is not None and not self._parked and not self._has_room_for_both(loaded.recipe):
            from pipeline.video.loading import park

            park(loaded)
            self._parked = True
            release_memory()

    def _has_room_for_both(self, recipe: VideoRecipe) -> bool:
        return self._settings.device == "cpu" or recipe.memory.beside_pictures

    def _come_back(self) -> None:
        if self._parked and self._loaded is not None:
            from pipeline.video.loading import place

            self._free_pictures()
            place(self._loaded.base.pipe, self._loaded.recipe, self._settings.device)
            self._parked = False

    def _one(
        self,
        index: int,
        request: GenerateVideoRequest,
        report: Report,
        between_steps: Callable[[], None],
    ) -> PaintedClip | EngineError:
        from pipeline.video.generate import generate

        def let_others_pass() -> None:
            between_steps()
            self._come_back()

        def tell(progress: Progress) -> None:
            report(index, progress)

        try:
            return generate(self.load(request.base, tell), request, tell, let_others_pass)
        except EngineError as error:
            return error
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        release_memory()  # outside of the handler: its traceback holds the tensors
        return OutOfMemory(f"one clip by {request.base}")
