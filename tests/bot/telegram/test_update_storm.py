"""Updates as they really come on a bad day: doubled, out of order, broken, many at once."""

import asyncio
import json
import random
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from bot.container import open_container, open_redis
from bot.telegram.webhook import PATH
from shop import inbox
from shop.records import Photo, ProcessedEvent, User
from shop.settings import Settings
from tests.bot.telegram.journey_steps import agree, environment, photo, posted_to, serving_posts
from tests.botapi import BotApi, Customer

PEOPLE, PHOTOS = 4, 6
MALFORMED = (
    b"", b"{", b"[]", b'{"update_id": "x"}', b'{"update_id": 5, "message": {"message_id": []}}',
    b'{"update_id": 6, "callback_query": {}}', b'{"update_id": 7, "message": null}',
    b'{"update_id": 8, "pre_checkout_query": {"id": "1"}}', b'{"update_id": 9}',
    b'{"update_id": 99999999999999999999999, "message": {"text": "hello"}}',
)  # fmt: skip


@pytest.mark.slow
async def test_shuffled_doubled_and_malformed_updates_are_done_once(api: BotApi, tmp_path: Path):
    dice = random.Random(3)
    people = [Customer(api, 4300 + number) for number in range(PEOPLE)]
    settings = Settings.from_env(environment(api, tmp_path) | posted_to(api))
    async with (
        open_redis(settings),
        open_container(settings) as container,
        serving_posts(container),
    ):
        await asyncio.gather(*(agree(person) for person in people))
        with api.holding() as held:
            for number in range(PHOTOS):
                for place, person in enumerate(people):
                    person.send_photo(photo(100 * place + number))
            for person in people:
                person.say("/help")
                person.say("how long does it take?")
        bodies = [json.dumps(update).encode() for update in held] * 3 + list(MALFORMED) * 3
        dice.shuffle(bodies)
        statuses = await _post(settings, bodies)
        assert set(statuses) <= {200, 400}
        assert statuses.count(200) >= 3 * len(held)
        async with container.database.begin() as tx:
            assert await tx.count(User) == PEOPLE
            assert await tx.count(Photo) == PEOPLE * PHOTOS
            for update in held:
                assert (
                    await tx.count(
                        ProcessedEvent, id=inbox.digest(f"telegram:{update['update_id']}")
                    )
                    == 1
                )
        for person in people:
            person.say("/paysupport")
        for person in people:
            await person.sees("Paid twice")  # so all that was said before is answered
            helps = [text for text in person.texts() if "/paysupport" in text]
            assert len(helps) == 1, "a doubled question is answered once"


async def _post(settings: Settings, bodies: list[bytes]) -> list[int]:
    url = f"http://127.0.0.1:{settings.port}{PATH}"
    headers = {
        "X-Telegram-Bot-Api-Secret-Token": settings.telegram_webhook_secret,
        "Host": urlsplit(settings.telegram_webhook_url).netloc,
    }
    async with ClientSession() as http:

        async def post(body: bytes) -> int:
            async with http.post(url, data=body, headers=headers) as answer:
                return answer.status

        return await asyncio.gather(*(post(body) for body in bodies))
