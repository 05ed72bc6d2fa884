"""What the sandboxed process says of a clip's labels: whole, changed, stripped, hostile."""

import asyncio
import io
import json
from collections.abc import Callable

import av
import c2pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.decoding import label_reader
from pipeline.decoding.pool import DecoderPool
from shop.errors import PhotoRefused, PhotoTooLarge, PhotoUnreadable
from shop.labels import mp4
from shop.labels.hidden import SourceType
from shop.labels.signing import PictureKind, UnsignedPicture
from shop.labels.verification import LARGEST, LabelVerdict, Verification, judge
from shop.records.clip_encoders import ClipEncoder
from tests.labels import PRODUCER, filmed, signer, studio_keys

TRUST = studio_keys().trust
DONE = LabelVerdict.OURS


async def sign(film: bytes, by: str = "studio", kind: PictureKind = PictureKind.CLIP) -> bytes:
    return await signer(by).sign(UnsignedPicture(film, kind))


def judged(raw: bytes) -> Verification:
    return judge(label_reader.read_label(raw, TRUST.anchors), TRUST, PRODUCER)


@pytest.fixture(scope="module")
def signed() -> bytes:
    return asyncio.run(sign(filmed().mp4))


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def place(film: bytes, kind: bytes) -> slice:
    found = next(one for one in mp4.boxes(film) if one.kind == kind)
    return slice(found.start, found.end)


async def test_the_sandbox_reads_a_clip_its_poster_and_its_preview() -> None:
    """In the real process, in turn; also after one that is no film."""
    async with DecoderPool(1, anchors=TRUST.anchors) as pool:
        for encoder in ClipEncoder:
            for source in SourceType:
                film = await sign(filmed(source, encoder).mp4)
                seen = judge(await pool.read_label(film, "anna"), TRUST, PRODUCER)
                assert (seen.verdict, seen.source) == (DONE, source), encoder
                assert seen.kind is PictureKind.CLIP
                assert seen.day is not None
        with pytest.raises(PhotoUnreadable):
            await pool.read_label(HEAD + b"\0\0\0\4moov", "anna")
        for still, kind in (
            (filmed().poster, PictureKind.POSTER),
            (filmed().preview, PictureKind.CLIP),
        ):
            file = await sign(still, kind=kind)
            seen = judge(await pool.read_label(file, "anna"), TRUST, PRODUCER)
            assert (seen.verdict, seen.kind, seen.source) == (DONE, kind, SourceType.RETOUCHED)
        assert len(pool.pids) == 1


async def test_signing_leaves_frames_and_hidden_label_as_they_are(signed: bytes) -> None:
    assert mp4.read_label(signed) == mp4.read_label(filmed().mp4)
    assert mp4.read_keys(signed) == mp4.read_keys(filmed().mp4)
    assert signed[place(signed, b"mdat")] == filmed().mp4[place(filmed().mp4, b"mdat")]
    kinds = [one.kind for one in mp4.boxes(signed)]
    assert kinds.index(b"moov") < kinds.index(b"mdat"), "no longer playable while it loads"
    with av.open(io.BytesIO(signed)) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == filmed().frames


def changed(film: bytes, at: int) -> bytes:
    bent = bytearray(film)
    bent[at] ^= 0x10
    return bytes(bent)


def is_found(film: bytes) -> bool:
    try:
        return judged(film).verdict is not DONE
    except PhotoUnreadable:
        return True


def test_any_byte_that_is_changed_is_found(signed: bytes) -> None:
    """All that C2PA leaves out of its hash, and every 23rd of the rest."""
    unsigned = (
        range(place(signed, kind).start, place(signed, kind).stop) for kind in (b"ftyp", b"free")
    )
    heads = (range(one.start, one.start + 60) for one in mp4.boxes(signed) if one.kind != b"free")
    places = {at for some in (*unsigned, *heads, range(0, len(signed), 23)) for at in some}
    assert not [
        at for at in sorted(places) if at < len(signed) and not is_found(changed(signed, at))
    ]


