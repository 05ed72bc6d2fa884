"""Updates by long polling: in order per person, side by side, none lost, none twice for nothing."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from bot.outbound import RetryLater
from bot.state.sessions import AnsweredUpdates
from bot.telegram.client import TokenRefused, open_client
from bot.telegram.owed_answers import OwedAnswers
from bot.telegram.polling import Poller, UpdateWindow
from bot.telegram.update_processor import UpdateProcessor
from bot.web.body import no_budget
from handlers.chat import Incoming, Pressed, Reply, Said, Say, SentPhoto
from handlers.dispatcher import not_yet
from shop.adapters.memory import MemoryDatabase
from shop.errors import Unavailable
from tests.botapi import Customer, Failure, Garbled, until
from tests.keys import MASTER_KEY


def present() -> datetime:
    return datetime.now(UTC)


async def silent() -> None:
    """Nobody works here."""


class ScriptedDesk:
    """Answers each word with itself; slow, broken or blocked where a test says so."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.stored: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.failures: dict[str, int] = {}
        self.outages: dict[str, int] = {}
        self.known: set[str] = set()

    async def handle(self, incoming: Incoming, answered=not_yet) -> list[Reply]:
        match incoming.content:
            case Said(text):
                name = text
            case SentPhoto():
                name = (await incoming.content.read(no_budget)).decode()
            case Pressed(action):
                name = f"pressed {action}"
            case other:
                name = type(other).__name__
        self.begun.append(name)
        if name in self.gates:
            await self.gates[name].wait()
        if self.failures.get(name, 0) > 0:
            self.failures[name] -= 1
            raise OSError("a mistake of ours")
        if self.outages.get(name, 0) > 0:
            self.outages[name] -= 1
            raise Unavailable("the database is away")
        if incoming.event_id in self.known:
            return [] if await answered(incoming.event_id) else [Say(f"{name} again!")]
        self.known.add(incoming.event_id)
        self.stored.append(name)
        return [Say(f"{name}!")]

    async def unshown(self, incoming: Incoming, reply: Reply, error: Exception) -> Say:
        assert isinstance(reply, Say)
        return Say(f"instead of {reply.text}")


@pytest.fixture
def dispatcher() -> ScriptedDesk:
    return ScriptedDesk()


@pytest.fixture
def flushes() -> list[str]:
    return []


@pytest.fixture
def received(dispatcher, outbound, message_ids, redis, signer):
    """An update processor over that client."""

    def by(client, flush=silent) -> UpdateProcessor:
        return UpdateProcessor(
            client,
            dispatcher,
            outbound,
            message_ids,
            AnsweredUpdates(redis),
            OwedAnswers(redis, MemoryDatabase(present), MASTER_KEY),
            signer,
            present,
            flush,
        )

    return by


@pytest.fixture
def running(client, received, flushes):
    """The bot, polling within the block."""

    async def flush() -> None:
        flushes.append("flushed")
        if len(flushes) == 1:
            raise OSError("the queue is away")

    @asynccontextmanager
    async def run(wait: float = 5.0):
        processor = received(client, flush)
        stop = asyncio.Event()
        task = asyncio.create_task(
            Poller(client, processor.take_polled, processor.unreadable, wait=wait).run(stop)
        )
        try:
            yield task
        finally:
            stop.set()
            await asyncio.gather(task, return_exceptions=True)
            await processor.drain(5)

    return run


async def test_an_album_is_handed_on_part_by_part_in_order(api, customer, dispatcher, running):
    async with running():
        customer.send_album([f"photo {n}".encode() for n in range(10)])
        await customer.sees("photo 9!")
    assert dispatcher.stored == [f"photo {n}" for n in range(10)]
    assert customer.texts() == [f"photo {n}!" for n in range(10)]


async def test_a_slow_person_delays_nobody_but_their_own_next_word(
    api, customer, dispatcher, running
):
    other = Customer(api, 4202)
    dispatcher.gates["slow"] = asyncio.Event()
    async with running():
        customer.say("slow")
        customer.say("next")
        await until(lambda: "slow" in dispatcher.begun)
        for n in range(3):
            other.say(f"quick {n}")
            await other.sees(f"quick {n}!")
        assert "next" not in dispatcher.begun
        dispatcher.gates["slow"].set()
        await customer.sees("next!")
    assert customer.texts() == ["slow!", "next!"]
    assert dispatcher.begun.count("slow") == 1  # though short polls delivered it again and again


