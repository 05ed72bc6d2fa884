"""The hidden label: an XMP packet with TC260:AIGC (GB 45438-2025, annex E), IPTC's
DigitalSourceType and the day of painting. Anybody can write one and take one away: it states, and
proves nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from html import unescape
from typing import Any, Final
from xml.etree import ElementTree
from xml.sax.saxutils import escape

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TC260: Final = "http://www.tc260.org.cn/ns/AIGC/1.0/"
IPTC: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
XMP: Final = "http://ns.adobe.com/xap/1.0/"
_GENERATED: Final = "1"  # of TC260's Label
_SOURCE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"

LONGEST: Final = 1_000_000  # characters of a packet that is read

_CODE: Final = re.compile(r"""[!#-&(-\[\]-~]{1,128}""")  # printable ASCII, no space " ' or \
_PACKET_BEGINS: Final = re.compile(r"<(?:x:xmpmeta|rdf:RDF)\b")
_FIELDS: Final = ("ContentProducer", "ProduceID", "Label")
_DECLARED: Final = re.compile(r"<!(?!--|\[CDATA\[)")  # a document type, an entity
_AIGC_STANDS: Final = re.compile(r"<\s*(?:[\w.-]+:)?AIGC\b|\s(?!xmlns:)[\w.-]+:AIGC\s*=")
_FIELD_STANDS: Final = r"""\b%s\b["'\s]*[:=>]\s*["']?([^"'<>,}\s]+)"""
_SOURCE_STANDS: Final = re.compile(rf"https?{re.escape(_SOURCE.removeprefix('http'))}(\w+)")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PACKET: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:TC260="{tc260}" xmlns:Iptc4xmpExt="{iptc}" xmlns:xmp="{xmp}">
{aigc}   <Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>{day}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


class SourceType(StrEnum):
    """IPTC's digital source type of what we hand out.

    PAINTED was made by a model whole, whatever a model retouched of it afterwards; RETOUCHED is
    somebody's real photo, or several pictures, of which a model made a part, and a real photo that
    was brought alive: ``algorithmicallyEnhanced`` is for what leaves "the main content" as it was,
    and a smile that nobody smiled does not.
    """

    PAINTED = f"{_SOURCE}trainedAlgorithmicMedia"
    RETOUCHED = f"{_SOURCE}compositeWithTrainedAlgorithmicMedia"


@dataclass(frozen=True, slots=True)
class HiddenLabel:
    """What a packet says: ContentProducer, ProduceID, the digital source type (a URI, or ""), the
    day (UTC) on which the picture was painted, if it says one, and TC260's Label: "1" made by AI,
    "2" perhaps, "3" suspected to be. What a packet does not say is "": one of IPTC's alone has no
    producer, id and Label."""

    producer: str
    content_id: str
    source_type: str
    day: date | None = None
    aigc: str = ""

    @property
    def is_painted(self) -> bool:
        """Whether it states that a model made the picture whole."""
        source = read_source(self.source_type)
        return source is SourceType.PAINTED or (source is None and self.aigc == _GENERATED)


def packet(
    producer: str,
    content_id: str,
    source_type: SourceType = SourceType.PAINTED,
    day: date | None = None,
) -> bytes:
    """The XMP packet of a picture, in UTF-8. Raises ValueError as :func:`aigc`."""
    text = escape(aigc(producer, content_id))
    return _packet(source_type, day, f"   <TC260:AIGC>{text}</TC260:AIGC>\n")


def source_packet(source_type: SourceType, day: date | None = None) -> bytes:
    """An XMP packet without TC260:AIGC, for a file that has this elsewhere: of several labels in
    one file the standard wants none but one."""
    return _packet(source_type, day, "")


def aigc(producer: str, content_id: str) -> str:
    """The AIGC label that states "made by AI", as JSON. Raises ValueError for a code that is not 1
    to 128 printable ASCII characters without space, quote or backslash."""
    for code in (producer, content_id):
        if not _CODE.fullmatch(code):
            raise ValueError(f"not printable ASCII without space, quote, backslash: {code!r}")
    # At the first writing the propagator is the producer.
    label = {
        "Label": _GENERATED,
        "ContentProducer": producer,
        "ProduceID": content_id,
        "ReservedCode1": "",
        "ContentPropagator": producer,
        "PropagateID": content_id,
        "ReservedCode2": "",
    }
    return json.dumps(label, separators=(",", ":"))


def read_aigc(text: str) -> HiddenLabel | None:
    """What a stranger's AIGC label says; None for an empty one. Of one that is not whole, or no
    JSON, as much as can be told: it is a label all the same."""
    if not text.strip():
        return None
    try:
        label = json.loads(text)
    except (ValueError, RecursionError):
        label = None
    if not isinstance(label, dict):
        return _standing(text)
    said = [_said(label.get(name)) for name in _FIELDS]
    return HiddenLabel(said[0], said[1], "", None, said[2])


def _said(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _standing(text: str) -> HiddenLabel:
    """What can be told of a label that is no JSON."""
    found = [re.search(_FIELD_STANDS % name, text) for name in _FIELDS]
    producer, content_id, label = (one[1] if one else "" for one in found)
    return HiddenLabel(producer, content_id, "", None, label)


def _packet(source_type: SourceType, day: date | None, aigc_element: str) -> bytes:
    created = f"\n   <xmp:CreateDate>{day}</xmp:CreateDate>" if day else ""
    whole = _PACKET.format(
        tc260=TC260,
        iptc=IPTC,
        xmp=XMP,
        aigc=aigc_element,
        source=source_type.value,
        day=created,
    )
    return whole.encode("utf-8")


def read_packet(given: bytes | str | None) -> HiddenLabel | None:
    """What a file's XMP packet says; None for none, or for one with neither a TC260:AIGC nor a
    DigitalSourceType. Of a stranger's packet nothing is expanded and nothing fetched; in one that
    is not well-formed, or too long, it is looked for which of the two stands there."""
    text = given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given or "")
    begin = _PACKET_BEGINS.search(text)
    # No document type, hence no entity bombs.
    if begin is None or _DECLARED.search(text) or len(text) > LONGEST:
        return _found(text[:LONGEST])
    try:
        return _read(text[begin.start() : text.rfind(">", 0, _end(text)) + 1])
    except (ElementTree.ParseError, ValueError, RecursionError):
        return _found(text)


def read_info(info: Mapping[Any, Any]) -> HiddenLabel | None:
    """As :func:`read_packet`, for the ``info`` of a picture that Pillow has opened: PNG names the
    packet otherwise than JPEG, WebP, AVIF and HEIC."""
    return read_packet(info.get("xmp") or info.get("XML:com.adobe.xmp"))


def is_labelled(picture: bytes) -> bool:
    """Whether a JPEG, PNG or WebP of our own making has a packet with TC260:AIGC."""
    return TC260.encode() in picture


def _end(text: str) -> int:
    """Where the closing processing instruction begins, which some writers leave out."""
    end = text.rfind("<?xpacket")
    return end if end > 0 else len(text)


def _found(text: str) -> HiddenLabel | None:
    """What stands in a packet that cannot be parsed."""
    source = _SOURCE_STANDS.search(text)
    uri = f"{_SOURCE}{source[1]}" if source else ""
    if _AIGC_STANDS.search(text):
        return replace(_standing(unescape(text)), source_type=uri)
    return HiddenLabel("", "", uri) if uri else None


def _read(text: str) -> HiddenLabel | None:
    root = ElementTree.fromstring(text)  # noqa: S314  # read_packet() refuses document types
    source = _property(root, f"{{{IPTC}}}DigitalSourceType")
    day = read_day(_property(root, f"{{{XMP}}}CreateDate"))
    name = f"{{{TC260}}}AIGC"
    label = read_aigc(_property(root, name))
    if (
        label is None and (node := next(root.iter(name), None)) is not None
    ):  # written as a structure
        label = read_aigc(ElementTree.tostring(node, "unicode"))
    if label is None:
        return HiddenLabel("", "", source, day) if source else None
    return replace(label, source_type=source, day=day)


def read_source(stated: str) -> SourceType | None:
    """The source type that a label states as a URI (IPTC's, also with https) or as its code alone;
    None for any other."""
    code = re.split(r"[/:]", stated.strip().rstrip("/"))[-1]
    return next((one for one in SourceType if one.value == f"{_SOURCE}{code}"), None)


def read_day(text: str) -> date | None:
    """The day of a date or time as XMP and C2PA write them; None for anything else."""
    found = _DAY.match(text)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def _property(root: ElementTree.Element, name: str) -> str:
    """An XMP property, written as an element or, as other tools do, as an attribute, or as the
    address that an element names."""
    for node in root.iter():
        if node.tag == name and (text := (node.text or "").strip() or _resource(node)):
            return text
        if name in node.attrib:
            return node.attrib[name]
    return ""


def _resource(node: ElementTree.Element) -> str:
    return node.attrib.get(f"{{{RDF}}}resource", "")
