"""Files that a bot sends: named and used, not too large, and pictures where they must be."""

import pytest

from tests.botapi.conftest import jpeg
from tests.botapi.judging import CHAT, EDIT, TEXT, Case, album, bites, key, passes, right, wrong

FILES = {f"f{n}": jpeg(10 + n) for n in range(11)}
MP4 = b"\0\0\0\x10ftypisom moov mdat"
SIZE = {"width": 320, "height": 180, "duration": 5}
VIDEO = CHAT | SIZE | {
    "video": "attach://v", "thumbnail": "attach://t", "supports_streaming": True,
}  # fmt: skip
WRONG = [
    wrong("sendVideo", VIDEO, "no MP4", "", {"v": b"words", "t": jpeg()}),
    wrong("sendVideo", CHAT, "it jumps", "", {"video": MP4}),
    wrong("sendVideo", VIDEO, "index comes last", "", {"v": MP4[:12] + b"mdat moov", "t": jpeg()}),
    wrong("sendVideo", VIDEO, "of 321 pixels", "", {"v": MP4, "t": jpeg(321, 180)}),
    wrong("sendVideo", VIDEO, "no JPEG", "", {"v": MP4, "t": b"words"}),
    wrong(
        "sendVideo",
        VIDEO | {"video": "attach://x"},
        "attach://x has no part",
        "there is no video",
        {"t": jpeg()},
    ),
    wrong(
        "sendPhoto",
        CHAT | {"photo": "attach://f0"},
        "attach://f0 has no part",
        "there is no photo in the request",
    ),
    wrong(
        "sendMediaGroup",
        album("photo", "photo"),
        "attach://f1 has no part",
        "can't parse InputMedia: media not found",
        {"f0": jpeg()},
    ),
    wrong("sendMessage", TEXT, "part f0 is not used", "", {"f0": b"x"}),
    wrong("sendDocument", CHAT, "document is empty", "file must be non-empty", {"document": b""}),
    wrong(
        "sendDocument",
        CHAT,
        "52428801 bytes",
        "Request Entity Too Large",
        {"document": bytes(50 * 2**20 + 1)},
    ),
    wrong(
        "sendPhoto", CHAT, "a photo of", "file of size 10486", {"photo": jpeg() + bytes(10 * 2**20)}
    ),
    wrong("sendPhoto", CHAT, "no picture", "IMAGE_PROCESS_FAILED", {"photo": b"words"}),
    wrong(
        "sendPhoto", CHAT, "no picture", "IMAGE_PROCESS_FAILED", {"photo": jpeg(900, 900)[:-900]}
    ),
    wrong(
        "sendPhoto", CHAT, "9000 by 1001", "PHOTO_INVALID_DIMENSIONS", {"photo": jpeg(9000, 1001)}
    ),
    wrong("sendPhoto", CHAT, "211 by 10", "PHOTO_INVALID_DIMENSIONS", {"photo": jpeg(211, 10)}),
    wrong(
        "sendMediaGroup",
        album("photo", "photo"),
        "f1: no picture",
        "IMAGE_PROCESS_FAILED",
        {"f0": jpeg(), "f1": b"words"},
    ),
    wrong(
        "editMessageMedia",
        EDIT | {"media": {"type": "photo", "media": "attach://f0"}},
        "f0: no picture",
        "IMAGE_PROCESS_FAILED",
        {"f0": b"words"},
    ),
    wrong("sendMediaGroup", album("photo"), "1 items", "", FILES),
    wrong("sendMediaGroup", album(), "0 items", "there are no messages to send"),
    wrong(
        "sendMediaGroup",
        album(*["photo"] * 11),
        "11 items",
        "too many messages to send as an album",
        FILES,
    ),
    wrong(
        "sendMediaGroup",
        album("photo", "document"),
        "documents only",
        "can't use the media of the specified type in the album",
        FILES,
    ),
    wrong(
        "sendMediaGroup",
        album("phoot", "photo"),
        'media[0].type: type "phoot" is unsupported',
        "can't parse InputMedia: type",
        FILES,
    ),
    wrong(
        "sendMediaGroup",
        album("photo", "photo") | key(url="https://x.org"),
        "sendMediaGroup.reply_markup: unknown",
        "",
        FILES,
    ),
]
RIGHT = [
    right("sendMessage", TEXT | {"text": "attach://f0"}),
    right("sendPhoto", CHAT, {"photo": jpeg()}),
    right("sendPhoto", CHAT | {"caption": "x" * 1024}, {"photo": jpeg()}),
    right("sendPhoto", CHAT, {"photo": jpeg(9000, 1000)}),
    right("sendPhoto", CHAT, {"photo": jpeg(200, 10)}),
    right("sendPhoto", CHAT | {"photo": "AgAC"}),
    right("sendDocument", CHAT, {"document": b"anything"}),
    right("sendMediaGroup", album("photo", "photo"), {"f0": jpeg(), "f1": jpeg()}),
    right("sendVideo", VIDEO, {"v": MP4, "t": jpeg(320, 180)}),
    right("sendVideo", CHAT | {"video": "BAAC"}),
    right("sendMediaGroup", album(*["document"] * 10), {f"f{n}": b"x" for n in range(10)}),
]


@pytest.mark.parametrize("case", WRONG)
def test_a_broken_rule_is_found_and_refused_as_telegram_would(case):
    bites(case)


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_call_is_in_order(case):
    passes(case)


def test_a_server_of_ones_own_takes_larger_files():
    case = Case("sendDocument", CHAT, files={"document": bytes(51 * 2**20)})
    assert case.broken()
    assert case.broken(local=True) == []
