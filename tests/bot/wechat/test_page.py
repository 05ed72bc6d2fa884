"""``docs/wechat.md`` says the numbers that hold, and names settings and log lines that exist."""

import re
from itertools import chain

from bot.wechat import callback, photo_queue, processor, token_store
from shop.environment import variable
from shop.settings import Settings
from tests.test_house import CHECKOUT

PAGE = (CHECKOUT / "docs" / "wechat.md").read_text("utf-8")
WORDS = re.sub(r"\s+", " ", PAGE)


def test_its_numbers_are_the_programs():
    assert callback.TOLERATED_SECONDS == 300
    assert "more than five minutes beside our clock" in WORDS
    assert f"is held for {callback.PATIENCE_SECONDS} s" in WORDS
    assert f"more than {callback.LARGEST // 1024} KiB" in WORDS
    assert f"when no more came for {photo_queue.QUIET_SECONDS:.0f} s" in WORDS
    assert f"for {photo_queue.COLLECTING_SECONDS:.0f} s (28, 56 and at most" in WORDS
    assert f"at most {photo_queue.LONGEST_SECONDS:.0f} s after each count" in WORDS
    assert processor.PHOTOS_SECONDS == 10
    assert "wait for these, up to ten seconds" in WORDS
    forced, apart = token_store.FORCED_A_DAY, token_store.FORCE_EVERY
    assert f"made {forced} times a day at most, {apart:.0f} s apart" in WORDS
    assert f"https://eider.example{callback.PATH}`" in WORDS


def test_its_settings_exist_and_all_of_wechats_are_there():
    known = {variable(name) for name in Settings.model_fields} | {"EIDER_DATA"}
    named = set(re.findall(r"EIDER_[A-Z0-9_]+", PAGE))
    assert named <= known
    ours = {variable(name) for name in Settings.model_fields if name.startswith("wechat")}
    addresses = {one for one in ours if one.endswith("_API_URL")}
    assert ours - addresses <= named


def test_log_lines_that_operators_are_told_of_exist():
    room = (CHECKOUT / "bot" / "wechat").rglob("*.py")
    source = "".join(file.read_text("utf-8") for file in room)
    pages = (PAGE, (CHECKOUT / "docs" / "operate.md").read_text("utf-8"))
    lines = set(chain.from_iterable(re.findall(r"`(wechat_[a-z_]+)`", page) for page in pages))
    assert lines
    assert {line for line in lines if f'"{line}"' not in source} == set()
