"""Answers to inline queries: at most 50 results with ids of their own, and one kind of button."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.botapi.records import Call
from tests.botapi.rules.fields import size
from tests.botapi.rules.findings import Broken
from tests.botapi.rules.keyboards import keyboard, paying

MOST = 50
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")


def rules(call: Call, values: Mapping[str, Any], local: bool) -> Iterator[Broken]:
    """Of answerInlineQuery."""
    if call.method != "answerInlineQuery":
        return
    results = values.get("results")
    if isinstance(results, list):
        yield from _results([each for each in results if isinstance(each, dict)])
    if size(str(values.get("next_offset", "")), "bytes") > 64:
        yield Broken(
            "answerInlineQuery: next_offset over 64 bytes", "Bad Request: NEXT_OFFSET_INVALID"
        )
    if isinstance(values.get("button"), dict):
        yield from _button(values["button"])


def _results(results: list[dict[str, Any]]) -> Iterator[Broken]:
    if len(results) > MOST:
        yield Broken(
            f"answerInlineQuery: {len(results)} results",
            "Bad Request: too many inline query results specified",
        )
    ids = [each.get("id") for each in results]
    if len(set(ids)) < len(ids):
        yield Broken("answerInlineQuery: an id twice", "Bad Request: RESULT_ID_DUPLICATE")
    for each in results:
        yield from keyboard("answerInlineQuery", each.get("reply_markup"))
        yield from paying("answerInlineQuery", each.get("reply_markup"), invoice=False)


def _button(button: Mapping[str, Any]) -> Iterator[Broken]:
    wrong = "Bad Request: can't parse inline query results button: "
    if ("web_app" in button) == ("start_parameter" in button):
        yield Broken(
            "answerInlineQuery: the button does not do exactly one thing",
            f"{wrong}InlineQueryResultsButton must have exactly one optional field",
        )
    start = button.get("start_parameter")
    if start is not None and not _START.fullmatch(str(start)):
        yield Broken(
            f"answerInlineQuery: start_parameter {start!r}", "Bad Request: START_PARAM_INVALID"
        )
