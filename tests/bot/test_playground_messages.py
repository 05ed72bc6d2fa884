"""The JSON of the playground's messages: read again as it was, and refused if it is not ours."""

import pytest

from bot.playground.messages import Message, MessageKind, PictureFrame, message_from
from handlers.chat import Button, Tone

MESSAGES = (
    Message(MessageKind.TEXT, "a text", ((Button("Go", "go"),),), Tone.PROGRESS, 0.5),
    Message(MessageKind.PICTURES, pictures=(PictureFrame("id", "alt", "image/jpeg", 64, 80),)),
    Message(MessageKind.BILL, "text", title="t", amount=990, currency="CNY", url="http://a/b"),
    Message(MessageKind.MY_PHOTO, album="album"),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.kind)
def test_a_message_is_read_as_it_was_written(message):
    assert message_from(message.json()) == message


def test_defaults_are_not_written():
    assert Message(MessageKind.MY_WORDS).json() == '{"kind":"my_words"}'


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"kind":"nope"}', '{"kind":"text","more":1}', '{"kind":"text","text":7}',
        '{"kind":"bill","amount":"990"}', '{"kind":"bill","amount":true}',
        '{"kind":"text","buttons":[[{"label":"a","actio":"b"}]]}',
        '{"kind":"pictures","pictures":[{"id":"a","alt":"","media_type":"","width":"1","height":1}]}',
    ],
)  # fmt: skip
def test_unknown_keys_and_wrong_types_are_refused(text):
    with pytest.raises(ValueError, match="validation error"):
        message_from(text)
