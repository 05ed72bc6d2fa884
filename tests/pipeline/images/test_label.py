"""Labels: lawful words, tall enough, drawn without system fonts, read back after writing."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFont

from pipeline.decoding.label_reader import refuse_painted
from pipeline.engine.messages import BadLabel, LabelText
from pipeline.images import label
from pipeline.models import weights
from shop.errors import PhotoPainted
from shop.labels.hidden import (
    IPTC,
    RDF,
    TC260,
    HiddenLabel,
    SourceType,
    read_packet,
    read_source,
)

GREY = np.full((400, 300, 3), 128, np.uint8)
MARKS = ["AI生成", "AI生成 AI-generated", "AI生成 Généré par IA", "AI生成 인공지능 생성 이미지"]


def bounds(rows: np.ndarray) -> int:
    return int(rows.max() - rows.min() + 1)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("size", [(512, 512), (384, 512), (1024, 768), (128, 128)])
def test_letters_are_at_least_five_percent_high(mark: str, size: tuple[int, int]) -> None:
    """Measured on the drawn picture: the ink of the first character's column."""
    picture = Image.new("RGB", size, (40, 40, 40))
    drawn = np.asarray(label.draw_mark(picture, mark)).max(axis=2)
    ink = np.argwhere(drawn > 150)
    font, lines = label.fit_font(mark, size[0], 0.05 * min(size))
    assert label.glyph_height(font, "A") >= 0.05 * min(size)
    assert label.glyph_height(font, "生") >= 0.05 * min(size)
    assert bounds(ink[:, 0]) >= 0.05 * min(size), "the letters on the picture are too low"
    assert len(lines) == 1 or size[0] < 300


def test_the_mark_lies_in_the_lower_right_corner_within_the_picture() -> None:
    before = Image.new("RGB", (300, 400), (200, 30, 30))
    after = label.draw_mark(before, MARKS[1])
    assert after.size == before.size
    changed = np.argwhere(np.asarray(before) != np.asarray(after))
    assert changed[:, 0].min() > 400 * 0.8, "the mark reaches into the portrait"
    assert changed[:, 0].max() < 400
    assert changed[:, 1].max() < 300
    middle = np.asarray(after)[: 400 // 2]
    assert np.array_equal(middle, np.asarray(before)[: 400 // 2])


def test_the_mark_stands_out_on_white_and_on_black() -> None:
    for ground in (0, 255):
        after = np.asarray(label.draw_mark(Image.new("RGB", (300, 300), (ground,) * 3), MARKS[0]))
        plate = after[230:, 150:]
        assert int(plate.max()) - int(plate.min()) > 60


def test_each_character_is_drawn_from_our_own_font() -> None:
    """A machine without fonts, or with a font without Chinese, would draw boxes."""
    path = str(weights.find(weights.LABEL_FONT))
    font = ImageFont.truetype(path, 40)
    shapes = {bytes(font.getmask(c)) for c in "AI生成合人工智能"}
    assert len(shapes) == 9, "two characters look the same: boxes?"
    with pytest.raises(BadLabel, match="lacks '龘'"):
        label.draw_mark(Image.new("RGB", (300, 300)), "AI生成 龘")


@pytest.mark.parametrize("mark", ["", "AI", "生成", "AI-generated", "made by machine"])
def test_unlawful_words_are_refused(mark: str) -> None:
    with pytest.raises(BadLabel):
        label.labelled_jpeg(GREY, LabelText(mark), "1")


@pytest.mark.parametrize("mark", ["人工智能合成", "AI合成", "人工智能生成"])
def test_other_lawful_words_are_accepted(mark: str) -> None:
    assert label.read_label(label.labelled_jpeg(GREY, LabelText(mark), "1")) is not None


@pytest.mark.parametrize("source_type", SourceType)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_hidden_label_reads_back(kind: str, source_type: SourceType) -> None:
    image = label.encode(
        Image.fromarray(GREY), "0011USCC", "job-7/3", kind, source_type=source_type
    )
    read = label.read_label(image)
    today = datetime.now(UTC).date()
    assert read is not None
    assert today - timedelta(days=1) <= read.day <= today
    assert read == HiddenLabel("0011USCC", "job-7/3", source_type, read.day, "1")
    assert Image.open(io.BytesIO(image)).format == kind


codes = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\"'\\"))


@given(codes.filter(lambda c: 0 < len(c) <= 128), codes.filter(lambda c: 0 < len(c) <= 128))
def test_any_lawful_code_survives(producer: str, content_id: str) -> None:
    image = label.encode(Image.new("RGB", (8, 8)), producer, content_id)
    read = label.read_label(image)
    assert read is not None
    assert (read.producer, read.content_id) == (producer, content_id)


@pytest.mark.parametrize("code", ["", "a b", 'a"b', "a'b", "a\\b", "é", "生", "x" * 129, "a\n"])
def test_unlawful_codes_are_refused(code: str) -> None:
    with pytest.raises(BadLabel):
        label.encode(Image.new("RGB", (8, 8)), "eider", code)
    with pytest.raises(BadLabel):
        label.encode(Image.new("RGB", (8, 8)), code, "1")


def test_the_json_is_the_standards() -> None:
    image = label.labelled_jpeg(GREY, LabelText("AI生成", "maker"), "7")
    xmp = Image.open(io.BytesIO(image)).info["xmp"].decode()
    found = re.search(r"<TC260:AIGC>(.*)</TC260:AIGC>", xmp)
    assert found is not None
    aigc = json.loads(found[1])
    assert list(aigc) == [
        *("Label", "ContentProducer", "ProduceID", "ReservedCode1"),
        *("ContentPropagator", "PropagateID", "ReservedCode2"),
    ]
    assert aigc["Label"] == "1"
    assert aigc["ContentPropagator"] == "maker"
    assert 'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"' in xmp
    assert "digitalsourcetype/trainedAlgorithmicMedia" in xmp


def test_a_label_written_as_an_attribute_is_read_too() -> None:
    aigc = json.dumps({"Label": "1", "ContentProducer": "them", "ProduceID": "9"})
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        f"xmlns:TC260=\"{TC260}\" TC260:AIGC='{aigc}'/></rdf:RDF></x:xmpmeta>"
    )
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", xmp=packet.encode())
    assert label.read_label(out.getvalue()) == HiddenLabel("them", "9", "", aigc="1")


