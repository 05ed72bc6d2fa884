"""The label reader: credentials (C2PA) and hidden label (XMP, of films AIGC) of untrusted bytes. To
be run inside a decoder process (:mod:`pipeline.decoding.process`) alone. No pixel is decoded.
"""

import io
import json
from typing import Any, Final

import c2pa
from PIL import Image

from pipeline.decoding import containers
from pipeline.decoding.credential_box import (
    FILM_HASH,
    HASH,
    LARGEST_BOX,
    OurBox,
    find_our_box,
    size_of_boxes,
)
from pipeline.decoding.sanitizer import FORMATS, MAX_PIXELS, register_formats
from shop.errors import (
    PhotoBomb,
    PhotoPainted,
    PhotoRefused,
    PhotoTooLarge,
    PhotoUnreadable,
)
from shop.labels import mp4
from shop.labels.hidden import (
    TC260,
    HiddenLabel,
    SourceType,
    read_day,
    read_info,
    read_packet,
    read_source,
)
from shop.labels.signing import KIND
from shop.labels.verification import LARGEST, FoundCredentials, LabelFindings, StatedLabel

_MEDIA_TYPES: Final = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
}
_HASH_MATCHES: Final = {
    HASH: "assertion.dataHash.match",
    FILM_HASH: "assertion.bmffHash.match",
}
_BENT: Final = "assertion.hashedURI.mismatch"  # an assertion is not the one that was signed
_STATEMENTS: Final = (b"trainedAlgorithmicMedia", TC260.encode(), b":AIGC")
"""One of these stands in every label that says a model made a picture whole."""
_BOX: Final = b"jumb"  # the type of the box (JUMBF) that holds credentials
_VERIFY: Final = {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False}
_WORD: Final = 200  # characters that are kept of what a stranger's label says


def read_label(raw: bytes, anchors: str) -> LabelFindings:
    """The labels in a JPEG, PNG, WebP, AVIF, HEIC, MP4 or QuickTime. ``anchors`` are the trusted
    roots, in PEM.

    Raises a leaf of :class:`PhotoRefused`: :class:`PhotoTooLarge`, :class:`PhotoBomb` or
    :class:`PhotoUnreadable`.
    """
    if len(raw) > LARGEST:
        raise PhotoTooLarge(megabytes=LARGEST // 2**20)
    register_formats()
    try:
        media_type, hidden = _look(raw)
        stated = StatedLabel(_word(hidden.producer), _word(hidden.source_type)) if hidden else None
        return LabelFindings(_credentials(raw, media_type, anchors), stated)
    except PhotoRefused:
        raise
    except MemoryError as error:
        raise PhotoBomb from error
    except Exception as error:  # a boundary: on hostile bytes the parsers raise whatever there is
        raise PhotoUnreadable from error


def refuse_painted(raw: bytes) -> None:
    """Raises :class:`PhotoPainted` for a picture whose label states that a model made it whole; of
    a photo of which a model made a part (``compositeWithTrainedAlgorithmicMedia``) it does not.

    For files that have been decoded: whatever label cannot be read is none here.
    """
    if not any(statement in raw for statement in _STATEMENTS):
        return
    try:
        media_type, hidden = _look(raw)
        signed = _credentials(raw, media_type, "")
    except Exception:  # a boundary, as in `read_label`: the picture is fine, its label is not
        return
    stated = read_source(signed.source_type) if signed else None
    if stated is SourceType.PAINTED or (stated is None and hidden and hidden.is_painted):
        raise PhotoPainted


def _look(raw: bytes) -> tuple[str, HiddenLabel | None]:
    """The media type and the hidden label, by the header."""
    if film := mp4.media_type(raw):
        mp4.require_usual(raw)
        return film, mp4.read_label(raw)
    containers.require_usual(raw)
    width, height = containers.webp_size(raw) or (0, 0)
    if width * height > MAX_PIXELS:  # which would be allocated to open it
        raise PhotoBomb
    with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
        hidden = read_info(opened.info) or read_packet(containers.png_xmp(raw))
        return _MEDIA_TYPES[opened.format or ""], hidden


def _credentials(raw: bytes, media_type: str, anchors: str) -> FoundCredentials | None:
    if size_of_boxes(raw) > LARGEST_BOX:
        return FoundCredentials(False, False, "", "", "")
    trust = {"trust_anchors": anchors} if anchors else {}
    settings = {"trust": trust, "verify": _VERIFY}
    with c2pa.Context.from_dict(settings) as context:
        try:
            reader = c2pa.Reader(media_type, io.BytesIO(raw), context=context)
        except c2pa.C2paError.ManifestNotFound:
            return None
        except c2pa.C2paError:
            # Of a box that is there and cannot be read nothing is proven; another file's fault,
            # such as a torn container, is no label.
            return FoundCredentials(False, False, "", "", "") if _BOX in raw else None
        with reader:
            store, own = json.loads(reader.json()), find_our_box(raw)
            if own is None:
                return _found(store, None)
            # The library takes any bytes that are not signed for padding; a decoder may not.
            unsigned = _unsigned(json.loads(reader.detailed_json()), own.hash)
    return _found(store, own, in_place=unsigned == own.unsigned)


def _unsigned(detailed: dict[str, Any], hash_name: str) -> object:
    """What of the file the newest manifest leaves out of its hash."""
    manifest = detailed["manifests"][detailed["active_manifest"]]
    return manifest["assertion_store"][hash_name]["exclusions"]


def _found(
    store: dict[str, Any], own: OurBox | None, *, in_place: bool = False
) -> FoundCredentials:
    """``own``: the box, if it is as we write it; ``in_place``: so is all else that is not signed.
    Of statements that are not as they were signed none is told."""
    manifest = store["manifests"][store["active_manifest"]]
    results = store.get("validation_results", {}).get("activeManifest", {})
    passed = {one.get("code") for one in results.get("success", ())}
    failed = {one.get("code") for one in results.get("failure", ())}
    actions = [] if _BENT in failed else _actions(manifest)
    created = next((one for one in actions if one.get("digitalSourceType")), {})
    parameters = created.get("parameters") or {}
    generator: dict[str, Any] = next(iter(manifest.get("claim_generator_info") or ()), {})
    return FoundCredentials(
        signed={"claimSignature.validated", "signingCredential.trusted"} <= passed
        and not any(code.startswith("claimSignature.") for code in failed if code),
        intact=own is not None and in_place and not failed and _HASH_MATCHES[own.hash] in passed,
        certificate=own.certificate if own else "",
        generator=_word(generator.get("name")),
        source_type=_word(created.get("digitalSourceType")),
        kind=_word(parameters.get(KIND)),
        day=read_day(_word(created.get("when"))),
    )


def _actions(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The actions of the claim's own list, in order."""
    for assertion in manifest.get("assertions", ()):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            return list((assertion.get("data") or {}).get("actions", ()))
    return []


def _word(given: object) -> str:
    """What is kept of it; half a surrogate pair, which JSON may name and UTF-8 has not, as "?"."""
    kept = given[:_WORD] if isinstance(given, str) else ""
    return kept.encode("utf-8", "replace").decode()
