"""A thousand people, and the updates that they cause."""

import hashlib
import io
import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Final

from PIL import Image

from bot.telegram.buttons import Signer
from shop.encryption import signing_key_of

MASTER_KEY: Final = hashlib.sha256(b"benchmarks").digest()
FIRST_ID: Final = 40_000_000
PHOTO_ID: Final = "AgACAgIAAxkBAAIB"


def _photo(number: int) -> bytes:
    """What Telegram's compressed photos are like: 1280 px on the long side, some 200 KB."""
    dice = random.Random(number)
    small = Image.frombytes("RGB", (60, 80), dice.randbytes(60 * 80 * 3))
    out = io.BytesIO()
    small.resize((960, 1280), Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
    return out.getvalue()


PHOTOS: Final = tuple(_photo(number) for number in range(29))
"""Nobody sends the same one twice in a thousand: their number and that of the people share no
factor."""

_numbers = itertools.count(1)
_signer = Signer.of(signing_key_of(MASTER_KEY))


def text(person: int, words: str = "/help") -> bytes:
    """A message of a person, counted from 0."""
    return _update(message=_message(person) | {"text": words})


def button(person: int, action: str = "tips") -> bytes:
    """A pressed button, signed as Eider signs it; echoes do not look."""
    user = _user(person)
    data = _signer.seal(str(user["id"]), action)
    pressed = {
        "id": str(next(_numbers)), "from": user, "chat_instance": "1", "data": data,
        "message": _message(person) | {"text": "…"},
    }  # fmt: skip
    return _update(callback_query=pressed)


def photo(person: int) -> bytes:
    """A compressed photo."""
    sizes = [
        {"file_id": f"{PHOTO_ID}{edge}", "file_unique_id": f"u{edge}", "width": edge * 3 // 4,
         "height": edge, "file_size": 200_000 if edge == 1280 else 9000}
        for edge in (90, 320, 800, 1280)
    ]  # fmt: skip
    return _update(message=_message(person) | {"photo": sizes})


KINDS: Final[dict[str, Callable[[int], bytes]]] = {"text": text, "button": button, "photo": photo}

WALK: Final[tuple[Callable[[int], bytes], ...]] = (
    lambda one: text(one, "/start"),
    lambda one: button(one, "terms"),
    lambda one: button(one, "agree:terms"),
    lambda one: button(one, "agree:training"),
    lambda one: button(one, "subject:woman"),
)
"""From the first word to the place where photos are taken; each is one update."""


def in_turn(kind: str, people: int) -> Iterator[bytes]:
    """Updates without end, one person after the other."""
    return (KINDS[kind](person) for person in itertools.cycle(range(people)))


def _user(person: int) -> dict[str, object]:
    return {"id": FIRST_ID + person, "is_bot": False, "first_name": "C", "language_code": "en"}


def _message(person: int) -> dict[str, object]:
    user = _user(person)
    chat = {"id": user["id"], "type": "private", "first_name": "C"}
    return {"message_id": next(_numbers), "date": 1_790_000_000, "from": user, "chat": chat}


def _update(**content: object) -> bytes:
    return json.dumps({"update_id": next(_numbers), **content}).encode()
