"""Ports to listen on: why one cannot be had, in a sentence that names its settings."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

from shop.errors import CannotStart


@contextmanager
def listening(names: str, host: str, port: int) -> Iterator[None]:
    """Around what begins to listen there. ``names``: the settings that say where.

    Raises :class:`shop.errors.CannotStart` for a port that is taken, forbidden or none, and for a
    host that is not this machine's.
    """
    try:
        yield
    except (OSError, OverflowError) as error:
        raise CannotStart(f"{names}: cannot listen on {host}:{port}: {_why(error)}") from error


async def require_free_port(names: str, host: str, port: int) -> None:
    """Raises as :func:`listening` if nothing could listen there now."""
    with listening(names, host, port):
        server = await asyncio.start_server(lambda *_: None, host, port, start_serving=False)
        server.close()


def _why(error: OSError | OverflowError) -> str:
    if isinstance(error, OverflowError):
        return "a port is at most 65535"
    number = error.errno or 0  # below zero where it is the host's name that is not found
    return os.strerror(number) if number > 0 else str(error.strerror)
