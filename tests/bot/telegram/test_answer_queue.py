"""Which answer goes next into a chat, and which is not sent at all."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.telegram import TELEGRAM
from bot.telegram.answer_queue import Answer, AnswerQueue
from handlers.chat import Content, Incoming, Person, Pressed, Reply, Said, Say

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def answer(*replies: Reply, content: Content | None = None) -> Answer:
    said = content or Said("x")
    return Answer(Incoming("telegram:1", Person(TELEGRAM, "1"), NOW, said), replies, 0)


def sent(queue: AnswerQueue) -> list[str]:
    said: list[str] = []
    while (one := queue.take()) is not None:
        said += texts(list(queue.due(one)))
    return said


def texts(replies: Sequence[Reply]) -> list[str]:
    return [one.text for one in replies if isinstance(one, Say)]


def test_of_replies_to_one_message_the_newest_alone_is_sent():
    queue = AnswerQueue()
    for number in range(20):
        queue.put(answer(Say(f"{number} photos", message_key="tally")))
    queue.put(answer(Say("Hello")))
    assert sent(queue) == ["19 photos", "Hello"]


def test_an_answer_to_a_press_goes_first_and_is_not_overwritten_by_an_older_one():
    queue = AnswerQueue()
    queue.put(answer(Say("one", message_key="tally"), Say("too large")))
    queue.put(answer(Say("two", message_key="tally")))
    queue.put(answer(Say("the terms"), Say("three", message_key="tally"), content=Pressed("begin")))
    assert sent(queue) == ["the terms", "three", "too large"]


def test_what_comes_while_an_answer_is_sent_replaces_the_rest_of_it():
    queue = AnswerQueue()
    queue.put(answer(Say("Hello"), Say("one", message_key="tally")))
    first = queue.take()
    assert first is not None
    due = queue.due(first)
    assert texts([next(due)]) == ["Hello"]
    queue.put(answer(Say("two", message_key="tally")))
    assert list(due) == []
    assert sent(queue) == ["two"]
