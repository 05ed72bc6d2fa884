"""What became of each photo, on its tile: on a phone and at a desk, also after a reload."""

import pytest
from playwright.async_api import expect

from bot.playground import PLAYGROUND
from handlers.chat import Mark, Marks, PhotoFate
from tests.bot.test_page_browser import (  # noqa: F401
    browser,
    context,
    files,
    page,
    pytestmark,
    shot,
)

WORDS = {
    PhotoFate.ACCEPTED: "Photo 1 counts.",
    PhotoFate.REJECTED: "Not counted: photo 2 is blurred.",
    PhotoFate.HELD: "I’m unsure about photo 3.",
}


@pytest.mark.browser
async def test_each_tile_says_what_became_of_its_photo(page, container):  # noqa: F811
    await page.set_input_files("#files", files(3))
    await page.click("#send")
    await expect(page.locator("li.album .tile img")).to_have_count(3)
    await expect(page.locator("li.album .aside").last).to_have_text("answered")
    ids = await page.locator("[data-photo]").evaluate_all(
        "all => all.map(one => one.dataset.photo)"
    )
    marks = Marks(
        tuple(Mark(id, fate, said) for id, (fate, said) in zip(ids, WORDS.items(), strict=True))
    )
    await container.outbounds[PLAYGROUND].send("anna", marks)
    for fate, said in WORDS.items():
        await expect(page.locator(f".tile .fate.{fate.value}")).to_have_attribute("title", said)
    await shot(page, "photo-marks")
    await page.reload()
    await expect(page.locator(".tile .fate")).to_have_count(3)
