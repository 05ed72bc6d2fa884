"""Telegram: its updates become Incoming, replies become Bot API calls. The SDK stays in here."""

from typing import Final

from shop.records import ChannelName

TELEGRAM: Final = ChannelName("telegram")
STARS: Final = "stars"
"""The till inside Telegram: open whenever the bot is, so that what was paid can go back."""