async def test_an_update_is_acknowledged_only_when_its_effect_is_stored(
    api, customer, dispatcher, running
):
    dispatcher.gates["photo"] = asyncio.Event()
    other = Customer(api, 4202)
    async with running() as task:
        first = customer.send_photo(b"photo")
        await until(lambda: "photo" in dispatcher.begun)
        second = other.say("later")
        await other.sees("later!")
        polls = len(api.made("getUpdates"))
        await until(lambda: len(api.made("getUpdates")) >= polls + 2)
        assert api.confirmed == [], "though it has asked again since the second was done"
        task.cancel()  # the process dies here
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [each["update_id"] for each in api.pending] == [first, second]
    dispatcher.gates.clear()
    async with running():
        await customer.sees("photo!")
        await until(lambda: api.pending == [])
    assert dispatcher.stored == ["later", "photo"]
    assert other.texts() == ["later!"]  # redelivered, and recognised


async def test_everything_done_is_acknowledged_by_the_next_poll_and_at_the_end(
    api, customer, running
):
    async with running():
        first = customer.say("one")
        await until(lambda: first in api.confirmed)
        second = customer.say("two")
        await customer.sees("two!")
    assert api.confirmed == [first, second]


async def test_an_update_that_breaks_stops_neither_its_person_nor_the_others(
    api, customer, dispatcher, running
):
    dispatcher.failures["broken"] = 1
    async with running():
        broken = customer.say("broken")
        customer.say("next")
        await customer.sees("next!")
        await until(lambda: broken in api.confirmed)
    assert customer.texts() == ["next!"]


async def test_the_outbox_is_flushed_after_each_update_and_may_fail(
    api, customer, running, flushes
):
    async with running():
        customer.say("one")
        customer.say("two")
        await customer.sees("two!")
    assert flushes == ["flushed", "flushed"]


@pytest.mark.parametrize("patience", [1000.0])
async def test_a_429_in_one_chat_delays_neither_the_others_nor_the_acknowledgement(
    api, customer, dispatcher, running, naps, redis
):
    other = Customer(api, 4202)
    api.fail("sendMessage", Failure(429, "Too Many Requests", retry_after=600))
    naps.gate = asyncio.Event()
    async with running():
        customer.say("one")
        await until(lambda: naps.asked and naps.asked[-1] > 100)
        two = customer.say("two")
        other.say("fine")
        await other.sees("fine!")
        await until(lambda: two in api.confirmed)
        assert customer.texts() == []
        await redis.delete("eider:closed:4201")  # its ten minutes are over
        naps.gate.set()
        await customer.sees("two!")
    assert customer.texts() == ["one!", "two!"]


async def test_while_the_courier_speaks_to_somebody_the_answer_waits_its_turn(
    api, customer, sessions, outbound, running, monkeypatch
):
    monkeypatch.setattr("bot.telegram.outbound._BUSY_SECONDS", 0.05)
    returned, send = [], outbound.send

    async def watched(*args, **more) -> None:
        try:
            await send(*args, **more)
        except RetryLater as busy:
            returned.append(busy)
            raise

    monkeypatch.setattr(outbound, "send", watched)
    async with running():
        async with sessions.named_lock("send", "telegram", "4201"):
            customer.say("hello")
            await until(lambda: returned)  # it has waited in that line, and goes to wait again
            assert customer.texts() == []
        await customer.sees("hello!")


async def test_a_button_is_acknowledged_at_once_even_while_its_person_waits(
    api, customer, dispatcher, running, signer
):
    dispatcher.gates["slow"] = asyncio.Event()
    async with running():
        customer.say("hello")
        await customer.sees("hello!")
        customer.say("slow")
        await until(lambda: "slow" in dispatcher.begun)
        customer.press_data(signer.seal("4201", "go"))
        await until(lambda: api.answered, "answerCallbackQuery")
        assert "pressed go" not in dispatcher.begun
        dispatcher.gates["slow"].set()
        await customer.sees("pressed go!")
        customer.press_data(signer.seal("4202", "go"))
        await customer.sees("pressed ?!")
    assert len(api.answered) == 2


