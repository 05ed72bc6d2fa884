"""The AI label of a picture: a visible mark for people, hidden metadata for machines.

Visible (GB 45438-2025): words with AI and 生成, in a corner, capitals and characters at least 5 %
of the shorter side high. Hidden: XMP with TC260:AIGC (annex E of the same standard) and
Iptc4xmpExt:DigitalSourceType. Telegram and WeChat re-encode photos and drop XMP, so the visible
mark is the one that lasts; send files to keep both.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from pipeline.engine.messages import BadLabel, LabelText
from pipeline.images.faces import Pixels
from pipeline.models import weights
from shop.labels import hidden
from shop.labels.hidden import HiddenLabel, SourceType

LEAST_HEIGHT = 0.05  # of the shorter side


def labelled_jpeg(pixels: Pixels, label: LabelText, content_id: str, quality: int = 92) -> bytes:
    """Pixels as a JPEG with both labels. BadLabel: text or codes break the rules."""
    picture = draw_mark(Image.fromarray(pixels), label.mark)
    return encode(picture, label.producer, content_id, "JPEG", quality)


def encode(
    picture: Image.Image,
    producer: str,
    content_id: str,
    kind: str = "JPEG",
    quality: int = 92,
    source_type: SourceType = SourceType.PAINTED,
) -> bytes:
    """JPEG, PNG or WebP bytes with the hidden label of today (UTC), and no visible mark added.
    BadLabel: the codes break the rules."""
    packet, out = hidden_packet(producer, content_id, source_type), io.BytesIO()
    if kind == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet.decode("utf-8"))
        picture.save(out, kind, pnginfo=info)
    else:
        picture.save(out, kind, quality=quality, xmp=packet, subsampling=0)
    return out.getvalue()


def new_content_id() -> str:
    """A ProduceID for a picture that no record names: random, so that it tells nothing."""
    return uuid.uuid4().hex


def check(label: LabelText, content_id: str) -> None:
    """Check a label before any work is done. BadLabel: it breaks the rules, or cannot be drawn."""
    draw_mark(Image.new("RGB", (256, 256)), label.mark)
    hidden_packet(label.producer, content_id, SourceType.PAINTED)


def hidden_packet(producer: str, content_id: str, source_type: SourceType) -> bytes:
    """The XMP packet of the hidden label, of today (UTC). BadLabel: the codes break the rules."""
    try:
        return hidden.packet(producer, content_id, source_type, datetime.now(UTC).date())
    except ValueError as error:
        raise BadLabel(str(error)) from error


def source_type(pictures: Iterable[bytes]) -> SourceType:
    """Of what a model painted whole, and nothing else, a model made whole what comes of it; of
    anybody's photo among the ``pictures`` (encoded) it made a part. A portrait of ours says it in
    its hidden label; in a customer's photo the sanitizer has left none."""
    labels = map(read_label, pictures)
    painted = all(one is not None and one.is_painted for one in labels)
    return SourceType.PAINTED if painted else SourceType.RETOUCHED


def read_label(image: bytes) -> HiddenLabel | None:
    """The hidden label of a JPEG, PNG or WebP; None where there is none, or no picture."""
    try:
        with Image.open(io.BytesIO(image)) as picture:
            return hidden.read_info(picture.info)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None


def draw_mark(picture: Image.Image, mark: str) -> Image.Image:
    """A copy with the visible mark in the lower right corner, on a half-transparent plate."""
    layer, corner = mark_layer(picture.size, mark)
    marked = picture.convert("RGBA")
    marked.alpha_composite(layer, corner)
    return marked.convert("RGB")


def mark_layer(size: tuple[int, int], mark: str) -> tuple[Image.Image, tuple[int, int]]:
    """The mark for pictures of that size (width, height), as RGBA, and where its upper left corner
    goes. BadLabel: it breaks the rules, or cannot be drawn."""
    if not is_lawful(mark):
        raise BadLabel(f"the mark must hold AI or 人工智能, and 生成 or 合成: {mark!r}")
    short = min(size)
    font, lines = fit_font(mark, size[0], LEAST_HEIGHT * short)
    box = bytes(font.getmask("\uffff"))  # what the font draws for letters it lacks
    missing = "".join(c for c in mark if c != " " and bytes(font.getmask(c)) == box)
    if missing:
        raise BadLabel(f"the label's font lacks {missing!r}")
    return _draw(size, "\n".join(lines), font, max(2, round(0.02 * short)))


def is_lawful(mark: str) -> bool:
    """Whether a mark has the words that GB 45438-2025 asks for."""
    has_maker = "AI" in mark or "人工智能" in mark
    return has_maker and ("生成" in mark or "合成" in mark)


def fit_font(mark: str, width: int, least: float) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The smallest font whose lowest letter of "AI生成" is `least` pixels high, and the lines."""
    path, size = str(weights.find(weights.LABEL_FONT)), int(least)
    font = ImageFont.truetype(path, max(6, size), layout_engine=ImageFont.Layout.BASIC)
    while min(glyph_height(font, c) for c in "AI生成") < least:
        size += 1
        font = ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)
    return font, _wrap(mark.split(), font, 0.92 * width)


def glyph_height(font: ImageFont.FreeTypeFont, letter: str) -> int:
    """Height of a letter's ink in pixels."""
    box = font.getmask(letter).getbbox()
    return int(box[3] - box[1]) if box else 0


def _wrap(words: list[str], font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _draw(
    size: tuple[int, int], text: str, font: ImageFont.FreeTypeFont, gap: int
) -> tuple[Image.Image, tuple[int, int]]:
    layer = Image.new("RGBA", size)
    pen = ImageDraw.Draw(layer)
    left, top, right, bottom = pen.multiline_textbbox((0, 0), text, font=font, spacing=gap)
    corner = size[0] - gap - (right - left) - gap, size[1] - gap - (bottom - top) - gap
    plate = (corner[0] - gap, corner[1] - gap, size[0] - gap, size[1] - gap)
    pen.rounded_rectangle(plate, radius=gap, fill=(0, 0, 0, 110))
    at = (corner[0] - left, corner[1] - top)
    pen.multiline_text(at, text, font=font, fill=(255, 255, 255, 235), spacing=gap, align="right")
    drawn = layer.getbbox() or (0, 0, 1, 1)
    return layer.crop(drawn), drawn[:2]
