"""Checks of values against the specification's types, compiled once per type.

A check returns an empty tuple for a value that is right, so that a right call costs little.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from tests.botapi.rules.findings import Finding, Flaw
from tests.botapi.rules.formatting import MarkupError, plain
from tests.botapi.rules.specification import fields_of, specification

Check = Callable[[object], Sequence[Finding]]

_LENGTH = re.compile(r"\b(\d+)-(\d+) (characters|bytes)\b", re.IGNORECASE)
_RANGE = re.compile(r"Values between (\d+)-(\d+) are accepted")
_MUST = re.compile(r"(?:must be|always) [“\"]?(\w+)[”\"]?\.?$")
_KINDS = ("type", "source", "status")
_SIMPLE: Mapping[str, Any] = {"String": str, "Integer": int, "Boolean": bool, "Float": (int, float)}


def size(text: str, unit: str = "characters") -> int:
    """In bytes of UTF-8, or in the UTF-16 units that Telegram calls characters."""
    if text.isascii():
        return len(text)
    return len(text.encode()) if unit == "bytes" else len(text.encode("utf-16-le")) // 2


@cache
def of_types(types: tuple[str, ...]) -> Check:
    """A check that lets any of the types pass, and else says what the most promising one has
    against the value. Arrays of different things are one array of any of them."""
    arrays = tuple(each.removeprefix("Array of ") for each in types if each.startswith("Array of "))
    if len(arrays) > 1:
        others = [_of_type(each) for each in types if not each.startswith("Array of ")]
        return _any_of([_array(of_types(arrays)), *others])
    if len(types) > 1 and all(_kind(each) for each in types):
        return _Union(types[0].removesuffix("Audio"), types)
    return _any_of([_of_type(each) for each in types])


@cache
def of_method(name: str) -> Check:
    """A check of a method's values."""
    return _Object(name, "methods")


@cache
def _of_type(name: str) -> Check:
    if name.startswith("Array of "):
        return _array(of_types((name.removeprefix("Array of "),)))
    if name in _SIMPLE or name == "InputFile":
        return _simple(name)
    subtypes = specification()["types"][name].get("subtypes")
    return _Union(name, tuple(subtypes)) if subtypes else _Object(name, "types")


def _simple(name: str) -> Check:
    wanted, wrong = _SIMPLE.get(name, bytes), (Finding("", Flaw.MISTYPED, f"is no {name}"),)

    def check(value: object) -> Sequence[Finding]:
        if isinstance(value, bool):  # which Python takes for an integer
            return () if name == "Boolean" else wrong
        return () if isinstance(value, wanted) else wrong

    return check


def _array(inner: Check) -> Check:
    def check(value: object) -> Sequence[Finding]:
        if not isinstance(value, list):
            return (Finding("", Flaw.MISTYPED, "is no array"),)
        return [
            each._replace(where=f"[{place}]{each.where}")
            for place, item in enumerate(value)
            for each in inner(item)
        ]

    return check


def _any_of(checks: Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: object) -> Sequence[Finding]:
        found = []
        for each in checks:
            flaws = each(value)
            if not flaws:
                return ()
            found.append(flaws)
        return min(found, key=_distance)

    return check


def _distance(found: Iterable[Finding]) -> tuple[int, int]:
    """How far a value is from a type: what is wrong at its surface weighs more."""
    wheres = [each.where for each in found]
    return sum(where.count(".") + where.count("[") < 2 for where in wheres), len(wheres)


class _Union:
    """One of several types, told apart by a field that says which, where there is one."""

    def __init__(self, name: str, subtypes: tuple[str, ...]) -> None:
        self._name, self._subtypes = name, subtypes
        self._chosen: dict[tuple[str, ...], Check] = {}

    def __call__(self, value: object) -> Sequence[Finding]:
        fitting = tuple(each for each in self._subtypes if _fits(each, value))
        if not fitting:
            return (self._stranger(value),)
        if fitting not in self._chosen:
            self._chosen[fitting] = _any_of([_of_type(each) for each in fitting])
        return self._chosen[fitting](value)

    def _stranger(self, value: object) -> Finding:
        if not isinstance(value, dict):
            return Finding("", Flaw.MISTYPED, f"is no {self._name}")
        field = (_kind(self._subtypes[0]) or ("type", ""))[0]
        if field not in value:
            return Finding(f".{field}", Flaw.REQUIRED, "required")
        return Finding(f".{field}", Flaw.KIND, f'type "{value[field]}" is unsupported')


def _fits(name: str, value: object) -> bool:
    kind = _kind(name)
    if kind is None or not isinstance(value, dict):
        return True
    return bool(value.get(kind[0]) == kind[1])


@cache
def _kind(name: str) -> tuple[str, str] | None:
    """The field that names the type, and the name that it must hold."""
    if name in _SIMPLE or name.startswith("Array of "):
        return None
    for each in fields_of("types", name):
        must = _MUST.search(each["description"]) if each["name"] in _KINDS else None
        if must:
            return each["name"], must[1]
    return None


class _Field:
    """What the specification says of one field."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        words = field["description"]
        self.check = of_types(tuple(field["types"]))
        self.parsed = "entities parsing" in words or "entity parsing" in words
        length, span = _LENGTH.search(words), _RANGE.search(words)
        self._length = (int(length[1]), int(length[2]), length[3].lower()) if length else None
        self._span = (int(span[1]), int(span[2])) if span else None

    def findings(self, value: object, parse_mode: str) -> Sequence[Finding]:
        if self._length and isinstance(value, str):
            return self._measured(value, parse_mode)
        if self._span and isinstance(value, int) and not self._within(value):
            return (Finding("", Flaw.RANGE, f"{value} is not between {self._span}"),)
        return self.check(value)

    def _within(self, value: int) -> bool:
        return self._span is None or self._span[0] <= value <= self._span[1]

    def _measured(self, text: str, parse_mode: str) -> Sequence[Finding]:
        least, most, unit = self._length or (0, 0, "")
        if self.parsed and parse_mode:
            try:
                text = plain(text, parse_mode)
            except MarkupError as error:
                return (Finding("", Flaw.MARKUP, str(error)),)
        length = size(text.strip() if self.parsed else text, unit)
        if least <= length <= most:
            return ()
        return (Finding("", Flaw.LENGTH, f"{length} {unit}, not {least}-{most}"),)


class _Object:
    """The fields of a method or of a type: required, known, right in themselves."""

    def __init__(self, name: str, kind: str) -> None:
        self._name, self._kind = name, kind
        self._fields: dict[str, _Field] = {}
        self._required: list[str] = []
        self._ready = False

    def __call__(self, value: object) -> Sequence[Finding]:
        if not isinstance(value, Mapping):
            return (Finding("", Flaw.MISTYPED, f"is no {self._name}"),)
        if not self._ready:  # late, since types refer to each other and to themselves
            self._compile()
        found = [
            Finding(f".{name}", Flaw.REQUIRED, "required")
            for name in self._required
            if name not in value
        ]
        mode = value.get("parse_mode") or ""
        for name, each in value.items():
            field = self._fields.get(name)
            if field is None:
                found.append(Finding(f".{name}", Flaw.UNKNOWN, "unknown"))
                continue
            deeper = field.findings(each, mode)
            if deeper:
                found += [flaw._replace(where=f".{name}{flaw.where}") for flaw in deeper]
        return found

    def _compile(self) -> None:
        for each in fields_of(self._kind, self._name):
            self._fields[each["name"]] = _Field(each)
            if each["required"]:
                self._required.append(each["name"])
        self._ready = True