async def test_what_telegram_will_not_show_is_said_otherwise_and_only_that(api, customer, running):
    """A server that lacks a method, or refuses one message: nobody is left without an answer."""
    async with running():
        api.fail("sendMessage", Failure(404, "Not Found: method not found"))
        customer.say("one")
        await customer.sees("instead of one!")
        api.fail("sendMessage", Failure(400, "Bad Request: can't parse entities"), times=2)
        customer.say("two")
        customer.say("three")
        await customer.sees("three!")
    assert customer.texts() == ["instead of one!", "three!"]


async def test_a_server_whose_answers_are_none_is_waited_out(api, customer, running):
    api.fail("getUpdates", Garbled())
    api.fail("getUpdates", Failure(404, "Not Found"))
    api.fail("sendMessage", Garbled('{"ok":true,"result":{"message_id":'))
    async with running():
        customer.say("hello")
        await customer.sees("hello!")
    assert customer.texts() == ["hello!"]


async def test_a_strange_update_is_passed_over(api, customer, running):
    async with running():
        api.inject({"update_id": 1, "message": {"message_id": "no number", "chat": 7}})
        api.inject({"update_id": 2, "message": {"quantum": True}})
        customer.say("hello")
        await customer.sees("hello!")
        await until(lambda: api.pending == [])


async def test_outages_and_a_second_poller_are_waited_out(api, customer, running):
    api.fail("getUpdates", Failure(502, "Bad Gateway"))
    api.fail("getUpdates", Failure(409, "Conflict: terminated by other getUpdates request"))
    async with running():
        customer.say("hello")
        await customer.sees("hello!")


async def test_a_refused_token_ends_the_poller(api, received):
    async with open_client("1:another-token-of-nobody-at-all", api.url) as stranger:
        processor = received(stranger)
        with pytest.raises(TokenRefused):
            await Poller(stranger, processor.take_polled, processor.unreadable).run(asyncio.Event())


async def test_an_outage_is_waited_out_and_holds_up_nobody_else(api, customer, dispatcher, running):
    other = Customer(api, 4202)
    dispatcher.outages["hello"] = 2
    async with running():
        hello = customer.say("hello")
        fine = other.say("fine")
        await other.sees("fine!")
        assert hello not in api.confirmed
        await customer.sees("hello!")
        await until(lambda: {hello, fine} <= set(api.confirmed))
    assert dispatcher.begun.count("hello") == 3
    assert customer.texts() == ["hello!"]


async def test_what_was_answered_is_not_answered_again(api, customer, dispatcher, running):
    async with running():
        customer.say("hello")
        delivered = api.pending[-1]
        await customer.sees("hello!")
        await until(lambda: api.pending == [])
    async with running():
        api.inject(delivered)
        await until(lambda: api.pending == [])
    assert customer.texts() == ["hello!"]


async def test_who_blocked_the_bot_is_noted_without_being_told(api, customer, dispatcher, running):
    async with running():
        customer.chat.blocked = True
        customer.say("hello")
        await until(lambda: "Left" in dispatcher.stored)
        customer.say("again")
        await until(lambda: dispatcher.stored.count("Left") == 2)
    assert len(api.made("sendMessage")) == 2, "not tried again and again"


async def test_stopping_ends_a_long_poll_at_once(api, customer, running):
    async with running(wait=3600):
        hello = customer.say("hello")
        await customer.sees("hello!")
        await until(lambda: hello in api.confirmed)  # by a poll that stays there for an hour
        polls = len(api.made("getUpdates"))
    assert len(api.made("getUpdates")) == polls + 1, "no other poll, but for the farewell"


def test_after_a_quiet_week_ids_may_begin_anywhere():
    window = UpdateWindow()
    assert window.admit(900)
    window.done(900)
    assert window.offset == 901
    window.confirmed(901)
    window.rest()
    assert window.offset == 0
    assert window.admit(17)
    assert window.offset == 17
    window.rest()  # not while something is under way
    assert window.offset == 17
    window.done(17)
    assert window.offset == 18


def test_what_finished_during_a_poll_is_not_taken_for_new():
    window = UpdateWindow()
    assert all(window.admit(each) for each in (5, 6, 7))
    window.done(6)
    window.confirmed(window.offset)
    window.done(5)
    window.done(7)
    assert not any(window.admit(each) for each in (5, 6, 7))
    assert window.offset == 8
    window.confirmed(8)
    assert window.admit(5)  # then it is a new beginning, or the dispatcher will know it
