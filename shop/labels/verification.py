"""What a file's labels say, and whether they prove anything: the findings of whoever read them,
judged by the trust list. Nothing here opens a picture, and nothing tells whose it is.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Protocol

from pydantic import StringConstraints

from shop.labels.hidden import SourceType, read_source
from shop.labels.keys import TrustList
from shop.labels.signing import GENERATOR, PictureKind

LARGEST: Final = 20 * 2**20  # bytes of a file that is sent to be verified

Word = Annotated[str, StringConstraints(max_length=200)]
"""Something that a stranger's label says."""


@dataclass(frozen=True, slots=True)
class StatedLabel:
    """A hidden label (XMP): what it states; "" for a producer that it does not name."""

    producer: Word
    source_type: Word


@dataclass(frozen=True, slots=True)
class FoundCredentials:
    """The newest C2PA credentials in a file.

    signed       the signature is its certificate's, and that chains to one of the anchors
    intact       nothing of the file was changed after the signature: all that is not signed is a
                 box as we write it, and no decoder's
    certificate  the SHA-256 of the certificate that signed, in hex; "" for credentials that are
                 not in the form in which we write them
    generator    the program that wrote them, by its own word
    source_type  the digital source type of the first action that has one, "" for none
    kind, day    as we write them; "" and None in anybody else's
    """

    signed: bool
    intact: bool
    certificate: Word
    generator: Word
    source_type: Word
    kind: Word = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class LabelFindings:
    """The labels in a file, as read by a process that has no keys."""

    credentials: FoundCredentials | None = None
    stated: StatedLabel | None = None


class LabelReader(Protocol):
    """Reads the labels in untrusted bytes, out of this process."""

    async def read_label(self, raw: bytes | bytearray, owner: str) -> LabelFindings:
        """What is there. Among several that wait, people (``owner``) take turns.

        Raises :class:`shop.errors.PhotoUnreadable` for what is no picture or film of a kind that
        bears labels, :class:`shop.errors.PhotoTooLarge` beyond :data:`LARGEST`, another
        :class:`shop.errors.PhotoRefused` for what costs too much, or
        :class:`shop.errors.Unavailable`.
        """
        ...


class LabelVerdict(StrEnum):
    """What can be said of a file."""

    OURS = "ours"  # signed by us, and not changed since
    CHANGED = "changed"  # has a label that we signed, and that does not fit the file
    CLAIMED = "claimed"  # says that it is ours, and no signature of ours proves it
    OTHERS = "others"  # has a label, of somebody else
    NONE = "none"  # no label that can be read


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict. What a model had to do with it (``source``), ``kind`` and ``day`` are proven
    for OURS; for CHANGED they are what the label was made for, which need not be this file; else
    ``source`` is what the label states."""

    verdict: LabelVerdict
    source: SourceType | None = None
    kind: PictureKind | None = None
    day: date | None = None


def judge(found: LabelFindings, trust: TrustList, producer: str) -> Verification:
    """What the findings prove. ``producer`` is the name that our own labels bear."""
    credentials, stated = found.credentials, found.stated
    if credentials and credentials.signed and credentials.certificate in trust.certificates:
        verdict = LabelVerdict.OURS if credentials.intact else LabelVerdict.CHANGED
        kind = PictureKind(credentials.kind) if credentials.kind in set(PictureKind) else None
        return Verification(verdict, read_source(credentials.source_type), kind, credentials.day)
    names = (credentials.generator if credentials else "", stated.producer if stated else "")
    said = (credentials and credentials.source_type) or (stated.source_type if stated else "")
    if {name.casefold() for name in names} & {producer.casefold(), GENERATOR.casefold()}:
        return Verification(LabelVerdict.CLAIMED, read_source(said))
    if credentials or stated:
        return Verification(LabelVerdict.OTHERS, read_source(said))
    return Verification(LabelVerdict.NONE)
