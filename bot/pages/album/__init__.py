"""The album: a person's portraits on one page for a phone, and what can be done with them.

One page for all channels. Its link (:mod:`bot.pages.album.links`) names the person, and the door
(:mod:`bot.pages.album.door`) lets nobody else in: who is looking, the channel says
(:class:`bot.channels.PageLogin`). What is pressed there goes to the dialogue, as in the chat.
"""

from typing import Final

PATH: Final = "/album"
"""Where the page is served; its link follows."""
