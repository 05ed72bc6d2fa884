"""Receipts ("withdrawn", what was erased, what came back) and what else is said once
(:attr:`handlers.chat.Say.once`), kept with their event: who did not get the answer, since the
process that owed it ended, reads them when the update comes again. What else was said is where they
stand, which the screen shows anyway; their own words, and what repeats them, are never kept.

Sealed for that event and that chat: nobody else is told them, whoever else asks for its answer.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter, ValidationError

from handlers.chat import Incoming, Reply, Say, Tone
from handlers.context import DialogueDependencies
from handlers.senders import answers_erasure
from shop import inbox
from shop.encryption import DataKey, derive_key
from shop.errors import NotFound
from shop.people import users
from shop.ports import Tx

_PURPOSE: Final = "dialogue/words/1"
_SAID: Final = TypeAdapter(tuple[Say, ...])


class KeptWords:
    """What is said once."""

    def __init__(self, signing_key: bytes) -> None:
        self._key = DataKey(derive_key(signing_key, _PURPOSE))

    async def keep(self, tx: Tx, incoming: Incoming, replies: Sequence[Reply]) -> None:
        """Keep those that are said once, with the event, which is stored."""
        said = tuple(one for one in replies if isinstance(one, Say) and _is_kept(one))
        if said:
            sealed = self._key.seal(_SAID.dump_json(said), _path(incoming))
            await inbox.keep_words(tx, incoming.event_id, sealed)

    async def find(self, tx: Tx, incoming: Incoming) -> tuple[Reply, ...]:
        """What was kept for that event and this chat, with their message keys: what the courier has
        said there since is not said twice. ``()`` also where it cannot be read."""
        event = await inbox.find(tx, incoming.event_id)
        if event is None or not event.words:
            return ()
        try:
            return _SAID.validate_json(self._key.open(event.words, _path(incoming)))
        except (NotFound, ValidationError):  # another chat's, key's or release's
            return ()

    async def answer_nobody(
        self, deps: DialogueDependencies, incoming: Incoming
    ) -> tuple[Reply, ...]:
        """To somebody who was erased: the receipt of that, if this is the update by which they
        were; else, to another yes, that there is nothing left."""
        async with deps.database.snapshot() as tx:
            said = await self.find(tx, incoming)
        if said or not answers_erasure(incoming):
            return said
        person = incoming.person
        words = deps.texts(users.language_for(person.language), person.platform)
        return (Say(words("erase-nothing")),)


def _is_kept(said: Say) -> bool:
    return said.once or said.tone is Tone.RECEIPT


def _path(incoming: Incoming) -> str:
    """What the words are authenticated with."""
    return f"{incoming.event_id}\n{incoming.person.platform}\n{incoming.person.id}"
