"""What the sandboxed process says of labels: of whole, changed, stripped and hostile files."""

import asyncio
import io
import json
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import product

import c2pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from pipeline.decoding import label_reader
from pipeline.decoding.containers import png_chunks
from pipeline.decoding.pool import DecoderPool
from shop.adapters.c2pa_signer import C2paSigner
from shop.errors import PhotoBomb, PhotoPainted, PhotoRefused, PhotoTooLarge, PhotoUnreadable
from shop.labels.hidden import SourceType, packet
from shop.labels.signing import PictureKind, UnsignedPicture
from shop.labels.verification import LARGEST, LabelFindings, LabelVerdict, Verification, judge
from tests.labels import PRODUCER, painted, signer, studio_keys, unlabelled

KINDS = ("JPEG", "PNG", "WEBP")
TRUST = studio_keys().trust


@pytest.fixture(scope="module")
def signed() -> dict[str, bytes]:
    return {kind: asyncio.run(sign(painted(2, kind))) for kind in KINDS}


@pytest.fixture
async def pool() -> AsyncIterator[DecoderPool]:
    async with DecoderPool(1, anchors=TRUST.anchors) as pool:
        yield pool


async def sign(data: bytes, kind: PictureKind = PictureKind.PORTRAIT, by: str = "studio") -> bytes:
    return await signer(by).sign(UnsignedPicture(data, kind))


def judged(raw: bytes) -> Verification:
    return judge(label_reader.read_label(raw, TRUST.anchors), TRUST, PRODUCER)


async def test_the_sandbox_reads_what_was_signed_in_each_format(pool: DecoderPool) -> None:
    """In the real process: no file, no socket, and only the system calls of its list."""
    for kind in KINDS:
        for source in SourceType:
            file = await sign(painted(2, kind, source))
            seen = judge(await pool.read_label(file, "anna"), TRUST, PRODUCER)
            assert (seen.verdict, seen.source, seen.kind) == (
                LabelVerdict.OURS, source, PictureKind.PORTRAIT
            ), kind  # fmt: skip
            assert seen.day is not None
    assert await pool.read_label(unlabelled(), "anna") == LabelFindings()
    with pytest.raises(PhotoUnreadable):
        await pool.read_label(b"no picture", "anna")
    assert len(pool.pids) == 1  # the same process, that none of these ended


async def test_it_decodes_photos_and_reads_labels_in_turn(pool: DecoderPool) -> None:
    file = await sign(painted(3, side=300, source_type=SourceType.RETOUCHED))
    photo = await pool.decode(file, "anna")
    assert judge(await pool.read_label(file, "anna"), TRUST, PRODUCER).verdict is LabelVerdict.OURS
    # Our own decoder is a platform like others: of a photo that is taken in, every label goes.
    assert judged(photo.jpeg).verdict is LabelVerdict.NONE


async def test_what_its_label_calls_painted_is_no_photo(pool: DecoderPool) -> None:
    """In each format, by each label alone, of whomever; and after it the process goes on."""
    plain = painted(3, side=300, source_type=SourceType.RETOUCHED)
    for kind in KINDS:
        with pytest.raises(PhotoPainted):
            await pool.decode(painted(3, kind, side=300), "anna")
        assert (await pool.decode(unlabelled(kind), "anna")).jpeg
    for file in (without_packet(await sign(painted(3, side=300))), others("Some model")):
        with pytest.raises(PhotoPainted):
            await pool.decode(file, "anna")
    assert (await pool.decode(plain, "anna")).jpeg
    assert (await pool.decode(others("Some editor", SourceType.RETOUCHED), "anna")).jpeg
    assert len(pool.pids) == 1


