"""Frozen dataclasses from TOML text by pydantic, strictly: every mistake is named, with its key.

Nothing is coerced, but for a whole number where a float is meant; unknown keys are refused. What
annotations cannot say is added by :func:`between` and :func:`rules`.
"""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from pipeline.engine.messages import RecipeError

T = TypeVar("T")
Problem = tuple[str, str]
"""A key, dotted if it lies deeper, and what is wrong with it."""

NAMES = {
    "string_type": "str",
    "int_type": "int",
    "float_type": "float",
    "bool_type": "bool",
}
TEXTS = {
    "missing": "missing",
    "unexpected_keyword_argument": "unknown key",
    "dataclass_type": "must be a table",
    "dict_type": "must be a table of file names and hashes",
    "tuple_type": "must be a list",
}


_adapter: Callable[[Any], TypeAdapter[Any]] = functools.cache(TypeAdapter)


def between(low: float, high: float) -> AfterValidator:
    """For `Annotated`: a number's range, both ends included."""

    def check(value: float) -> float:
        if not low <= value <= high:
            raise problem(f"{value} is not in {low:g}..{high:g}")
        return value

    return AfterValidator(check)


def rules(problems: Callable[[T], Iterator[Problem]]) -> AfterValidator:
    """For `Annotated`: a record's rules that a single key cannot show, all of them checked.

    They are checked once the record's own keys are right.
    """

    def check(record: T) -> T:
        found = [
            InitErrorDetails(type=problem(text), loc=tuple(key.split(".")), input=None)
            for key, text in problems(record)
        ]
        if found:
            raise ValidationError.from_exception_data("rules", found)
        return record

    return AfterValidator(check)


Share = Annotated[float, between(0, 1)]
Count = Annotated[int, between(1, 1_000_000)]


def parse(cls: type[T], text: str, file: str) -> T:
    """A record of `cls` from TOML text. RecipeError: `file` and a line for each wrong key."""
    try:
        # As JSON, where lists and tables are all there is, pydantic can be strict with the rest.
        table = json.dumps(tomllib.loads(text), default=lambda date: {"date": str(date)})
        record: T = _adapter(cls).validate_json(table, strict=True, extra="forbid")
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{file}: not TOML: {error}") from error
    except ValidationError as error:
        raise RecipeError(
            "\n".join(f"{file}: {_described(one)}" for one in error.errors())
        ) from error
    return record


def problem(text: str) -> PydanticCustomError:
    """To be raised by a validator: what is wrong with a value, in our words."""
    return PydanticCustomError("rule", "{text}", {"text": text})


def _described(error: Any) -> str:
    """One mistake: "train.rank: missing"."""
    kind, value = error["type"], error["input"]
    key = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in error["loc"])
    if kind in NAMES:
        text = f"{value!r} is not a {NAMES[kind]}"
    elif kind == "literal_error":
        choices = error["ctx"]["expected"].replace(" or ", ", ").replace("'", "")
        text = f"{value!r} is none of {choices}"
    else:
        text = TEXTS.get(kind, error["msg"])
    return f"{key.removeprefix('.')}: {text}"
