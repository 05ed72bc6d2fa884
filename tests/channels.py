"""The names of the shipped channels, and of the till that one brings, for tests of rooms that know
neither."""

from typing import Final

from shop.records import ChannelName

PLAYGROUND: Final = ChannelName("playground")
TELEGRAM: Final = ChannelName("telegram")
STARS: Final = "stars"
