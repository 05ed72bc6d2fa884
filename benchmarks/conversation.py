"""``python -m benchmarks.conversation``: README's picture of a conversation, from a demo of now.

The demo's sample customer is watched by a headless Chromium at the playground: the welcome, the
bill, the first portraits. It ends there; some ten minutes on two cores. The machine's fonts are in
it: without one for Chinese and one for emoji it shows boxes.
"""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

from PIL import Image
from playwright.async_api import Page, async_playwright

from bot.demo import channels
from bot.demo.customer import PAY
from bot.demo.customer_chat import DeliveredSet, Offer
from bot.demo.options import CUSTOMER, CUSTOMER_IS, Options
from bot.demo.playground_chat import PlaygroundChat
from bot.demo.show import show
from bot.playground.driver import PlaygroundClient, open_chat
from bot.process_supervisor import ROOT

PICTURE = ROOT / "docs" / "images" / "conversation.png"
WIDTH, HEIGHT = 400, 920  # pixels of a view: a telephone's
AROUND, BETWEEN = 10, 20
PAPER = (238, 242, 241)
SCROLL = """([words, block]) => {
  const found = [...document.querySelectorAll('#log > li')].filter(one =>
    one.innerText.includes(words));
  found.at(-1).scrollIntoView({block});
}"""
CHROMIUM = "/usr/bin/chromium"


class PhotographedChat(PlaygroundChat):
    """The sample customer's, with somebody who looks on. Ends at the first portraits."""

    def __init__(self, client: PlaygroundClient, page: Page) -> None:
        super().__init__(client)
        self._page = page
        self.views: list[bytes] = []

    async def open(self) -> None:
        await super().open()
        await self._look("Portraits of me")

    async def take(self, offer: Offer) -> None:
        if offer.choice == PAY:
            await self._look("once, nothing on top")
        await super().take(offer)

    async def portraits_since(self, since: int, seconds: float) -> DeliveredSet:
        await super().portraits_since(since, seconds)
        await self._look("Your first portraits", "start")
        _join(self.views)
        raise KeyboardInterrupt  # the rest of the journey is not shown

    async def _look(self, words: str, block: str = "end") -> None:
        """A view that ends, or starts, with the message of these words."""
        page = self._page
        await page.wait_for_function(
            "(words) => document.querySelector('#log')?.innerText.includes(words)", arg=words
        )
        await page.wait_for_timeout(2000)  # pictures come after their message
        await page.evaluate(SCROLL, [words, block])
        await page.wait_for_timeout(1000)
        self.views.append(await page.screenshot())


@asynccontextmanager
async def watched(base: str, language: str) -> AsyncIterator[PhotographedChat]:
    async with open_chat(base, language) as client, async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB", bypass_csp=True
        )
        cookies = [
            {"name": one.key, "value": one.value, "url": base} for one in client.http.cookie_jar
        ]
        await context.add_cookies(cookies)  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(f"{base}/playground")
        await page.add_style_tag(content="#newest { display: none !important }")
        yield PhotographedChat(client, page)


def _join(views: list[bytes]) -> None:
    """The views side by side, as the file."""
    wide = len(views) * (WIDTH + BETWEEN) + BETWEEN
    whole = Image.new("RGB", (wide, HEIGHT + 2 * AROUND), PAPER)
    for place, view in enumerate(views):
        shown = Image.open(io.BytesIO(view)).convert("RGB")
        whole.paste(shown, (BETWEEN + place * (WIDTH + BETWEEN), AROUND))
    whole.save(PICTURE, optimize=True)


def main() -> None:
    channels.open_playground_chat = watched  # type: ignore[assignment]
    out = Path(mkdtemp(prefix="eider-conversation-"))
    options = Options(True, "playground", CUSTOMER, out, "en", CUSTOMER_IS, False)
    try:
        asyncio.run(show(options))
    except KeyboardInterrupt:
        print(PICTURE)


if __name__ == "__main__":
    main()
