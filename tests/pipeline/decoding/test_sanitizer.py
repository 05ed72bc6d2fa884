import contextlib
import hashlib
import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from benchmarks.decoding import hostile
from pipeline.decoding.sanitizer import (
    MAX_BYTES,
    MAX_SIDE,
    MAX_STRIP,
    MIN_SIDE,
    CostsMore,
    sanitize,
)
from shop.errors import (
    PhotoBomb,
    PhotoIsVideo,
    PhotoTooLarge,
    PhotoTooNarrow,
    PhotoTooSmall,
    PhotoUnreadable,
)

RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)


def picture(mode="RGB", size=(400, 300), colour=RED):
    return Image.new("RGB", size, colour).convert(mode)


def encoded(image, format="JPEG", **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def opened(prepared):
    image = Image.open(io.BytesIO(prepared.jpeg))
    image.load()
    return image


def near(colour, other, tolerance=12):
    return all(abs(a - b) <= tolerance for a, b in zip(colour, other, strict=True))


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_each_format_becomes_the_same_jpeg(format):
    prepared = sanitize(encoded(picture(), format))
    image = opened(prepared)

    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (400, 300))
    assert (prepared.width, prepared.height) == (400, 300)
    assert near(image.getpixel((200, 150)), RED)
    assert prepared.sha256() == hashlib.sha256(prepared.jpeg).hexdigest()


HEIC = Path(__file__).with_name("telephone.heic").read_bytes()
"""A red picture of 320x256 px of our own, encoded by x265 and turned by a quarter."""


def test_heic_from_a_telephone():
    image = opened(sanitize(HEIC))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (256, 320))
    assert near(image.getpixel((9, 9)), RED)


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA", "CMYK", "I;16"])
def test_every_mode_is_developed(mode):
    source = Image.new("I;16", (400, 300), 200 * 256) if mode == "I;16" else picture(mode)
    format = "TIFF" if mode == "CMYK" else "PNG"
    raw = encoded(source, "JPEG") if mode == "CMYK" else encoded(source, format)
    image = opened(sanitize(raw))

    assert image.mode == "RGB"
    if mode == "I;16":  # a plain conversion would clip it to white
        assert near(image.getpixel((9, 9)), (200, 200, 200))
    if mode in ("RGBA", "P", "CMYK"):
        assert near(image.getpixel((9, 9)), RED, 25)


def test_a_telephones_jpeg_of_several_pictures_is_its_first():
    raw = encoded(picture(), "MPO", save_all=True, append_images=[picture(colour=BLUE)])
    assert near(opened(sanitize(raw)).getpixel((9, 9)), RED)


def test_what_is_transparent_is_white():
    clear = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    assert opened(sanitize(encoded(clear, "PNG"))).getpixel((9, 9)) == (255, 255, 255)


def test_a_moving_picture_shows_its_first_frame():
    frames = [picture(colour=BLUE), picture(colour=GREEN)]
    raw = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=50)
    assert near(opened(sanitize(raw)).getpixel((9, 9)), BLUE)


def with_metadata():
    noise = Image.frombytes("RGB", (320, 300), random.Random(1).randbytes(320 * 300 * 3))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010F] = "PLANTED-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    return encoded(noise, exif=exif, xmp=b"<x>PLANTED-XMP</x>", comment=b"PLANTED-COMMENT")


def test_it_is_turned_upright_and_keeps_nothing_but_pixels():
    raw = with_metadata()
    assert raw.count(b"PLANTED") == 3
    prepared = sanitize(raw)
    image = opened(prepared)

    assert image.size == (300, 320)
    assert b"PLANTED" not in prepared.jpeg
    assert b"Exif" not in prepared.jpeg
    assert not image.getexif()
    assert not {"xmp", "comment", "icc_profile", "exif"} & set(image.info)


def test_the_same_picture_with_other_metadata_is_the_same():
    plain = encoded(picture())
    noted = encoded(picture(), comment=b"hello")
    assert plain != noted
    assert sanitize(plain).sha256() == sanitize(noted).sha256()


def test_colours_are_converted_by_their_profile():
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(opened(sanitize(encoded(picture(), icc_profile=srgb))).getpixel((9, 9)), RED)
    wrong = ImageCms.ImageCmsProfile(lab).tobytes()
    for profile in (b"no profile at all", wrong):
        assert near(opened(sanitize(encoded(picture(), icc_profile=profile))).getpixel((9, 9)), RED)


