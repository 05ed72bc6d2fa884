"""How soon an answer comes in Telegram to a button that is pressed after many photos.

Somebody new sends photos before anything else, all at once, and then presses "Portraits of me": the
terms are the answer. Measured by a Bot API that counts as Telegram's documentation says, one
message a second into a chat, from the press until the terms stand in the chat.
"""

import argparse
import asyncio
import tempfile
import time
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


async def answered(count: int, together: bool) -> Answered:
    """So many photos (``together``: as albums of ten), then a press."""
    flood = Flood()
    async with serving(BotApi(TOKEN, flood=flood)) as api:
        with tempfile.TemporaryDirectory(prefix="eider-answers-") as folder:
            settings = Settings.from_env(environment(api, Path(folder)))
            async with (
                open_redis(settings),
                open_container(settings) as container,
                chatting(container),
            ):
                customer = Customer(api, 4201)
                customer.say("/start")
                await customer.sees_button(EN("welcome-button-begin"))
                await asyncio.sleep(3)  # the chat is at rest
                before = _shown(api)
                _send(customer, count, together)
                customer.press(EN("welcome-button-begin"))
                began = time.perf_counter()
                while not any(
                    EN("terms-button-yes") in shown.buttons() for shown in customer.chat.shown
                ):
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    rows = []
    for count in (20, 60):
        for together in (True, False):
            one = asyncio.run(answered(count, together))
            how = "albums of ten" if together else "one by one"
            rows.append((f"{count}, {how}", f"{one.seconds:.1f}", one.calls, one.refusals))
            print(*rows[-1], flush=True)
    head = ("photos before the button", "seconds until the terms", "messages and edits", "429")
    told = f"`{pages.command('benchmarks.answers')}`, {pages.today()}; {hardware.machine()}."
    about = (__doc__ or "").partition("\n")[2].strip()
    title = "# Answers: how soon a pressed button is answered"
    pages.write(chosen.out, f"{title}\n\n{told}\n\n{about}\n\n{pages.table(head, rows)}\n")


if __name__ == "__main__":
    main()
