"""A chat in the browser: the page, its transport over Redis, and the client that drives it."""

from typing import Final

from shop.records import ChannelName

PLAYGROUND: Final = ChannelName("playground")
