"""Answers to queries, menus, and the small closed lists."""

import pytest

from tests.botapi.judging import (
    ARTICLE,
    BUTTON,
    CHAT,
    PHOTO,
    TEXT,
    TOO_OLD,
    bites,
    commands,
    passes,
    results,
    right,
    wrong,
)

WRONG = [
    wrong(
        "answerInlineQuery",
        results(*[ARTICLE | {"id": str(n)} for n in range(51)]),
        "51 results",
        "too many inline query results specified",
    ),
    wrong("answerInlineQuery", results(ARTICLE, ARTICLE), "an id twice", "RESULT_ID_DUPLICATE"),
    wrong(
        "answerInlineQuery", results(ARTICLE | {"id": "x" * 65}), "65 bytes", "RESULT_ID_INVALID"
    ),
    wrong(
        "answerInlineQuery",
        results(ARTICLE | {"input_message_content": {"message_text": ""}}),
        "0 characters",
        "message text is empty",
    ),
    wrong(
        "answerInlineQuery",
        results(PHOTO | {"caption": "x" * 1025}),
        "results[0].caption: 1025",
        "message caption is too long",
    ),
    wrong(
        "answerInlineQuery",
        results(PHOTO | {"reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}),
        "does []",
        BUTTON + "Text buttons are unallowed in the inline keyboard",
    ),
    wrong(
        "answerInlineQuery",
        results({"type": "article", "id": "a", "title": "T"}),
        "input_message_content: required",
        "can't parse inline query result: Can't find field \"input_message_content\"",
    ),
    wrong("answerInlineQuery", results(next_offset="x" * 65), "next_offset", "NEXT_OFFSET_INVALID"),
    wrong(
        "answerInlineQuery",
        results(button={"text": "Start"}),
        "exactly one thing",
        "can't parse inline query results button: InlineQueryResultsButton must have exactly one",
    ),
    wrong(
        "answerInlineQuery",
        results(button={"text": "Start", "start_parameter": "a b"}),
        "start_parameter 'a b'",
        "START_PARAM_INVALID",
    ),
    wrong("answerInlineQuery", {"results": "[]"}, ".inline_query_id: required", TOO_OLD),
    wrong(
        "sendChatAction",
        CHAT | {"action": "thinking"},
        "'thinking' is no action",
        "wrong parameter action in request",
    ),
    wrong("setMyCommands", commands(("Start", "d")), "'Start'", "BOT_COMMAND_INVALID"),
    wrong("setMyCommands", commands(("s" * 33, "d")), "33 characters", "BOT_COMMAND_INVALID"),
    wrong(
        "setMyCommands", commands(("start", "")), "0 characters", "BOT_COMMAND_DESCRIPTION_INVALID"
    ),
    wrong(
        "setMyCommands",
        commands(*[(f"c{n}", "d") for n in range(101)]),
        "101 commands",
        "BOT_COMMANDS_TOO_MUCH",
    ),
    wrong(
        "setMyCommands",
        commands(("start", "d"), language_code="en-GB"),
        "'en-GB'",
        "invalid language code specified",
    ),
    wrong(
        "setMyCommands",
        commands(("start", "d"), scope={"type": "everybody"}),
        'type "everybody" is unsupported',
        "can't parse BotCommandScope: type",
    ),
    wrong(
        "setMyCommands",
        commands(("start", "d"), scope={"type": "chat"}),
        "scope.chat_id: required",
        "can't parse BotCommandScope: Can't find field \"chat_id\"",
    ),
    wrong(
        "deleteMessages",
        CHAT | {"message_ids": list(range(1, 102))},
        "101 of them",
        "too many message identifiers specified",
    ),
    wrong("editMessageText", TEXT, ".message_id: required", "message to edit not found"),
    wrong(
        "answerCallbackQuery",
        {"callback_query_id": "1", "url": "https://x.org"},
        "leads to",
        "URL_INVALID",
    ),
]
RIGHT = [
    right("answerPreCheckoutQuery", {"pre_checkout_query_id": "1", "ok": "true"}),
    right(
        "answerPreCheckoutQuery",
        {"pre_checkout_query_id": "1", "ok": "false", "error_message": "Closed."},
    ),
    right("answerInlineQuery", results(ARTICLE, PHOTO, cache_time="0", is_personal="true")),
    right("answerInlineQuery", results(button={"text": "Start", "start_parameter": "r-1"})),
    right("setMyCommands", commands(("start_1", "d"), language_code="en")),
    right("setMyCommands", commands(("a", "d"), scope={"type": "chat", "chat_id": 5})),
]


@pytest.mark.parametrize("case", WRONG)
def test_a_broken_rule_is_found_and_refused_as_telegram_would(case):
    bites(case)


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_call_is_in_order(case):
    passes(case)
