"""The page's scripts parse. A browser refuses a whole module for one name declared twice, and then
nothing on the page works; no other fast test runs them."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot.playground.routes import STATIC


def _node() -> Path:
    playwright = find_spec("playwright")
    if playwright is None or playwright.origin is None:
        pytest.skip("playwright is not installed")
    node = Path(playwright.origin).with_name("driver") / "node"
    if not node.exists():
        pytest.skip("playwright came without its node")
    return node


def _parses(script: bytes) -> subprocess.CompletedProcess[bytes]:
    command = [_node(), "--input-type=module", "--check", "-"]
    return subprocess.run(command, input=script, capture_output=True, check=False, timeout=30)


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_every_script_parses(script):
    found = _parses(script.read_bytes())
    assert found.returncode == 0, found.stderr.decode()


def test_a_name_declared_twice_would_be_seen():
    assert _parses(b'import "./x.js"; let paused = 1; let paused = 2;').returncode != 0
    assert _parses(b'import "./x.js"; let paused = 1;').returncode == 0