@pytest.mark.slow
def test_every_single_byte_that_is_changed_is_found(signed: bytes) -> None:
    assert not [at for at in range(len(signed)) if not is_found(changed(signed, at))]


def library_accepts(film: bytes) -> bool:
    """Whether C2PA's own reader finds nothing changed."""
    chosen = {"trust": {"trust_anchors": TRUST.anchors}, "verify": {"verify_trust": True}}
    with (
        c2pa.Context.from_dict(chosen) as context,
        c2pa.Reader("video/mp4", io.BytesIO(film), context=context) as reader,
    ):
        return json.loads(reader.json())["validation_state"] == "Trusted"


HIDDEN: dict[str, Callable[[bytes], bytes]] = {
    "skip at the end": lambda film: film + box(b"skip", b"a word"),
    "free at the end": lambda film: film + box(b"free", bytes(40)),
    "an index of fragments": lambda film: film + box(b"mfra", box(b"mfro", bytes(8))),
    "another brand": lambda film: film.replace(b"isomiso2", b"M4V iso2", 1),
    "another minor version": lambda film: film.replace(b"isom\0\0\2\0", b"isom\0\0\2\1", 1),
    "a second box of credentials": lambda film: film + film[place(film, b"uuid")],
    "a film behind the film": lambda film: film + box(b"free", filmed(side=96).mp4),
}


@pytest.mark.parametrize("what", HIDDEN)
def test_nothing_hides_in_what_no_signature_covers(what: str, signed: bytes) -> None:
    forged = HIDDEN[what](signed)
    assert forged != signed
    assert is_found(forged)
    if what != "a second box of credentials":
        assert library_accepts(forged), "found by C2PA's reader too: not what this test is for"


def test_what_strips_a_clip_is_told_from_what_changes_it(signed: bytes) -> None:
    """As platforms do: encoded anew, or the frames alone put into another file."""

    def remuxed(keep: bool) -> bytes:
        out = io.BytesIO()
        flags = {"movflags": "use_metadata_tags"} if keep else {}
        with (
            av.open(io.BytesIO(signed)) as old,
            av.open(out, "w", format="mp4", options=flags) as new,
        ):
            if keep:
                new.metadata.update(old.metadata)
            stream = new.add_stream_from_template(old.streams.video[0])
            for packet in old.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    new.mux(packet)
        return out.getvalue()

    assert judged(remuxed(keep=False)).verdict is LabelVerdict.NONE
    assert judged(remuxed(keep=True)).verdict is LabelVerdict.CLAIMED
    assert judged(signed[: len(signed) - 640] + bytes(640)).verdict is not DONE


def test_another_number_or_producer_in_the_label_is_a_change(signed: bytes) -> None:
    for old, new in ((b"clip-1", b"clip-2"), (b'"Label":"1"', b'"Label":"3"')):
        assert judged(signed.replace(old, new)).verdict is LabelVerdict.CHANGED
    source = (b"compositeWithTrainedAlgorithmicMedia", b"compositeWithTrainedAlgorithmicMedix")
    end = place(signed, b"mdat").stop
    assert judged(signed[:end] + signed[end:].replace(*source)).verdict is LabelVerdict.CHANGED


async def test_our_credentials_on_another_s_film_are_no_proof(signed: bytes) -> None:
    other = filmed(side=96).mp4
    head = place(other, b"ftyp").stop
    pasted = other[:head] + signed[place(signed, b"uuid")] + other[head:]
    assert judged(pasted).verdict is LabelVerdict.CHANGED
    assert judged(await sign(filmed().mp4, by="forger")).verdict is LabelVerdict.CLAIMED
    assert judged(filmed().mp4).verdict is LabelVerdict.CLAIMED


HEAD = box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")


