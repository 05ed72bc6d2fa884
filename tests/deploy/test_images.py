"""deploy/Dockerfile, as far as a machine without Docker can go: no image is built here."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

CHECKOUT = Path(__file__).parents[2]
DEPLOY = CHECKOUT / "deploy"
TARGETS = ("chat", "check", "studio")


def stages() -> dict[str, list[dict[str, str]]]:
    """The instructions of each stage, by its name."""
    found: dict[str, list[dict[str, str]]] = {}
    name = ""
    for one in DockerfileParser(fileobj=(DEPLOY / "Dockerfile").open("rb")).structure:
        if one["instruction"] == "FROM":
            name = one["value"].split()[-1]
        found.setdefault(name, []).append(one)
    return found


def copies(stage: list[dict[str, str]]) -> list[tuple[list[str], str]]:
    """Sources of the checkout and where they go."""
    plain = [one["value"].split() for one in stage if one["instruction"] == "COPY"]
    return [(parts[:-1], parts[-1]) for parts in plain if not parts[0].startswith("--from=")]


def admitted(path: str) -> bool:
    """Whether .dockerignore, whose last line that fits decides, lets a path into the build."""
    ins = True
    for line in (CHECKOUT / ".dockerignore").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").rstrip("/")
        parents = [str(one) for one in (Path(path), *Path(path).parents)]
        if any(
            Path(one).match(pattern) and one.count("/") == pattern.count("/") for one in parents
        ):
            ins = line.startswith("!")
    return ins


def test_every_source_is_there_and_let_in_and_no_secret_is():
    sources = [one for stage in stages().values() for froms, _ in copies(stage) for one in froms]
    assert sources
    for source in sources:
        assert (CHECKOUT / source).exists(), source
        assert admitted(source.rstrip("/")), source
    for secret in ("deploy/.env", "deploy/labels", "var", ".git"):
        assert not admitted(secret)


@pytest.mark.parametrize("target", TARGETS)
def test_each_image_runs_as_nobody_with_its_own_lock(target: str):
    stage = stages()[target]
    assert [one["value"] for one in stage if one["instruction"] == "USER"][-1] == "eider"
    made = next(one["value"] for one in stages()[f"build-{target}"] if "make-venv" in one["value"])
    assert f"locks/{target}.lock /opt/venv" in made


def test_the_locks_keep_torch_where_it_belongs():
    chat, check, studio = ((DEPLOY / "locks" / f"{one}.lock").read_text() for one in TARGETS)
    assert "torch==" not in chat
    assert "\nav==" not in chat  # nor any GPL code
    assert "torch==2.13.0+cpu " in check
    assert "nvidia-" not in check
    assert "torch==2.13.0 " in studio
    assert "nvidia-cudnn-cu13==" in studio


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_chat_starts_from_its_lock_and_its_files_alone_without_torch(tmp_path: Path):
    older = "import sys; sys.exit(sys.version_info < (3, 11, 3))"
    if subprocess.run(["python3", "-c", older], check=False).returncode:
        pytest.skip("the lock is of the image's Python; one before 3.11.3 wants more packages")
    venv, root = tmp_path / "venv", tmp_path / "eider"
    made = subprocess.run(
        [DEPLOY / "make-venv.sh", DEPLOY / "locks" / "chat.lock", venv],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "No matching distribution" in made.stderr or "ConnectionError" in made.stderr:
        pytest.skip("PyPI cannot be reached")
    assert made.returncode == 0, (made.stdout + made.stderr)[-2000:]
    for sources, goal in copies(stages()["chat"]):
        for source in sources:
            given, to = CHECKOUT / source, root / goal
            to.mkdir(parents=True, exist_ok=True)
            if given.is_dir():
                shutil.copytree(given, to, dirs_exist_ok=True)
            else:
                shutil.copy(given, to)
    base = {"PATH": os.environ["PATH"]}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [venv / "bin" / "python", *arguments],
            cwd=root, env=base, capture_output=True, text=True, check=False,
        )  # fmt: skip

    command = json.loads(next(o["value"] for o in stages()["chat"] if o["instruction"] == "CMD"))
    for words in (command[:2], ["bot", "courier"], ["bot", "poll"], ["bot", "reconcile"]):
        assert run("-m", *words, "--help").returncode == 0, words
    code = "import sys, bot.__main__, pipeline.decoding.process; print('torch' in sys.modules)"
    assert run("-c", code).stdout.strip() == "False"
    assert run("-c", "import torch").returncode == 1
    refused = run("-m", *command)
    assert refused.returncode == 2
    assert "EIDER_MASTER_KEY" in refused.stderr