async def test_a_label_that_cannot_be_read_spoils_no_photo(pool: DecoderPool) -> None:
    """A photo may be larger than a file to verify; and words are no label."""
    words = io.BytesIO()
    comment = b"trainedAlgorithmicMedia and http://www.tc260.org.cn/ns/AIGC/1.0/"
    Image.effect_noise((300, 300), 30).convert("RGB").save(words, "JPEG", comment=comment)
    large = words.getvalue() + bytes(LARGEST)
    for file in (words.getvalue(), large):
        assert (await pool.decode(file, "anna")).jpeg


@pytest.mark.parametrize("packed", [False, True])
def test_a_packet_behind_a_png_s_pixels_is_read(packed: bool) -> None:
    """There ExifTool writes it."""
    file = painted(2, "PNG")
    packets = [one for name, one, _ in png_chunks(file) if name == b"iTXt"]
    (packet,) = packets
    body = packet[8:-4]
    if packed:
        keyword, text = body.split(b"\0", 1)
        body = keyword + b"\0\1\0\0\0" + zlib.compress(text[4:])
    end = file.index(b"IEND") - 4
    moved = file[:end].replace(packet, b"") + chunk(b"iTXt", body) + file[end:]
    assert judged(moved).verdict is LabelVerdict.CLAIMED
    spoiled = file[:end].replace(packet, b"") + chunk(b"iTXt", body[:22]) + file[end:]
    assert judged(spoiled).verdict is LabelVerdict.NONE


def without_packet(file: bytes) -> bytes:
    """A JPEG whose credentials are its only label."""
    start = file.index(b"http://ns.adobe.com/xap/1.0/") - 4
    return file[:start] + file[start + 2 + int.from_bytes(file[start + 2 : start + 4], "big") :]


def box_of(file: bytes) -> slice:
    """Where the credentials lie."""
    if file.startswith(b"\xff\xd8"):
        start = file.index(b"\xff\xeb")
        return slice(start, start + 2 + int.from_bytes(file[start + 2 : start + 4], "big"))
    if file.startswith(b"RIFF"):
        start = file.index(b"C2PA")
        return slice(start, start + 8 + int.from_bytes(file[start + 4 : start + 8], "little"))
    start = file.index(b"caBX") - 4
    return slice(start, start + 12 + int.from_bytes(file[start : start + 4], "big"))


