"""For the tests of the rules: one call that breaks one, or none."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.botapi.records import Call
from tests.botapi.rules import Broken, check, decoded

Form = dict[str, Any]

CHAT: Form = {"chat_id": 1}
TEXT = CHAT | {"text": "x"}
EDIT = TEXT | {"message_id": 5}
INVOICE = CHAT | {
    "title": "Avatar",
    "description": "Once.",
    "payload": "order-1",
    "provider_token": "",
    "currency": "XTR",
    "prices": [{"label": "Avatar", "amount": 130}],
    "start_parameter": "a-b_1",
}
LINK = {k: v for k, v in INVOICE.items() if k not in ("chat_id", "start_parameter")}
ARTICLE = {
    "type": "article",
    "id": "a",
    "title": "T",
    "input_message_content": {"message_text": "x"},
}
PHOTO = {"type": "photo", "id": "p", "photo_file_id": "f"}
BUTTON = "can't parse inline keyboard button: "
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True, slots=True)
class Case:
    """A call, a part of the rule that it breaks, and how Telegram's description begins; "" if
    Telegram lets it pass."""

    method: str
    form: Form
    said: str = ""
    told: str = ""
    files: dict[str, bytes] = field(default_factory=dict)

    def broken(self, local: bool = False) -> list[Broken]:
        """What is found."""
        form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in self.form.items()}
        values = decoded(self.method, form)
        return check(Call(self.method, values, self.files, 0.0), local=local)


def wrong(
    method: str, form: Form, said: str, told: str, files: dict[str, bytes] | None = None
) -> object:
    """For parametrize."""
    return pytest.param(Case(method, form, said, told, files or {}), id=f"{method}: {said}")


def right(method: str, form: Form, files: dict[str, bytes] | None = None) -> object:
    """For parametrize."""
    return pytest.param(Case(method, form, files=files or {}), id=f"{method}: {sorted(form)}")


def bites(case: Case) -> None:
    """The rule is found, and refused as Telegram would."""
    broken = case.broken()
    refusals = [each.refusal for each in broken if case.said in each.rule]
    assert refusals, broken
    begins = "" if not case.told or case.told.startswith("Request") else "Bad Request: "
    begins += case.told
    assert any(each.startswith(begins) and bool(each) == bool(begins) for each in refusals), (
        refusals
    )


def passes(case: Case) -> None:
    """Nothing is found."""
    assert case.broken() == []


def keys(*rows: list[Form]) -> Form:
    """A keyboard."""
    return {"reply_markup": {"inline_keyboard": list(rows)}}


def key(**does: object) -> Form:
    """A keyboard of one button."""
    return keys([{"text": "a", **does}])


def album(*kinds: str) -> Form:
    """Media of these kinds, uploaded as f0, f1 …"""
    media = [{"type": kind, "media": f"attach://f{n}"} for n, kind in enumerate(kinds)]
    return CHAT | {"media": media}


def results(*each: Form, **more: object) -> Form:
    """An answer to an inline query."""
    return {"inline_query_id": "1", "results": list(each), **more}


def commands(*pairs: tuple[str, str], **more: object) -> Form:
    """A menu."""
    return {"commands": [{"command": c, "description": d} for c, d in pairs], **more}
