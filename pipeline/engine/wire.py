r"""The wire between worker and torch child: one JSON header line, then raw blobs.

    {"kind": "paint", "id": 7, "body": [...], "blobs": [51234, 880]}\\n<51234 bytes><880 bytes>

Several orders are under way at once: every frame that belongs to one carries its number. The parent
asks `inspect`, `train` and `paint`, and may send `withdraw`; the child tells `begun`, `progress`,
and in the end the answer or `error`.
Photos travel as blobs, so they are never base64, never logged with a header, never on a disk.
Records are packed by their own type hints; a header that does not fit its type is an error.
"""

from __future__ import annotations

import asyncio
import json
import types
import typing
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

T = TypeVar("T")

HEADER_LIMIT = 1 << 20  # bytes; a header holds prompts and numbers, never pictures
BLOB_LIMIT = 1 << 30  # bytes; a LoRA of a large base is about 200 MB


class BadWireFrame(Exception):
    """The other side did not speak this protocol."""


@dataclass(frozen=True, slots=True)
class WireFrame:
    kind: str
    body: Any = None
    blobs: tuple[bytes, ...] = field(default=(), repr=False)
    id: int = 0


def frame(kind: str, record: object = None, id: int = 0) -> WireFrame:
    """A frame that carries one record (or None, a plain JSON value, or a tuple of such)."""
    blobs: list[bytes] = []
    body = _pack(record, blobs)
    return WireFrame(kind, body, tuple(blobs), id)


def record(cls: type[T], message: WireFrame) -> T:
    """The record that a frame carries; BadFrame if it does not fit `cls`."""
    return typing.cast(T, _unpack(cls, message.body, message.blobs))


def encode(message: WireFrame) -> bytes:
    header = {
        "kind": message.kind,
        "id": message.id,
        "body": message.body,
        "blobs": [len(blob) for blob in message.blobs],
    }
    return json.dumps(header).encode() + b"\n" + b"".join(message.blobs)


async def receive(reader: asyncio.StreamReader) -> WireFrame:
    """The next frame; asyncio.IncompleteReadError at the end of the stream."""
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        raise BadWireFrame("header too long") from error
    start, sizes = _header(line)
    return replace(start, blobs=tuple([await reader.readexactly(size) for size in sizes]))


def read(stream: BinaryIO) -> WireFrame | None:
    """The next frame of a blocking stream; None at its end, also in the midst of a frame."""
    line = stream.readline(HEADER_LIMIT)
    if not line.endswith(b"\n"):
        return None
    start, sizes = _header(line)
    blobs = tuple(stream.read(size) for size in sizes)
    if any(len(blob) != size for blob, size in zip(blobs, sizes, strict=True)):
        return None
    return replace(start, blobs=blobs)


def _header(line: bytes) -> tuple[WireFrame, list[int]]:
    """A frame without its blobs, and how long they are."""
    try:
        header = json.loads(line)
        start = WireFrame(header["kind"], header["body"], (), header["id"])
        sizes = header["blobs"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadWireFrame("not a header") from error
    if not isinstance(start.kind, str) or type(start.id) is not int or not _are_sizes(sizes):
        raise BadWireFrame("header of wrong types")
    return start, sizes


def _are_sizes(sizes: object) -> bool:
    return isinstance(sizes, list) and all(type(n) is int and 0 <= n <= BLOB_LIMIT for n in sizes)


def _pack(value: object, blobs: list[bytes]) -> Any:
    if isinstance(value, bytes):
        blobs.append(value)
        return {"blob": len(blobs) - 1}
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _pack(getattr(value, f.name), blobs) for f in fields(value)}
    if isinstance(value, tuple):
        return [_pack(item, blobs) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _unpack(hint: Any, value: Any, blobs: tuple[bytes, ...]) -> Any:
    """`value` as the type `hint`: the mirror of _pack, driven by the annotation."""
    try:
        if hint is bytes:
            return blobs[value["blob"]]
        if isinstance(hint, types.UnionType):
            inner = next(arm for arm in typing.get_args(hint) if arm is not type(None))
            return None if value is None else _unpack(inner, value, blobs)
        if typing.get_origin(hint) is tuple:
            return tuple(_unpack(typing.get_args(hint)[0], item, blobs) for item in value)
        if is_dataclass(hint):
            hints = typing.get_type_hints(hint)
            return hint(**{k: _unpack(hints[k], v, blobs) for k, v in value.items()})  # type: ignore[operator]
        return _scalar(hint, value)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise BadWireFrame(f"body does not fit {hint}") from error


def _scalar(hint: Any, value: Any) -> Any:
    if issubclass(hint, Enum) or hint is Path:
        return hint(value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise TypeError(hint)
    return value
