"""How soon answers come in Telegram: to one person with many photos, and to many people at once.

Measured by a Bot API that counts as Telegram's documentation says: one message a second into a
chat, thirty a second over all, edits and answers to presses among them.

Many photos: somebody new sends photos before anything else, all at once, and then presses
"Portraits of me": the terms are the answer. From the press until they stand in the chat.

Many people: all say /start in the same moment, and each goes on as soon as the answer stands, to
the request for photos. From what was said or pressed until its answer stands. Lost is an answer
that never came, doubled one that stands twice.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import hardware, pages
from bot.container import open_container, open_redis
from handlers.texts import texts
from shop.settings import Settings
from tests.bot.telegram.journey_steps import TOKEN, chatting, environment, photo
from tests.botapi import BotApi, Customer, Flood, serving

PAGE = Path("docs/benchmarks/answers.md")
EN = texts("en")
LATEST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one run: ``calls`` that sent or edited, ``refusals`` with 429."""

    seconds: float
    calls: int
    refusals: int


@asynccontextmanager
async def _bot(flood: Flood) -> AsyncIterator[BotApi]:
    """The bot, polling a Bot API that counts so; both in this process."""
    async with serving(BotApi(TOKEN, flood=flood)) as api:
        with tempfile.TemporaryDirectory(prefix="eider-answers-") as folder:
            settings = Settings.from_env(environment(api, Path(folder)))
            async with (
                open_redis(settings),
                open_container(settings) as container,
                chatting(container),
            ):
                yield api


async def answered(count: int, together: bool) -> Answered:
    """So many photos (``together``: as albums of ten), then a press."""
    flood = Flood()
    async with _bot(flood) as api:
        customer = Customer(api, 4201)
        customer.say("/start")
        await customer.sees_button(EN("welcome-button-begin"))
        await asyncio.sleep(3)  # the chat is at rest
        before = _shown(api)
        _send(customer, count, together)
        customer.press(EN("welcome-button-begin"))
        began = time.perf_counter()
        while not any(EN("terms-button-yes") in shown.buttons() for shown in customer.chat.shown):
            if time.perf_counter() - began > LATEST_SECONDS:
                raise SystemExit("the terms never came")
            await asyncio.sleep(0.01)
        took = time.perf_counter() - began
        return Answered(took, _shown(api) - before, flood.refusals)


def _send(customer: Customer, count: int, together: bool) -> None:
    photos = [photo(number) for number in range(count)]
    if not together:
        for data in photos:
            customer.send_photo(data)
        return
    for start in range(0, count, 10):
        customer.send_album(photos[start : start + 10])


def _shown(api: BotApi) -> int:
    return len(api.made("sendMessage")) + len(api.made("editMessageText"))


@dataclass(frozen=True, slots=True)
class Crowd:
    """What came of many people at once: seconds of each step, in order, of those who were
    answered."""

    steps: dict[str, list[float]]
    lost: int
    doubled: int
    refusals: int


STEPS = {  # what is said or pressed, and words of its answer
    "/start": "I’m Eider, a studio inside this chat",
    EN("welcome-button-begin"): "What happens to your photos, in plain words",
    EN("terms-button-yes"): EN("training-ask").splitlines()[0],
    EN("training-button-yes"): EN("subject-ask"),
    EN("subject-button-woman"): "Now send me your photos",
}


async def crowd(people: int) -> Crowd:
    """So many new people, at once."""
    flood = Flood()
    steps: dict[str, list[float]] = {name: [] for name in STEPS}
    async with _bot(flood) as api:
        customers = [Customer(api, 5000 + one) for one in range(people)]
        walks = (_walk(one, steps) for one in customers)
        finished = await asyncio.gather(*walks)
        await asyncio.sleep(3)  # what comes twice may come late
    standing = [
        sum(words in text for text in one.texts()) for one in customers for words in STEPS.values()
    ]
    return Crowd(
        steps, finished.count(False), sum(max(0, count - 1) for count in standing), flood.refusals
    )


async def _walk(customer: Customer, steps: dict[str, list[float]]) -> bool:
    """To the request for photos; False: an answer never came."""
    for said, words in STEPS.items():
        began = time.perf_counter()
        if said == "/start":
            customer.say(said)
        else:
            customer.press(said)
        while not any(words in text for text in customer.texts()):
            if time.perf_counter() - began > LATEST_SECONDS:
                return False
            await asyncio.sleep(0.1)
        steps[said].append(time.perf_counter() - began)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.add_argument("--people", type=int, default=300, help="how many come at once")
    chosen = parser.parse_args()
    rows = []
    for count in (20, 60):
        for together in (True, False):
            one = asyncio.run(answered(count, together))
            how = "albums of ten" if together else "one by one"
            rows.append((f"{count}, {how}", f"{one.seconds:.1f}", one.calls, one.refusals))
            print(*rows[-1], flush=True)
    head = ("photos before the button", "seconds until the terms", "messages and edits", "429")
    many = asyncio.run(crowd(chosen.people))
    steps = [
        (name, f"{statistics.median(took):.1f}", f"{max(took):.1f}")
        for name, took in many.steps.items()
        if took
    ]
    print(*steps, many.lost, many.doubled, many.refusals, sep="\n", flush=True)
    told = f"`{pages.command('benchmarks.answers')}`, {pages.today()}; {hardware.machine()}."
    about = (__doc__ or "").partition("\n")[2].strip()
    title = "# Answers: how soon somebody is answered"
    crowded = (
        f"{chosen.people} new people at once: {many.lost} lost, {many.doubled} doubled, "
        f"{many.refusals} answers of 429."
    )
    at_once = pages.table(("said or pressed", "median seconds", "slowest"), steps)
    tables = f"{pages.table(head, rows)}\n\n{crowded}\n\n{at_once}"
    pages.write(chosen.out, f"{title}\n\n{told}\n\n{about}\n\n{tables}\n")


if __name__ == "__main__":
    main()
