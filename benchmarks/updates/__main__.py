"""The run: ``python -m benchmarks.updates``; writes docs/benchmarks/updates.md."""

import argparse
import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import hardware, pages
from benchmarks.updates import people, servers, wechat_people
from benchmarks.updates.cloud import Cloud, serving
from benchmarks.updates.load import Posted, Request, flood, steady, telegram_request
from benchmarks.updates.servers import Server
from bot.wechat.photo_queue import PHOTO

OTHER_CORE: Final = {1}
NAMES: Final = {
    "sqlite": "Eider, SQLite",
    "postgresql": "Eider, PostgreSQL",
    "ptb": "bare python-telegram-bot echo",
    "aiogram": "bare aiogram echo",
    "wechatpy": "bare wechatpy echo",
}


@dataclass(frozen=True, slots=True)
class Chat:
    """The platform whose updates are posted. ``base`` is the echo that others are compared with.
    ``queue``: the outbox message as which a photo is stored, where another process fetches it."""

    page: Path
    head: str
    names: tuple[str, ...]
    base: str
    walk: tuple[Callable[[int], bytes], ...]
    kinds: tuple[str, ...]
    in_turn: Callable[[str, int], Iterator[bytes]]
    request: Request
    environment: Mapping[str, str]
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind of update. ``rate`` counts an update when all its replies are out as well."""

    rate: float
    taken: float
    p50: float
    p99: float


@dataclass(slots=True)
class Result:
    """Of one server. Memory in MiB, of a thousand dialogues."""

    memory: float = 0.0
    thousand: float = 0.0
    kinds: dict[str, Figures] = field(default_factory=dict)


_HEAD: Final = """# Updates: from the webhook's POST to the stored effect

`{command}`, {today}; {machine}.

{crowd} people in turn over 100 connections. The server has one core to itself; Telegram's side (the
load, and the answers to the bot's calls), Valkey and PostgreSQL share the other. A rate counts an
update when it was answered 200 and everything said to it was out. For Eider, 200 means stored,
which is counted in the database afterwards; the echoes store nothing. Latencies are from the POST
to its 200 at half of the server's own rate (open loop: an update that waits for a connection waits
on the clock).
"""


_WECHAT_HEAD: Final = """# WeChat: from the callback to the acknowledgement

`{command}`, {today}; {machine}.

{crowd} people in turn over 100 connections, in the safe mode. The server has one core to itself;
WeChat's side, Valkey and PostgreSQL share the other. For Eider an answer means stored, which is
counted in the database afterwards: words and clicks have had their effect and are answered in the
response, a photo waits in the outbox. The echo decrypts, answers in the response, and stores
nothing. Latencies are from the POST to its answer at half of the server's own rate (open loop);
WeChat gives up after 5,000 ms.
"""

TELEGRAM: Final = Chat(
    Path("docs/benchmarks/updates.md"), _HEAD, ("sqlite", "postgresql", "ptb", "aiogram"), "ptb",
    people.WALK, tuple(people.KINDS), people.in_turn, telegram_request, servers.TELEGRAM,
)  # fmt: skip
WECHAT: Final = Chat(
    Path("docs/benchmarks/wechat.md"), _WECHAT_HEAD, ("sqlite", "postgresql", "wechatpy"),
    "wechatpy", wechat_people.WALK, tuple(wechat_people.KINDS), wechat_people.in_turn,
    wechat_people.request, wechat_people.ENVIRONMENT, PHOTO,
)  # fmt: skip


async def measure(chat: Chat, server: Server, cloud: Cloud, seconds: float, crowd: int) -> Result:
    result = Result()
    for walk in chat.walk:
        await _quiet(cloud, await flood(server.port, iter([walk(crowd)]), 1, chat.request))
    result.memory = server.memory()
    for walk in chat.walk:
        each = (walk(one) for one in range(crowd))
        await _quiet(cloud, await flood(server.port, each, crowd, chat.request))
    result.thousand = (server.memory() - result.memory) / crowd * 1000
    for kind in chat.kinds:
        updates = chat.in_turn(kind, crowd)
        result.kinds[kind] = await _kind(chat, server, cloud, updates, seconds)
        print(f"  {kind}: {result.kinds[kind]}", flush=True)
    return result


async def _kind(
    chat: Chat, server: Server, cloud: Cloud, updates: Iterator[bytes], seconds: float
) -> Figures:
    trial = await flood(server.port, updates, 300, chat.request)
    await _quiet(cloud, trial)
    count = int(seconds * 300 / trial.took)
    before = await server.stored() if server.database else 0
    began = time.perf_counter()
    posted = await flood(server.port, updates, count, chat.request)
    took = await _quiet(cloud, posted) - began
    if server.database and (stored := await server.stored() - before) < count:
        raise SystemExit(f"{server.name}: {count} taken, {stored} stored")
    half = count / took / 2
    calm = await steady(server.port, updates, int(half * seconds), half, chat.request)
    await _quiet(cloud, calm)
    return Figures(count / took, count / posted.took, calm.quantile(0.5), calm.quantile(0.99))


async def _quiet(cloud: Cloud, posted: Posted) -> float:
    """Wait until nothing is said any more; when the last word was, by ``time.perf_counter``."""
    if posted.refused:
        raise SystemExit(f"{posted.refused} updates were not taken")
    return await cloud.quiet()


def _opened(chat: Chat, name: str, cloud: Cloud) -> AbstractAsyncContextManager[Server]:
    if name in ("sqlite", "postgresql"):
        return servers.eider(name, cloud, chat.environment, chat.queue)
    return servers.echo(name, cloud)


async def run(chat: Chat, names: Sequence[str], seconds: float, crowd: int) -> dict[str, Result]:
    results = {}
    for name in names:
        print(NAMES[name], flush=True)
        async with serving() as cloud, _opened(chat, name, cloud) as server:
            results[name] = await measure(chat, server, cloud, seconds, crowd)
    return results


def table(chat: Chat, results: dict[str, Result], command: str, crowd: int) -> str:
    base = results.get(chat.base)
    lines = [
        chat.head.format(
            command=command, today=pages.today(), machine=hardware.machine(), crowd=crowd
        )
    ]
    lines += [
        f"| server | kind | updates/s | against the {NAMES[chat.base]} | p50 ms | p99 ms |",
        "|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        for kind, one in result.kinds.items():
            ratio = f"{one.rate / base.kinds[kind].rate:.2f}" if base else "–"
            lines.append(
                f"| {NAMES[name]} | {kind} | {one.rate:.0f} | {ratio} | {one.p50:.1f} "
                f"| {one.p99:.1f} |"
            )
    lines += ["", "| server | MiB at rest | MiB more for a thousand dialogues |", "|---|---|---|"]
    lines += [
        f"| {NAMES[name]} | {one.memory:.0f} | {one.thousand:.1f} |"
        for name, one in results.items()
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.updates", description=__doc__)
    parser.add_argument("--wechat", action="store_true", help="WeChat's callbacks")
    parser.add_argument("--only", nargs="*", choices=NAMES, default=list(NAMES))
    parser.add_argument("--seconds", type=float, default=12.0, help="of each measurement")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    if shutil.which("taskset"):
        os.sched_setaffinity(0, OTHER_CORE)
    chat = WECHAT if chosen.wechat else TELEGRAM
    names = [name for name in chat.names if name in chosen.only]
    results = asyncio.run(run(chat, names, chosen.seconds, chosen.people))
    text = table(chat, results, pages.command("benchmarks.updates"), chosen.people)
    pages.write(chosen.out or chat.page, text)
    print(text)


if __name__ == "__main__":
    main()
