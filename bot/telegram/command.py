"""``python -m bot telegram set | check | remove``: the operator's commands for Telegram."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from bot.outbound import RetryLater
from bot.telegram import service
from bot.telegram.calls import Refused
from bot.telegram.client import TokenRefused
from shop.settings import Settings

VERBS: Final = {
    "set": "have updates posted to EIDER_TELEGRAM_WEBHOOK_URL; register menus and descriptions",
    "check": "ask Telegram how the webhook stands; exit status 1 if it wants attention",
    "remove": "no more deliveries; what waits is kept for the next webhook or poll",
}

_TROUBLES: Final = (TokenRefused, ConnectionError, RetryLater)


async def examine_telegram(settings: Settings) -> Sequence[str]:
    """What Telegram has to say against the token, and the webhook where there is one."""
    try:
        if not settings.telegram_webhook_url:
            await service.introduce(settings)
            return ()
        return (await service.check(settings, lambda: datetime.now(UTC))).troubles
    except _TROUBLES as trouble:
        return (str(trouble),)
    except Refused as refusal:
        return (f"Telegram refused: {refusal.why}",)


async def operate_telegram(verb: str, settings: Settings) -> int:
    """Do it, say what came of it, and return the exit status."""
    if missing := _missing(verb, settings):
        _print(missing)
        return 2
    try:
        return await _run(verb, settings)
    except _TROUBLES as trouble:
        _print(str(trouble))
    except Refused as refusal:
        _print(f"Telegram refused: {refusal.why}")
    return 1


async def _run(verb: str, settings: Settings) -> int:
    if verb == "set":
        await service.register(settings)
        _print(f"set: {settings.telegram_webhook_url}")
        return 0
    if verb == "remove":
        await service.unregister(settings)
        _print("removed")
        return 0
    standing = await service.check(settings, lambda: datetime.now(UTC))
    _print(f"address: {standing.url or 'none'}\nwaiting updates: {standing.waiting}")
    for trouble in standing.troubles:
        _print(f"! {trouble}")
    return 1 if standing.troubles else 0


def _missing(verb: str, settings: Settings) -> str:
    if not settings.telegram_token:
        return "EIDER_TELEGRAM_TOKEN: is missing; BotFather gives one"
    if verb != "remove" and not settings.telegram_webhook_url:
        return "EIDER_TELEGRAM_WEBHOOK_URL: is missing, such as https://eider.example/telegram"
    return ""


def _print(words: str) -> None:
    print(words)  # noqa: T201 - the output of a command
