"""The walls: who may import whom, what starts without torch, what the lock files pin."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
ROOMS = ("bot", "handlers", "pipeline", "shop")
FRONTS = (
    "bot.container",
    "bot.outbox.worker",
    "bot.web.app",
    "handlers.dispatcher",
    "pipeline.worker.app",
    "shop.orders.orders",
)
HEAVY = ("torch", "diffusers", "peft", "transformers", "cv2", "onnxruntime")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False
    )


def test_import_contracts_hold():
    result = run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_a_generic_name_is_ours(room):
    """bot, handlers, pipeline and shop are common names: the checkout's must win."""
    result = run(sys.executable, "-c", f"import {room}; print({room}.__file__)")
    assert Path(result.stdout.strip()) == CHECKOUT / room / "__init__.py"


@pytest.mark.parametrize("front", FRONTS)
def test_a_front_starts_without_the_heavy_libraries(front):
    code = f"import sys, {front}; print([name for name in {HEAVY!r} if name in sys.modules])"
    result = run(sys.executable, "-c", code)
    assert result.stdout.strip() == "[]", result.stderr


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in found}


def test_the_lock_files_pin_what_pyproject_names():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    locked = pins((CHECKOUT / "requirements.lock").read_text())
    for requirement in project["dependencies"]:
        ((name, version),) = pins(requirement).items()
        assert locked[name] == version
    locked |= pins((CHECKOUT / "requirements-dev.lock").read_text())
    for requirement in project["optional-dependencies"]["dev"]:
        ((name, version),) = pins(requirement).items()
        assert locked[name] == version


def test_nothing_locked_brings_what_must_stay_out():
    locked = pins((CHECKOUT / "requirements.lock").read_text())
    assert locked["torch"] == "2.13.0"
    assert not {"torchvision", "mediapipe", "nudenet", "insightface", "pillow-heif"} & set(locked)
    assert not [name for name in locked if name.startswith("nvidia")]


def test_the_project_cannot_be_uploaded_by_accident():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
