"""What a secret must look like to be taken: long enough, and of no pattern.

No check proves that bytes are random. These catch what people type, copy or forget to fill in:
zeros, one character, a word again and again (also numbered, or with a little behind it), a counted
run, plain text as a key. They do not catch a sentence as a secret, nor a word before random ones.
Random bytes have many distinct values, many distinct steps from each to the next, and no period.
"""

from fractions import Fraction
from itertools import pairwise
from typing import Final

KEY_BYTES: Final = 32
KEY_VARIETY: Final = 17
"""Random keys fall below it once in 10^13, and read as text once in 10^13: they are never refused
(``tests/shop/test_secret_checks.py`` computes both)."""

SECRET_LENGTH: Final = 24  # characters
SECRET_VARIETY: Final = 8
"""The 64 hex digits of ``openssl rand -hex 32`` fall below it twice in 10^19."""

PERIODIC: Final = Fraction(3, 4)
"""Of the bytes behind its first period, how many of a periodic sequence are the same as one period
before. Of 32 random bytes, 64 random hex digits or 32 random letters in base64 so many are once in
10^18 at most."""

MAKE_KEY: Final = "openssl rand -base64 32"
MAKE_SECRET: Final = "openssl rand -hex 32"  # noqa: S105 - how to make one


def require_random_key(key: bytes) -> None:
    """Raises ValueError unless it has 32 bytes, and is neither text nor of a pattern."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} bytes in base64; make one with: {MAKE_KEY}")
    if variety(key) < KEY_VARIETY or all(32 <= byte < 127 for byte in key):
        raise ValueError(f"is no random key; make one with: {MAKE_KEY}")


def require_strong_secret(secret: str) -> None:
    """Raises ValueError unless it has 24 characters and is of no pattern."""
    if len(secret) < SECRET_LENGTH:
        raise ValueError(
            f"must be at least {SECRET_LENGTH} characters; make one with: {MAKE_SECRET}"
        )
    if variety(secret.encode()) < SECRET_VARIETY:
        raise ValueError(f"is too easy to guess; make one with: {MAKE_SECRET}")


def variety(data: bytes) -> int:
    """How many distinct bytes there are, or distinct steps (modulo 256) from one to the next, if
    those are fewer; 0 if ``data`` is :func:`periodic`.
    """
    steps = {(after - before) % 256 for before, after in pairwise(data)}
    return 0 if periodic(data) else min(len(set(data)), len(steps))


def periodic(data: bytes) -> bool:
    """Whether ``data`` repeats a piece of at most half its length, but for a quarter at most."""
    for period in range(1, len(data) // 2 + 1):
        same = sum(before == after for before, after in zip(data, data[period:], strict=False))
        if same >= PERIODIC * (len(data) - period):
            return True
    return False
