"""The same templates and seeds, painted without a LoRA: what the likeness is measured against.

For the demo and the benchmarks: ``python -m pipeline.worker.compare --template-json FILE --out
DIR``, where FILE holds a list of ``{"template": "noir", "subject": "woman", "seeds": [1, 2],
"base": "mini"}``. Prints the pictures' paths as one JSON list, in the order of the seeds.
"""

import argparse
import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from pipeline.engine.engine import (
    ChildEngine,
    ChildSettings,
    EngineError,
    LabelText,
    PaintRequest,
    ignore_progress,
)
from pipeline.worker.paint_request import paint_request
from shop.catalog import Catalog


@dataclass(frozen=True, slots=True)
class ComparedShoot:
    """One template with its seeds, the subject's class word, and the base model."""

    template: str
    subject: str
    seeds: tuple[int, ...]
    base: str


_SHOOTS = TypeAdapter(tuple[ComparedShoot, ...], config={"extra": "forbid"})


def compared_shoots(text: str) -> tuple[ComparedShoot, ...]:
    """Parse the list. Raises :class:`pydantic.ValidationError`, a ValueError, for anything else."""
    return _SHOOTS.validate_json(text, strict=True)


async def request_of(one: ComparedShoot, catalog: Catalog) -> PaintRequest:
    """The paint request of a shoot, without avatar and LoRA."""
    return await paint_request(
        catalog.painted(one.base, one.template), base=one.base, subject=one.subject,
        avatar=None, lora=None, weight=0.0, seeds=one.seeds,
        content_id=f"compare-{one.template}", label=LabelText(), beauty=0.0,
    )  # fmt: skip


async def paint(wanted: tuple[ComparedShoot, ...], out: Path) -> list[Path]:
    """Paint everything into ``out``; raises :class:`EngineError`."""
    out.mkdir(parents=True, exist_ok=True)
    bases = os.environ.get("EIDER_BASES")
    engine = ChildEngine(ChildSettings(bases=Path(bases) if bases else None))
    paths: list[Path] = []
    try:
        catalog = Catalog.load()
        for one in wanted:
            (pictures,) = await engine.paint((await request_of(one, catalog),), ignore_progress)
            if isinstance(pictures, EngineError):
                raise pictures
            for picture in pictures:
                path = out / f"base-only-{len(paths) + 1:02d}.jpg"
                path.write_bytes(picture.image)
                paths.append(path)
    finally:
        await engine.close()
    return paths


def main() -> int:
    """Exit 0 with the list on stdout, 1 with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.worker.compare", description=__doc__)
    parser.add_argument("--template-json", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        wanted = compared_shoots(arguments.template_json.read_text("utf-8"))
        paths = asyncio.run(paint(wanted, arguments.out))
    except (OSError, ValueError, EngineError) as error:
        print(f"compare: {error!r}", file=sys.stderr)  # noqa: T201
        return 1
    print(json.dumps([str(path) for path in paths]))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
