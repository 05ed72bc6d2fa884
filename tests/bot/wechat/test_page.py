"""``docs/wechat.md`` says the numbers that hold, and names settings and log lines that exist."""

import re
from datetime import timedelta
from itertools import chain

from bot.wechat import budget, callback, message_text, outbound, photo_queue, processor, token_store
from bot.wechat.plan import Urgency
from shop.environment import variable
from shop.settings import Settings
from tests.test_house import CHECKOUT

PAGE = (CHECKOUT / "docs" / "wechat.md").read_text("utf-8")
OTHERS = ("operate", "wechat-pay")
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


def test_it_says_what_may_be_sent_when():
    assert timedelta(hours=48) == budget.WINDOW
    assert f"a message of theirs | {budget.MESSAGES} within 48 hours" in WORDS
    assert timedelta(minutes=1) == budget.EVENT_WINDOW
    assert f"a follow, a scan | {budget.EVENTS} within a minute" in WORDS
    short = budget.EVENT_WINDOW - budget.EVENT_MARGIN
    assert timedelta(minutes=1) == budget.MARGIN
    assert f"48 hours for a minute less, and the minute for {short.seconds} s" in WORDS
    assert f"({message_text.LIMIT} bytes)" in WORDS
    assert (outbound.KEPT, Urgency.IMPORTANT, Urgency.NEWS, Urgency.PROGRESS) == (1, 0, 1, 4)
    assert "leave one of these for news" in WORDS
    assert "unasked one picture of the training is shown, where more than four are left" in WORDS
    assert f"or for {budget.REMINDED.days} days" in WORDS


def test_its_settings_exist_and_all_of_wechats_are_there():
    known = {variable(name) for name in Settings.model_fields} | {"EIDER_DATA"}
    named = set(re.findall(r"EIDER_[A-Z0-9_]+", PAGE))
    assert named <= known
    ours = {variable(name) for name in Settings.model_fields if name.startswith("wechat")}
    addresses = {one for one in ours if one.endswith("_API_URL")}
    assert ours - addresses <= named


def test_log_lines_that_operators_are_told_of_are_those_that_are_written():
    room = (CHECKOUT / "bot" / "wechat").rglob("*.py")
    source = "".join(file.read_text("utf-8") for file in room)
    written = set(re.findall(r'\blog\.[a-z]+\(\s*"([a-z_]+)"', source))
    pages = (PAGE, *((CHECKOUT / "docs" / f"{name}.md").read_text("utf-8") for name in OTHERS))
    told = set(chain.from_iterable(re.findall(r"`([a-z_]+)`", page) for page in pages))
    assert written
    assert written - told == set()
    assert {line for line in told if line.startswith(("wechat_", "wechatpay_"))} - written == set()
