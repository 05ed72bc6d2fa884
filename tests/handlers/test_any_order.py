"""Whatever people do, in whatever order and language: no error, no dead end, no lost credit."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.chat import Pressed, Said, Say, SentOther
from handlers.intents import Intent
from handlers.texts import texts
from shop.people.users import LANGUAGES
from tests.handlers.dialogue_harness import EVENTS, DialogueHarness
from tests.handlers.guests import Guest, buttons
from tests.handlers.test_router import can_go_on

WORDS = [f"/{intent}" for intent in Intent] + [
    "yes",
    "no",
    "ok",
    "女",
    "다 보냈어요",
    "payer",
    "noir",
    "?",
]

MOVE = st.one_of(
    st.tuples(st.just("press"), st.integers(0, 50)),  # any button that is on the screen
    st.tuples(st.just("press"), st.integers(0, 50)),
    st.tuples(st.just("type"), st.sampled_from(WORDS)),
    st.tuples(st.just("type"), st.text(max_size=30)),
    st.tuples(st.just("forge"), st.text(max_size=50)),
    st.tuples(st.just("photos"), st.sampled_from([1, 12, 20])),
    st.tuples(st.just("other"), st.sampled_from(["sticker", "voice", "file", "x"])),
    st.tuples(st.just("happens"), st.sampled_from(sorted(EVENTS))),
)


@given(st.sampled_from(["zh-hans", "en", "fr", "ko"]), st.lists(MOVE, min_size=5, max_size=25))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_order(tag: str, moves: list[tuple[str, int | str]]) -> None:
    asyncio.run(_try(tag, moves))


async def _try(tag: str, moves: list[tuple[str, int | str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        harness = DialogueHarness(Path(folder))
        guest = harness.guest("anna", tag)
        try:
            for what, which in moves:
                await _move(harness, guest, what, which)
                assert not _broken(guest), guest.text
            for last in ("/where", "/start"):
                assert can_go_on(await harness.send(guest, Said(last)))
            async with harness.database.begin() as tx:
                assert not any((await tx.totals()).values())
        finally:
            await harness.till.close()


async def _move(harness: DialogueHarness, guest: Guest, what: str, which: int | str) -> None:
    replies = None
    if what == "press":
        seen = [one.action for reply in guest.all_heard[-6:] for one in buttons(reply)]
        if seen:
            replies = await harness.send(guest, Pressed(seen[int(which) % len(seen)]))
    elif what == "type":
        replies = await harness.send(guest, Said(str(which)))
    elif what == "forge":
        replies = await harness.send(guest, Pressed(str(which)))
    elif what == "other":
        replies = await harness.send(guest, SentOther(str(which)))
    elif what == "photos":
        await harness.photos(guest, int(which))
    else:
        guest.heard.clear()
        await EVENTS[str(which)](harness)
    if replies is not None:
        assert replies
        assert can_go_on([*replies, *guest.heard]), guest.text


def _broken(guest: Guest) -> bool:
    """Whether an apology for an unexpected error was heard, in any language."""
    starts = [texts(one)("error-unexpected", code="").split("{")[0][:24] for one in LANGUAGES]
    said = [reply.text for reply in guest.heard if isinstance(reply, Say)]
    return any(text.startswith(start) for text in said for start in starts)
