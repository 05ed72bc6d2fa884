"""The double by itself: a page and a few JSON routes by which a person, or a test in another
language, is Telegram's other end."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.botapi.api import BotApi
from tests.botapi.people import Customer, Declined, Group, NoPayButton
from tests.botapi.records import Call, Chat, Failure, Json, Shown

Deed = Callable[[Customer, Json], object | Awaitable[object]]

DEEDS: dict[str, Deed] = {
    "say": lambda who, said: who.say(said["text"]),
    "edit": lambda who, said: who.edit(said["text"]),
    "photo": lambda who, said: who.send_photo(_bytes(said)),
    "album": lambda who, said: who.send_album([base64.b64decode(each) for each in said["photos"]]),
    "file": lambda who, said: who.send_file(_bytes(said), said["name"], said["mime"]),
    "press": lambda who, said: who.press(said["label"]),
    "press_data": lambda who, said: who.press_data(said["data"]),
    "open": lambda who, said: who.opens(said["url"]),
    "block": lambda who, said: who.block(),
    "unblock": lambda who, said: who.unblock(),
    "pay": lambda who, said: who.pay(said.get("link")),
    "ask": lambda who, said: who.asks(said.get("query", "")),
    "menu": lambda who, said: who.menu(),
}
"""What people can do by ``POST /control/people/<id>/<deed>``; files are Base64."""


class Control:
    """Routes beside the Bot API's own."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._people: dict[tuple[int, int], Customer] = {}
        self._groups: dict[int, Group] = {}

    def routes(self) -> list[web.RouteDef]:
        """For :func:`tests.botapi.server.serving`."""
        return [
            web.get("/control", self.page),
            web.get("/control/state", self.state),
            web.get("/control/calls", self.calls),
            web.get("/control/problems", self.problems),
            web.post("/control/update", self.update),
            web.post("/control/people/{id}/{deed}", self.person),
            web.post("/control/refund", self.refund),
            web.post("/control/fail", self.fail),
            web.post("/control/forget", self.forget),
        ]

    async def page(self, request: web.Request) -> web.StreamResponse:
        """For people with a browser."""
        return web.FileResponse(Path(__file__).with_name("control.html"))

    async def state(self, request: web.Request) -> web.Response:
        """Everything at a glance."""
        api = self._api
        state = {
            "bot": api.me,
            "chats": [_chat(each) for each in api.chats.values()],
            "pending": len(api.pending),
            "webhook": asdict(api.delivery.hook) | {"secret": bool(api.delivery.hook.secret)},
            "stars": {"balance": api.stars.balance, "transactions": api.stars.transactions},
            "calls": len(api.calls),
            "problems": api.problems,
        }
        return web.json_response(state)

    async def calls(self, request: web.Request) -> web.Response:
        """What the bot called; ``?method=`` for one method alone."""
        wanted = request.query.get("method")
        found = [_call(call) for call in self._api.calls if wanted in (None, call.method)]
        return web.json_response(found)

    async def problems(self, request: web.Request) -> web.Response:
        """The rules that the bot broke."""
        return web.json_response(self._api.problems)

    async def update(self, request: web.Request) -> web.Response:
        """``{"message": {…}}``: an update, validated; with ``?raw=1`` as it is."""
        said = await request.json()
        if request.query.get("raw"):
            self._api.inject(said)
            return web.json_response({"update_id": said.get("update_id")})
        return await _answered(lambda: self._api.push(**said))

    async def person(self, request: web.Request) -> web.Response:
        """Somebody does something, in their chat with the bot or in the group ``chat``."""
        said = json.loads(await request.read() or b"{}")
        deed = DEEDS.get(request.match_info["deed"])
        if deed is None:
            return web.json_response({"error": f"one of {sorted(DEEDS)}"}, status=404)
        who = self._who(int(request.match_info["id"]), said)
        return await _answered(lambda: deed(who, said))

    async def refund(self, request: web.Request) -> web.Response:
        """``{"charge": id}``: Telegram gives it back."""
        charge = self._api.stars.charges[(await request.json())["charge"]]
        return await _answered(lambda: self._api.refund(charge))

    async def fail(self, request: web.Request) -> web.Response:
        """``{"method", "status", "description", "retry_after", "times"}``: so it will fail."""
        said = await request.json()
        failure = Failure(said["status"], said["description"], said.get("retry_after", 0))
        return await _answered(
            lambda: self._api.fail(said["method"], failure, said.get("times", 1))
        )  # fmt: skip

    async def forget(self, request: web.Request) -> web.Response:
        """A new test begins: no calls, no problems."""
        self._api.calls.clear()
        self._api.problems.clear()
        return web.json_response({"result": True})

    def _who(self, id: int, said: Json) -> Customer:
        chat, language = said.get("chat", id), said.get("language", "en")
        if (chat, id) not in self._people:
            if chat == id:
                self._people[chat, id] = Customer(self._api, id, language)
            else:
                group = self._groups.setdefault(chat, Group(self._api, chat))
                self._people[chat, id] = group.member(id, language)
        return self._people[chat, id]


async def _answered(do: Callable[[], object]) -> web.Response:
    """Its result, or why it could not be done."""
    try:
        result = do()
        if inspect.isawaitable(result):
            result = await result
    except (Declined, NoPayButton, TimeoutError) as why:
        return web.json_response({"declined": str(why) or "no answer"}, status=409)
    except (AssertionError, ValueError, LookupError, StopIteration, Failure) as why:
        return web.json_response({"error": str(why) or repr(why)}, status=400)
    return web.json_response({"result": result}, dumps=_dumps)


def _dumps(value: object) -> str:
    return json.dumps(value, default=asdict)


def _bytes(said: Json) -> bytes:
    return base64.b64decode(said["data"])


def _call(call: Call) -> Json:
    files = {name: len(data) for name, data in call.files.items()}
    return {"method": call.method, "values": dict(call.values), "files": files}


def _chat(chat: Chat) -> Json:
    described: Json = chat.described() | {"blocked": chat.blocked, "standing": chat.standing}
    return described | {"messages": [dict(_message(each)) for each in chat.shown]}


def _message(shown: Shown) -> Iterator[tuple[str, Any]]:
    """A message without its bytes."""
    yield "id", shown.id
    yield "text", shown.text or shown.caption
    yield "buttons", list(shown.buttons().values())
    if shown.photo is not None:
        yield "photo", shown.file_id
    if shown.video is not None:
        yield "video", shown.file_id
    if shown.document is not None:
        yield "document", shown.document[0]
    if shown.invoice is not None:
        yield "invoice", asdict(shown.invoice)
