"""Connection strings as operators write them, checked and put into our drivers' form.

What a driver cannot do is refused at start, with what to write instead: found out at the first
connection it would read as an outage.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from redis.asyncio import ConnectionPool

_DATABASES: Final[Mapping[str, str]] = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
_SSL: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_TAKEN: Final = ("sslmode", "ssl", "host", "port", "passfile", "target_session_attrs")
_QUOTED: Final = "of a password write / as %2F, @ as %40, # as %23, ? as %3F, & as %26"
_INSTEAD: Final[Mapping[str, str]] = {
    "sslrootcert": "set PGSSLROOTCERT to that file",
    "sslcert": "set PGSSLCERT to that file",
    "sslkey": "set PGSSLKEY to that file",
    "sslcrl": "set PGSSLCRL to that file",
    "channel_binding": "leave it out; sslmode=verify-full keeps another server out",
    "application_name": "leave it out; it is eider",
    "connect_timeout": "leave it out",
    "options": "leave it out; give the role its settings (ALTER ROLE ... SET ...)",
}
"""What libpq takes in a URL and asyncpg does not."""


def database_url(text: str, data_dir: Path) -> str:
    """SQLAlchemy's form, of what is in common use; "" is the SQLite in the data folder. Raises
    ValueError."""
    text = text or f"sqlite:///{quote(str(data_dir))}/eider.sqlite"
    scheme, colon, rest = text.partition("://")
    driver = _DATABASES.get(scheme, scheme)
    if not colon or driver not in _DATABASES.values():
        raise ValueError("must begin with sqlite:/// or postgresql://")
    if driver == "sqlite+aiosqlite":
        _require_address(text)
        return f"{driver}://{rest}"
    if "," in _hosts(text):
        raise ValueError(
            "names several hosts before the database; name them behind it, each with its port: "
            "postgresql://user:password@/database?host=ONE:5432&host=OTHER:5432"
        )
    _require_address(text)
    where, _, query = rest.partition("?")
    options = [_option(name, value) for name, value in parse_qsl(query, keep_blank_values=True)]
    return f"{driver}://{where}{'?' if options else ''}{urlencode(options, safe='/')}"


def redis_url(text: str) -> str:
    """Of Redis, by TCP, TLS or a socket. Raises ValueError."""
    if urlsplit(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    if "," in _hosts(text):
        raise ValueError("names several hosts, of which Redis' client takes one: the primary's")
    _require_address(text)
    parts = urlsplit(text)
    if parts.scheme != "unix" and not re.fullmatch("(/[0-9]*)?", parts.path):
        raise ValueError("has no number as its database, such as /0")
    try:
        pool: Any = ConnectionPool.from_url(text)
        pool.make_connection()
    except (TypeError, ValueError):
        raise ValueError(
            "has an option that redis-py does not know; rediss:// takes ssl_ca_certs, "
            "ssl_certfile, ssl_keyfile and ssl_cert_reqs"
        ) from None
    return text


def _option(name: str, value: str) -> tuple[str, str]:
    if name in _INSTEAD:
        raise ValueError(
            f"has {name}, which this driver does not take from there: {_INSTEAD[name]}"
        )
    if name not in _TAKEN:
        # Its name is not told: where a password has a ?, it is the rest of that.
        raise ValueError(f"has an option that is none of {', '.join(_TAKEN)}; {_QUOTED}")
    if name not in ("ssl", "sslmode"):
        return name, value
    if value not in _SSL:
        raise ValueError(f"has an {name} that is none of: {', '.join(_SSL)}")
    return "ssl", value


def _hosts(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _require_address(url: str) -> None:
    """A slash in a password ends the address before the @, and the rest reads as a port; an @ in
    it makes the rest read as a host, whose name would be told."""
    if urlsplit(url).netloc.count("@") > 1:
        raise ValueError(f"has more than one @ before its host; {_QUOTED}")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ValueError(f"has no number as its port; {_QUOTED}") from None
