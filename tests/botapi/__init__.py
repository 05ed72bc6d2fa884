"""A Bot API of our own on loopback: as strict as the specification, with a memory, and no network.

:class:`BotApi` is the server, :class:`Customer` a person with a phone, :class:`Group` where people
talk. The README says what it knows.
"""

from tests.botapi.api import BotApi
from tests.botapi.flood import Flood, Rate
from tests.botapi.people import (
    Customer,
    Declined,
    Group,
    Member,
    NoPayButton,
    until,
)
from tests.botapi.records import Bill, Call, Chat, Failure, Garbled, Shown
from tests.botapi.server import serving
from tests.botapi.stars import Charge

__all__ = [
    "Bill",
    "BotApi",
    "Call",
    "Charge",
    "Chat",
    "Customer",
    "Declined",
    "Failure",
    "Flood",
    "Garbled",
    "Group",
    "Member",
    "NoPayButton",
    "Rate",
    "Shown",
    "serving",
    "until",
]
