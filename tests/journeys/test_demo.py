"""The demo, as a program: what it prints, saves and leaves behind. The engine is the quick one."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import psutil
import pytest
from aiohttp import ClientSession
from PIL import Image

from bot.process_supervisor import ROOT
from handlers.texts import texts
from pipeline.decoding.label_reader import read_label
from shop.labels.keys import load_trust
from shop.labels.verification import LabelVerdict, judge
from tests.doubles import photo

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def customer(tmp_path: Path) -> Path:
    """A folder of 20 photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02d}.jpg").write_bytes(photo(number))
    return folder


async def demo(tmp_path: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journeys.quick_demo", *arguments, cwd=ROOT,
        env=os.environ | {"QUICK_HOME": str(tmp_path / "demo"), "COLUMNS": "100"},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


def processes_in(folder: Path) -> list[str]:
    """The processes that still run for ``folder``."""
    found = []
    for process in psutil.process_iter():
        try:
            at_home = process.environ().get("EIDER_DATA", "").startswith(str(folder))
            line = process.cmdline()
        except psutil.Error:
            continue
        if at_home or any(str(folder) in word for word in line):
            found.append(" ".join(line))
    return found


async def said(process: asyncio.subprocess.Process) -> list[str]:
    told, _ = await process.communicate()
    return told.decode().splitlines()


async def test_once_shows_the_journey_and_ends_with_what_it_measured(tmp_path, customer, out):
    process = await demo(
        tmp_path, "--once", "--photos", str(customer), "--out", str(out), "--lang", "en", "--json"
    )
    lines = await said(process)
    assert process.returncode == 0, lines[-5:]
    came = json.loads(lines[-1])
    assert list(came) == [
        "photos", "order", "training", "portraits", "expressions", "more_like_me", "base_only",
        "clips", "likeness_weights", "uploads_left", "ledger", "seconds",
    ]  # fmt: skip
    assert came["photos"] == {"sent": 20, "accepted": 20, "held": 0, "rejected": {}}
    assert came["order"] == {"state": "done", "amount": 990, "currency": "CNY"}
    assert came["training"]["steps"] == 2
    sets = ("portraits", "expressions", "more_like_me")
    assert [len(came[kind]) for kind in sets] == [8, 4, 4]
    assert len(came["base_only"]) == 8
    [clip] = came["clips"]
    assert (clip["frames"], clip["seconds"]) == (2, 1.0), "as the stand-in makes them"
    assert '"Label":"1"' in clip["label"], "of GB 45438, read back"
    assert Path(clip["path"]).read_bytes()[4:8] == b"ftyp"
    assert came["likeness_weights"] == [0.8, 0.9]
    assert came["uploads_left"] == 0
    assert came["ledger"] == {"CNY": 0, "credits": 0}
    assert 0 < came["seconds"] < 240
    everything_kept_is_ours(came, out, tmp_path)
    text = "\n".join(lines)
    for word in ("Portraits of me", "9.90", "More like me", "Receipt of erasure"):
        assert word in text
    assert processes_in(tmp_path / "demo") == []


def everything_kept_is_ours(came: dict[str, list[str]], out: Path, tmp_path: Path) -> None:
    """All pictures that the last line names are there, and all that are there are labelled."""
    for path in came["portraits"] + came["expressions"] + came["more_like_me"] + came["base_only"]:
        assert Image.open(path).size
    assert Image.open(out / "contact-sheet.jpg").width > 500
    trust = load_trust(tmp_path / "demo" / "labels")
    for path in out.rglob("*.jpg"):
        found = read_label(path.read_bytes(), trust.anchors)
        assert judge(found, trust, "Eider").verdict is LabelVerdict.OURS, path


IN_WECHAT = {
    "zh_CN": ("1 · 可以，我已成年", r"\b\d+ 就用这些", "收到 ¥9.90", "删除回执", "一次也没有拒绝"),
    "en": (
        "2 · English",
        r"\b\d+ More like me",
        "¥9.90 received",
        "Receipt of erasure",
        "refused none",
    ),
}
"""What is to be read: choices with their numbers, as they are offered and typed, in the language
that was chosen."""


@pytest.mark.parametrize("language", IN_WECHAT)
async def test_the_same_customer_in_wechat_keeps_to_its_rules(tmp_path, customer, out, language):
    process = await demo(
        tmp_path, "--channel", "wechat", "--once", "--photos", str(customer), "--out", str(out),
        "--lang", language, "--json",
    )  # fmt: skip
    lines = await said(process)
    assert process.returncode == 0, lines[-5:]
    came = json.loads(lines[-1])
    assert came["photos"] == {"sent": 20, "accepted": 20, "held": 0, "rejected": {}}
    assert came["order"] == {"state": "done", "amount": 990, "currency": "CNY"}
    sets = ("portraits", "expressions", "more_like_me")
    assert [len(came[kind]) for kind in sets] == [8, 4, 4]
    assert [clip["frames"] for clip in came["clips"]] == [2], "as the stand-in makes them"
    assert came["uploads_left"] == 0
    assert came["ledger"] == {"CNY": 0, "credits": 0}
    costs = came["messages"]
    assert (costs["refused"], costs["problems"]) == (0, [])
    assert costs["sent"] >= 16 + 1, "each portrait, and the bill's code"
    assert costs["passive"] >= 9, "each word of the customer's is answered"
    text = "\n".join(lines)
    for words in IN_WECHAT[language]:
        assert re.search(words, text), words
    assert re.search(rf"\b{costs['sent']}\b", text[text.index(came_to(language)) :])
    everything_kept_is_ours(came, out, tmp_path)
    assert processes_in(tmp_path / "demo") == []


def came_to(language: str) -> str:
    """How the line about messages begins."""
    return texts(language)("demo-messages", sent="\0", passive=0).partition("\0")[0]


async def test_too_few_photos_end_with_the_chats_own_words_and_nothing_charged(tmp_path, out):
    folder = tmp_path / "few"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(photo(number))
    process = await demo(tmp_path, "--once", "--photos", str(folder), "--out", str(out), "--json")
    lines = await said(process)
    assert process.returncode == 2
    text = " ".join(word for line in lines for word in line.replace("│", " ").split())
    assert "Only 3 usable so far; I need at least 12. Send 9 more, then we can go on." in text
    assert "Pay" not in text
    assert "No order came of these photos: 3 of 3 are usable, and 12 are needed." in text
    told = json.loads(lines[-1])
    assert told["error"] == "too_few_photos"
    assert told["photos"] == {"sent": 3, "accepted": 3, "held": 0, "rejected": {}}


async def test_an_empty_folder_is_told_at_once(tmp_path, out):
    process = await demo(tmp_path, "--once", "--photos", str(tmp_path / "none"), "--out", str(out))
    assert "There are no photos" in "\n".join(await said(process))
    assert process.returncode == 2


async def up(process: asyncio.subprocess.Process) -> str:
    """The address, once the journey is over and the processes stay up."""
    assert process.stdout is not None
    address, told = "", b""
    async for line in process.stdout:
        told += line
        if b"http://127.0.0.1:" in line:
            address = "http" + line.decode().rpartition("http")[2].strip()
        if b"Ctrl-C" in line:
            return address
    raise AssertionError(f"it ended: {told.decode()[-2000:]}")


@pytest.mark.parametrize(
    ("number", "channel"),
    [
        pytest.param(signal.SIGINT, "playground", id="ctrl-c"),
        pytest.param(signal.SIGKILL, "playground", id="killed"),
        pytest.param(signal.SIGKILL, "wechat", id="killed in wechat"),
    ],
)
async def test_it_stays_up_until_it_is_ended_and_leaves_nobody(
    tmp_path, customer, out, number, channel
):
    process = await demo(
        tmp_path, "--photos", str(customer), "--out", str(out), "--channel", channel
    )
    address = await up(process)
    assert address.endswith({"playground": "/playground", "wechat": "/control"}[channel])
    async with ClientSession() as http, http.get(address) as answer:
        assert answer.status == 200
    process.send_signal(number)
    await asyncio.wait_for(process.wait(), 40)
    async with asyncio.timeout(40):
        while processes_in(tmp_path / "demo"):
            await asyncio.sleep(0.2)
