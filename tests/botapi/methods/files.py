"""Files that the bot wants to fetch, and those that it sends: uploaded, or known by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tests.botapi.records import Call, Json, Shown, refused
from tests.botapi.registry import method

if TYPE_CHECKING:
    from tests.botapi.api import BotApi

_MEDIA = {"photo": "photo", "video": "video", "document": ""}


@method("getFile")
def get_file(api: BotApi, call: Call) -> Json:
    return api.store.described(str(call.values.get("file_id", "")))


def medium(api: BotApi, call: Call, kind: str, value: object, shown: Shown) -> Shown:
    """Puts the file that ``value`` names into ``shown``: an upload, a file_id, or, in local mode,
    a path on this machine. Raises a refusal."""
    if kind not in _MEDIA:
        raise refused(f"the double shows no {kind}, only photos, videos and documents")
    name, data, file_id = _found(api, call, kind, value)
    shown.photo, shown.video, shown.document, shown.file_id = None, None, None, file_id
    if kind == "photo":
        shown.photo = data
    elif kind == "video":
        shown.video = data
    else:
        shown.document = (name, data)
    return shown


def measures(shown: Shown, said: Mapping[str, Any]) -> Shown:
    """A video is as long and as large as the bot says: it is not decoded here."""
    if shown.video is not None:
        shown.length = int(said.get("duration") or 0)
        shown.edges = (int(said.get("width") or 0), int(said.get("height") or 0))
    return shown


def _found(api: BotApi, call: Call, kind: str, value: object) -> tuple[str, bytes, str]:
    part = kind if value is None else str(value).removeprefix("attach://")
    if value is None or str(value).startswith("attach://"):
        if part not in call.files:
            raise refused(f"there is no {kind} in the request")
        return call.names.get(part, part), call.files[part], ""
    if api.store.local is not None and str(value).startswith("file://"):
        path = api.store.local / unquote(urlsplit(str(value)).path)
        if not path.is_file():
            raise refused("can't upload file: file not found")
        return path.name, path.read_bytes(), ""
    return "file", api.store.sent_again(str(value), _MEDIA[kind]), str(value)
