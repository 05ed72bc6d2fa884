"""Labels, measured: ``python -m benchmarks.labels`` writes docs/benchmarks/labels.md."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import hardware, pages
from pipeline.decoding.pool import DecoderPool
from pipeline.images import label
from shop.adapters.c2pa_signer import C2paSigner
from shop.labels.authority import issue
from shop.labels.keys import LabelKeys, load_keys
from shop.labels.signing import PictureKind, UnsignedPicture
from shop.labels.verification import LabelVerdict, judge

PAGE = Path("docs/benchmarks/labels.md")
SIDES = (512, 1024, 2048)
KINDS = ("JPEG", "PNG", "WEBP")
PRODUCER = "Eider"
AT_ONCE = 4


def keys() -> LabelKeys:
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        issue(Path(folder, "keys"), Path(folder, "root"), PRODUCER, now)
        return load_keys(Path(folder, "keys"), now)


def picture(kind: str, side: int) -> bytes:
    """As large as a portrait: smooth, with a little grain."""
    grain = np.random.default_rng(side).normal(0, 4, (side, side, 3))
    slope = np.linspace(60, 200, side)[:, None, None]
    pixels = np.clip(slope + grain, 0, 255).astype(np.uint8)
    return label.encode(Image.fromarray(pixels), PRODUCER, "benchmark", kind)


async def timed(work: Callable[[], Awaitable[object]], rounds: int) -> list[float]:
    """Milliseconds of each round."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1e3)
    return taken


async def cpu_of(work: Callable[[], Awaitable[object]], rounds: int) -> float:
    """Milliseconds of this process's CPU for each round."""
    began = time.process_time()
    for _ in range(rounds):
        await work()
    return (time.process_time() - began) * 1e3 / rounds


async def row(
    kind: str, side: int, signer: C2paSigner, pool: DecoderPool, own: LabelKeys, rounds: int
) -> tuple[str, ...]:
    one = UnsignedPicture(picture(kind, side), PictureKind.PORTRAIT)
    signed = await signer.sign(one)
    seen = judge(await pool.read_label(signed, "benchmark"), own.trust, PRODUCER)
    assert seen.verdict is LabelVerdict.OURS
    signing = await timed(lambda: signer.sign(one), rounds)
    cpu = await cpu_of(lambda: signer.sign(one), rounds)
    reading = await timed(lambda: pool.read_label(signed, "benchmark"), rounds)
    return (
        f"{kind}, {side} px", f"{len(one.data):,}", f"{len(signed) - len(one.data):,}",
        f"{statistics.median(signing):.1f}", f"{max(signing):.1f}", f"{cpu:.1f}",
        f"{statistics.median(reading):.1f}",
    )  # fmt: skip


async def measure(rounds: int) -> str:
    own = keys()
    signer = C2paSigner(own, PRODUCER)
    async with DecoderPool(1, anchors=own.trust.anchors) as pool:
        rows = [
            await row(kind, side, signer, pool, own, rounds) for kind in KINDS for side in SIDES
        ]
    four = UnsignedPicture(picture("JPEG", 1024), PictureKind.PORTRAIT)
    together = await timed(
        lambda: asyncio.gather(*(signer.sign(four) for _ in range(AT_ONCE))), rounds
    )
    head = (
        "picture", "bytes before", "bytes added", "signing, ms", "slowest, ms", "CPU, ms",
        "verifying, ms",
    )  # fmt: skip
    return f"""# Labels: what signing costs, in time and in bytes

`{pages.command("benchmarks.labels")}`, {pages.today()}; {hardware.machine()}.

Signing is what the chat side does to each picture on its way out: C2PA credentials by an ES256 key,
offline, without a thumbnail. Verifying is what the sandboxed process does to a file that is sent to
`/verify`, with the way there and back. Medians of {rounds}, one at a time.

{pages.table(head, rows)}

A set of {AT_ONCE} portraits (JPEG, 1024 px), signed side by side:
{statistics.median(together):.1f} ms.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    pages.write(chosen.out, asyncio.run(measure(chosen.rounds)))


if __name__ == "__main__":
    main()
