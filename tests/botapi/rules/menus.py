"""What a bot says of itself before anybody speaks: its commands, and in which languages."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.botapi.records import Call
from tests.botapi.rules.findings import Broken

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")
MOST = 100


def rules(call: Call, values: Mapping[str, Any], local: bool) -> Iterator[Broken]:
    """Of the menu's methods, and of every language code."""
    language = values.get("language_code")
    if language and not _LANGUAGE.fullmatch(str(language)):
        yield Broken(
            f"{call.method}: {language!r} is no two-letter language code",
            "Bad Request: invalid language code specified",
        )
    commands = values.get("commands")
    if call.method != "setMyCommands" or not isinstance(commands, list):
        return
    if len(commands) > MOST:
        yield Broken(
            f"setMyCommands: {len(commands)} commands", "Bad Request: BOT_COMMANDS_TOO_MUCH"
        )
    for each in commands:
        name = each.get("command") if isinstance(each, dict) else None
        if isinstance(name, str) and not _COMMAND.fullmatch(name.removeprefix("/")):
            yield Broken(f"setMyCommands: {name!r}", "Bad Request: BOT_COMMAND_INVALID")
