"""Logging of every process: structlog to stderr, ids bound, nothing personal.

Events are written as lines of JSON (``json``) or for people (``console``). Libraries log from
WARNING up only: their messages hold URLs, and a URL may hold a token.
"""

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

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


def configure(form: str) -> None:
    """Configure logging for this process; ``form`` is "console" or "json"."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_personal,
    ]
    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    last = [structlog.processors.format_exc_info] if form == "json" else []
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
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
