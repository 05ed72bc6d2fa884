"""`python -m bot keys` and `python -m bot verify`, and what a shop's start says of its keys."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.__main__ import main
from bot.container import read_settings
from bot.demo.environment import demo_env
from bot.label_keys import tell
from bot.process_supervisor import ROOT
from shop.adapters.c2pa_signer import C2paSigner
from shop.environment import SettingsError
from shop.labels.authority import KEY, ROOT_KEY
from shop.labels.keys import load_keys
from shop.labels.signing import PictureKind, UnsignedPicture
from shop.settings import Settings
from tests.keys import MASTER_KEY_BASE64
from tests.labels import PRODUCER, filmed, painted, unlabelled


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setattr("os.environ", {})  # neither command needs a shop
    return tmp_path / "keys", tmp_path / "root"


def test_keys_are_made_with_what_to_do_next_and_files_verified_by_them(
    folders, tmp_path: Path, capsys
) -> None:
    keys, root = folders
    assert main(["keys", str(keys), "--root", str(root)]) == 0
    told = capsys.readouterr().out
    assert f"EIDER_LABEL_KEYS={keys}" in told
    assert f"Take {root / ROOT_KEY} away" in told
    signer = C2paSigner(load_keys(keys, datetime.now(UTC)), PRODUCER)
    picture = UnsignedPicture(painted(), PictureKind.PORTRAIT)
    ours, stripped = tmp_path / "ours.jpg", tmp_path / "stripped.jpg"
    ours.write_bytes(asyncio.run(signer.sign(picture)))
    stripped.write_bytes(unlabelled())
    assert main(["verify", str(ours), "--trust", str(keys)]) == 0
    assert "Yes: this file is ours" in capsys.readouterr().out
    clip = UnsignedPicture(filmed().mp4, PictureKind.CLIP)
    film, bent = tmp_path / "ours.mp4", tmp_path / "bent.mp4"
    film.write_bytes(asyncio.run(signer.sign(clip)))
    bent.write_bytes(film.read_bytes().replace(b"clip-1", b"clip-2"))
    assert main(["verify", str(film), "--trust", str(keys)]) == 0
    said = capsys.readouterr().out
    assert "· a clip from our studio\n· brought alive by Eider: a real photo" in said
    assert main(["verify", str(film), str(bent), "--trust", str(keys)]) == 1
    assert "the label does not fit it" in capsys.readouterr().out
    both = [str(ours), str(stripped)]
    assert main(["verify", *both, "--trust", str(keys), "--language", "fr"]) == 1
    assert "Aucune marque" in capsys.readouterr().out
    assert main(["verify", *both, str(tmp_path / "none.jpg"), "--trust", str(keys)]) == 2
    assert main(["verify", str(ours), "--trust", str(root)]) == 2
    assert "trust.pem" in capsys.readouterr().err
    capsys.readouterr()
    assert main(["verify", str(ours)]) == 2, "no list named"
    assert capsys.readouterr().err.endswith("names no keys; name their folder with --trust\n")


@pytest.mark.parametrize("named", [True, False], ids=["with --trust", "by the settings"])
def test_verify_knows_what_claims_to_be_ours_by_the_setting(
    folders, tmp_path, monkeypatch, capsys, named: bool
) -> None:
    keys, root = folders
    main(["keys", str(keys), "--root", str(root)])
    claimed = tmp_path / "claimed.jpg"
    claimed.write_bytes(painted(producer="Lake"))
    env = {} if named else {"EIDER_LABEL_KEYS": str(keys)}  # no master key, no token: no shop's
    arguments = ["verify", str(claimed), *(["--trust", str(keys)] if named else [])]
    told = []
    for producer in ("Lake", "Eider"):
        monkeypatch.setattr("os.environ", env | {"EIDER_CONTENT_PRODUCER": producer})
        capsys.readouterr()
        assert main(arguments) == 1
        told.append(capsys.readouterr().out)
    assert "says that it is ours" in told[0]
    assert "not one of ours" in told[1]


def test_what_is_no_file_is_named_and_the_others_are_verified(
    folders, tmp_path: Path, capsys
) -> None:
    """A missing file, a folder, a pipe that nobody writes to, a device without an end; and a name
    that would write a line of its own."""
    keys, root = folders
    main(["keys", str(keys), "--root", str(root)])
    plain = tmp_path / "a\x1b[31m\nfake.jpg: Yes: this file is ours.jpg"
    plain.write_bytes(unlabelled())
    pipe, missing = tmp_path / "pipe", tmp_path / "照片.jpg"
    os.mkfifo(pipe)
    capsys.readouterr()
    odd = [str(missing), str(tmp_path), str(pipe), "/dev/zero", str(plain)]
    assert main(["verify", *odd, "--trust", str(keys)]) == 2
    out = capsys.readouterr().out
    assert f"{missing}: No such file" in out
    for one in (tmp_path, pipe, "/dev/zero"):
        assert f"{one}: no regular file" in out or f"{one}: Is a directory" in out
    assert "\x1b" not in out
    assert "a\\x1b[31m\\nfake.jpg" in out
    assert "No label that I can read" in out
    assert not [line for line in out.splitlines() if line.startswith("fake.jpg")]


def test_a_reader_who_goes_away_is_no_error(folders, tmp_path: Path) -> None:
    """As with `| head -1`."""
    keys, root = folders
    main(["keys", str(keys), "--root", str(root)])
    file = tmp_path / "plain.jpg"
    file.write_bytes(unlabelled())
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "bot", "verify", str(file), "--trust", str(keys)]
    done = subprocess.run(
        command, stdout=writer, stderr=subprocess.PIPE, timeout=50, check=False, env={}
    )
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode != 0  # not "ours": nothing was said


def test_a_rotation_needs_the_root_and_says_so(folders, capsys) -> None:
    keys, root = folders
    main(["keys", str(keys), "--root", str(root)])
    before = (keys / KEY).read_bytes()
    (root / ROOT_KEY).rename(root.parent / "offline.key")
    assert main(["keys", str(keys), "--root", str(root)]) == 2
    assert "bring that root" in capsys.readouterr().err
    assert (keys / KEY).read_bytes() == before
    (root.parent / "offline.key").rename(root / ROOT_KEY)
    assert main(["keys", str(keys), "--root", str(root)]) == 0
    assert (keys / KEY).read_bytes() != before


def shop(folder: Path, **more: str) -> dict[str, str]:
    return {
        "EIDER_DATA": str(folder / "data"),
        "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
        "EIDER_TELEGRAM_TOKEN": "7000000001:AAEXampleOfATokenThatIsNobodys_12345",
        "EIDER_STARS_AVATAR": "125",
    } | more


def problems(env: dict[str, str]) -> str:
    try:
        read_settings(env)
    except SettingsError as error:
        return "\n".join(error.problems)
    return ""


def test_a_shop_that_takes_money_has_keys_or_says_that_it_has_none(folders, tmp_path) -> None:
    keys, root = folders
    assert problems(shop(tmp_path)).startswith("EIDER_LABEL_KEYS: is missing")
    assert problems(shop(tmp_path, EIDER_LABEL_KEYS="none")) == ""
    assert "No such file" in problems(shop(tmp_path, EIDER_LABEL_KEYS=str(keys)))
    main(["keys", str(keys), "--root", str(root)])
    assert problems(shop(tmp_path, EIDER_LABEL_KEYS=str(keys))) == ""
    (keys / KEY).chmod(0o644)
    assert "may be read by others" in problems(shop(tmp_path, EIDER_LABEL_KEYS=str(keys)))
    shared = tmp_path / "data" / "keys"
    main(["keys", str(shared), "--root", str(tmp_path / "other-root")])
    assert "which workers share" in problems(shop(tmp_path, EIDER_LABEL_KEYS=str(shared)))


def test_what_telegrams_page_sets_is_enough_to_sell(folders, tmp_path) -> None:
    """The block of docs/telegram.md, beside the four settings that it names below."""
    keys, root = folders
    main(["keys", str(keys), "--root", str(root)])
    page = (ROOT / "docs" / "telegram.md").read_text("utf-8")
    block = page.split("```")[1]
    env = dict(line.strip().split("=", 1) for line in block.strip().splitlines())
    assert env["EIDER_LABEL_KEYS"] == "/etc/eider/labels"
    env |= {"EIDER_TELEGRAM_TOKEN": shop(tmp_path)["EIDER_TELEGRAM_TOKEN"]}
    env |= {"EIDER_DATA": str(tmp_path / "data"), "EIDER_MASTER_KEY": MASTER_KEY_BASE64}
    assert problems(env | {"EIDER_LABEL_KEYS": str(keys)}) == ""
    assert problems(env | {"EIDER_LABEL_KEYS": "none"}) == ""


def test_a_start_says_what_the_keys_lack(folders, tmp_path) -> None:
    keys, root = folders
    main(["keys", str(keys), "--root", str(root)])
    now, env = datetime.now(UTC), shop(tmp_path, EIDER_LABEL_KEYS=str(keys))
    with capture_logs() as logged:
        tell(read_settings(env), now)
        assert logged == []
        tell(read_settings(env), now + timedelta(days=401))
        tell(read_settings(shop(tmp_path, EIDER_LABEL_KEYS="none")), now)
    events = [one["event"] for one in logged]
    assert events == ["label_key_is_due", "pictures_without_credentials"]


def test_a_house_that_sells_nothing_may_do_without(tmp_path) -> None:
    assert problems(shop(tmp_path, EIDER_STARS_AVATAR="0", EIDER_TILL="sandbox")) == ""


def test_a_worker_needs_no_keys_and_looks_for_none(tmp_path) -> None:
    env = shop(tmp_path, EIDER_LABEL_KEYS="/nowhere/on/a/gpu/host")
    assert Settings.from_env(env).label_keys == "/nowhere/on/a/gpu/host"


def test_only_what_sends_pictures_looks_at_the_keys(tmp_path, monkeypatch, capsys) -> None:
    """The books are read whatever has become of the trust list; no picture leaves without it."""
    keys = tmp_path / "keys"
    main(["keys", str(keys), "--root", str(tmp_path / "root")])
    (keys / "trust.pem").write_text("")
    env = shop(
        tmp_path, EIDER_TELEGRAM_TOKEN="", EIDER_STARS_AVATAR="0", EIDER_TILL="sandbox",
        EIDER_PLAYGROUND="yes", EIDER_LABEL_KEYS=str(keys),
    )  # fmt: skip
    monkeypatch.setattr("os.environ", env)
    assert main(["reconcile"]) == 0
    assert main(["pass", "anna"]) == 0
    for command in ("serve", "courier", "poll"):
        capsys.readouterr()
        assert main([command]) == 2
        assert "EIDER_LABEL_KEYS: " in capsys.readouterr().err


def test_the_demo_makes_its_own_once(tmp_path) -> None:
    env = demo_env({}, tmp_path, 8080)
    key = Path(env["EIDER_LABEL_KEYS"], KEY).read_bytes()
    assert problems(env) == ""
    assert Path(demo_env({}, tmp_path, 8080)["EIDER_LABEL_KEYS"], KEY).read_bytes() == key