IPTC_CODE = "Iptc4xmpExt:DigitalSourceType"


@pytest.mark.parametrize(
    ("code", "source"),
    [
        (SourceType.PAINTED.value, SourceType.PAINTED),
        (SourceType.RETOUCHED.value, SourceType.RETOUCHED),
        (SourceType.PAINTED.replace("http:", "https:"), SourceType.PAINTED),
        ("trainedAlgorithmicMedia", SourceType.PAINTED),
        (SourceType.PAINTED.replace("trained", "not"), None),
        ("http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture", None),
    ],
)
@pytest.mark.parametrize("form", ["element", "attribute", "resource", "without the outer element"])
def test_a_label_of_iptc_alone_is_read_in_every_form(form: str, code: str, source: object) -> None:
    """As editors, cameras and ExifTool write it: without TC260's."""
    element = f"<{IPTC_CODE}>\n {code} </{IPTC_CODE}>"
    attribute, inner = {
        "attribute": (f'{IPTC_CODE}="{code}"', ""),
        "resource": ("", f'<{IPTC_CODE} rdf:resource="{code}"/>'),
    }.get(form, ("", element))
    packet = (
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description xmlns:Iptc4xmpExt="{IPTC}" {attribute}>'
        f"{inner}</rdf:Description></rdf:RDF>"
    )
    if not form.startswith("without"):
        packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{packet}</x:xmpmeta>'
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", xmp=packet.encode())
    read = label.read_label(out.getvalue())
    assert read == HiddenLabel("", "", code)
    assert read_source(read.source_type) is source
    assert read.is_painted is (source is SourceType.PAINTED)


@pytest.mark.parametrize(
    ("aigc", "source", "painted"),
    [
        ("1", "", True),
        ("1", SourceType.PAINTED, True),
        ("1", SourceType.RETOUCHED, False),
        ("2", "", False),
        ("", "", False),
    ],
)
def test_what_a_label_says_of_the_whole_picture(aigc: str, source: str, painted: bool) -> None:
    """TC260's 2 and 3 are a doubt; and a part that a model made is not the whole."""
    assert HiddenLabel("them", "9", source, aigc=aigc).is_painted is painted


BARE = '{"Label":"1","ContentProducer":"them"}'
ESCAPED = BARE.replace('"', "&quot;")


def packet_of(inner: str, before: str = "", attribute: str = "") -> str:
    return (
        f'{before}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"><rdf:Description '
        f'xmlns:TC260="{TC260}" {attribute}>{inner}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )


@pytest.mark.parametrize(
    "packet",
    [
        packet_of(f"<TC260:AIGC>{BARE}</TC260:AIGC>"),
        packet_of(f"<!-- a tool --><TC260:AIGC>{BARE}</TC260:AIGC>"),
        packet_of(f"<TC260:AIGC><![CDATA[{BARE}]]></TC260:AIGC>"),
        packet_of("", attribute=f"TC260:AIGC='{BARE}'"),
        packet_of(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>", "<!DOCTYPE x>"),
        packet_of(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>", "<!-- <x:xmpmeta></x:xmpmeta> -->"),
        packet_of(f"<TC260:AIGC>{BARE[:-1]}</TC260:AIGC>"),
        packet_of(f"<TC260:AIGC>{BARE}</TC260:AIGC>").replace("</rdf:RDF>", ""),
        packet_of(f"<TC260:AIGC>{BARE}</TC260:AIGC>").replace("<x:xmpmeta", "<xmpmeta"),
        packet_of(
            '<TC260:AIGC rdf:parseType="Resource"><TC260:Label>1</TC260:Label>'
            "<TC260:ContentProducer>them</TC260:ContentProducer></TC260:AIGC>"
        ),
    ],
)
def test_a_label_that_is_not_whole_is_a_label_all_the_same(packet: str) -> None:
    """Of another house, and made by AI: not taken for none."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG", xmp=packet.encode())
    read = label.read_label(out.getvalue())
    assert read == HiddenLabel("them", "", "", aigc="1")
    assert read.is_painted
    with pytest.raises(PhotoPainted):
        refuse_painted(out.getvalue())


def test_a_packet_that_names_the_labels_namespace_alone_is_none() -> None:
    assert read_packet(packet_of("")) is None
    assert read_packet(packet_of("").replace("</rdf:RDF>", "")) is None


def test_unlabelled_or_hostile_files_have_no_label() -> None:
    plain, bomb = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "JPEG")
    evil = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x:xmpmeta xmlns:x="adobe:ns:meta/">&a;</x:xmpmeta>'
    Image.new("RGB", (8, 8)).save(bomb, "JPEG", xmp=evil.encode())
    for image in (plain.getvalue(), bomb.getvalue(), b"", b"\xff\xd8\xff junk"):
        assert label.read_label(image) is None


def test_the_font_brings_its_licence() -> None:
    folder = Path(label.__file__).parents[1] / "models"
    assert "SIL OPEN FONT LICENSE" in (folder / "NotoSansCJKsc-Bold-label.OFL.txt").read_text()
