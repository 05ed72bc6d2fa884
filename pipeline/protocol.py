r"""The wire between worker and torch child: one JSON header line, then raw blobs.

    {"kind": "paint", "body": {...}, "blobs": [51234, 880]}\\n<51234 bytes><880 bytes>

Photos travel as blobs, so they are never base64, never logged with a header, never on a disk.
Records are packed by their own type hints; a header that does not fit its type is an error.
"""

from __future__ import annotations

import asyncio
import json
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

T = TypeVar("T")

HEADER_LIMIT = 1 << 20  # bytes; a header holds prompts and numbers, never pictures
BLOB_LIMIT = 1 << 30  # bytes; a LoRA of a large base is about 200 MB


class BadFrame(Exception):
    """The other side did not speak this protocol."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: str
    body: Any = None
    blobs: tuple[bytes, ...] = ()


def frame(kind: str, record: object = None) -> Frame:
    """A frame that carries one record (or None, or a plain JSON value)."""
    blobs: list[bytes] = []
    body = _pack(record, blobs)
    return Frame(kind, body, tuple(blobs))


def record(cls: type[T], message: Frame) -> T:
    """The record that a frame carries; BadFrame if it does not fit `cls`."""
    return typing.cast(T, _unpack(cls, message.body, message.blobs))


def encode(message: Frame) -> bytes:
    header = {
        "kind": message.kind,
        "body": message.body,
        "blobs": [len(blob) for blob in message.blobs],
    }
    return json.dumps(header).encode() + b"\n" + b"".join(message.blobs)


async def receive(reader: asyncio.StreamReader) -> Frame:
    """The next frame; asyncio.IncompleteReadError at the end of the stream."""
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        raise BadFrame("header too long") from error
    kind, body, sizes = _header(line)
    return Frame(kind, body, tuple([await reader.readexactly(size) for size in sizes]))


def read(stream: BinaryIO) -> Frame | None:
    """The next frame of a blocking stream; None at its end, also in the midst of a frame."""
    line = stream.readline(HEADER_LIMIT)
    if not line.endswith(b"\n"):
        return None
    kind, body, sizes = _header(line)
    blobs = tuple(stream.read(size) for size in sizes)
    if any(len(blob) != size for blob, size in zip(blobs, sizes, strict=True)):
        return None
    return Frame(kind, body, blobs)


def _header(line: bytes) -> tuple[str, Any, list[int]]:
    try:
        header = json.loads(line)
        kind, body, sizes = header["kind"], header["body"], header["blobs"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadFrame("not a header") from error
    if not isinstance(kind, str) or not _are_sizes(sizes):
        raise BadFrame("header of wrong types")
    return kind, body, sizes


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
        raise BadFrame(f"body does not fit {hint}") from error


def _scalar(hint: Any, value: Any) -> Any:
    if issubclass(hint, Enum) or hint is Path:
        return hint(value)
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise TypeError(hint)
    return value
