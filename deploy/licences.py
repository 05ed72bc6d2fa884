#!/usr/bin/env python3
"""What a virtual environment passes on: ``licences.py VENV FOLDER [--sbom CYCLONEDX]``.

Writes ``packages.tsv`` into the folder (name, version, licence, bundled native libraries) and, with
``--sbom`` and the path of ``cyclonedx-py``, ``sbom.cdx.json``. Names what is under the GPL.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

UNKNOWN = "unknown"
GPL_LIBRARIES = ("libx264", "libx265")  # GPL-2.0-or-later, whatever licence the package names
_GPL = re.compile(r"(?<![A-Za-z])GPL|(?<!Lesser )General Public License", re.IGNORECASE)
_NATIVE = re.compile(r"\.libs/(lib[^/]+?)[-.](?:[0-9a-f]{8}\.)?so")


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package. ``libraries`` are the native ones that its wheel bundles."""

    name: str
    version: str
    licence: str
    libraries: tuple[str, ...]

    @property
    def gpl(self) -> tuple[str, ...]:
        """What of it is under the GPL: itself, or libraries of it."""
        itself = (self.name,) if _GPL.search(self.licence) else ()
        return itself + tuple(one for one in self.libraries if one in GPL_LIBRARIES)


def packages(venv: Path) -> list[Package]:
    """What is installed in a virtual environment, by name. Raises FileNotFoundError for none."""
    site = next(venv.glob("lib/python3.*/site-packages"), None)
    if site is None:
        raise FileNotFoundError(f"{venv} is no virtual environment")
    found = distributions(path=[str(site)])
    return sorted(map(_package, found), key=lambda one: one.name.lower())


def _package(found: Distribution) -> Package:
    native = {match[1] for file in found.files or () if (match := _NATIVE.search(str(file)))}
    return Package(found.metadata["Name"], found.version, _licence(found), tuple(sorted(native)))


def _licence(found: Distribution) -> str:
    """As the package says it: an SPDX expression, else its classifiers, else its own short word."""
    about = found.metadata
    classified = [
        line.rsplit(" :: ", 1)[-1]
        for line in about.get_all("Classifier") or ()
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    word = (about["License"] or "").strip()
    return (
        about["License-Expression"]
        or " OR ".join(classified)
        or (word if 0 < len(word) <= 80 and "\n" not in word else "")
        or UNKNOWN
    )


def lines(found: list[Package]) -> Iterator[str]:
    yield "package\tversion\tlicence\tbundled libraries"
    for one in found:
        yield "\t".join((one.name, one.version, one.licence, " ".join(one.libraries)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venv", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sbom", type=Path, metavar="CYCLONEDX")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    found = packages(chosen.venv)
    (chosen.folder / "packages.tsv").write_text("\n".join(lines(found)) + "\n")
    if chosen.sbom:
        bill = chosen.folder / "sbom.cdx.json"
        subprocess.run(
            [chosen.sbom, "environment", "--output-reproducible", "-o", bill, chosen.venv],
            check=True,
        )
    for one in found:
        if one.gpl:
            print(f"GPL: {one.name} {one.version}: {' '.join(one.gpl)}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
