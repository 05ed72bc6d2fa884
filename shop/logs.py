"""Logging of every process: structlog to stderr, ids bound, nothing personal.

Events are written as lines of JSON (``json``) or for people (``console``). Libraries log from
WARNING up only: their messages hold URLs, and a URL may hold a token. Of an error its kind and its
place are written, and not its message: that quotes what could not be understood, which is some
person's.
"""

import json
import logging
import math
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

from shop.environment import SettingsError, variable
from shop.outages import REPEATS

_FORMAT: Final = variable("log_format")
_MINUTE = 60.0
_REMEMBERED = 1000
LONGEST = 300  # characters of a value: what is longer may be a person's text
QUIET_LIBRARIES = (
    "httpx",
    "httpcore",
    "telegram",
    "aiohttp.access",
    "arq",
    "PIL",
    "alembic",
    "sqlalchemy",
)

MUTE_LIBRARIES = ("aiohttp.server",)
"""They quote strangers' requests, with addresses and cookies; we log their faults ourselves."""


def tell_refusal(error: Exception, status: int, env: Mapping[str, str]) -> None:
    """Say on stderr why a process does not start: its sentences, or, where the variable
    ``EIDER_LOG_FORMAT`` says so, one line of JSON with them. The settings may be what is wrong."""
    if env.get(_FORMAT, "").strip() != "json":
        print(error, file=sys.stderr)  # noqa: T201 - there may be no log to write to yet
        return
    problems = error.problems if isinstance(error, SettingsError) else str(error).splitlines()
    line = {
        "event": "refused_to_start", "level": "critical", "status": status,
        "problems": list(problems),
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False), file=sys.stderr)  # noqa: T201 - likewise


def configure(form: str) -> None:
    """Configure logging for this process; ``form`` is "console" or "json"."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        OncePerMinute(),
        drop_personal,
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=_print_outline
        )
    )
    last = [structlog.processors.ExceptionRenderer(outline)] if form == "json" else []
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_first_line, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *last,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in MUTE_LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class OncePerMinute:
    """A structlog processor that leaves out what repeats within a minute: lines that are equal in
    what they name :data:`shop.outages.REPEATS`. The next one says how many were ``left_out``."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._written: dict[object, tuple[float, int]] = {}  # when, and how many were not since

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        if (what := event.pop(REPEATS, None)) is None:
            return event
        now = self._monotonic()
        at, left_out = self._written.get(what, (-math.inf, 0))
        if now - at < _MINUTE:
            self._written[what] = (at, left_out + 1)
            raise structlog.DropEvent
        if len(self._written) > _REMEMBERED:
            self._written.clear()
        self._written[what] = (now, 0)
        if left_out:
            event["left_out"] = left_out
        return event


def drop_personal(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A structlog processor that replaces bytes and long strings, which may be personal, by their
    length. A safety net: callers log ids only.
    """
    for name, value in event.items():
        if isinstance(value, bytes | bytearray | memoryview):
            event[name] = f"<{len(value)} bytes>"
        elif isinstance(value, str) and len(value) > LONGEST:
            event[name] = f"<{len(value)} characters>"
    return event


def outline(exc_info: ExcInfo) -> str:
    """The traceback of an error and of those that led to it, without their messages: what a message
    quotes may be a person's. Only the operating system's own words for an ``OSError`` are kept.
    """
    return "\n".join(_lines(exc_info[1]))


def _lines(error: BaseException | None) -> Iterator[str]:
    if error is None:
        return
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _lines(before)
        yield "which led to:"
    yield "Traceback (most recent call last):"
    for line in traceback.format_tb(error.__traceback__):
        yield line.rstrip("\n")
    kind = type(error)
    why = f": {error.strerror}" if isinstance(error, OSError) and error.errno else ""
    yield f"{kind.__module__}.{kind.__qualname__}{why}".removeprefix("builtins.")
    for inner in getattr(error, "exceptions", ()):  # of a group
        yield "of which:"
        yield from _lines(inner)


def _print_outline(out: TextIO, exc_info: ExcInfo) -> None:
    out.write("\n" + outline(exc_info))


def _first_line(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Asyncio's messages go on, after the first line, with the repr of a task and its error."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event
