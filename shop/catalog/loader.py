"""Reads the catalogue's files and names every mistake in all of them at once."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shop.catalog.entries import EVERYTHING, CatalogError, MotionEntry, Price, Template
from shop.catalog.grade_file import GradeFile
from shop.catalog.motion_file import MotionFile
from shop.catalog.schema import (
    BasesFile,
    CatalogContext,
    ExpressionGroups,
    PricesFile,
    TemplateFile,
)
from shop.catalog.video_file import VideoBaseEntry, VideoFile, VideoWords
from shop.records import Grade, Motion

ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")

File = TypeVar("File", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class CatalogFiles:
    """Everything that the files hold; ``bases`` are looks by base model, ``finished`` those of them
    that it does not paint, ``expressions`` what it tells apart."""

    templates: tuple[Template, ...]
    prices: tuple[Price, ...]
    shoot_credits: int
    referral_credits: int
    film_credits: int
    together_credits: int
    gift_clip: bool
    bases: Mapping[str, frozenset[str]]
    finished: Mapping[str, frozenset[str]]
    expressions: Mapping[str, ExpressionGroups]
    motions: Mapping[str, MotionEntry]
    video_credits: int
    video_words: Mapping[str, VideoWords]
    video_bases: Mapping[str, VideoBaseEntry]
    effect_names: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Parses files and gathers what is wrong with them, each with the file and the key."""

    mistakes: list[str] = field(default_factory=list)

    def parse(
        self, path: Path, model: type[File], context: CatalogContext | None = None
    ) -> File | None:
        try:
            table = tomllib.loads(path.read_text("utf-8"))
            return model.model_validate(table, context=context)
        except ValidationError as wrong:
            self.mistakes.extend(f"{path.name}: {_sentence(one)}" for one in wrong.errors())
        except (OSError, ValueError) as error:  # not there, no UTF-8, no TOML
            self.mistakes.append(f"{path.name}: {error}")
        return None

    def template(self, path: Path, context: CatalogContext) -> Template | None:
        if not ID.fullmatch(path.stem):
            self.mistakes.append(f"{path.name}: the name is no id")
        preview = context.folder / "previews" / f"{path.stem}.jpg"
        if not preview.is_file():
            self.mistakes.append(f"{path.name}: previews/{preview.name} is missing")
        file = self.parse(path, TemplateFile, context)
        if file is None:
            return None
        values = file.model_dump(exclude={"name", "blurb", "grade", "shots"})
        shots = tuple(one.shot() for one in file.shots)
        return Template(
            path.stem, file.name, file.blurb, preview=preview, grade=file.grade, shots=shots,
            **values,
        )  # fmt: skip

    def grade(self, path: Path) -> Grade:
        """The grade; one of nothing for a file that is wrong, so that only the file is blamed."""
        if not ID.fullmatch(path.stem):
            self.mistakes.append(f"{path.name}: the name is no id")
        file = self.parse(path, GradeFile)
        return (file or GradeFile(skin=0.0)).grade()

    def motion(self, path: Path) -> MotionEntry | None:
        if not ID.fullmatch(path.stem):
            self.mistakes.append(f"{path.name}: the name is no id")
        preview = path.parent / "previews" / f"{path.stem}.webp"
        if not preview.is_file():
            self.mistakes.append(f"{path.name}: motions/previews/{preview.name} is missing")
        file = self.parse(path, MotionFile)
        if file is None:
            return None
        return MotionEntry(file.motion(path.stem), file.name, file.blurb, file.order, preview)

    def video(self, path: Path, motions: Collection[str]) -> VideoFile:
        """Empty where there is no such file: a catalogue may know no video base."""
        file = self.parse(path, VideoFile) if path.is_file() else None
        if file is None:
            return VideoFile(motions={}, effects={}, bases={})
        for unknown in sorted(set(file.motions) - set(motions)):
            self.mistakes.append(f"{path.name}: motions.{unknown}: there is no such motion")
        for base, entry in file.bases.items():
            for clash in sorted(set(entry.effects) & set(motions)):
                self.mistakes.append(f"{path.name}: bases.{base}: {clash} is a motion's name")
            for nameless in sorted(set(entry.effects) - set(file.effects)):
                self.mistakes.append(f"{path.name}: effects.{nameless}: lacks a name")
        return file


