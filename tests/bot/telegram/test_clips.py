"""Clips: played in the chat, uploaded once, and as a file unchanged."""

from io import BytesIO

import pytest
from PIL import Image

from bot.telegram.api_sender import thumbnail
from bot.telegram.media_cache import message_key_of
from handlers.chat import Button, ClipFile, Picture, Say, Show, ShowClip
from tests.botapi import Customer, Failure, Group

MP4 = b"\0\0\0\x10ftypisom moov mdat"
AGAIN = ((Button("Another", "alive"),),)


def jpeg(size: tuple[int, int] = (720, 540)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (90, 80, 80)).save(out, "JPEG")
    return out.getvalue()


def clip(id: str = "c1", more: bytes = b"") -> ClipFile:
    return ClipFile(id, MP4 + more, jpeg(), 720, 540, 5.0)


async def test_a_clip_is_a_video_with_its_first_frame_and_its_buttons(api, customer, outbound):
    await outbound.send("4201", ShowClip(clip(), "She smiles", AGAIN))
    (shown,) = customer.chat.shown
    assert (shown.video, shown.caption, shown.length, shown.edges) == (
        MP4, "She smiles", 5, (720, 540),
    )  # fmt: skip
    assert "Another" in shown.buttons()
    (call,) = api.made("sendVideo")
    assert call.values["supports_streaming"] is True
    with Image.open(BytesIO(call.files[call.values["thumbnail"].removeprefix("attach://")])) as one:
        assert one.size == (320, 240)
    assert api.made("sendChatAction")[0].values["action"] == "upload_video"


async def test_it_is_uploaded_once_for_whom_it_is_and_once_for_all_if_it_is_a_preview(
    api, customer, outbound, message_ids
):
    other = Customer(api, 4202)
    preview = clip("preview:motions", b"p")
    for chat in ("4201", "4201", "4202"):
        await outbound.send(chat, ShowClip(clip(), "mine"))
        await outbound.send(chat, ShowClip(preview, "motions"))
    uploaded = [bool(call.files) for call in api.made("sendVideo")]
    assert uploaded == [True, True, False, False, True, False]
    assert [each.video for each in other.chat.shown] == [MP4, preview.data]
    kept = await message_ids.get("telegram", "4201", message_key_of("c1"))
    assert api.files[kept] == MP4
    assert await message_ids.get("telegram", "4202", message_key_of("c1")) != kept


async def test_what_telegram_refuses_as_a_video_comes_as_a_file(api, customer, outbound):
    """It was paid for."""
    api.fail("sendVideo", Failure(400, "Bad Request: failed to get video"))
    await outbound.send("4201", ShowClip(clip(), "She smiles", AGAIN))
    (shown,) = customer.chat.shown
    assert (shown.document, shown.caption) == (("eider-c1.mp4", MP4), "She smiles")
    assert "Another" in shown.buttons()


async def test_on_request_it_is_the_file_itself(api, customer, outbound):
    await outbound.send("4201", ShowClip(clip(), "", original=True))
    (shown,) = customer.chat.shown
    assert shown.document == ("eider-c1.mp4", MP4)
    assert api.made("sendDocument")[0].values["disable_content_type_detection"] is True
    assert api.made("sendChatAction")[0].values["action"] == "upload_document"


async def test_a_message_of_a_key_becomes_a_clip_and_a_clip_a_picture(customer, outbound):
    await outbound.send("4201", Say("soon", message_key="k"))
    await outbound.send("4201", ShowClip(clip(), "here", message_key="k"))
    (shown,) = customer.chat.shown
    assert (shown.video, shown.caption, shown.length) == (MP4, "here", 5)
    picture = Picture("p", jpeg(), "image/jpeg")
    await outbound.send("4201", Show((picture,), "still", message_key="k"))
    await outbound.send("4201", ShowClip(clip(), "again", message_key="k"))
    (shown,) = customer.chat.shown
    assert (shown.video, shown.photo, shown.caption) == (MP4, None, "again")


async def test_a_long_caption_stands_below_it(customer, outbound):
    await outbound.send("4201", ShowClip(clip(), "x" * 1025, AGAIN))
    played, words = customer.chat.shown
    assert (played.caption, played.markup, words.text) == ("", None, "x" * 1025)
    assert "Another" in words.buttons()


async def test_in_a_group_no_file_id_is_kept(api, outbound, message_ids):
    group = Group(api)
    await outbound.send(str(group.chat.id), ShowClip(clip(), ""))
    assert await message_ids.get("telegram", str(group.chat.id), message_key_of("c1")) is None


@pytest.mark.parametrize("size", [(720, 540), (540, 960), (60, 60)])
def test_a_thumbnail_is_no_larger_than_telegram_takes(size):
    with Image.open(BytesIO(thumbnail(jpeg(size)))) as small:
        assert small.format == "JPEG"
        assert max(small.size) <= 320
        assert small.width / small.height == pytest.approx(size[0] / size[1], rel=0.02)
