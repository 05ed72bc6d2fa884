"""The box (JUMBF) of credentials in a file's container, and whether it stands as we write it.

C2PA signs a file less the bytes of that box, and does not sign all that is in the box: whoever
makes room in there can fill it with another picture's headers, for decoders to find. So a file is
as we signed it only where the unsigned bytes are one element of the container, and every byte in
that element is signed, a length, a constant, or padding of zeros. Of an MP4 it leaves other boxes
unsigned as well, by their names: they must be those, and say what, that our encoders write.
"""

import hashlib
import re
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pipeline.decoding.containers import png_chunks
from shop.labels import mp4

HASH: Final = "c2pa.hash.data"
"""The name of the assertion with a picture's hash."""

FILM_HASH: Final = "c2pa.hash.bmff.v3"
"""The same of an MP4's."""

LARGEST_BOX: Final = 256 * 1024
"""Bytes of credentials that are read at all: ours have some 3 kB, and reading is dear."""

_SEGMENT: Final = re.compile(rb"\xff\xeb(..)JP", re.DOTALL)  # JPEG's APP11, with JUMBF in it
_WHOLE_SEGMENT: Final = b"JP\x02\x11\0\0\0\1"  # number of the box; the first of its packets
_C2PA_UUID: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # in AVIF, HEIC and MP4
_WHOLE_UUID: Final = b"uuid" + _C2PA_UUID + bytes(4) + b"manifest\0" + bytes(8)  # no Merkle tree
_UUID_TAIL: Final = bytes.fromhex("00110010800000aa00389b71")  # of every type of box of C2PA's
_PLAIN: Final = b"\x03"  # a description with a label that may be asked for
_SALTED: Final = b"\x13"  # and with a salt
_LABEL_AT: Final = 25  # where a label begins in a superbox: after head, type and toggles
_SALT: Final = 16  # bytes
_MANIFEST: Final = re.compile(rb"urn:c2pa:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ACTIONS: Final = b"c2pa.actions.v2"
_UNSIGNED_BOXES: Final[list[dict[str, object]]] = [
    {"xpath": "/uuid", "data": [{"offset": 8, "value": b64encode(_C2PA_UUID).decode()}]},
    {"xpath": "/ftyp"},
    {"xpath": "/mfra"},
    {"xpath": "/free"},
    {"xpath": "/skip"},
]
"""What C2PA's hash of an MP4 leaves out."""
_FILM: Final = (b"ftyp", b"uuid", b"moov", b"free", b"mdat", b"uuid")
_FILE_TYPES: Final = frozenset(
    (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands
    for brands in (
        b"isom\0\0\2\0isomiso2avc1mp41",  # H.264
        b"isom\0\0\2\0isomav01iso2mp41",  # AV1
        b"isom\0\0\2\0isomiso2mp41",  # VP9, MPEG-4 part 2
    )
)
_FREE: Final = b"\0\0\0\10free"
_COSE: Final = b"\xd2\x84"  # COSE_Sign1: four parts
_ES256: Final = b"\xa2\x01\x26\x18\x21\x82"  # protected: the algorithm, and two certificates
_PADDING: Final = b"\xa1cpad"  # unprotected
_SIGNATURE: Final = b"\xf6\x58\x40"  # no payload, and 64 bytes


class _NotOurForm(Exception):
    pass


@dataclass(frozen=True, slots=True)
class OurBox:
    """A box as we write it.

    hash         the name of the assertion that has the file's hash
    unsigned     the exclusions that this assertion must state, for all the rest to be signed
    certificate  the SHA-256 of the certificate that signed, in hex
    """

    hash: str
    unsigned: list[dict[str, object]]
    certificate: str


def size_of_boxes(raw: bytes) -> int:
    """Bytes of all elements with credentials in a JPEG, PNG, WebP, AVIF, HEIC or MP4."""
    return sum(end - start for start, end in _elements(raw))


def find_our_box(raw: bytes) -> OurBox | None:
    """The box of a JPEG, PNG, WebP or MP4, if it is the only one and in every byte as we write it,
    and of an MP4 every other byte that is not signed too."""
    found = list(_elements(raw))
    if len(found) != 1:
        return None
    start, end = found[0]
    try:
        box = _content(raw, start, end)
        if not mp4.media_type(raw):
            kept: list[dict[str, object]] = [{"start": start, "length": end - start}]
            return OurBox(HASH, kept, _certificate(box, HASH))
        _require_our_film(raw)
        return OurBox(FILM_HASH, _UNSIGNED_BOXES, _certificate(box, FILM_HASH))
    except (_NotOurForm, mp4.BentBoxes):
        return None


def _require_our_film(raw: bytes) -> None:
    """The boxes that an encoder of ours writes, in its order, and of those without a signature
    each byte."""
    found = list(islice(mp4.boxes(raw), len(_FILM) + 1))
    _require(tuple(box.kind for box in found) == _FILM)
    kind, free = found[0], found[3]
    _require(raw[kind.start : kind.end] in _FILE_TYPES)
    _require(raw[free.start : free.end] == _FREE)


def _elements(raw: bytes) -> Iterator[tuple[int, int]]:
    """Where the segments, chunks or boxes with credentials begin and end."""
    if raw.startswith(b"\xff\xd8"):  # anywhere: such bytes cannot occur in a scan
        for found in _SEGMENT.finditer(raw):
            yield found.start(), found.start() + 2 + int.from_bytes(found[1], "big")
    elif raw.startswith(b"\x89PNG"):
        at = 8
        for name, chunk, _ in png_chunks(raw):
            if name == b"caBX":
                yield at, at + len(chunk)
            at += len(chunk)
    elif raw.startswith(b"RIFF"):
        yield from _webp_elements(raw)
    else:
        yield from _bmff_elements(raw)


def _webp_elements(raw: bytes) -> Iterator[tuple[int, int]]:
    at = 12
    while at + 8 <= len(raw):
        size = int.from_bytes(raw[at + 4 : at + 8], "little")
        if raw[at : at + 4] == b"C2PA":
            yield at, at + 8 + size  # a byte that makes it even is signed
        at += 8 + size + size % 2


def _bmff_elements(raw: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at + 8 <= len(raw):
        size, head = int.from_bytes(raw[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(raw[at + 8 : at + 16], "big"), 16
        end = at + size if size >= head else len(raw)  # 0: to the end of the file
        if raw[at + 4 : at + 8] == b"uuid" and raw[at + head : at + head + 16] == _C2PA_UUID:
            yield at, end
        at = end


def _content(raw: bytes, start: int, end: int) -> bytes:
    """The box in that element, which must be whole and hold nothing else."""
    element = raw[start:end]
    _require(len(element) == end - start)
    if element.startswith(b"\xff\xeb"):
        _require(element[4:12] == _WHOLE_SEGMENT)
        return element[12:]
    if element[4:].startswith(_WHOLE_UUID):
        return element[4 + len(_WHOLE_UUID) :]
    if element.startswith(b"C2PA"):
        return element[8:]
    _require(element[4:8] == b"caBX")
    _require(zlib.crc32(element[4:-4]) == int.from_bytes(element[-4:], "big"))
    return element[8:-4]


def _certificate(box: bytes, hash_name: str) -> str:
    """The signing certificate's SHA-256. Raises :class:`_NotOurForm`."""
    store = _described(_only(box, b"jumb"), b"c2pa", b"c2pa")
    manifest = _only(store, b"jumb")
    named = _MANIFEST.match(manifest, _LABEL_AT)
    label = named[0] if named else b""
    parts = _described(manifest, b"c2ma", label)
    assertions, at = _take(parts, 0, b"jumb")
    claim, at = _take(parts, at, b"jumb")
    signature = _only(parts[at:], b"jumb")
    _require_assertions(
        _described(assertions, b"c2as", b"c2pa.assertions"), (_ACTIONS, hash_name.encode())
    )
    claimed = _only(_described(claim, b"c2cl", b"c2pa.claim.v2"), b"cbor")
    _require(b"self#jumbf=/c2pa/" + label + b"/c2pa.signature" in claimed)  # the label is signed
    return _signer(_only(_described(signature, b"c2cs", b"c2pa.signature"), b"cbor"))


def _require_assertions(store: bytes, labels: Sequence[bytes]) -> None:
    """These and no others: the claim has their hashes."""
    at = 0
    for label in labels:
        assertion, at = _take(store, at, b"jumb")
        _only(_described(assertion, b"cbor", label, salted=True), b"cbor")
    _require(at == len(store))


def _signer(cose: bytes) -> str:
    _require(cose.startswith(_COSE))
    protected, at = _bytes(cose, len(_COSE))
    _require(cose[at : at + len(_PADDING)] == _PADDING)
    padding, at = _bytes(cose, at + len(_PADDING))
    _require(not any(padding))
    _require(cose[at : at + len(_SIGNATURE)] == _SIGNATURE)
    _require(len(cose) == at + len(_SIGNATURE) + 64)
    _require(protected.startswith(_ES256))
    leaf, at = _bytes(protected, len(_ES256))
    _, at = _bytes(protected, at)
    _require(at == len(protected))
    return hashlib.sha256(leaf).hexdigest()


def _bytes(cbor: bytes, at: int) -> tuple[bytes, int]:
    """A byte string of CBOR whose length takes two bytes, and where it ends."""
    end = at + 3 + int.from_bytes(cbor[at + 1 : at + 3], "big")
    _require(cbor[at : at + 1] == b"\x59" and end <= len(cbor))
    return cbor[at + 3 : end], end


def _take(boxes: bytes, at: int, kind: bytes) -> tuple[bytes, int]:
    """What is in the box of that type at that place, and where it ends."""
    size = int.from_bytes(boxes[at : at + 4], "big")
    _require(boxes[at + 4 : at + 8] == kind and size >= 8 and at + size <= len(boxes))
    return boxes[at + 8 : at + size], at + size


def _only(boxes: bytes, kind: bytes) -> bytes:
    content, end = _take(boxes, 0, kind)
    _require(end == len(boxes))
    return content


def _described(superbox: bytes, kind: bytes, label: bytes, *, salted: bool = False) -> bytes:
    """What follows a superbox's description, which must be of that type and label."""
    description, end = _take(superbox, 0, b"jumd")
    plain = kind + _UUID_TAIL + (_SALTED if salted else _PLAIN) + label + b"\0"
    if salted:
        plain += (8 + _SALT).to_bytes(4, "big") + b"c2sh"
        description = description[:-_SALT]
    _require(description == plain)
    return superbox[end:]


def _require(condition: bool) -> None:
    if not condition:
        raise _NotOurForm
