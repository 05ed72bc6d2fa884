r"""The wire between worker and torch child: one JSON header line, then raw blobs.

    {"kind": "paint", "id": 7, "body": [...], "blobs": [51234, 880]}\\n<51234 bytes><880 bytes>

Several requests are under way at once, so each frame carries the id of its request. The parent
sends `inspect`, `train`, `paint`, `self_test` and `cancel`; the child sends `begun`, then any
number of `progress`, and at last the answer or `error`.
Photos travel as blobs: never base64, never logged with a header, never on a disk. Records are
packed and checked by pydantic from their annotations, strictly: no coercion, no unknown keys.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass, field, is_dataclass
from typing import Annotated, Any, BinaryIO, TypeVar

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    SerializationInfo,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import to_json

T = TypeVar("T")
_adapter: Callable[[Any], TypeAdapter[Any]] = functools.cache(TypeAdapter)

HEADER_LIMIT = 1 << 20  # bytes; a header holds prompts and numbers, never pictures
BLOB_LIMIT = 1 << 31  # bytes; a LoRA of a large base is about 200 MB, its checkpoint three times
PIECE = 1 << 20  # bytes of a blob that are read at once


class BadWireFrame(Exception):
    """The other side did not speak this protocol; the text names every key that is wrong."""


@dataclass(frozen=True, slots=True)
class WireFrame:
    """One message: a JSON value, and the blobs that it refers to as {"blob": index}."""

    kind: str
    body: Any = field(default=None, repr=False)
    blobs: tuple[bytes | bytearray, ...] = field(default=(), repr=False)
    id: int = 0


@dataclass(frozen=True, slots=True)
class _Header:
    kind: str
    id: int
    body: Any
    blobs: tuple[Annotated[int, Field(ge=0, le=BLOB_LIMIT)], ...]


def _add_blob(value: bytes, info: SerializationInfo[list[bytes]]) -> dict[str, int]:
    info.context.append(value)
    return {"blob": len(info.context) - 1}


def _find_blob(value: Any, info: ValidationInfo[tuple[bytes, ...]]) -> bytes:
    match value:
        case {"blob": int(index)} if len(value) == 1 and 0 <= index < len(info.context):
            return info.context[index]
    raise ValueError("no blob of this frame")


Blob = Annotated[bytes, PlainSerializer(_add_blob), PlainValidator(_find_blob)]
"""Bytes that travel beside the header. Every `bytes` field of a record is to be annotated so."""


def pack(kind: str, record: object = None, id: int = 0) -> WireFrame:
    """A frame that carries a record, bytes, a plain JSON value, or a tuple of such."""
    blobs: list[bytes] = []
    return WireFrame(kind, _pack(record, blobs), tuple(blobs), id)


def unpack(cls: type[T], frame: WireFrame) -> T:
    """The record that a frame carries. BadWireFrame if it does not fit `cls`."""
    return _validated(cls, to_json(frame.body), frame.kind, frame.blobs)


def encode(frame: WireFrame) -> bytes:
    """The frame's bytes; the blobs are copied once."""
    return b"".join(pieces(frame))


def pieces(frame: WireFrame) -> tuple[bytes | bytearray, ...]:
    """The frame's bytes in order: the header's, then each blob as it is, uncopied."""
    header = {
        "kind": frame.kind,
        "id": frame.id,
        "body": frame.body,
        "blobs": [len(blob) for blob in frame.blobs],
    }
    return to_json(header), b"\n", *frame.blobs


async def receive(reader: asyncio.StreamReader, most: int | None = None) -> WireFrame:
    """The next frame; asyncio.IncompleteReadError at the end of the stream.

    most   bytes of all its blobs together; BadWireFrame for more, before they are read
    """
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as error:
        raise BadWireFrame("header too long") from error
    header = _header(line)
    if most is not None and sum(header.blobs) > most:
        raise BadWireFrame("more bytes than may come")
    blobs = tuple([await _receive_blob(reader, size) for size in header.blobs])
    return WireFrame(header.kind, header.body, blobs, header.id)


async def _receive_blob(reader: asyncio.StreamReader, size: int) -> bytes:
    """A large one piece by piece, and joined in a thread: it may have hundreds of megabytes, and
    the event loop turns meanwhile."""
    if size <= PIECE:
        return await reader.readexactly(size)
    starts = range(0, size, PIECE)
    pieces_ = [await reader.readexactly(min(PIECE, size - start)) for start in starts]
    return await asyncio.to_thread(b"".join, pieces_)


def read(stream: BinaryIO) -> WireFrame | None:
    """The next frame of a blocking stream; None at its end, also in the midst of a frame."""
    line = stream.readline(HEADER_LIMIT)
    if not line.endswith(b"\n"):
        return None
    header = _header(line)
    blobs = tuple(stream.read(size) for size in header.blobs)
    if any(len(blob) != size for blob, size in zip(blobs, header.blobs, strict=True)):
        return None
    return WireFrame(header.kind, header.body, blobs, header.id)


def _header(line: bytes) -> _Header:
    return _validated(_Header, line, "header")


def _validated(
    cls: type[T], text: bytes, kind: str, blobs: tuple[bytes | bytearray, ...] = ()
) -> T:
    """JSON as `cls`: in JSON, pydantic can be strict and still take lists for tuples."""
    try:
        record: T = _adapter(cls).validate_json(text, strict=True, extra="forbid", context=blobs)
    except ValidationError as error:
        # Not "from error": it holds the values, and those may be personal.
        raise BadWireFrame(f"{kind}: {_mistakes(error)}") from None
    return record


def _pack(value: object, blobs: list[bytes]) -> Any:
    if isinstance(value, tuple):
        return [_pack(item, blobs) for item in value]
    if isinstance(value, bytes):
        return _adapter(Blob).dump_python(value, context=blobs)
    if is_dataclass(value):
        adapter = _adapter(type(value))
        return adapter.dump_python(value, mode="json", context=blobs, warnings=False)
    return value


def _mistakes(error: ValidationError) -> str:
    """Every key that is wrong, and how; no values."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