def read(folder: Path) -> CatalogFiles:
    """The catalogue in ``folder``. Raises :class:`CatalogError` with every mistake found."""
    reader = _Reader()
    bases = reader.parse(folder / "bases.toml", BasesFile)
    looks = {} if bases is None else {name: entry.looks for name, entry in bases.root.items()}
    grades = {path.stem: reader.grade(path) for path in sorted((folder / "grades").glob("*.toml"))}
    context = CatalogContext(folder, looks, grades)
    paths = sorted((folder / "templates").glob("*.toml"))
    templates = [reader.template(path, context) for path in paths]
    finished = {} if bases is None else {name: one.finished for name, one in bases.root.items()}
    graded = {word for one in templates if one and one.grade for word in one.look}
    if bases is not None:
        reader.mistakes.extend(_grade_mistakes(filter(None, templates), looks, finished))
    for base, words in finished.items():
        for word in sorted(words - (looks[base] & graded)):
            lack = "no grade shows" if word in looks[base] else "is none of its looks"
            reader.mistakes.append(f"bases.toml: {base}.finished: {word!r}: {lack}")
    paths = sorted((folder / "motions").glob("*.toml"))
    motions = sorted(filter(None, map(reader.motion, paths)), key=lambda one: one.order)
    if not templates:
        reader.mistakes.append("templates: there is none")
    prices = reader.parse(folder / "prices.toml", PricesFile)
    video = reader.video(folder / "video.toml", {one.motion.id for one in motions})
    if video.bases and prices and prices.video_credits is None:
        reader.mistakes.append("prices.toml: lacks video_credits")
    if reader.mistakes or prices is None:
        raise CatalogError("\n".join(reader.mistakes))
    thanks = prices.referral_credits
    return CatalogFiles(
        tuple(sorted(filter(None, templates), key=lambda one: (one.order, one.id))),
        prices.prices(),
        prices.shoot_credits,
        prices.shoot_credits if thanks is None else thanks,
        prices.film_credits,
        prices.together_credits or prices.film_credits,
        prices.gift_clip,
        looks,
        finished,
        {} if bases is None else {name: one.expressions for name, one in bases.root.items()},
        {one.motion.id: one for one in motions},
        prices.video_credits or 0,
        video.video_words(),
        video.video_bases(),
        video.effect_names(),
    )


def read_motion(path: Path) -> Motion:
    """The motion of one file, wherever it lies. Raises :class:`CatalogError`."""
    reader = _Reader()
    file = reader.parse(path, MotionFile)
    if file is None:
        raise CatalogError("\n".join(reader.mistakes))
    return file.motion(path.stem)


def _grade_mistakes(
    templates: Iterable[Template],
    looks: Mapping[str, frozenset[str]],
    finished: Mapping[str, frozenset[str]],
) -> Iterator[str]:
    """Of each template whose grade no base would ever use, and of each without one that a base
    would show though it does not paint the look: that it is so.
    """
    for one in templates:
        own = frozenset(one.look)
        uses = [
            base
            for base in one.bases or looks
            if own & finished[base] and (own <= looks[base] or EVERYTHING in looks[base])
        ]
        if uses and not one.grade:
            words = ", ".join(sorted(own & finished[uses[0]]))
            yield f"{one.id}.toml: lacks grade: {uses[0]} has {words} by finishing alone"
        if one.grade and not uses:
            yield (
                f"{one.id}.toml: grade: is never used: no base that shows it lists one of its "
                f"looks as finished (bases.toml)"
            )


def _sentence(error: ErrorDetails) -> str:
    place = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "missing":
            return f"lacks {place}"
        case "extra_forbidden":
            return f"does not know {place}"
        case "value_error":
            return f"{place} {error['ctx']['error']}"
    given: Any = error["input"]
    shown = f", not {given!r}" if isinstance(given, str | int | float) else ""
    return f"{place}: {error['msg']}{shown}"
