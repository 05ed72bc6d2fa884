"""Whether an update is still somebody's: a person may be erased, or become one with another, while
it comes in, and must not be made anew by it."""

from typing import Final

from handlers.chat import Incoming, Person, Pressed
from handlers.intents import Intent, read_action
from shop import inbox
from shop.people import users
from shop.ports import Database, Tx
from shop.records import UserId

NOBODY: Final = "nobody"
"""As :attr:`handlers.chat.Incoming.only_of`: of somebody who was erased. Nothing is done, for
nobody; what was kept to be said of it is said."""


def answers_erasure(incoming: Incoming) -> bool:
    """Whether it is the press of an answer to whether to erase everything."""
    if not isinstance(incoming.content, Pressed):
        return False
    intent, argument = read_action(incoming.content.action) or (Intent.HELP, "")
    return intent is Intent.ERASE and argument != ""


async def is_still(tx: Tx, person: Person, whose: UserId, *, known: bool = False) -> bool:
    """Whether that chat is still that user's, who is not erased before the commit; of no user in
    particular, whether it is anybody's, where it must be ``known``."""
    if not whose and not known:
        return True
    sender = await users.find(tx, person.platform, person.id, lock=True)
    if sender is None or not whose:
        return sender is not None
    owner = await users.current(tx, whose)  # another since their chats were linked
    return owner is not None and sender.id == owner.id


async def was_erased_since(tx: Tx, incoming: Incoming) -> bool:
    """Whether an update comes again whose sender is nobody any more."""
    person = incoming.person
    unknown = await users.find(tx, person.platform, person.id) is None
    return unknown and await inbox.was_processed(tx, incoming.event_id)


async def language_of(database: Database, person: Person) -> str:
    """The one that they chose; of somebody unknown their platform's."""
    async with database.snapshot() as tx:
        user = await users.find(tx, person.platform, person.id)
    return user.language if user else users.language_for(person.language)
