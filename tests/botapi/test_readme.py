"""The README's example is a test that passes, and the names in it exist."""

import asyncio
import json
import re
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.botapi.methods import IN_CHAT, PLAIN

README = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")


@asynccontextmanager
async def the_bot(token: str, api_url: str):
    """Greets whoever says anything."""

    async def run() -> None:
        keys = {"inline_keyboard": [[{"text": "Commencer", "callback_data": "begin"}]]}
        hello = {"text": "Bonjour", "reply_markup": json.dumps(keys)}
        offset = 0
        async with aiohttp.ClientSession() as session:
            while True:
                form = {"offset": str(offset), "timeout": "5"}
                async with session.post(f"{api_url}/bot{token}/getUpdates", data=form) as answer:
                    updates = (await answer.json())["result"]
                for update in updates:
                    offset = update["update_id"] + 1
                    if "message" in update:
                        form = hello | {"chat_id": str(update["message"]["chat"]["id"])}
                        await session.post(f"{api_url}/bot{token}/sendMessage", data=form)

    task = asyncio.create_task(run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_example_works():
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {"the_bot": the_bot}
    exec(example, names)
    await names["test_the_bot_greets"]()


def test_every_method_that_is_done_is_named():
    done = README.partition("Done: ")[2].partition("Any other method")[0]
    groups = ("MyCommands", "MyName", "Description", "editMessage", "deleteMessage")
    for name in [*PLAIN, *IN_CHAT]:
        assert name in done or any(each in name for each in groups), name
