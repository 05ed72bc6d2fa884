"""What a worker's settings must keep beside those of every process: bases that are there, whole and
allowed.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Final

from pipeline.engine.engine import LicenceRefused, RecipeError
from pipeline.models import recipe, video_recipe
from shop.settings import Settings

TAKEN_ALL_THE_SAME: Final = "EIDER_ALLOW_NONCOMMERCIAL=yes takes it all the same"


def _unusable_base(settings: Settings) -> Iterator[str]:
    yield from _unusable("EIDER_BASE", settings.base, recipe, settings)


def _unusable_video_base(settings: Settings) -> Iterator[str]:
    """Where one is sold."""
    if settings.video_base:
        yield from _unusable("EIDER_VIDEO_BASE", settings.video_base, video_recipe, settings)


def _unusable(setting: str, name: str, recipes: ModuleType, settings: Settings) -> Iterator[str]:
    """The recipe must be there and whole, and its licence be allowed."""
    if name not in recipes.names():
        yield f"{setting}: must be one of: {', '.join(recipes.names())}"
        return
    try:
        recipes.load(name, allow_noncommercial=settings.allow_noncommercial)
    except LicenceRefused as refusal:
        yield f"{setting}: {refusal}; {TAKEN_ALL_THE_SAME}"
    except RecipeError as error:
        yield f"{setting}: {error}"


def _wrong_studio_bases(settings: Settings) -> Iterator[str]:
    """Whatever a worker is kept to must exist, and hold the base that it tests itself with."""
    known = {*recipe.names(), *video_recipe.names()}
    if not settings.studio_bases <= known:
        yield f"EIDER_STUDIO_BASES: must be some of: {', '.join(sorted(known))}"
    if settings.studio_bases and settings.base not in settings.studio_bases:
        yield f"EIDER_STUDIO_BASES: lacks EIDER_BASE, which is {settings.base}"


SETTINGS_RULES: Final = (_unusable_base, _unusable_video_base, _wrong_studio_bases)
"""What the settings must keep beside :meth:`Settings.from_env`'s own rules."""
