"""Pictures as WeChat takes them: JPEG, at most 2 MB, labels kept; uploaded once in three days."""

import io
import random
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from redis.asyncio import Redis

from bot.state.sessions import MessageIds
from bot.wechat.media import GOOD_FOR, MediaIds, jpeg_of
from bot.wechat.qr import qr_png
from handlers.chat import Picture
from shop.labels import hidden
from shop.labels.hidden import SourceType
from tests.bot.wechat.phone import WechatPhones

MOST = 200_000
PACKET = hidden.packet(
    "Eider", "id-1", SourceType.PAINTED, datetime(2026, 11, 27, tzinfo=UTC).date()
)


def drawn(kind: str, edge: int = 700, **more: object) -> bytes:
    noise = Image.frombytes("RGB", (edge, edge), random.Random(7).randbytes(edge * edge * 3))
    noise.paste((255, 255, 255), (edge - 200, edge - 80, edge, edge))  # the visible mark's plate
    out = io.BytesIO()
    noise.save(out, kind, **more)
    return out.getvalue()


def png() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", PACKET.decode())
    return drawn("PNG", pnginfo=info)


def test_a_jpeg_that_fits_stays_as_it_is_to_the_byte():
    data = drawn("JPEG", 100, xmp=PACKET)
    assert jpeg_of(data) is data


@pytest.mark.parametrize(
    "data", [drawn("JPEG", quality=95, xmp=PACKET), png(), drawn("WEBP", xmp=PACKET)]
)
def test_any_other_is_encoded_anew_with_mark_and_hidden_label(data):
    assert len(data) > MOST
    made = jpeg_of(data, MOST)
    with Image.open(io.BytesIO(made)) as opened:
        assert opened.format == "JPEG"
        assert hidden.read_info(opened.info) == hidden.read_info({"xmp": PACKET})
        mark = opened.crop(
            (int(opened.width * 0.85), int(opened.height * 0.95), opened.width, opened.height)
        )
        assert min(mark.convert("L").getextrema()) > 200
    assert MOST / 4 < len(made) <= MOST


@pytest.mark.parametrize("data", [b"", b"no picture", b"GIF89a" + bytes(40)])
def test_what_is_no_picture_of_ours_is_refused(data):
    with pytest.raises((OSError, ValueError)):
        jpeg_of(data)


@pytest.fixture
async def media(valkey, clock):
    async with Redis.from_url(valkey) as redis:
        phones = WechatPhones(clock)
        yield MediaIds(phones, MessageIds(redis), clock), phones


@pytest.mark.parametrize(
    ("name", "others", "uploads"),
    [
        ("preview:noir", ("bert",), 1),  # once for all people
        ("portrait", ("bert",), 2),  # a person's own is theirs
        ("sample:1", (), 2), ("held:1", (), 2), ("code:1", (), 2),  # shown and forgotten
    ],
)  # fmt: skip
async def test_what_is_remembered_for_whom(media, name, others, uploads):
    ids, phones = media
    picture = Picture(name, drawn("JPEG", 40), "image/jpeg", version="1")
    first = await ids.of("ada", picture)
    for other in others or ("ada",):
        await ids.of(other, picture)
    assert len(phones.uploads) == uploads
    assert (await ids.of("ada", picture) == first) is (
        ":" not in name or name.startswith("preview")
    )
    assert phones.uploads[0] == f"eider-{name.replace(':', '-')}.jpg"


async def test_a_media_id_is_used_for_less_than_three_days(media, clock):
    ids, _ = media
    picture = Picture("portrait", drawn("JPEG", 40), "image/jpeg")
    assert timedelta(days=2) < GOOD_FOR <= timedelta(days=3) - timedelta(hours=6), "on the way"
    first = await ids.of("ada", picture)
    clock.now += GOOD_FOR - timedelta(seconds=1)
    assert await ids.of("ada", picture) == first
    clock.forward(seconds=2)
    second = await ids.of("ada", picture)
    assert second != first
    await ids.drop("ada", picture)
    assert await ids.of("ada", picture) != second


async def test_another_release_brings_another_preview(media):
    ids, phones = media
    for data, version in (
        (drawn("JPEG", 40), "1"),
        (drawn("JPEG", 41), "2"),
        (drawn("JPEG", 42), ""),
    ):
        await ids.of("ada", Picture("preview:noir", data, "image/jpeg", version=version))
    assert len(phones.uploads) == 3


def test_a_code_is_a_png_that_can_be_scanned_from_a_phone():
    import cv2
    import numpy

    url = "weixin://wxpay/bizpayurl?pr=abcDEF123"
    data = qr_png(url)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.format == "PNG"
        assert min(opened.size) >= 480
    pixels = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR)
    assert cv2.QRCodeDetector().detectAndDecode(pixels)[0] == url
    with Image.open(io.BytesIO(jpeg_of(data))) as jpeg:
        assert jpeg.format == "JPEG"
    for wrong in ("", "x" * 3000):
        with pytest.raises(ValueError, match=r"scan|long"):
            qr_png(wrong)
