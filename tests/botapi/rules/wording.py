"""How Telegram words a refusal of what the specification forbids, and what it lets pass.

As in the open source of its own server (tdlib/telegram-bot-api); where the words come from the
servers behind it and are not documented, the field's name with ``_INVALID`` stands for them.
"""

from tests.botapi.rules.findings import Finding, Flaw

_MISSING = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "file_id": "file_id not specified",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "action": "wrong parameter action in request",
    "user_id": "invalid user_id specified",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "inline_query_id": "query is too old and response timeout expired or query ID is invalid",
    "pre_checkout_query_id": "query is too old and response timeout expired or query ID is invalid",
    # Read as empty, or as no:
    "commands": "",
    "results": "",
    "ok": "",
    "url": "",
}
_NOUNS = {
    "reply_markup": "inline keyboard button",
    "media": "InputMedia",
    "prices": "labeled price",
    "commands": "BotCommand",
    "scope": "BotCommandScope",
    "results": "inline query result",
    "button": "inline query results button",
}
_UNREADABLE = {
    "reply_markup": "object expected as reply markup",
    "commands": "expected an Array of BotCommand",
    "results": "expected an Array of inline query results",
    "media": "expected an Array of InputMedia",
    "prices": "expected an Array of labeled prices",
    "message_ids": "expected an Array of message identifiers",
}
_TOO_LONG = {
    "text": "message is too long",
    "message_text": "message is too long",
    "caption": "message caption is too long",
    "callback_data": "BUTTON_DATA_INVALID",
    "payload": "INVOICE_PAYLOAD_INVALID",
    "command": "BOT_COMMAND_INVALID",
    "secret_token": "secret token is too long",
    "start_parameter": "START_PARAM_INVALID",
    "id": "RESULT_ID_INVALID",
}
_OF_METHOD = {
    ("setMyCommands", "description"): "BOT_COMMAND_DESCRIPTION_INVALID",
    ("answerCallbackQuery", "text"): "MESSAGE_TOO_LONG",
}
_LENIENT = ("is no Boolean", "is no Integer", "is no String")


def refusal(method: str, finding: Finding) -> str:
    """The description without its ``Bad Request``, or "" for what Telegram does not mind."""
    path = finding.where.replace("[", ".[").split(".")[1:]
    top, name, nested = path[0], path[-1], len(path) > 1
    match finding.flaw:
        case Flaw.UNKNOWN | Flaw.RANGE:
            return ""
        case Flaw.MARKUP:
            return finding.what
        case Flaw.REQUIRED:
            missing = f'Can\'t find field "{name}"'
            return _nested(top, missing) if nested else _missing(name)
        case Flaw.KIND:
            return _nested(top, finding.what)
        case Flaw.MISTYPED:
            return _mistyped(top, name, finding.what, nested)
        case Flaw.LENGTH:
            return _length(method, name, finding.what)


def _missing(name: str) -> str:
    return _MISSING.get(name, f'parameter "{name}" is required')


def _nested(top: str, what: str) -> str:
    return f"can't parse {_NOUNS.get(top, top)}: {what}"


def _mistyped(top: str, name: str, what: str, nested: bool) -> str:
    if nested:
        return _nested(top, f'Field "{name}" {what}')
    if what in _LENIENT:
        return ""
    return _UNREADABLE.get(top, f"can't parse {top} JSON object")


def _length(method: str, name: str, what: str) -> str:
    if (method, name) in _OF_METHOD:
        return _OF_METHOD[method, name]
    if what.startswith("0 "):
        if name in ("text", "message_text"):
            return "message text is empty"
        if method in ("sendInvoice", "createInvoiceLink"):
            return f'parameter "{name}" is required'
    return _TOO_LONG.get(name, f"{name.upper()}_INVALID")