@pytest.mark.parametrize("kind", KINDS)
def test_any_byte_that_is_changed_is_found(kind: str, signed: dict[str, bytes]) -> None:
    """In the picture, in the hidden label, and anywhere in the credentials."""
    file = signed[kind]
    box = box_of(file)
    inside = range(box.start, box.stop, 29)
    for at in (*range(2, len(file), len(file) // 100), *inside):
        changed = bytearray(file)
        changed[at] ^= 0x10
        try:
            seen = judged(bytes(changed))
        except PhotoUnreadable:
            continue
        assert seen.verdict is not LabelVerdict.OURS, at


def gained(file: bytes, room: int) -> bytes:
    """The JUMBF box of a signed file, its padding ``room`` bytes shorter: no signature tells it."""
    box = bytearray(file[box_of(file)])
    box = box[box.index(b"jumb") - 4 :]
    box = box[: int.from_bytes(box[:4], "big")]
    pad = box.index(b"\xa1cpad\x59") + 6
    length = int.from_bytes(box[pad : pad + 2], "big")
    box[pad : pad + 2] = (length - room).to_bytes(2, "big")
    del box[pad + 2 : pad + 2 + room]
    signature = box.index(b"c2cs") - 16
    content = box.index(b"cbor", signature) - 4
    for at in (0, 38, signature, content):
        box[at : at + 4] = (int.from_bytes(box[at : at + 4], "big") - room).to_bytes(4, "big")
    return bytes(box)


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def riff(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body


def jumbf(packet: int, box: bytes) -> bytes:
    return segment(0xEB, b"JP\x02\x11" + packet.to_bytes(4, "big") + box)


def with_filled_gap(file: bytes, filler: bytes, way: str) -> bytes:
    """That file, with ``filler`` in the bytes that its signature leaves out."""
    where = box_of(file)
    if file.startswith(b"\xff\xd8") and way == "split":
        box = gained(file, len(filler) + 20)  # the second segment's head, and the box's once more
        cut = len(box) - 200
        gap = jumbf(1, box[:cut]) + filler + jumbf(2, box[:8] + box[cut:])
    else:
        box = gained(file, len(filler))
        if file.startswith(b"RIFF"):
            element = riff(b"C2PA", box)
        else:
            element = jumbf(1, box) if file.startswith(b"\xff\xd8") else chunk(b"caBX", box)
        gap = element + filler if way == "after" else filler + element
    forged = file[: where.start] + gap + file[where.stop :]
    assert len(forged) == len(file)
    return forged


def library_accepts(file: bytes, media_type: str) -> bool:
    """Whether C2PA's own reader finds nothing changed."""
    chosen = {"trust": {"trust_anchors": TRUST.anchors}, "verify": {"verify_trust": True}}
    with (
        c2pa.Context.from_dict(chosen) as context,
        c2pa.Reader(media_type, io.BytesIO(file), context=context) as reader,
    ):
        return json.loads(reader.json())["validation_state"] == "Trusted"


def other_picture() -> bytes:
    """A small JPEG, from its tables on: a decoder shows it instead of what comes after it."""
    out = io.BytesIO()
    Image.new("L", (64, 64), 255).save(out, "JPEG", quality=5, optimize=True)
    return out.getvalue()[20:]


def upside_down() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 3
    return exif.tobytes()


IN_JPEGS = {
    "another picture": other_picture(),
    "comment": segment(0xFE, b"#" * 40),
    "orientation": segment(0xE1, upside_down()),
    "hidden label": segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
    "restart interval": segment(0xDD, b"\0\1"),
    # C2PA's reader skips a length there, and a decoder none: it shows the picture in it.
    "other tables": segment(0xD0, other_picture()),
    "colours": segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"),
    "bytes outside of segments": bytes(64),
    "second box": segment(0xEB, b"XX" + bytes(40)),
}  # fmt: skip
IN_OTHERS = {
    "PNG": {
        "text": chunk(b"tEXt", b"Comment\0hello"),
        "gamma": chunk(b"gAMA", (1).to_bytes(4, "big")),
        "palette": chunk(b"PLTE", bytes(30)),
        "orientation": chunk(b"eXIf", bytes(20)),
        "pixels": chunk(b"IDAT", zlib.compress(bytes(97 * 96 * 3))),
        "end": chunk(b"IEND", b""),
    },
    "WEBP": {
        "pixels": riff(b"VP8 ", bytes(40)),
        "orientation": riff(b"EXIF", bytes(20)),
        "alpha": riff(b"ALPH", bytes(20)),
        "hidden label": riff(b"XMP ", b"<x:xmpmeta/>"),
        "animation": riff(b"ANMF", bytes(24)),
    },
}
IN_THE_GAP = {"JPEG": IN_JPEGS, **IN_OTHERS}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_hides_in_what_no_signature_covers(kind: str, signed: dict[str, bytes]) -> None:
    """Another picture, a turn, other colours, in the room that the padding leaves; and padding
    that is merely shorter or says something."""
    file = signed[kind]
    accepted = set()
    ways = ("before", "after", "split") if kind == "JPEG" else ("before", "after")
    for what, way in product(IN_THE_GAP[kind], ways):
        forged = with_filled_gap(file, IN_THE_GAP[kind][what], way)
        try:
            assert judged(forged).verdict is not LabelVerdict.OURS, (what, way)
        except PhotoUnreadable:
            continue
        with suppress(c2pa.C2paError):
            if library_accepts(forged, f"image/{kind.lower()}"):
                accepted.add((what, way))
    # Elsewhere C2PA's own reader finds them already: the box ends before the unsigned bytes do.
    seen_by_us_alone = {what for what, way in accepted if way == "split"}
    assert seen_by_us_alone >= ({"other tables", "orientation"} if kind == "JPEG" else set())


def test_padding_that_says_something_is_a_change(signed: dict[str, bytes]) -> None:
    file = signed["JPEG"]
    pad = file.index(b"\xa1cpad\x59") + 8
    forged = file[: pad + 9] + b"a word" + file[pad + 15 :]
    assert library_accepts(forged, "image/jpeg")
    assert judged(forged).verdict is not LabelVerdict.OURS


async def test_a_box_of_odd_length_is_ours_too() -> None:
    """In a WebP a byte comes after it."""
    lengths = set()
    for producer in ("Eider", "Eider2"):
        one = UnsignedPicture(painted(2, "WEBP"), PictureKind.SAMPLE)
        file = await C2paSigner(studio_keys(), producer).sign(one)
        lengths.add((box_of(file).stop - box_of(file).start) % 2)
        assert judged(file).verdict is LabelVerdict.OURS
    assert lengths == {0, 1}


def test_another_number_in_the_hidden_label_is_a_change(signed: dict[str, bytes]) -> None:
    for kind in ("JPEG", "WEBP"):
        assert judged(signed[kind].replace(b"shoot-2", b"shoot-9")).verdict is LabelVerdict.CHANGED
    with pytest.raises(PhotoUnreadable):  # a PNG's check sum tells it before
        judged(signed["PNG"].replace(b"shoot-2", b"shoot-9"))


async def test_what_changes_a_picture_is_told_from_what_strips_it() -> None:
    file = await sign(painted(2))
    appended = file + b"more"
    assert judged(appended).verdict is LabelVerdict.CHANGED
    resaved = io.BytesIO()
    Image.open(io.BytesIO(file)).save(resaved, "JPEG")
    assert judged(resaved.getvalue()).verdict is LabelVerdict.NONE
    kept = io.BytesIO()
    with Image.open(io.BytesIO(file)) as opened:
        opened.save(kept, "JPEG", xmp=opened.info["xmp"])  # as an editor that keeps metadata
    assert judged(kept.getvalue()).verdict is LabelVerdict.CLAIMED


async def test_our_credentials_on_another_s_picture_are_no_proof(signed) -> None:
    """The box is public: whoever has one file of ours can paste it into any other."""
    ours, other = signed["JPEG"], unlabelled()
    assert judged(other[:2] + ours[box_of(ours)] + other[2:]).verdict is LabelVerdict.CHANGED


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])  # a PNG's check sum would be wrong
def test_of_a_label_whose_words_were_changed_nothing_is_told(kind: str, signed) -> None:
    ours = signed[kind]
    assert judged(ours).kind is PictureKind.PORTRAIT
    bent = ours.replace(b"hportrait", b"hpreview_")
    assert bent != ours
    seen = judged(bent)
    assert seen == Verification(LabelVerdict.CHANGED)


async def test_another_studio_of_our_name_is_not_ours() -> None:
    assert judged(await sign(painted(2), by="forger")).verdict is LabelVerdict.CLAIMED


def others(generator: str, source: str = SourceType.PAINTED) -> bytes:
    """A file with credentials of somebody else's program."""
    keys = studio_keys("others")
    info = c2pa.C2paSignerInfo(
        alg=c2pa.C2paSigningAlg.ES256, sign_cert=keys.chain, private_key=keys.key, ta_url=None
    )
    action = {"action": "c2pa.created", "digitalSourceType": source}
    manifest = {
        "claim_generator_info": [{"name": generator}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
    }
    out = io.BytesIO()
    with c2pa.Signer.from_info(info) as theirs, c2pa.Builder(json.dumps(manifest)) as builder:
        builder.sign(theirs, "image/jpeg", io.BytesIO(unlabelled()), out)
    return out.getvalue()


def test_another_s_credentials_are_told_with_what_they_state() -> None:
    seen = judged(others("Some camera"))
    assert seen == Verification(LabelVerdict.OTHERS, SourceType.PAINTED)
    captured = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    assert judged(others("Some camera", captured)) == Verification(LabelVerdict.OTHERS)
    found = label_reader.read_label(others("x" * 5000), TRUST.anchors).credentials
    assert found is not None
    assert len(found.generator) == 200


async def test_without_a_trust_list_nothing_is_ours(signed) -> None:
    found = label_reader.read_label(signed["JPEG"], "")
    assert found.credentials is not None
    assert not found.credentials.signed


def png_of(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(head) - 4) + head + struct.pack(">I", zlib.crc32(head))
    data = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    return b"\x89PNG\r\n\x1a\n" + chunk + data


def webp_of(side: int) -> bytes:
    size = (side - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + (10).to_bytes(4, "little") + bytes(4) + size + size
    return b"RIFF" + len(body).to_bytes(4, "little") + body


@pytest.mark.parametrize(
    ("hostile", "refusal"),
    [
        (b"", PhotoUnreadable),
        (b"\xff\xd8\xff" + b"junk" * 99, PhotoUnreadable),
        (b"%PDF-1.7 " + b"x" * 999, PhotoUnreadable),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", PhotoUnreadable),
        (b"\xff\xd8" + b"\xff" * 5000, PhotoUnreadable),  # padded by thousands of fill bytes
        (b"\xff\xd8" + b"\xff" * 5000 + b"\xda", PhotoUnreadable),  # also before the last marker
        (webp_of(16_000), PhotoBomb),
        (b"\xff\xd8" + bytes(LARGEST), PhotoTooLarge),
    ],
)
def test_hostile_files_are_refused_by_name(hostile: bytes, refusal: type[PhotoRefused]) -> None:
    with pytest.raises(refusal):
        label_reader.read_label(hostile, TRUST.anchors)


def test_of_credentials_that_would_take_long_to_read_nothing_is_read(signed) -> None:
    """Thousands of manifests in one file: they are no store of ours, which has one."""
    ours = signed["PNG"]
    box = ours[box_of(ours)][8:-4]
    for count, stated in ((2, True), (200, False)):
        body = box[8:38] + box[38:] * count
        many = chunk(b"caBX", (len(body) + 8).to_bytes(4, "big") + b"jumb" + body)
        file = ours[: box_of(ours).start] + many + ours[box_of(ours).stop :]
        found = label_reader.read_label(file, TRUST.anchors).credentials
        assert found is not None
        assert bool(found.generator) is stated
        assert judged(file).verdict is not LabelVerdict.OURS


def test_a_picture_of_impossible_size_is_not_decoded() -> None:
    """Its labels may be read: that takes no pixel."""
    assert label_reader.read_label(png_of(60_000, 60_000), TRUST.anchors) == LabelFindings()


async def test_a_label_of_any_string_that_json_may_name_is_read(pool: DecoderPool) -> None:
    """Half a surrogate pair is a string of JSON's, and none that UTF-8 can bear."""
    for named, told in ((r"\ud800", "?"), (r"\udfffx", "?x"), (r"\ud83d\ude00", "\U0001f600")):
        hidden = packet("AAAA", "1").replace(b':"AAAA"', f':"{named}"'.encode())
        out = io.BytesIO()
        Image.new("RGB", (64, 64)).save(out, "JPEG", xmp=hidden)
        found = await pool.read_label(out.getvalue(), "anna")
        assert found.stated is not None
        assert found.stated.producer == told
    assert len(pool.pids) == 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_spoiled_files_never_raise_anything_else_and_never_become_ours(data) -> None:
    whole = SPOILED[data.draw(st.sampled_from(KINDS))]
    spoiled = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(spoiled) - 1))
        spoiled[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    try:
        seen = judged(bytes(spoiled))
    except PhotoRefused:
        return
    if seen.verdict is LabelVerdict.OURS:
        assert bytes(spoiled) == whole


SPOILED = {}


@pytest.fixture(autouse=True, scope="module")
def _to_be_spoiled(signed) -> None:
    SPOILED.update(signed)
