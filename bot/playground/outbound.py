"""The playground's outbound: writes replies into the transcript in Redis."""

from datetime import datetime

from bot.playground.messages import message_of
from bot.playground.transcript import Role, Transcript
from handlers.chat import PASSING, Marks, Reply, Say, Show


class PlaygroundOutbound:
    """:class:`bot.outbound.Outbound` over Redis. A reply of the same ``key`` is shown once."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript

    async def send(self, chat: str, reply: Reply, *, key: str = "", below: str = "") -> None:
        """Post the reply into the chat of that person. ``below``: the id of the message in the
        transcript that it answers, if it answers one."""
        if isinstance(reply, Marks):
            for mark in reply.marks:
                await self._transcript.mark(chat, mark.message, mark.fate, mark.words)
            return
        await self._transcript.post(
            chat, message_of(reply), message_key=reply.message_key, key=key, below=below,
            role=_role(reply),
        )  # fmt: skip

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop the transcript from before then; open pages clear themselves too."""
        await self._transcript.forget(chat, before)


def _role(reply: Reply) -> Role:
    if isinstance(reply, Say) and reply.closes:
        return Role.CLOSES
    if isinstance(reply, Show):
        return Role.PASSES if reply.passing else Role.NONE
    passes = isinstance(reply, Say) and reply.tone in PASSING
    return Role.PASSES if passes else Role.NONE
