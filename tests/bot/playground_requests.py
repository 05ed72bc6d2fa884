"""What a browser posts to the playground, for the tests of its routes."""

import secrets

from bot.playground.routes import HEADER

AGREE = ("terms", "agree:terms", "agree:training", "subject:woman")


async def posted(http, base, path, **kwargs):
    headers = {HEADER: "1"} | kwargs.pop("headers", {})
    async with http.post(f"{base}/playground/{path}", headers=headers, **kwargs) as answer:
        return answer.status


def event() -> str:
    return secrets.token_hex(16)


async def greet(chat) -> None:
    await chat.say("/start")
    await chat.wait(lambda seen: bool(seen.buttons))
