"""What was painted of each person, on disk: a run that dies loses nobody who was finished.

Synthetic people alone are measured, so that their pictures and LoRAs may lie there in the clear.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from benchmarks.likeness.runs import FIRST, FIRST_SEEDS, PLAIN, STYLES, PersonRun
from pipeline.engine import wire


@dataclass(frozen=True, slots=True)
class KeptRuns:
    """One file a person in `folder`, for one base and recipe.

    A run is found again only by the same base, recipe, photos, seed, number of portraits and
    prompts; of anything else it is as if it were not there. The code that paints is not in the
    key: after a change of it the folder is to be emptied.
    """

    folder: Path
    fingerprint: str
    recipe: str

    def read(
        self, person: str, photos: tuple[bytes, ...], seed: int, each: int
    ) -> PersonRun | None:
        """That person's finished run. None: there is none, or it is cut short or of older code."""
        path = self._path(person, photos, seed, each)
        if not path.is_file():
            return None
        try:
            with path.open("rb") as file:
                frame = wire.read(file)
            return wire.unpack(PersonRun, frame) if frame else None
        except wire.BadWireFrame:
            return None

    def write(
        self, run: PersonRun, person: str, photos: tuple[bytes, ...], seed: int, each: int
    ) -> None:
        """Keep a finished run: whole, or not at all."""
        path = self._path(person, photos, seed, each)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(wire.encode(wire.pack("run", run)))
        part.replace(path)

    def _path(self, person: str, photos: tuple[bytes, ...], seed: int, each: int) -> Path:
        prompts = (FIRST, FIRST_SEEDS, PLAIN, tuple(STYLES.items()))
        key = hashlib.sha256(repr((self.fingerprint, self.recipe, seed, each, prompts)).encode())
        for photo in photos:
            key.update(hashlib.sha256(photo).digest())
        return self.folder / f"{person}-{key.hexdigest()[:16]}.run"
