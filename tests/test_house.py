"""The structure: who may import whom, names, sizes, what starts without torch, what is pinned."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
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


LONGEST = 350  # lines of a file


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the product, but for the migrations, which are history."""
    for room in ROOMS:
        for file in sorted((CHECKOUT / room).rglob("*.py")):
            if "migrations" not in file.parts:
                parts = file.relative_to(CHECKOUT).with_suffix("").parts
                yield ".".join(parts).removesuffix(".__init__"), file


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


def test_one_public_class_name_is_one_class():
    classes = defaultdict(list)
    for name, file in modules():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name].append(name)
    assert {name: where for name, where in classes.items() if len(where) > 1} == {}


def singular(name: str) -> str:
    return re.sub("(?<=[^s])s$", "", re.sub("ies$", "y", name))


def test_no_two_modules_of_a_package_differ_only_by_a_plural():
    packages = defaultdict(list)
    for name, _ in modules():
        package, _, leaf = name.rpartition(".")
        packages[package, singular(leaf)].append(name)
    assert [alike for alike in packages.values() if len(alike) > 1] == []


def test_no_file_is_long():
    long = {name: len(file.read_text().splitlines()) for name, file in modules()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST} == {}


def in_circles(arrows: dict[str, set[str]]) -> set[str]:
    """Those from which one comes back to a circle, by taking away whatever leads nowhere."""
    left = set(arrows)
    while leaves := {name for name in left if not arrows[name] & left}:
        left -= leaves
    return left


def imported(name: str, file: Path, known: set[str]) -> set[str]:
    """The modules that it imports when it is imported itself."""
    found = set[str]()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            each = {f"{node.module}.{one.name}" for one in node.names}
            found |= {one if one in known else node.module for one in each}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return (found & known) - {name}


def test_no_modules_import_each_other():
    """In any number of steps; what is imported inside a function does not count."""
    files = dict(modules())
    arrows = {name: imported(name, file, set(files)) for name, file in files.items()}
    assert in_circles(arrows) == set()


def defined(file: Path) -> set[str]:
    """The names at the top of a module, also those under an ``if`` there."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(one.asname or one.name).partition(".")[0] for one in node.names}
    return found


def test_what_tests_and_benchmarks_import_is_there():
    """mypy looks at the product alone; a benchmark that cannot start is found here."""
    files = dict(modules())
    names = {name: defined(file) for name, file in files.items()}
    missing = []
    for file in (*CHECKOUT.glob("benchmarks/**/*.py"), *CHECKOUT.glob("tests/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ROOMS:
                known = names.get(node.module or "", set())
                missing += [
                    f"{file.name}: {node.module}.{one.name}"
                    for one in node.names
                    if one.name not in known and f"{node.module}.{one.name}" not in files
                ]
    assert missing == []


def scripts() -> dict[str, set[str]]:
    """The playground's scripts, and which of them each imports."""
    folder = CHECKOUT / "bot" / "playground" / "static"
    pattern = re.compile(r'^import .* from "\./([\w-]+\.js)"', re.MULTILINE)
    return {one.name: set(pattern.findall(one.read_text())) for one in folder.glob("*.js")}


def test_no_scripts_of_the_playground_import_each_other():
    arrows = scripts()
    assert arrows
    assert in_circles(arrows) == set()


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in found}


def test_the_lock_files_pin_what_pyproject_names():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    locked = pins((CHECKOUT / "requirements.lock").read_text())
    extras = project["optional-dependencies"]
    for requirement in [
        *project["dependencies"],
        *extras["chat"],
        *extras["engine"],
        *extras["gpu"],
    ]:
        ((name, version),) = pins(requirement).items()
        assert locked[name] == version
    locked |= pins((CHECKOUT / "requirements-dev.lock").read_text())
    for requirement in extras["dev"]:
        ((name, version),) = pins(requirement).items()
        assert locked[name] == version


def test_nothing_locked_brings_what_must_stay_out():
    locked = pins((CHECKOUT / "requirements.lock").read_text())
    assert locked["torch"] == "2.13.0"
    assert not {"torchvision", "mediapipe", "nudenet", "insightface", "pillow-heif"} & set(locked)
    cuda = {name for name in locked if name.startswith("nvidia")} - {"nvidia-ml-py"}  # its binding
    assert not cuda


def test_the_project_cannot_be_uploaded_by_accident():
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
