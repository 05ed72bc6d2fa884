"""docs/house.md's picture beside the code's imports."""

import ast
import re
from pathlib import Path

import pytest

from tests.test_house import CHECKOUT, modules

Arrows = dict[str, set[str]]


@pytest.fixture(scope="module")
def picture() -> str:
    page = (CHECKOUT / "docs" / "house.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"```mermaid\n(.*?)```", page, re.DOTALL)
    return picture


@pytest.fixture(scope="module")
def rooms(picture: str) -> dict[str, str]:
    """Module or package -> its room in the picture."""
    found = {}
    for room, label in re.findall(r'^ +(\w+)\["([^"]*)<br>', picture, re.MULTILINE):
        for path in label.split():
            found[path.removesuffix(".py").replace("/", ".")] = room
    return found


@pytest.fixture(scope="module")
def drawn(picture: str) -> Arrows:
    arrows: Arrows = {}
    for source, target in re.findall(r"^ +(\w+) --> (\w+)$", picture, re.MULTILINE):
        arrows.setdefault(source, set()).add(target)
    return arrows


@pytest.fixture(scope="module")
def real(rooms: dict[str, str]) -> Arrows:
    """Imports from room to room, also those inside functions."""
    files = dict(modules())
    arrows: Arrows = {}
    for name, file in files.items():
        if not (targets := imports(file, files)):
            continue
        source = room_of(name, rooms)
        for target in {room_of(one, rooms) for one in targets} - {source}:
            arrows.setdefault(source, set()).add(target)
    return arrows


def room_of(module: str, rooms: dict[str, str]) -> str:
    while module not in rooms:
        module, dot, _ = module.rpartition(".")
        assert dot, "a module without a room"
    return rooms[module]


def imports(file: Path, files: dict[str, Path]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module in files:
            each = {f"{node.module}.{one.name}" for one in node.names}
            found |= {one if one in files else node.module for one in each}
    return found


def reachable(room: str, arrows: Arrows) -> set[str]:
    seen: set[str] = set()
    ahead = [room]
    while ahead:
        fresh = arrows.get(ahead.pop(), set()) - seen
        seen |= fresh
        ahead += fresh
    return seen


def test_every_arrow_is_an_import(drawn: Arrows, real: Arrows) -> None:
    made_up = {(a, b) for a, targets in drawn.items() for b in targets - real.get(a, set())}
    assert made_up == set()


def test_every_import_follows_arrows(drawn: Arrows, real: Arrows) -> None:
    missing = {(a, b) for a, targets in real.items() for b in targets - reachable(a, drawn)}
    assert missing == set()


def test_there_is_no_circle(drawn: Arrows) -> None:
    assert [room for room in drawn if room in reachable(room, drawn)] == []
