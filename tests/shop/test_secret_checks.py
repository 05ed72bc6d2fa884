"""Which secrets are taken, and that no random one is refused."""

import base64
import os
import string
from fractions import Fraction
from math import ceil, comb

import pytest

from shop.secret_checks import (
    KEY_BYTES,
    KEY_VARIETY,
    PERIODIC,
    SECRET_VARIETY,
    require_random_key,
    require_strong_secret,
)

WEAK_KEYS = {
    "zeros": bytes(32),
    "one byte": b"\xa7" * 32,
    "two bytes": b"\x00\xff" * 16,
    "sixteen random bytes twice": bytes.fromhex("8f3a01c46be27799d01355aeb8f06c2d") * 2,
    "a piece again with a random end": bytes.fromhex("8f3a01c46be27799") * 3
    + bytes.fromhex("8f3a01c40b1c2d3e"),
    "a counted run": bytes(range(32)),
    "a run backwards": bytes(range(200, 168, -1)),
    "steps of seven": bytes(number * 7 % 256 for number in range(32)),
    "one bit a byte": bytes(1 << number % 8 for number in range(32)),
    "zeros with a random end": bytes(17) + bytes.fromhex("8f3a01c46be27799d01355aeb8f06c"),
    "a sentence": b"correct horse battery staple, ok",
    "hexadecimal digits": b"8f3a01c46be27799d01355aeb8f06c2d",
}


@pytest.mark.parametrize("key", WEAK_KEYS.values(), ids=WEAK_KEYS)
def test_a_key_with_a_pattern_is_refused(key: bytes) -> None:
    assert len(key) == KEY_BYTES
    with pytest.raises(ValueError, match=r"no random key.*openssl rand -base64 32"):
        require_random_key(key)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        require_random_key(os.urandom(length))


def few(most: int, draws: int, values: int) -> Fraction:
    """How likely so many fair draws show at most so many distinct values."""
    chances = {0: Fraction(1)}
    for _ in range(draws):
        after: dict[int, Fraction] = {}
        for seen, chance in chances.items():
            after[seen] = after.get(seen, Fraction(0)) + chance * seen / values
            after[seen + 1] = after.get(seen + 1, Fraction(0)) + chance * (values - seen) / values
        chances = after
    return sum((chance for seen, chance in chances.items() if seen <= most), Fraction(0))


def repeated(length: int, values: int) -> Fraction:
    """How likely so many fair draws are periodic, at most: the sum over all periods. Each draw is
    the same as the one a period before with the same chance, whatever came in between."""
    same = Fraction(1, values)
    total = Fraction(0)
    for period in range(1, length // 2 + 1):
        places = length - period
        for count in range(ceil(PERIODIC * places), places + 1):
            total += comb(places, count) * same**count * (1 - same) ** (places - count)
    return total


def test_a_random_key_is_never_refused() -> None:
    """By the sum of all ways to be refused."""
    by_pattern = few(KEY_VARIETY - 1, 32, 256) + few(KEY_VARIETY - 1, 31, 256)
    by_pattern += repeated(32, 256)
    by_text = Fraction(95, 256) ** 32
    assert by_pattern < Fraction(1, 10**13)
    assert by_text < Fraction(1, 10**13)
    for _ in range(1000):
        require_random_key(os.urandom(32))


WEAK_SECRETS = {
    "empty": "",
    "one character": "x",
    "23 characters": string.ascii_letters[3:26],
    "one character again": "x" * 64,
    "a word again": "password" * 4,
    "a word again and two digits": "passwordpasswordpassword12",
    "a word again with a number each": "password1password2password3",
    "a word again with dashes": "changeme-changeme-changeme",
    "a word again and the half of it": "wintermorning" * 2 + "winter",
    "eight characters again": "qwertyui" * 3,
    "a half again": "8f3a01c46be2" * 2,
    "the alphabet": string.ascii_lowercase,
    "digits counted": "0123456789" * 3,
    "seven characters": "abcdefgabdcegfabcgfedacb",
}


@pytest.mark.parametrize("secret", WEAK_SECRETS.values(), ids=WEAK_SECRETS)
def test_a_weak_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="openssl rand -hex 32"):
        require_strong_secret(secret)


def test_what_the_sentence_recommends_is_taken() -> None:
    assert few(SECRET_VARIETY - 1, 64, 16) < Fraction(2, 10**19)
    for length, values in ((32, 256), (64, 16), (32, 64)):
        assert repeated(length, values) < Fraction(1, 10**18)
    for _ in range(1000):
        require_strong_secret(os.urandom(32).hex())
        require_strong_secret(base64.urlsafe_b64encode(os.urandom(24)).decode())
