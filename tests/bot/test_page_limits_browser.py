"""What the page does with a 429 and a 503: nothing that was typed or picked is lost. Photos go on
by themselves, and after an outage words too."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, Route, async_playwright, expect

from bot.playground.passes import PATH
from bot.playground.transcript import Transcript
from handlers.limits import NEW_PEOPLE, UPDATES
from handlers.texts import texts
from shop.records import Photo
from tests.bot.playground_requests import ticket
from tests.bot.test_page_browser import CHROMIUM, DESK, FLAGS, files, to_photos

WAIT = "Please wait, says the door."

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium"),
]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = await browser.new_page(viewport=DESK, locale="en-GB")
        page.set_default_timeout(15_000)
        yield page
        await browser.close()


async def refuse(route: Route) -> None:
    headers = {"Retry-After": "1", "Content-Type": "application/json"}
    await route.fulfill(status=429, headers=headers, body=json.dumps({"text": WAIT}))


async def fail(route: Route) -> None:
    """As the web process answers without Redis, or when an upload has to make room."""
    await route.fulfill(status=503, headers={"Retry-After": "1"}, body="503: Service Unavailable")


def times(most: int, answer: Callable[[Route], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Answers so many requests that way, and lets the others pass."""
    left = iter(range(most))

    async def door(route: Route) -> None:
        await (route.continue_() if next(left, None) is None else answer(route))

    return door


async def enter(page: Page, base: str, container) -> None:
    await page.goto(f"{base}{PATH}?ticket={ticket(container, 'anna')}")
    await page.click("button")
    await expect(page.locator("#log li.in").first).to_be_visible()


async def stored_photos(container) -> int:
    async with container.database.begin() as tx:
        return await tx.count(Photo)


async def test_photos_wait_in_the_page_and_go_on_by_themselves(page, base, container):
    await enter(page, base, container)
    await to_photos(page)
    refused = []

    async def door(route: Route) -> None:
        if len(refused) < 3:  # all lanes at once
            refused.append(route.request.url)
            await refuse(route)
        else:
            await route.continue_()

    await page.route("**/playground/photo*", door)
    await page.set_input_files("#files", files(7))
    await page.click("#send")
    await expect(page.locator("#log li.in").filter(has_text=WAIT)).to_have_count(1)
    await expect(page.locator("li.album .tile")).to_have_count(7)
    await expect(page.locator("li.album .aside").last).to_have_text("answered")
    await expect(page.locator("li.album .ring")).to_have_count(0)
    assert await stored_photos(container) == 7
    assert len(refused) == 3


async def test_words_stay_and_can_be_sent_again(page, base, container):
    await enter(page, base, container)
    await page.route("**/playground/say", refuse)
    await page.fill("#words", "how long does it take?")
    await page.keyboard.press("Enter")
    await expect(page.locator("#log li.in").last).to_contain_text(WAIT)
    mine = page.locator("li.out")
    await expect(mine).to_contain_text("how long does it take?")
    await expect(mine.locator(".aside").last).to_have_text("not sent")
    await page.unroute("**/playground/say")
    await mine.get_by_role("button", name="Try again").click()
    await expect(mine.locator(".aside").last).to_have_text("answered")


async def test_after_outages_photos_and_words_go_on_by_themselves(page, base, container):
    """Several in a row: there is no number of tries after which anything is given up."""
    await enter(page, base, container)
    await to_photos(page)
    outage = page.locator("#log li.in").filter(has_text=texts("en")("page-outage"))
    await page.clock.install()
    await page.route("**/playground/photo*", times(9, fail))
    await page.set_input_files("#files", files(4))
    await page.click("#send")
    await expect(outage).to_have_count(1)
    await expect(page.locator("li.album .tile")).to_have_count(4)
    done = page.locator("li.album .aside").last
    while await done.text_content() != "answered":
        await page.clock.fast_forward(1000)
    assert await stored_photos(container) == 4
    await expect(outage).to_have_count(0)  # it is over

    await page.route("**/playground/say", times(3, fail))
    await page.fill("#words", "how long does it take?")
    await page.keyboard.press("Enter")
    await expect(outage).to_have_count(1)
    mine = page.locator("li.out").filter(has_text="how long does it take?")
    while await mine.locator(".aside").last.text_content() != "answered":
        assert await mine.locator(".aside").last.text_content() != "not sent"
        await page.clock.fast_forward(1000)
    await expect(outage).to_have_count(0)


async def test_what_is_erased_while_it_waits_is_not_sent(page, base, container):
    await enter(page, base, container)
    await page.clock.install()
    asked: list[str] = []

    async def door(route: Route) -> None:
        asked.append(route.request.post_data_json["text"])
        await fail(route)

    await page.route("**/playground/say", door)
    await page.fill("#words", "my secret")
    await page.keyboard.press("Enter")
    outage = page.locator("#log li.in").filter(has_text=texts("en")("page-outage"))
    await expect(outage).to_have_count(1)
    later = datetime.now(UTC) + timedelta(seconds=1)
    await Transcript(container.redis).forget("anna", later)
    await expect(page.locator("li.out")).to_have_count(0)
    asked.clear()
    await page.clock.fast_forward(5000)
    await page.fill("#words", "hello")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.out")).to_contain_text("hello")
    await page.clock.fast_forward(5000)
    await expect(outage).to_have_count(1)
    assert set(asked) == {"hello"}


async def test_a_503_without_a_time_is_told_as_not_sent(page, base, container):
    await enter(page, base, container)
    await page.route("**/playground/say", lambda route: route.fulfill(status=503))
    await page.fill("#words", "hello")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.out .aside").last).to_have_text("not sent")


async def test_a_button_that_was_not_heard_can_be_pressed_again(page, base, container):
    await enter(page, base, container)
    await page.route("**/playground/press", refuse)
    button = page.locator(".keys button").first
    await button.click()
    await expect(page.locator("#log li.in").last).to_contain_text(WAIT)
    await expect(button).to_be_enabled()
    await expect(page.locator(".keys button.chosen")).to_have_count(0)


async def test_a_newcomer_who_must_wait_is_told_and_greeted_when_it_is_over(page, base, container):
    for _ in range(NEW_PEOPLE.most):
        await container.limiter.take(NEW_PEOPLE, "address:127.0.0.1")
    await page.clock.install()
    await page.goto(f"{base}/playground")
    beginning = texts("en")("limit-new-people", wait="~").split("~")[0]
    await expect(page.locator("#log li.in").first).to_contain_text(beginning.strip())
    await container.redis.flushdb()  # the wait is over, by the server's clock
    await page.clock.fast_forward("30:00")  # and by the page's
    await expect(page.locator("#log .keys button").first).to_be_visible()


async def test_the_servers_own_sentence_is_shown(page, base, container):
    await enter(page, base, container)
    for _ in range(UPDATES.most):
        await container.limiter.take(UPDATES, "playground:anna")
    await page.fill("#words", "hello")
    await page.keyboard.press("Enter")
    beginning = texts("en")("limit-kept", wait="~").split("~")[0]
    await expect(page.locator("#log li.in").last).to_contain_text(beginning.strip())
