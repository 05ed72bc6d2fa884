"""Each person's training and run, on disk: a benchmark that dies loses neither.

Synthetic people alone are measured, so that their pictures and LoRAs may lie there in the clear.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.likeness.runs import FIRST, FIRST_SEEDS, PLAIN, STYLES, PersonRun, Training
from pipeline.engine import wire

Kept = TypeVar("Kept", PersonRun, Training)
_ENDINGS = {PersonRun: "run", Training: "training"}


@dataclass(frozen=True, slots=True)
class KeptRuns:
    """A file of each kind a person in `folder`, for one base and recipe.

    A record is found again only by the same base, recipe, photos, seed, number of portraits and
    prompts; of anything else it is as if it were not there. The code that paints is not in the
    key: after a change of it the folder is to be emptied.
    """

    folder: Path
    fingerprint: str
    recipe: str

    def read(
        self, kind: type[Kept], person: str, photos: tuple[bytes, ...], seed: int, each: int
    ) -> Kept | None:
        """That person's record. None: there is none, or it is cut short or of older code."""
        path = self._path(kind, person, photos, seed, each)
        if not path.is_file():
            return None
        try:
            with path.open("rb") as file:
                frame = wire.read(file)
            return wire.unpack(kind, frame) if frame else None
        except wire.BadWireFrame:
            return None

    def write(
        self, record: PersonRun | Training, person: str, photos: tuple[bytes, ...], seed: int,
        each: int,
    ) -> None:  # fmt: skip
        """Keep a record: whole, or not at all."""
        path = self._path(type(record), person, photos, seed, each)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.part")
        part.write_bytes(wire.encode(wire.pack("kept", record)))
        part.replace(path)

    def _path(
        self, kind: type, person: str, photos: tuple[bytes, ...], seed: int, each: int
    ) -> Path:
        prompts = (FIRST, FIRST_SEEDS, PLAIN, tuple(STYLES.items()))
        key = hashlib.sha256(repr((self.fingerprint, self.recipe, seed, each, prompts)).encode())
        for photo in photos:
            key.update(hashlib.sha256(photo).digest())
        return self.folder / f"{person}-{key.hexdigest()[:16]}.{_ENDINGS[kind]}"
