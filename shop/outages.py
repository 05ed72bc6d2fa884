"""What log lines say of errors, so that an outage is told once a minute."""

import os
import ssl
from typing import Final

from shop.errors import Unavailable

REPEATS: Final = "repeats"
"""The name of a log line's value that says what repeats: of those with an equal one
:class:`shop.logs.OncePerMinute` writes one a minute."""

REDIS_AWAY: Final = "redis does not answer"
CLOCKS_DIFFER: Final = "its signature is right, its time is not: the clocks of the two hosts differ"


_WORDS: Final = {
    "TimeoutError": "no answer in time",
    # PostgreSQL's, by asyncpg's names
    "InvalidPasswordError": "the password is refused",
    "InvalidAuthorizationSpecificationError": "the user is refused",
    "InvalidCatalogNameError": "there is no such database",
    "TooManyConnectionsError": "it has no connection left",
    # Redis', by redis-py's
    "AuthenticationError": "the password is missing or refused",
    "NoPermissionError": "the user may not do that",
    "OutOfMemoryError": "its memory is full",
    "ReadOnlyError": "it is a replica, which takes no writes",
}
"""By the kinds of errors whose own words quote names or addresses."""


def plain_words(error: BaseException) -> str:
    """Why, for an operator: the system's own words ("Connection refused") where it has some, ours
    where the kind of the error says enough, else that kind."""
    cause = error if isinstance(error, OSError) else error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return "it does not speak TLS as it should"
    if isinstance(cause, OSError) and cause.errno is not None:
        return os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)  # < 0: names
    if "rejected SSL upgrade" in str(error):
        return "it speaks no TLS, which sslmode demands"
    kind = type(error).__name__
    return _WORDS.get(kind, kind)


def told(error: BaseException) -> dict[str, str]:
    """The values of a log line about that error: its kind; of an outage what is away as well, and
    that it repeats."""
    kind = type(error).__name__
    if not isinstance(error, Unavailable):
        return {"error": kind}
    return {"error": kind, "why": str(error), REPEATS: str(error)}
