"""Recipes for benchmarks: a shipped one with other numbers, as TOML for a child to read."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.models import recipe
from pipeline.models.recipe import Recipe


def changed(name: str, new_name: str, **sections: Mapping[str, Any]) -> Recipe:
    """The recipe `name` under a new one; each section's given values replace its own."""
    known = recipe.load(name)
    new = {
        section: dataclasses.replace(getattr(known, section), **values)
        for section, values in sections.items()
    }
    return dataclasses.replace(known, name=new_name, **new)


def write(wanted: Recipe, folder: Path) -> Path:
    """Write the recipe as TOML, to be read back by the product's own reader."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{wanted.name}.toml"
    path.write_text(as_toml(wanted), "utf-8")
    recipe.load(wanted.name, folder)
    return path


def as_toml(wanted: Recipe) -> str:
    fields = dataclasses.fields(wanted)
    return "".join(f"{f.name} = {_value(getattr(wanted, f.name))}\n" for f in fields)


def _value(value: Any) -> str:
    """JSON's scalars and lists are TOML's; records become inline tables, None an empty string."""
    if value is None:
        return '""'
    if dataclasses.is_dataclass(value):
        return "{ " + ", ".join(_entry(value, f.name) for f in dataclasses.fields(value)) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _entry(owner: Any, name: str) -> str:
    value = getattr(owner, name)
    if name != "sha256":
        return f"{name} = {_value(value)}"
    pins = (f"{json.dumps(pin.file)} = {json.dumps(pin.sha256)}" for pin in value)
    return f"{name} = {{ {', '.join(pins)} }}"
