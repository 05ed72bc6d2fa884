"""``python -m bot demo`` with the quick engine's workers; ``QUICK_HOME`` is where it lives."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.__main__ import main
from bot.demo import environment, show
from shop.records import Shoot, Subject
from tests.doubles import photo
from tests.journeys.conftest import QUICK_WORKERS


async def compare(
    shoots: Sequence[Shoot],
    subject: Subject,
    base: str,
    out: Path,
    env: Mapping[str, str],
    log: Path,
) -> list[Path]:
    """A picture for each seed, as the engine's program would leave them."""
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for shoot in shoots:
        for seed in shoot.seeds:
            paths.append(out / f"{shoot.template}-{seed}.jpg")
            paths[-1].write_bytes(photo(seed % 50))
    return paths


if __name__ == "__main__":
    show.WORKERS = QUICK_WORKERS  # type: ignore[misc]
    show.paint_base_only = compare
    environment.fresh_folder.__defaults__ = (Path(os.environ["QUICK_HOME"]),)
    sys.exit(main(["demo", *sys.argv[1:]]))
