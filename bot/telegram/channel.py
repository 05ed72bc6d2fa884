"""Telegram as a channel: its record in the registry."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from bot.channels import (
    Capabilities,
    Channel,
    ChannelCommand,
    ChannelConnection,
    ChannelDependencies,
    PhotoMarks,
)
from bot.state.gcra import at_most
from bot.telegram import STARS, TELEGRAM
from bot.telegram.command import VERBS, examine_telegram, operate_telegram
from bot.telegram.message_plan import ALBUM_LIMIT
from bot.telegram.page_login import telegram_page_login
from bot.telegram.rate_limiter import RateLimiter
from bot.telegram.service import open_outbound, poll, receive
from bot.telegram.stars import open_stars
from shop.settings import Settings


@asynccontextmanager
async def connect(deps: ChannelDependencies) -> AsyncIterator[ChannelConnection]:
    """Open it. One rate limiter serves the dialogue and the news of this process."""
    overall = at_most(deps.settings.telegram_per_second)
    on_wait = partial(deps.count_wait, TELEGRAM)
    limiter = RateLimiter(deps.redis, overall=overall, on_wait=on_wait)
    async with open_outbound(deps, limiter) as outbound:
        yield ChannelConnection(
            outbound,
            partial(receive, deps, limiter),
            partial(poll, deps, limiter),
            page_login=telegram_page_login(deps.settings.telegram_token, deps.clock),
            way_back=outbound.way_back,
        )


def _till(settings: Settings) -> str:
    return STARS if settings.stars_avatar else settings.till


def _missing(settings: Settings) -> str:
    return (
        "" if settings.telegram_token else "EIDER_TELEGRAM_TOKEN: is missing; BotFather gives one"
    )


def _add_verbs(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, what in VERBS.items():
        verbs.add_parser(name, help=what)


async def _operate(chosen: argparse.Namespace, settings: Settings) -> int:
    return await operate_telegram(chosen.verb, settings)


CHANNEL: Final = Channel(
    name=TELEGRAM,
    capabilities=Capabilities(marks=PhotoMarks.REPLIES, pictures=ALBUM_LIMIT),
    connect=connect,
    till=_till,
    missing=_missing,
    has_pages=lambda settings: settings.public_url.startswith("https:"),  # or none opens there
    no_till=(
        "EIDER_STARS_AVATAR: is missing, and nobody in Telegram could pay; set a price in Stars, "
        "or EIDER_TILL=sandbox to try it without money"
    ),
    tills=(open_stars,),
    polls=True,
    commands=(
        ChannelCommand(
            "telegram", "webhook and menus, as Telegram knows them", _add_verbs, _operate
        ),
    ),
    examine=examine_telegram,
)
