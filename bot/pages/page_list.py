"""The pages that are one person's: who logs people in lets them back to these alone."""

from typing import Final

from bot.pages.album import ALBUM
from bot.pages.personal_page import PersonalPage

PERSONAL_PAGES: Final[tuple[PersonalPage, ...]] = (ALBUM,)
