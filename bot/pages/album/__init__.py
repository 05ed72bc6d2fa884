"""The album: a person's portraits on one page for a phone, and what can be done with them.

One page for all channels. Its link (:mod:`bot.pages.links`) names the person, and the door
(:mod:`bot.pages.door`) lets nobody else in: who is looking, the channel says
(:class:`bot.channels.PageLogin`). What is pressed there goes to the dialogue, as in the chat.
"""

from pathlib import Path
from typing import Final

from bot.pages.personal_page import PersonalPage

ALBUM: Final = PersonalPage(
    "album", Path(__file__).with_name("static"), ("album.css", "overlays.css")
)
PATH: Final = ALBUM.path
