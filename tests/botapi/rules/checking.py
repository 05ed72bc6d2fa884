"""One call against all rules: fields, uploaded parts, and the prose."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.botapi.records import Call
from tests.botapi.rules import albums, inline, invoices, keyboards, menus, pictures, texts, videos
from tests.botapi.rules.fields import of_method, of_types
from tests.botapi.rules.findings import Broken
from tests.botapi.rules.specification import decoders, specification
from tests.botapi.rules.wording import refusal

_ATTACHED = re.compile(r"attach://([^\"\s]+)")
_PROSE = (
    *(keyboards.rules, pictures.rules, albums.rules, invoices.rules),
    *(texts.rules, inline.rules, menus.rules, videos.rules),
)


def check(call: Call, *, local: bool = False) -> list[Broken]:
    """Every rule that the call breaks. ``local``: by the looser limits of a server of one's own."""
    if call.method not in specification()["methods"]:
        return [Broken(f"{call.method}: no method of the Bot API")]
    known = decoders(call.method)
    values = {**call.values, **{n: data for n, data in call.files.items() if n in known}}
    broken = [
        Broken(f"{call.method}{each.where}: {each.what}", _bad(refusal(call.method, each)))
        for each in of_method(call.method)(values)
    ]
    broken += _attachments(call)
    return broken + [each for rule in _PROSE for each in rule(call, values, local)]


def answer_flaws(method: str, answer: object) -> list[str]:
    """What is wrong with the double's own answer."""
    returns = specification()["methods"][method]["returns"]
    flaws = of_types(tuple(returns))(answer)
    return [f"the answer to {method}{each.where}: {each.what}" for each in flaws]


def _attachments(call: Call) -> Iterator[Broken]:
    named = set(_named(call.values))
    parts = set(call.files) - set(decoders(call.method))
    for each in sorted(named - set(call.files)):
        what = "media" if "media" in call.values else "photo"
        told = {
            "media": "can't parse InputMedia: media not found",
            "photo": f"there is no {call.method.removeprefix('send').lower()} in the request",
        }[what]
        yield Broken(f"{call.method}: attach://{each} has no part", _bad(told))
    for each in sorted(parts - named):
        yield Broken(f"{call.method}: part {each} is not used")


def _named(values: Mapping[str, Any]) -> Iterator[str]:
    """The parts that files refer to. What people write in texts is none of them."""
    for name, value in values.items():
        if isinstance(value, str) and name not in ("text", "caption"):
            yield from _ATTACHED.findall(value)
        elif name == "media":
            yield from _ATTACHED.findall(json.dumps(value))


def _bad(description: str) -> str:
    return f"Bad Request: {description}" if description else ""
