"""The real container with people of WeChat, and its web side."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.channels import ChannelRegistry
from bot.container import Container, open_container
from bot.registered_channels import CHANNELS
from bot.wechat import WECHAT
from shop.settings import Settings
from tests.bot.pages.wechat_visitors import Chats, Clock, OAuth, channel


@pytest.fixture
def oauth() -> OAuth:
    return OAuth()


@pytest.fixture
def chats() -> Chats:
    return Chats()


@pytest.fixture
async def container(env: dict[str, str], oauth: OAuth, chats: Chats) -> AsyncIterator[Container]:
    others = (one for one in CHANNELS if one.name != WECHAT)
    channels = ChannelRegistry(*others, channel(oauth, chats))
    async with open_container(Settings.from_env(env), channels) as container:
        yield replace(container, clock=Clock(container.clock))
