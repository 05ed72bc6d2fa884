"""Checks a call against the machine-readable Bot API: required, unknown and mistyped fields,
``attach://`` parts, lengths, and the prose rules that have bitten others."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_LENGTH = re.compile(r"\b(\d+)-(\d+) (characters|bytes)\b")
_SIMPLE = {"String": str, "Integer": int, "Boolean": bool, "Float": (int, float)}

Problem = str


@cache
def specification() -> Mapping[str, Any]:
    path = Path(__file__).with_name("telegram-bot-api.json")
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def check(method: str, form: Mapping[str, str], files: Mapping[str, bytes]) -> list[Problem]:
    """What is wrong with the call; ``form`` has its fields as they were on the wire."""
    known = specification()["methods"].get(method)
    if known is None:
        return [f"{method}: not in the specification's excerpt"]
    fields = {field["name"]: field for field in known.get("fields", [])}
    values = {name: _decoded(text, fields.get(name)) for name, text in form.items()}
    values |= {name: data for name, data in files.items() if name in fields}
    problems = _fields(method, fields, values)
    problems += _attachments(method, json.dumps([*form.values()]), set(files) - set(fields))
    return problems + _prose(method, values)


def _decoded(text: str, field: Mapping[str, Any] | None) -> object:
    """A form has only text: anything but a string is JSON in it."""
    types = field["types"] if field else []
    if types in (["String"], ["InputFile", "String"]):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _fields(where: str, fields: Mapping[str, Any], values: Mapping[str, object]) -> list[Problem]:
    problems = [f"{where}.{name}: unknown" for name in values if name not in fields]
    for name, field in fields.items():
        here = f"{where}.{name}"
        if name not in values:
            problems += [f"{here}: required"] if field["required"] else []
            continue
        value = values[name]
        problems += _typed(here, field["types"], value)
        problems += _length(here, field["description"], value)
    return problems


def _typed(here: str, types: list[str], value: object) -> list[Problem]:
    """Nothing if any of the types takes it, else what the most promising type has against it."""
    found = [_one_type(here, each, value) for each in types]
    return min(found, key=len) if all(found) else []


def _one_type(here: str, type_: str, value: object) -> list[Problem]:
    if type_.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{here}: is no array"]
        inner = [type_.removeprefix("Array of ")]
        return [p for n, each in enumerate(value) for p in _typed(f"{here}[{n}]", inner, each)]
    if type_ == "InputFile" or type_ in _SIMPLE:
        return [] if _is_simple(type_, value) else [f"{here}: is no {type_}"]
    return _object(here, type_, value)


def _is_simple(type_: str, value: object) -> bool:
    if isinstance(value, bool):  # which Python takes for an integer
        return type_ == "Boolean"
    return isinstance(value, _SIMPLE.get(type_, bytes))


def _object(here: str, type_: str, value: object) -> list[Problem]:
    known = specification()["types"][type_]
    if not isinstance(value, dict):
        return [f"{here}: is no {type_}"]
    if "subtypes" in known:
        return _typed(here, known["subtypes"], value)
    fields = {field["name"]: field for field in known.get("fields", [])}
    return _wrong_kind(here, type_, value) or _fields(here, fields, value)


def _wrong_kind(here: str, type_: str, value: Mapping[str, object]) -> list[Problem]:
    for field in specification()["types"][type_].get("fields", []):
        must = re.search(r"(?:must be|always) [“\"]?(\w+)[”\"]?\.?$", field["description"])
        if must and field["name"] in ("type", "source") and value.get(field["name"]) != must[1]:
            return [f"{here}: is no {type_}", f"{here}.{field['name']}: is not {must[1]}"] * 2
    return []


def _length(here: str, description: str, value: object) -> list[Problem]:
    limits = _LENGTH.search(description)
    if not limits or not isinstance(value, str):
        return []
    size = len(value.encode()) if limits[3] == "bytes" else len(value.encode("utf-16-le")) // 2
    return [] if int(limits[1]) <= size <= int(limits[2]) else [f"{here}: {size} {limits[3]}"]


def _attachments(method: str, sent: str, parts: set[str]) -> list[Problem]:
    named = set(re.findall(r"attach://([\w-]+)", sent))
    return [f"{method}: attach://{each} has no part" for each in named - parts] + [
        f"{method}: part {each} is not used" for each in parts - named
    ]


def _prose(method: str, values: Mapping[str, Any]) -> list[Problem]:
    problems = []
    if method == "sendMediaGroup":
        media = [each for each in values.get("media", []) if isinstance(each, dict)]
        if not 2 <= len(media) <= 10:
            problems.append(f"{method}: {len(media)} items")
        if len({each.get("type") == "document" for each in media}) > 1:
            problems.append(f"{method}: documents go with documents only")
    if method == "sendPhoto" and len(values.get("photo", b"")) > 10 * 1024 * 1024:
        problems.append(f"{method}: larger than 10 MB")
    if values.get("currency") == "XTR" and len(values.get("prices", [])) != 1:
        problems.append(f"{method}: Stars want exactly one price")
    markup = values.get("reply_markup")
    if isinstance(markup, dict):
        keys = [key for row in markup.get("inline_keyboard", []) for key in row]
        problems += [p for key in keys for p in _key(method, key)]
    return problems


def _key(method: str, key: Mapping[str, Any]) -> list[Problem]:
    actions = set(key) - {"text", "style", "icon_custom_emoji_id"}
    if len(actions) != 1:
        return [f"{method}: button {key.get('text')!r} does {sorted(actions)}"]
    return [] if key.get("text") else [f"{method}: a button without a label"]
