"""The hidden label of an MP4: GB 45438-2025's AIGC among the keys of ``moov/udta/meta`` (annex E),
and an XMP packet (IPTC's DigitalSourceType, the day) in a box of its own behind the frames.

Boxes are walked, never trusted: of a stranger's file each is within its parent, and as many are
looked at as a clip has, ten times over. No frame is decoded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from shop.labels import hidden
from shop.labels.hidden import HiddenLabel

KEY: Final = "AIGC"
XMP_UUID: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # XMP specification, part 3
MOST_BOXES: Final = 4000
"""Of one file, at all levels that are looked into; a clip of ours has some 40."""

_HOLDERS: Final = {
    **dict.fromkeys((b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl", b"dinf", b"udta"), 0),
    **dict.fromkeys((b"mvex", b"moof", b"traf", b"mfra", b"tref", b"skip", b"iprp", b"ipco"), 0),
    b"meta": 4,
}
"""Boxes that hold others, and the bytes before the first of these."""
_DEEPEST: Final = 12
_TEXT: Final = 1  # the type of a value that is UTF-8
_BRANDS: Final = {
    **dict.fromkeys((b"isom", *(b"iso%d" % n for n in range(2, 10))), "video/mp4"),
    **dict.fromkeys((b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"), "video/mp4"),
    b"qt  ": "video/quicktime",
}


class BentBoxes(ValueError):
    """A box is not within its parent, or there are more than any film has."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: ``start`` to ``end`` in the file; its content begins at ``body``."""

    kind: bytes
    start: int
    body: int
    end: int


def media_type(data: bytes) -> str | None:
    """video/mp4 or video/quicktime by the first box; None for any other file, AVIF and HEIC (of
    the same family of formats) among them."""
    return _BRANDS.get(data[8:12]) if data[4:8] == b"ftyp" else None


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that fill those bytes of the file, in order. Raises :class:`BentBoxes`."""
    last = len(data) if end is None else end
    for _ in range(MOST_BOXES):
        if start == last:
            return
        box = _box(data, start, last)
        yield box
        start = box.end
    raise BentBoxes("too many boxes")


def require_usual(data: bytes) -> None:
    """Walk all boxes that hold others, before a parser does that believes them. Raises
    :class:`BentBoxes`: torn ones, ones deeper than any film's, or too many in all."""
    pending, left = [(0, len(data), 0)], MOST_BOXES
    while pending:
        start, end, depth = pending.pop()
        for box in boxes(data, start, end):
            left -= 1
            if not left or depth > _DEEPEST:
                raise BentBoxes("more boxes than a film has")
            if box.kind in _HOLDERS:
                pending.append((box.body + _HOLDERS[box.kind], box.end, depth + 1))


def find(data: bytes, *path: bytes) -> Box | None:
    """The first box at that path of kinds from the top. Raises :class:`BentBoxes`."""
    start, end = 0, len(data)
    found: Box | None = None
    for kind in path:
        found = next((box for box in boxes(data, start, end) if box.kind == kind), None)
        if found is None:
            return None
        start, end = found.body + _HOLDERS.get(kind, 0), found.end
    return found


def read_label(data: bytes) -> HiddenLabel | None:
    """What the hidden label of an MP4 says; None for none. Raises :class:`BentBoxes`."""
    stated = hidden.read_packet(_xmp(data))
    aigc = hidden.read_aigc(read_keys(data).get(KEY, ""))
    if aigc is None:
        return stated
    if stated is None:
        return aigc
    return replace(aigc, source_type=stated.source_type, day=stated.day)


def read_keys(data: bytes) -> Mapping[str, str]:
    """The texts among the metadata of ``moov/udta/meta``, by their keys' names. Raises
    :class:`BentBoxes`."""
    meta = find(data, b"moov", b"udta", b"meta")
    if meta is None:
        return {}
    parts = {box.kind: box for box in boxes(data, meta.body + _HOLDERS[b"meta"], meta.end)}
    if not {b"keys", b"ilst"} <= parts.keys():
        return {}
    names = _names(data, parts[b"keys"])
    texts: dict[str, str] = {}
    for item in boxes(data, parts[b"ilst"].body, parts[b"ilst"].end):
        place = int.from_bytes(item.kind, "big") - 1
        value = next(boxes(data, item.body, item.end), None)
        if value and value.kind == b"data" and 0 <= place < len(names):
            kind = int.from_bytes(data[value.body : value.body + 4], "big")
            text = data[value.body + 8 : min(value.end, value.body + 8 + hidden.LONGEST)]
            if kind == _TEXT:
                texts.setdefault(names[place], text.decode("utf-8", "replace"))
    return texts


def with_packet(data: bytes, packet: bytes) -> bytes:
    """The same MP4 with an XMP packet behind all else, where it moves no frame."""
    return data + (24 + len(packet)).to_bytes(4, "big") + b"uuid" + XMP_UUID + packet


def _xmp(data: bytes) -> bytes | None:
    for box in boxes(data):
        if box.kind == b"uuid" and data[box.body : box.body + 16] == XMP_UUID:
            return data[box.body + 16 : min(box.end, box.body + 17 + hidden.LONGEST)]
    return None


def _names(data: bytes, keys: Box) -> list[str]:
    """The names of a ``keys`` box: its version, their number, then each in a box of its own."""
    entries = boxes(data, keys.body + 8, keys.end)
    return [data[one.body : one.end].decode("utf-8", "replace") for one in entries]


def _box(data: bytes, start: int, last: int) -> Box:
    if start + 8 > last:
        raise BentBoxes("a torn box")
    size, head = int.from_bytes(data[start : start + 4], "big"), 8
    if size == 1:
        size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
    end = start + size if size else last  # 0: to the end of the file
    if (size and size < head) or start + head > last or end > last:
        raise BentBoxes("a box beyond its parent")
    return Box(data[start + 4 : start + 8], start, start + head, end)
