"""The base models that the settings name are in the catalogue."""

from collections.abc import Iterator

from shop.catalog import Catalog
from shop.settings import Settings


def unknown_bases(settings: Settings) -> Iterator[str]:
    """What is wrong with EIDER_BASE and EIDER_VIDEO_BASE, a sentence each. Raises
    :class:`shop.catalog.CatalogError`."""
    catalog = Catalog.load()
    if settings.base not in catalog.bases:
        yield f"EIDER_BASE: must be one of: {', '.join(catalog.bases)}"
    if not settings.video_base:
        return
    video = catalog.video_bases.get(settings.video_base)
    if video is None:
        yield f"EIDER_VIDEO_BASE: must be one of: {', '.join(catalog.video_bases)}"
    elif not video.commercial and not settings.allow_noncommercial:
        yield (
            f"EIDER_VIDEO_BASE: what {video.name} makes may not be sold by everybody; "
            f"EIDER_ALLOW_NONCOMMERCIAL=yes takes it all the same"
        )
