"""The channels that are shipped. A new one is its own package, and one line here."""

from typing import Final

from bot.channels import ChannelRegistry
from bot.playground.channel import CHANNEL as PLAYGROUND_CHANNEL
from bot.telegram.channel import CHANNEL as TELEGRAM_CHANNEL
from bot.wechat.channel import CHANNEL as WECHAT_CHANNEL

CHANNELS: Final = ChannelRegistry(
    PLAYGROUND_CHANNEL,
    TELEGRAM_CHANNEL,
    WECHAT_CHANNEL,
)