def test_a_large_one_is_made_smaller():
    prepared = sanitize(encoded(picture(size=(5000, 2500))))
    assert (prepared.width, prepared.height) == (MAX_SIDE, MAX_SIDE // 2)


@pytest.mark.parametrize("size", [(MIN_SIDE - 1, 900), (40, 40)])
def test_too_small_to_learn_from(size):
    with pytest.raises(PhotoTooSmall):
        sanitize(encoded(picture(size=size)))


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((400, 3300), (400, 3300)),  # a long screenshot: the face on it is 150 px
        ((6000, 300), (6000, 300)),
        ((1080, 10_800), (640, 6400)),
        ((900, 18_000), (MAX_STRIP // 20 + 1, MAX_STRIP)),
        ((1000, 2000), (1000, 2000)),
        ((2000, 4000), (MAX_SIDE // 2, MAX_SIDE)),
    ],
)
def test_a_strip_keeps_what_a_face_on_it_needs(size, kept):
    prepared = sanitize(encoded(picture(size=size)))
    assert (prepared.width, prepared.height) == pytest.approx(kept, abs=1)


def test_a_strip_that_is_too_narrow_by_then_is_to_be_cropped():
    with pytest.raises(PhotoTooNarrow):
        sanitize(encoded(picture(size=(300, 12_000))))


def test_the_smallest_that_will_do():
    assert sanitize(encoded(picture(size=(MIN_SIDE, MIN_SIDE)))).width == MIN_SIDE


def png_header(width, height):
    """A PNG that claims a size and holds hardly a pixel."""

    def chunk(name, data):
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(9000, 9000), (10_000, 10_000), (60_000, 60_000)])
def test_bombs_are_refused_before_they_are_decoded(size):
    """Just above the limit, between once and twice (where pillow only warns), and far beyond."""
    with pytest.raises(PhotoBomb):
        sanitize(png_header(*size))


def spoilt():
    whole = encoded(Image.frombytes("RGB", (300, 300), random.Random(2).randbytes(270_000)))
    return {
        "truncated": whole[: len(whole) // 2],
        "empty": b"",
        "words": b"this is no photo",
        "header": whole[:20],
        "truncated heic": HEIC[: len(HEIC) - 40],
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "tiff": encoded(picture(), "TIFF"),
        "gif": encoded(picture(), "GIF"),
        "png without pixels": png_header(300, 300),
    }


@pytest.mark.parametrize("kind", list(spoilt()))
def test_what_is_no_photo_is_unreadable(kind):
    with pytest.raises(PhotoUnreadable):
        sanitize(spoilt()[kind])


@pytest.mark.parametrize(
    "head", [b"\0\0\0\x18ftypmp42", b"\0\0\0\x14ftypqt  ", b"\x1a\x45\xdf\xa3", b"RIFF\0\0\0\0AVI "]
)
def test_a_film_is_called_one(head: bytes):
    with pytest.raises(PhotoIsVideo):
        sanitize(head + bytes(200))


def test_random_damage_never_escapes_as_another_error():
    whole = bytearray(encoded(picture(size=(300, 300)), "WEBP"))
    dice = random.Random(3)
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        with contextlib.suppress(PhotoUnreadable, PhotoBomb, PhotoTooSmall):
            sanitize(bytes(damaged))


def test_too_many_bytes():
    with pytest.raises(PhotoTooLarge) as refusal:
        sanitize(bytes(MAX_BYTES + 1))
    assert refusal.value.details == {"megabytes": 30}


def bent_exif(tag: int, kind: int, value: bytes) -> bytes:
    """Orientation 6 beside a tag that is not what its standard says."""
    entries = sorted([(0x0112, 3, 1, struct.pack("<HH", 6, 0)), (tag, kind, 1, value)])
    body = b"II*\0" + struct.pack("<IH", 8, len(entries))
    body += b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries)
    return b"Exif\0\0" + body + bytes(4) + struct.pack("<ii", -1, 0)


@pytest.mark.parametrize(
    ("tag", "kind", "value"),
    [
        (0x011A, 10, struct.pack("<I", 38)),  # a resolution of -1/0
        (0x011A, 2, b"72\0\0"),  # as text
        (0x011A, 11, struct.pack("<f", float("nan"))),
        (0x0128, 2, b"cm\0\0"),  # its unit as text
    ],
)
def test_a_bent_tag_keeps_nobody_from_standing_upright(tag, kind, value):
    lying = picture(size=(400, 300))
    lying.paste(BLUE, (0, 0, 400, 150))  # the upper half
    image = opened(sanitize(encoded(lying, exif=bent_exif(tag, kind, value))))
    assert image.size == (300, 400)
    assert near(image.getpixel((280, 200)), BLUE)  # on the right once it stands
    assert near(image.getpixel((20, 200)), RED)


def noise(size=(300, 300)):
    return Image.frombytes("RGB", size, random.Random(2).randbytes(size[0] * size[1] * 3))


@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_mark_is_whole(missing, progressive):
    whole = encoded(noise(), progressive=progressive)
    assert sanitize(whole[:-missing]).jpeg == sanitize(whole).jpeg


def png_with(*chunks):
    """Our picture, with these chunks after the header."""
    whole = encoded(picture(), "PNG")
    head = 8 + 12 + 13
    return whole[:head] + b"".join(chunks) + whole[head:]


def png_chunk(name, data, checksum=None):
    sum_ = zlib.crc32(name + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", sum_)


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"k\0" + b"x" * 1_100_000),
        png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(80_000_000))),
        png_chunk(b"tEXt", b"k\0one bit is flipped", 1234),
        png_chunk(b"iCCP", b"p\0\0" + zlib.compress(b"a profile"), 1234),
        png_chunk(b"acTL", struct.pack(">II", 2, 0)),  # an animation, whose frames never come
    ],
    ids=["text", "text that grows", "bent text", "bent profile", "animation"],
)
def test_a_png_is_taken_without_what_it_carries_beside_its_pixels(chunk):
    assert sanitize(png_with(chunk)).jpeg == sanitize(encoded(picture(), "PNG")).jpeg


def test_a_jpeg_of_many_megapixels_is_taken_at_a_reduced_scale():
    """As the largest modes of telephones make them; any other format of that size is a bomb."""
    photo = sanitize(encoded(Image.new("L", (12_000, 9_000), 90), quality=30))
    assert (photo.width, photo.height) == (2048, 1536)


def test_many_scans_are_a_bomb_and_dear_ones_are_told_by_their_cost():
    with pytest.raises(PhotoBomb):
        sanitize(hostile.jpeg_of_many_scans())
    usual = encoded(noise((2000, 2000)), progressive=True)
    sanitize(usual)
    with pytest.raises(CostsMore) as costs:
        sanitize(usual, patience=0.01)
    assert 0.01 < costs.value.seconds < 0.5
