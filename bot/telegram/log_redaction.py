"""Keeps the bot's token, and what people write, out of every log.

The token is part of each Bot API address, and aiohttp's errors name the address that they met:
:mod:`bot.telegram.request` lets none of them out. python-telegram-bot logs parameters and whole
answers at DEBUG, refused JSON at ERROR, and puts the token itself into some exceptions. Levels
alone would not do, since an exception can be logged by anybody (asyncio, aiohttp): so every log
record of the process is looked at as well.
"""

import logging
import sys
import traceback
from collections.abc import Callable
from typing import Any

_LOUD = {"telegram": logging.CRITICAL + 1}
_MASK = "<token>"


def redact(token: str) -> None:
    """Silence the libraries that know ``token``, and mask it in all standard log records.

    Idempotent. Records that never pass :mod:`logging` are not seen: our own structlog events
    name only the types of Telegram's errors.
    """
    for name, level in _LOUD.items():
        logging.getLogger(name).setLevel(level)
    inner = logging.getLogRecordFactory()
    if isinstance(inner, _Masking):
        inner.tokens.add(token)
    else:
        logging.setLogRecordFactory(_Masking(inner, token))


class _Masking:
    """A log record factory that makes records as before, then masks tokens in them."""

    def __init__(self, inner: Callable[..., logging.LogRecord], token: str) -> None:
        self._inner = inner
        self.tokens = {token}

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._inner(*args, **kwargs)
        self._mask(record)
        return record

    def _mask(self, record: logging.LogRecord) -> None:
        said, trace = record.getMessage(), _trace(record)
        if not any(token in said + trace for token in self.tokens):
            return
        # Handlers would format the exception again from its parts: keep only our text of it.
        record.exc_info = record.exc_text = None
        if isinstance(record.msg, dict):  # structlog's: an event for a formatter to render
            event = {name: self._clean(value) for name, value in record.msg.items()}
            record.msg = event | {"exc_info": None, "exception": self._clean(trace)}
        else:
            record.msg, record.args = self._clean(f"{said}\n{trace}".rstrip()), ()

    def _clean(self, value: object) -> object:
        if isinstance(value, str):
            for token in self.tokens:
                value = value.replace(token, _MASK)
        return value


def _trace(record: logging.LogRecord) -> str:
    """The exception of a record as it would be printed; structlog keeps it in its event."""
    event = record.msg
    info = record.exc_info or (event.get("exc_info") if isinstance(event, dict) else None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    return "".join(traceback.format_exception(*info)) if info else ""