def nested(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = box(b"udta", inner)
    return box(b"moov", inner)


HOSTILE: dict[str, bytes] = {
    "no more than a head": HEAD,
    "cut within a box": HEAD + box(b"moov", bytes(100))[:50],
    "a box beyond the file": HEAD + (2**31).to_bytes(4, "big") + b"moov" + bytes(40),
    "a size of 64 bits": HEAD + b"\0\0\0\1moov" + (2**63).to_bytes(8, "big") + bytes(40),
    "a size that wraps around": HEAD + b"\0\0\0\1moov" + b"\xff" * 8 + bytes(40),
    "a box smaller than its head": HEAD + b"\0\0\0\4moov" + bytes(40),
    "boxes by millions": HEAD + box(b"free") * 2_000_000,
    "boxes by millions, inside": HEAD + box(b"moov", box(b"trak") * 2_000_000),
    "many levels": HEAD + nested(100_000 // 8),
    "keys by millions": HEAD
    + box(b"moov", box(b"udta", box(b"meta", bytes(4) + box(b"x") * 10**6))),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_films_are_refused_before_a_parser_sees_them(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*given: object, **named: object) -> None:
        raise AssertionError("the parser of credentials was started")

    if what != "no more than a head":
        monkeypatch.setattr(label_reader.c2pa, "Reader", never)
        with pytest.raises(PhotoUnreadable) as refused:
            label_reader.read_label(HOSTILE[what], TRUST.anchors)
        assert isinstance(refused.value.__cause__, mp4.BentBoxes)
    else:
        assert judged(HOSTILE[what]).verdict is LabelVerdict.NONE


def test_a_film_beyond_the_limit_is_not_looked_at() -> None:
    with pytest.raises(PhotoTooLarge):
        label_reader.read_label(HEAD + box(b"mdat", bytes(LARGEST)), TRUST.anchors)


def test_a_value_that_lies_about_itself_is_no_label() -> None:
    """Keys without names, names without values, values that are no text. One that is no JSON, or
    not whole, is a label all the same."""
    meta_head = bytes(4)

    def film(*parts: bytes) -> bytes:
        return HEAD + box(b"moov", box(b"udta", box(b"meta", meta_head + b"".join(parts))))

    def keys(*names: bytes) -> bytes:
        return box(b"keys", bytes(8) + b"".join(box(b"mdta", name) for name in names))

    def item(number: int, text: bytes, kind: int = 1) -> bytes:
        value = box(b"data", kind.to_bytes(4, "big") + bytes(4) + text)
        return box(number.to_bytes(4, "big"), value)

    whole = b'{"Label":"1","ContentProducer":"Eider","ProduceID":"1"}'
    good = film(keys(b"AIGC"), box(b"ilst", item(1, whole)))
    assert judged(good).verdict is LabelVerdict.CLAIMED
    for bad in (
        film(keys(b"AIGC")),
        film(box(b"ilst", item(1, whole))),
        film(keys(b"AIGC"), box(b"ilst", item(2, whole))),
        film(keys(b"AIGC"), box(b"ilst", item(0, whole))),
        film(keys(b"AIGC"), box(b"ilst", item(1, whole, kind=13))),
        film(keys(b"AIGC"), box(b"ilst", item(1, b" "))),
        film(keys(b"aigc"), box(b"ilst", item(1, whole))),
        HEAD + box(b"uuid", mp4.XMP_UUID + b"<!DOCTYPE a><x:xmpmeta/>"),
    ):
        assert judged(bad).verdict is LabelVerdict.NONE
    for torn, verdict in {
        b"{" * 100_000: LabelVerdict.OTHERS,
        b'{"ContentProducer":"Eider"}': LabelVerdict.CLAIMED,
        b'{"Label":"1","ContentProducer":"Eider"': LabelVerdict.CLAIMED,
        b'"' + b"\xff" * 9 + b'"': LabelVerdict.OTHERS,
    }.items():
        assert judged(film(keys(b"AIGC"), box(b"ilst", item(1, torn)))).verdict is verdict


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_spoiled_clips_never_raise_anything_else_and_never_become_ours(data) -> None:
    whole = SPOILED[0]
    spoiled = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(spoiled) - 1))
        spoiled[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    try:
        seen = judged(bytes(spoiled))
    except PhotoRefused:
        return
    if seen.verdict is DONE:
        assert bytes(spoiled) == whole


SPOILED: list[bytes] = []


@pytest.fixture(autouse=True, scope="module")
def _to_be_spoiled(signed: bytes) -> None:
    SPOILED.append(signed)
