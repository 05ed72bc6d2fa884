"""deploy/compose.yaml against the schema of compose files and our settings; the .env beside it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from bot.container import read_settings
from shop.adapters.backup_stream import new_pair
from shop.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
ANSWERS = "studio.example\n123456:AAAAAAAAAAAAAAAAAAAAAAA\n125\n42\n"


def new_env(
    file: Path, answers: str = ANSWERS, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = ["/bin/bash", DEPLOY / "new-env.sh", file]
    return subprocess.run(
        command, input=answers, capture_output=True, text=True, check=False, env=env
    )


def read_env(file: Path) -> dict[str, str]:
    lines = [one for one in file.read_text().splitlines() if not one.startswith("#")]
    return dict(one.split("=", 1) for one in lines)


def test_the_file_is_a_compose_file():
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, DEPLOY / "compose.yaml"], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_process_has_settings_that_exist_and_all_that_are_required(tmp_path: Path):
    new_env(tmp_path / "env")
    env = read_env(tmp_path / "env")
    text = (DEPLOY / "compose.yaml").read_text()
    assert set(re.findall(r"\$\{([A-Z0-9_]+):\?", text)) <= set(env)
    filled = re.sub(
        r"\$\{([A-Z0-9_]+)(?::\?[^}]*|:-([^}]*))?\}",
        lambda one: env.get(one[1]) or one[2] or "",
        text,
    )
    services = yaml.safe_load(filled)["services"]
    processes = [one for one in services.values() if one["image"].startswith("eider-")]
    assert len(processes) == 6
    for one in processes:
        given = {k: str(v) for k, v in one["environment"].items() if k != "EIDER_BASES"}
        Settings.from_env(given)
    for name, one in services.items():
        files = {file["path"] for file in one.get("env_file", ())}
        chats = {"chat.env"} if name in ("web", "courier") else set()
        assert files == ({"settings.env", *chats} if one in processes else set())
    for name in ("check", "studio"):
        assert services[name]["networks"] == ["house"]
        assert "EIDER_TELEGRAM_TOKEN" not in services[name]["environment"]
    backup = services["backup"]
    assert backup["profiles"], "or `up` would make one and end"
    given = {name: str(value) for name, value in backup["environment"].items()}
    kept = read_settings(given | {"EIDER_BACKUP_KEY": new_pair()[1]}, signs=False).backup_url
    assert any(one.endswith(f":{kept}") for one in backup["volumes"])
    assert yaml.safe_load(filled)["networks"]["house"]["internal"]


def test_an_env_is_made_once_for_its_owner_and_never_overwritten(tmp_path: Path):
    file = tmp_path / ".env"
    assert new_env(file, "no domain\n").returncode == 1
    assert list(tmp_path.iterdir()) == []
    poor = tmp_path / "poor"
    poor.mkdir()
    for name in ("dirname", "mktemp", "cat", "rm", "ln", "head", "tr"):  # and no od, no base64
        (poor / name).symlink_to(shutil.which(name) or "")
    refused = new_env(file, env={"PATH": str(poor)})
    assert (refused.returncode, "no random keys could be made" in refused.stderr) == (1, True)
    shutil.rmtree(poor)
    assert list(tmp_path.iterdir()) == []
    assert new_env(file).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    chats = tmp_path / "chat.env"
    assert chats.stat().st_mode & 0o777 == 0o600
    assert set(tmp_path.iterdir()) == {file, chats}
    before = file.read_bytes(), chats.read_bytes()
    assert new_env(file).returncode == 1
    refused = new_env(tmp_path / "other")
    assert (refused.returncode, f"{chats} is there already" in refused.stderr) == (1, True)
    assert (file.read_bytes(), chats.read_bytes()) == before
    assert set(tmp_path.iterdir()) == {file, chats}
    (tmp_path / "b").mkdir()
    assert new_env(tmp_path / "b" / ".env").returncode == 0
    for name, secrets in ((".env", 6), ("chat.env", 2)):
        one, other = read_env(tmp_path / name), read_env(tmp_path / "b" / name)
        made = {key for key in one if re.search("KEY|PASSWORD|SECRET", key)}
        assert len(made) == secrets
        assert all(one[key] != other[key] for key in made)


def test_who_has_the_master_key_cannot_say_that_a_bill_was_paid(tmp_path: Path):
    """A process that opens pictures has it, and derives from it what nobody set otherwise."""
    new_env(tmp_path / ".env")
    master = {"EIDER_MASTER_KEY": read_env(tmp_path / ".env")["EIDER_MASTER_KEY"]}
    worker = Settings.from_env(master)
    chats = Settings.from_env(master | read_env(tmp_path / "chat.env"))
    assert worker.telegram_webhook_secret != chats.telegram_webhook_secret
    assert worker.sandbox_till_secret != chats.sandbox_till_secret
