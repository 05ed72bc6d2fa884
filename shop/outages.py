"""What log lines say of errors, so that an outage is told once a minute."""

import os
from typing import Final

from shop.errors import Unavailable

REPEATS: Final = "repeats"
"""The name of a log line's value that says what repeats: of those with an equal one
:class:`shop.logs.OncePerMinute` writes one a minute."""

REDIS_AWAY: Final = "redis does not answer"
CLOCKS_DIFFER: Final = "its signature is right, its time is not: the clocks of the two hosts differ"


def plain_words(error: BaseException) -> str:
    """Why, for an operator: the system's own words ("Connection refused") where it has some, else
    the error's kind."""
    cause = error if isinstance(error, OSError) else error.__cause__ or error.__context__
    if not isinstance(cause, OSError) or cause.errno is None:
        return type(error).__name__
    return os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)  # < 0: names


def told(error: BaseException) -> dict[str, str]:
    """The values of a log line about that error: its kind; of an outage what is away as well, and
    that it repeats."""
    kind = type(error).__name__
    if not isinstance(error, Unavailable):
        return {"error": kind}
    return {"error": kind, "why": str(error), REPEATS: str(error)}
