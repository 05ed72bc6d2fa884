"""One bot's Bot API: what Telegram remembers of it, and how a call is judged and done."""

import asyncio
import inspect
import time
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from tests.botapi.delivery import Delivery
from tests.botapi.flood import Flood
from tests.botapi.methods import IN_CHAT, PLAIN
from tests.botapi.methods.inline import Inline
from tests.botapi.methods.menus import Menu
from tests.botapi.records import AnswerLost, Call, Chat, Failure, Json, refused
from tests.botapi.rules import answer_flaws, check, decoded, read_anyway, spelling
from tests.botapi.stars import Charge, Stars
from tests.botapi.store import Store, unique
from tests.botapi.updates import Updates

KEPT = 10_000
"""Calls that a lenient double remembers: it may be in use for long."""


class BotApi:
    """``problems`` must be empty in the end: each is a broken rule.

    ``strict=False`` judges nothing and trusts what it is given: for benchmarks. ``local`` is the
    folder of a Bot API server of one's own: files by path, no limit to downloads. ``flood`` makes
    it refuse what is sent too quickly.
    """

    def __init__(
        self,
        token: str,
        strict: bool = True,
        *,
        local: Path | None = None,
        flood: Flood | None = None,
        username: str = "EiderTestBot",
    ) -> None:
        head = token.partition(":")[0]
        number = int(head) if head.isdigit() and len(head) > 3 else 7_000_000_001
        self.me: Json = {"id": number, "is_bot": True, "first_name": "Eider", "username": username}
        self.token, self.strict, self.flood = token, strict, flood
        self.url = ""
        self.calls: deque[Call] | list[Call] = [] if strict else deque(maxlen=KEPT)
        self.problems: list[str] = []
        self.chats: dict[int, Chat] = {}
        self.answered: list[str] = []
        self.notices: dict[str, Json] = {}
        self.open_queries: set[str] = set()
        self.presses: dict[int, list[str]] = {}
        self.inline_mode = True  # as set with BotFather
        self.logged_out = False
        self.down = False  # every call is answered 502
        self.delays: dict[str, float] = {}  # seconds before a method is done
        self.gates: dict[str, asyncio.Event] = {}  # what a method waits for before it is done
        self.faults: deque[tuple[str, Exception]] = deque()
        self._ids = iter(range(1, 10**9))
        self.updates = Updates(strict)
        self.delivery = Delivery(self.updates, self.perform)
        self.store = Store(local)
        self.stars = Stars(self.push, self.new_id)
        self.inline = Inline()
        self.menu = Menu()
        self.files = self.store.data

    # What tests do to it

    def push(self, **content: Json) -> int:
        """Something happened: an update of one kind. Validated by aiogram's models; its id.

        Kinds that the bot did not ask for are not kept for it.
        """
        update = self.updates.compose(content)
        if self.updates.wanted(update):
            self.inject(update)
        return int(update["update_id"])

    def inject(self, update: Json) -> None:
        """An update that no model need know, and no bot need have asked for."""
        serial = self.updates.add(update)
        if serial is not None:
            self.delivery.take(serial, update)

    def holding(self) -> AbstractContextManager[list[Json]]:
        """What happens in the block is put on the list that it gives: to shuffle, double, lose."""
        return self.updates.held()

    def new_id(self) -> int:
        return next(self._ids)

    def keep(self, data: bytes, kind: str = "") -> str:
        """A file on Telegram's servers; its file_id. ``kind``: photo, video, "" for a document."""
        return self.store.keep(data, kind)

    def fail(self, method: str, failure: Failure, times: int = 1) -> None:
        """The next call(s) of ``method`` fail that way, without effect."""
        self.faults.extend([(method, failure)] * times)

    def lose_answer(self, method: str, times: int = 1) -> None:
        """The next call(s) of ``method`` have their effect, but the bot gets no answer."""
        self.faults.extend([(method, AnswerLost())] * times)

    def made(self, method: str) -> list[Call]:
        """The calls of one method so far, failed ones too."""
        return [call for call in self.calls if call.method == method]

    def refund(self, charge: Charge) -> None:
        """The Stars go back, and the bot is told. By whomever: the bot, or Telegram itself."""
        self.stars.give_back(charge)
        chat = self.chats.setdefault(charge.user["id"], Chat(charge.user["id"]))
        told = {"message_id": self.new_id(), "date": int(time.time()), "chat": chat.described()}
        self.push(message=told | {"from": charge.user, "refunded_payment": charge.message()})

    @staticmethod
    def size(file_id: str, edge: int, size: int) -> Json:
        """A PhotoSize."""
        edges = {"width": edge, "height": edge}
        return {"file_id": file_id, "file_unique_id": unique(file_id), **edges, "file_size": size}

    # What it does for the bot

    async def perform(
        self,
        method: str,
        form: Mapping[str, str],
        files: Mapping[str, bytes] | None = None,
        names: Mapping[str, str] | None = None,
    ) -> object:
        """Judge a call and do it. Raises :class:`Failure`, or :class:`AnswerLost` in the end."""
        method = spelling().get(method.lower(), method)
        call = Call(method, decoded(method, form), files or {}, time.monotonic(), names or {})
        self.calls.append(call)
        broken = check(call, local=self.store.local is not None) if self.strict else ()
        self.problems += [each.rule for each in broken]
        fault = self._fault(method)
        if isinstance(fault, Failure):
            raise fault
        if method in self.delays:
            await asyncio.sleep(self.delays[method])
        if method in self.gates:
            await self.gates[method].wait()
        for each in broken:
            if each.refusal:
                raise Failure(each.status, each.refusal)
        if broken:
            call = replace(call, values=read_anyway(method, call.values))
        result = await self._done(call)
        if self.strict and method != "getUpdates":  # tests may have put anything into that
            self.problems += answer_flaws(method, result)
        if fault is not None:
            raise fault
        return result

    def _fault(self, method: str) -> Exception | None:
        if self.down:
            return Failure(502, "Bad Gateway")
        if self.logged_out:
            return Failure(400, "Logged out")
        fault = next((each for each in self.faults if each[0] == method), None)
        if fault:
            self.faults.remove(fault)
        return fault[1] if fault else None

    async def _done(self, call: Call) -> object:
        within, plain = IN_CHAT.get(call.method), PLAIN.get(call.method)
        chat = self.chat_of(call) if within else None
        if self.flood:
            named = self.chats.get(call.values.get("chat_id", 0))
            self.flood.admit(call.method, call.values, chat or named)
        if within and chat:
            done = within(self, call, chat)
        elif plain:
            done = plain(self, call)
        else:
            self.problems.append(f"{call.method}: the double cannot do that")
            raise Failure(404, "Not Found: method not found")
        return await done if inspect.isawaitable(done) else done

    def chat_of(self, call: Call) -> Chat:
        """The chat that the call is for. Raises if it hears nothing from the bot now."""
        chat = self.known_chat(call.values.get("chat_id"))
        if chat.blocked and call.method == "sendMediaGroup":
            why = 'failed to send message #1 with the error message "USER_IS_BLOCKED"'
            raise refused(why)  # an album's refusal is that of one of its messages
        if chat.blocked:
            raise Failure(403, "Forbidden: bot was blocked by the user")
        if chat.became:
            raise Failure(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to=chat.became,
            )
        if chat.standing in ("left", "kicked"):
            how = {"left": "is not a member of", "kicked": "was kicked from"}[chat.standing]
            raise Failure(403, f"Forbidden: bot {how} the {chat.type} chat")
        left = chat.deaf_until - time.monotonic()
        if left > 0:
            raise Failure(429, "Too Many Requests", retry_after=max(1, round(left)))
        return chat

    def known_chat(self, name: object) -> Chat:
        """By id or @username. Raises if the bot never met it."""
        chat = self.chats.get(name) if isinstance(name, int) else self._called(str(name))
        if chat is None:
            raise refused("chat not found")
        return chat

    def _called(self, name: str) -> Chat | None:
        return next((each for each in self.chats.values() if f"@{each.username}" == name), None)

    # What is read of it

    @property
    def pending(self) -> list[Json]:
        """The updates that the bot has not confirmed."""
        return list(self.updates.pending.values())

    @property
    def confirmed(self) -> list[int]:
        """The ids of the updates that it has."""
        return self.updates.confirmed

    @property
    def left(self) -> set[int]:
        """The chats that it left."""
        return {chat.id for chat in self.chats.values() if chat.standing == "left"}

    @property
    def commands(self) -> dict[str, list[Json]]:
        """What a private chat's menu says, by language: "" for all the others."""
        wide = ("default", "all_private_chats")
        found = [each for each in self.menu.commands.items() if each[0][0][0] in wide]
        return {language: commands for (_, language), commands in found}

    @property
    def webhook(self) -> str:
        """Where updates go, "" if the bot has to ask for them."""
        return self.delivery.hook.url

    @webhook.setter
    def webhook(self, url: str) -> None:
        self.delivery.hook.url = url

    @property
    def broken_downloads(self) -> int:
        """So many of the next downloads break."""
        return self.store.broken

    @broken_downloads.setter
    def broken_downloads(self, count: int) -> None:
        self.store.broken = count
