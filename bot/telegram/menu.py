"""The commands in Telegram's menu, in each language of ours."""

import structlog
from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import InvalidToken, TelegramError

from bot.telegram.client import TokenRefused
from handlers.flow import menu
from shop.users import LANGUAGES

_DEFAULT = "en"

log = structlog.get_logger()


async def register_commands(bot: Bot) -> None:
    """Tell Telegram the menu: one per language, and English for everybody else.

    Raises :class:`TokenRefused`; any other trouble leaves the menu as it was, and is logged.
    """
    try:
        await _register(bot, _DEFAULT, None)
        for language in LANGUAGES:
            # Telegram knows languages by two letters: zh for every kind of Chinese.
            await _register(bot, language, language.partition("_")[0])
    except InvalidToken:
        raise TokenRefused() from None
    except TelegramError as error:
        log.warning("telegram_menu_not_set", error=type(error).__name__)


async def _register(bot: Bot, language: str, code: str | None) -> None:
    commands = [BotCommand(name, description) for name, description in menu(language)]
    await bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats(), language_code=code)
