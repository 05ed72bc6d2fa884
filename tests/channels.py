"""The names of the two channels that are shipped, for tests of the rooms that know no channel."""

from typing import Final

from shop.records import ChannelName

PLAYGROUND: Final = ChannelName("playground")
TELEGRAM: Final = ChannelName("telegram")
