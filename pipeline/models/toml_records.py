"""Frozen records from TOML tables, whole or refused: the error names the file and the key.

A record's annotations say all: types, ranges (`Between`), choices (`Literal`), lists
(`tuple[X, ...]`), tables of hashes (`tuple[Pinned, ...]`). `X | None` is X or an empty string,
because TOML has no null. Nothing has a default.
"""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar

from pipeline.engine.messages import RecipeError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Between:
    """The range of a number, both ends included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file of a base, by its path below the base's folder, and its sha256 in hex."""

    file: str
    sha256: str


def record(kind: type[T], table: object, file: str, where: str = "") -> T:
    """A record of `kind`. RecipeError: a key is missing, unknown, mistyped or out of range."""
    if not isinstance(table, dict):
        raise RecipeError(f"{file}: {where}: must be a table")
    hints = typing.get_type_hints(kind, include_extras=True)
    at = f"{where}." if where else ""
    for key in table.keys() - hints.keys():
        raise RecipeError(f"{file}: {at}{key}: unknown key")
    for key in hints.keys() - table.keys():
        raise RecipeError(f"{file}: {at}{key}: missing")
    return kind(**{key: _value(hints[key], table[key], file, at + key) for key in hints})


def _value(hint: Any, value: Any, file: str, where: str) -> Any:
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _within(arms[1], _value(arms[0], value, file, where), file, where)
    if origin is UnionType:
        return None if value == "" else _value(arms[0], value, file, where)
    if origin is Literal:
        return _one_of(arms, value, file, where)
    if origin is tuple:
        return _many(arms[0], value, file, where)
    if dataclasses.is_dataclass(hint):
        return record(typing.cast(type[object], hint), value, file, where)
    return _scalar(hint, value, file, where)


def _one_of(choices: tuple[Any, ...], value: Any, file: str, where: str) -> Any:
    if value not in choices:
        raise RecipeError(f"{file}: {where}: {value!r} is none of {', '.join(choices)}")
    return value


def _many(hint: Any, value: Any, file: str, where: str) -> tuple[Any, ...]:
    if hint is Pinned:
        return _pins(value, file, where)
    if not isinstance(value, list):
        raise RecipeError(f"{file}: {where}: must be a list")
    return tuple(_value(hint, v, file, f"{where}[{i}]") for i, v in enumerate(value))


def _pins(value: Any, file: str, where: str) -> tuple[Pinned, ...]:
    if not isinstance(value, dict):
        raise RecipeError(f"{file}: {where}: must be a table of file names and hashes")
    return tuple(
        Pinned(name, _scalar(str, digest, file, f"{where}.{name}"))
        for name, digest in sorted(value.items())
    )


def _scalar(hint: type, value: Any, file: str, where: str) -> Any:
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise RecipeError(f"{file}: {where}: {value!r} is not a {hint.__name__}")
    return value


def _within(limits: Between, value: float, file: str, where: str) -> float:
    if not limits.low <= value <= limits.high:
        raise RecipeError(f"{file}: {where}: {value} is not in {limits.low:g}..{limits.high:g}")
    return value
