"""The machine-readable Bot API, read once: methods, types, and how a form's text is decoded."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_INTEGER = re.compile(r"-?\d{1,19}")
_TEXT = {("String",), ("InputFile",), ("InputFile", "String")}

Decoder = Callable[[str], Any]


@cache
def specification() -> Mapping[str, Any]:
    """The whole file, as it was published."""
    path = Path(__file__).parent.parent / "telegram-bot-api.json"
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def spelling() -> Mapping[str, str]:
    """Methods by their names in small letters: Telegram does not mind capitals."""
    return {name.lower(): name for name in specification()["methods"]}


def fields_of(kind: str, name: str) -> tuple[Mapping[str, Any], ...]:
    """The fields of a method or type; ``kind`` is "methods" or "types"."""
    return tuple(specification()[kind][name].get("fields", ()))


@cache
def decoders(method: str) -> Mapping[str, Decoder]:
    """For each field of the method, how its text in a form becomes a value."""
    if method not in specification()["methods"]:
        return {}
    return {each["name"]: _decoder(tuple(each["types"])) for each in fields_of("methods", method)}


def decoded(method: str, form: Mapping[str, str]) -> dict[str, Any]:
    """The form's values; what cannot be decoded, and what nobody knows, stays text."""
    known = decoders(method)
    return {name: known.get(name, str)(text) for name, text in form.items()}


def read_anyway(method: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as Telegram reads what is no number, and neither true nor false: 0, and no."""
    if method not in specification()["methods"]:
        return dict(values)
    known = {each["name"]: tuple(each["types"]) for each in fields_of("methods", method)}
    kinds = {("Integer",): (int, 0), ("Boolean",): (bool, False)}
    read = dict(values)
    for name, value in values.items():
        kind, otherwise = kinds.get(known.get(name, ()), (object, None))
        if not isinstance(value, kind):
            read[name] = otherwise
    return read


def _decoder(types: tuple[str, ...]) -> Decoder:
    if types in _TEXT:
        return str
    if types == ("Boolean",):
        return _boolean
    if types in (("Integer",), ("Integer", "String")):
        return _integer
    return _json


def _boolean(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.lower(), text)


def _integer(text: str) -> int | str:
    return int(text) if _INTEGER.fullmatch(text) else text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
