"""The same templates and seeds painted without the LoRA: for the demo's comparison alone.

The bot may not import the engine, so it runs a program of its own, ``python -m
pipeline.worker.compare --template-json FILE --out DIR``, which prints the pictures' paths.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.process_supervisor import ROOT
from shop.records import Shoot, Subject


class NoComparison(Exception):
    """The program failed; its log says why."""


async def paint_base_only(
    shoots: Sequence[Shoot],
    subject: Subject,
    base: str,
    out: Path,
    env: Mapping[str, str],
    log: Path,
) -> list[Path]:
    """The pictures, in the order of the shoots and their seeds. Raises :class:`NoComparison`."""
    out.mkdir(parents=True, exist_ok=True)
    wanted = [
        {
            "template": shoot.template,
            "subject": subject.value,
            "seeds": list(shoot.seeds),
            "base": base,
        }
        for shoot in shoots
    ]
    order = out / "wanted.json"
    order.write_text(json.dumps(wanted), "utf-8")
    try:
        said = await _run(
            ("pipeline.worker.compare", "--template-json", str(order), "--out", str(out)), env, log
        )
    finally:
        order.unlink()
    return [Path(path) for path in json.loads(said.splitlines()[-1])]


async def _run(module: Sequence[str], env: Mapping[str, str], log: Path) -> str:
    """What the program printed."""
    with open(log, "ab") as file:  # noqa: ASYNC230 - once
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *module, cwd=ROOT, env=dict(env),
            stdin=DEVNULL, stdout=PIPE, stderr=file,
        )  # fmt: skip
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise NoComparison(str(log))
    return said.decode()
