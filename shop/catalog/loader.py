"""Reads the catalogue's files and names every mistake in all of them at once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shop.catalog.entries import CatalogError, Price, Template
from shop.catalog.schema import BasesFile, CatalogContext, PricesFile, TemplateFile

ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")

File = TypeVar("File", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class CatalogFiles:
    """Everything that the files hold; ``bases`` are looks by base model."""

    templates: tuple[Template, ...]
    prices: tuple[Price, ...]
    shoot_credits: int
    referral_credits: int
    bases: Mapping[str, frozenset[str]]


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
        values = file.model_dump(exclude={"name", "blurb", "shots"})
        shots = tuple(one.shot() for one in file.shots)
        return Template(path.stem, file.name, file.blurb, preview=preview, shots=shots, **values)


def read(folder: Path) -> CatalogFiles:
    """The catalogue in ``folder``. Raises :class:`CatalogError` with every mistake found."""
    reader = _Reader()
    bases = reader.parse(folder / "bases.toml", BasesFile)
    looks = {} if bases is None else {name: entry.looks for name, entry in bases.root.items()}
    context = CatalogContext(folder, looks)
    paths = sorted((folder / "templates").glob("*.toml"))
    templates = [reader.template(path, context) for path in paths]
    if not templates:
        reader.mistakes.append("templates: there is none")
    prices = reader.parse(folder / "prices.toml", PricesFile)
    if reader.mistakes or prices is None:
        raise CatalogError("\n".join(reader.mistakes))
    thanks = prices.referral_credits
    return CatalogFiles(
        tuple(sorted(filter(None, templates), key=lambda one: (one.order, one.id))),
        prices.prices(),
        prices.shoot_credits,
        prices.shoot_credits if thanks is None else thanks,
        looks,
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
