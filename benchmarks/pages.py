"""Tables as Markdown, and pages that keep what people wrote below them."""

from __future__ import annotations

import datetime
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

NOTES = "\n## Notes"


def write(path: Path, text: str) -> None:
    """Replace what the command wrote; the notes below stay."""
    old = path.read_text("utf-8") if path.exists() else ""
    _, mark, notes = old.partition(NOTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.rstrip("\n") + "\n" + mark + notes, "utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


def command(module: str) -> str:
    """The command as it was given, to run it again."""
    return shlex.join(["python", "-m", module, *sys.argv[1:]])


def today() -> str:
    return f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}"
