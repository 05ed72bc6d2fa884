"""The server: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>`` over a state of its own."""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiogram.types import Message as CheckedMessage
from aiogram.types import Update as CheckedUpdate
from aiohttp import web

from tests.bot.telegram.double.schema import check

BOT = {"id": 7_000_000_001, "is_bot": True, "first_name": "Eider", "username": "EiderTestBot"}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the bot made. Values as on the wire, JSON decoded."""

    method: str
    values: Mapping[str, Any]
    files: Mapping[str, bytes]
    at: float


@dataclass(slots=True)
class Shown:
    """A message as it stands in a chat now. ``group`` is its album."""

    id: int
    text: str = ""
    caption: str = ""
    photo: bytes | None = None
    document: tuple[str, bytes] | None = None
    markup: Json | None = None
    group: str = ""
    silent: bool = False
    edits: int = 0

    def buttons(self) -> dict[str, Json]:
        rows = (self.markup or {}).get("inline_keyboard", [])
        return {key["text"]: key for row in rows for key in row}


@dataclass(slots=True)
class Chat:
    """A chat as the bot sees it. ``type`` is private, group, supergroup or channel."""

    id: int
    type: str = "private"
    blocked: bool = False
    deaf_until: float = 0.0
    shown: list[Shown] = field(default_factory=list)


class Failure(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, description: str, retry_after: int = 0) -> None:
        self.status = status
        parameters = {"parameters": {"retry_after": retry_after}} if retry_after else {}
        self.body = {"ok": False, "error_code": status, "description": description} | parameters


class BotApi:
    """One bot's Bot API. ``problems`` must be empty in the end: each is a broken rule."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.url = ""
        self.calls: list[Call] = []
        self.problems: list[str] = []
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, bytes] = {}
        self.pending: list[Json] = []
        self.confirmed: list[int] = []
        self.answered: list[str] = []
        self.open_queries: set[str] = set()
        self.commands: dict[str, list[Json]] = {}
        self.left: set[int] = set()
        self.webhook = ""
        self.down = False  # every call is answered 502
        self.broken_downloads = 0
        self.faults: deque[tuple[str, Failure]] = deque()
        self._allowed: list[str] = []
        self._ids = iter(range(1, 10**9))
        self._update_ids = iter(range(500_000, 10**9))
        self._arrival = asyncio.Event()
        self._polls = 0

    # What tests do to it

    def push(self, **content: Json) -> int:
        """Something happened: an update of one kind. Validated by aiogram's models; its id."""
        update = {"update_id": next(self._update_ids), **content}
        _all_known(CheckedUpdate.model_validate(update), "update")
        self.inject(update)
        return int(update["update_id"])

    def inject(self, update: Json) -> None:
        """An update that no model need know."""
        self.pending.append(update)
        self._arrival.set()

    def new_id(self) -> int:
        return next(self._ids)

    def keep(self, data: bytes) -> str:
        """A file on Telegram's servers; its file_id."""
        file_id = f"file-{self.new_id()}"
        self.files[file_id] = data
        return file_id

    def fail(self, method: str, failure: Failure, times: int = 1) -> None:
        """The next call(s) of ``method`` fail that way, without effect."""
        self.faults.extend([(method, failure)] * times)

    def made(self, method: str) -> list[Call]:
        """The calls of one method so far, failed ones too."""
        return [call for call in self.calls if call.method == method]

    # What HTTP does to it

    async def serve(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.token:
            return web.json_response(Failure(401, "Unauthorized").body, status=401)
        method = request.match_info["method"]
        form, files = await _form(request)
        values = {name: _json(text) for name, text in form.items()}
        self.calls.append(Call(method, values, files, time.monotonic()))
        self.problems += check(method, form, files)
        try:
            result = await self._do(method, values, files)
        except Failure as failure:
            return web.json_response(failure.body, status=failure.status)
        return web.json_response({"ok": True, "result": result})

    async def serve_file(self, request: web.Request) -> web.Response:
        if self.broken_downloads > 0 or self.down:
            self.broken_downloads -= 1
            return web.Response(status=502)
        return web.Response(body=self.files[request.match_info["path"].rpartition("/")[2]])

    async def _do(self, method: str, values: Json, files: Mapping[str, bytes]) -> object:
        if self.down:
            raise Failure(502, "Bad Gateway")
        fault = next((each for each in self.faults if each[0] == method), None)
        if fault:
            self.faults.remove(fault)
            raise fault[1]
        chat = self._chat(values) if "chat_id" in values else None
        act: Callable[..., object] | None = getattr(self, f"_do_{_snake(method)}", None)
        if act is None:
            self.problems.append(f"{method}: the double cannot do that")
            raise Failure(404, "Not Found: method not found")
        done = act(*([chat] if chat else []), values, files)
        return await done if asyncio.iscoroutine(done) else done

    def _chat(self, values: Json) -> Chat:
        chat = self.chats.get(values["chat_id"])
        if chat is None:
            raise Failure(400, "Bad Request: chat not found")
        if chat.blocked:
            raise Failure(403, "Forbidden: bot was blocked by the user")
        left = chat.deaf_until - time.monotonic()
        if left > 0:
            raise Failure(429, "Too Many Requests", retry_after=max(1, round(left)))
        return chat

    # Methods

    def _do_get_me(self, values: Json, files: object) -> Json:
        return BOT | {"can_join_groups": True, "can_read_all_group_messages": False}

    async def _do_get_updates(self, values: Json, files: object) -> list[Json]:
        if self.webhook:
            raise Failure(409, "Conflict: can't use getUpdates method while webhook is active")
        self._polls += 1  # which ends an older poll that still waits
        self._arrival.set()
        self._confirm(values.get("offset", 0))
        self._allowed = values.get("allowed_updates", self._allowed)
        return await self._wait(values.get("timeout", 0), values.get("limit", 100))

    def _confirm(self, offset: int) -> None:
        self.confirmed += [u["update_id"] for u in self.pending if u["update_id"] < offset]
        self.pending = [u for u in self.pending if u["update_id"] >= offset]

    async def _wait(self, seconds: float, limit: int) -> list[Json]:
        mine, end = self._polls, time.monotonic() + seconds
        while True:
            if mine != self._polls:
                raise Failure(409, "Conflict: terminated by other getUpdates request")
            wanted = [u for u in self.pending if not self._allowed or set(u) & set(self._allowed)]
            left = end - time.monotonic()
            if wanted or left <= 0:
                return wanted[:limit]
            self._arrival.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._arrival.wait(), left)

    def _do_delete_webhook(self, values: Json, files: object) -> bool:
        self.webhook = ""
        if values.get("drop_pending_updates"):
            self.pending.clear()
        return True

    def _do_set_my_commands(self, values: Json, files: object) -> bool:
        self.commands[values.get("language_code", "")] = values["commands"]
        return True

    def _do_get_file(self, values: Json, files: object) -> Json:
        data = self.files.get(values["file_id"])
        if data is None:
            raise Failure(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(data) > 20 * 1024 * 1024:
            raise Failure(400, "Bad Request: file is too big")
        path = f"photos/{values['file_id']}"
        unique = f"u-{values['file_id']}"
        size = len(data)
        return {
            "file_id": values["file_id"],
            "file_unique_id": unique,
            "file_size": size,
            "file_path": path,
        }

    def _do_send_message(self, chat: Chat, values: Json, files: object) -> Json:
        _linkable(values)
        return self._show(chat, Shown(self.new_id(), text=values["text"]), values)

    def _do_send_photo(self, chat: Chat, values: Json, files: Mapping[str, bytes]) -> Json:
        photo = _attached(values.get("photo", "attach://photo"), files)
        return self._show(chat, Shown(self.new_id(), photo=photo), values)

    def _do_send_document(self, chat: Chat, values: Json, files: Mapping[str, bytes]) -> Json:
        data = _attached(values.get("document", "attach://document"), files)
        return self._show(chat, Shown(self.new_id(), document=("file", data)), values)

    def _do_send_media_group(
        self, chat: Chat, values: Json, files: Mapping[str, bytes]
    ) -> list[Json]:
        group = f"group-{self.new_id()}"
        return [
            self._show(chat, _medium(self.new_id(), item, files, group), item | {"group": group})
            for item in values["media"]
        ]

    def _do_edit_message_text(self, chat: Chat, values: Json, files: object) -> Json:
        old = _standing(chat, values["message_id"])
        if old.photo or old.document:
            raise Failure(400, "Bad Request: there is no text in the message to edit")
        return self._edit(chat, old, values, text=values["text"])

    def _do_edit_message_media(self, chat: Chat, values: Json, files: Mapping[str, bytes]) -> Json:
        old = _standing(chat, values["message_id"])
        new = _medium(old.id, values["media"], files, "")
        caption = values["media"].get("caption", "")
        return self._edit(
            chat, old, values, text="", caption=caption, photo=new.photo, document=new.document
        )

    def _do_delete_message(self, chat: Chat, values: Json, files: object) -> bool:
        chat.shown.remove(_standing(chat, values["message_id"]))
        return True

    def _do_send_chat_action(self, chat: Chat, values: Json, files: object) -> bool:
        return True

    def _do_leave_chat(self, chat: Chat, values: Json, files: object) -> bool:
        self.left.add(chat.id)
        return True

    def _do_answer_callback_query(self, values: Json, files: object) -> bool:
        if values["callback_query_id"] not in self.open_queries:
            raise Failure(
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
            )
        self.open_queries.remove(values["callback_query_id"])
        self.answered.append(values["callback_query_id"])
        return True

    # State

    def _show(self, chat: Chat, shown: Shown, values: Json) -> Json:
        shown.caption = values.get("caption", "")
        shown.markup = values.get("reply_markup")
        shown.silent = bool(values.get("disable_notification"))
        chat.shown.append(shown)
        return self._message(chat, shown)

    def _edit(self, chat: Chat, old: Shown, values: Json, **changes: Any) -> Json:
        changes["markup"] = values.get("reply_markup")
        if all(getattr(old, name) == value for name, value in changes.items()):
            raise Failure(
                400,
                "Bad Request: message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup of the message",
            )
        for name, value in changes.items():
            setattr(old, name, value)
        old.edits += 1
        return self._message(chat, old)

    def _message(self, chat: Chat, shown: Shown) -> Json:
        message: Json = {
            "message_id": shown.id,
            "date": int(time.time()),
            "from": BOT,
            "chat": {"id": chat.id, "type": chat.type, "first_name": "C"},
        }
        if shown.group:
            message["media_group_id"] = shown.group
        if shown.photo is not None:
            message["photo"] = [self.size(self.keep(shown.photo), 512, len(shown.photo))]
        elif shown.document is not None:
            file_id = self.keep(shown.document[1])
            message["document"] = {"file_id": file_id, "file_unique_id": f"u-{file_id}"}
        else:
            message["text"] = shown.text
        if shown.caption:
            message["caption"] = shown.caption
        if shown.markup:
            message["reply_markup"] = shown.markup
        _all_known(CheckedMessage.model_validate(message), "message")
        return message

    @staticmethod
    def size(file_id: str, edge: int, size: int) -> Json:
        """A PhotoSize."""
        unique = f"u-{file_id}"
        return {
            "file_id": file_id,
            "file_unique_id": unique,
            "width": edge,
            "height": edge,
            "file_size": size,
        }


@asynccontextmanager
async def serving(api: BotApi) -> AsyncIterator[BotApi]:
    """``api`` on a free port of loopback; its ``url`` is set."""
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/bot{token}/{method}", api.serve)
    app.router.add_get("/file/bot{token}/{path:.+}", api.serve_file)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    api.url = f"http://{host}:{port}"
    try:
        yield api
    finally:
        await runner.cleanup()


async def _form(request: web.Request) -> tuple[dict[str, str], dict[str, bytes]]:
    form: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            form[name] = str(value)
    return form, files


def _snake(method: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in method)


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in '[{-0123456789tf"' else text
    except ValueError:
        return text


def _attached(value: str, files: Mapping[str, bytes]) -> bytes:
    name = value.removeprefix("attach://")
    if name not in files:
        raise Failure(400, "Bad Request: there is no file in the request")
    return files[name]


def _medium(id: int, item: Json, files: Mapping[str, bytes], group: str) -> Shown:
    data = _attached(item["media"], files)
    if item["type"] == "photo":
        return Shown(id, photo=data, group=group)
    return Shown(id, document=("file", data), group=group)


def _standing(chat: Chat, message: int) -> Shown:
    found = next((each for each in chat.shown if each.id == message), None)
    if found is None:
        raise Failure(400, "Bad Request: message to edit not found")
    return found


def _linkable(values: Json) -> None:
    for row in (values.get("reply_markup") or {}).get("inline_keyboard", []):
        for key in row:
            if "url" in key and "." not in key["url"].split("/")[2].split(":")[0]:
                raise Failure(
                    400, "Bad Request: inline keyboard button URL is invalid: Wrong HTTP URL"
                )


def _all_known(model: Any, where: str) -> None:
    """aiogram's models let unknown fields pass: here a misspelt one is an error."""
    if getattr(model, "model_extra", None):
        raise AssertionError(f"{where} has unknown fields: {sorted(model.model_extra)}")
    for name in type(model).model_fields if hasattr(type(model), "model_fields") else ():
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if hasattr(type(each), "model_fields"):
                _all_known(each, f"{where}.{name}")
