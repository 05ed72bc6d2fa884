"""Lines, compressed (gzip) and encrypted to public keys (age), as a stream, and back.

age's format (X25519, ChaCha20-Poly1305 in pieces of 64 KiB, each authenticated, the last one
marked) because an operator may open a backup by the tool ``age`` alone, without us; pyrage is its
Rust implementation. That pushes bytes through, so it runs in a thread of its own.
"""

import gzip
import io
import os
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from pyrage import (
    DecryptError,
    EncryptError,
    IdentityError,
    RecipientError,
    decrypt_io,
    encrypt_io,
    x25519,
)


class BackupUnreadable(Exception):
    """A file is no backup, is cut off or altered, or belongs to another key; half a sentence."""


def new_pair() -> tuple[str, str]:
    """A private key (``AGE-SECRET-KEY-1…``) and its public key (``age1…``)."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def require_keys(keys: Sequence[str]) -> None:
    """Raises :class:`BackupUnreadable` if one of these is no public key."""
    _recipients(keys)


def write_encrypted(lines: Iterable[str], target: BinaryIO, keys: Sequence[str]) -> None:
    """Write the lines to a file that whoever has one of the private keys can read. It blocks.
    Raises OSError, and what the lines raise."""
    recipients = _recipients(keys)
    out, into = os.pipe()

    def encrypt() -> None:
        try:
            with open(out, "rb") as plain:
                encrypt_io(plain, target, recipients)
        except EncryptError as error:
            raise OSError(str(error)) from error

    with _alongside(encrypt):  # noqa: SIM117 - its pipe is closed before its end is waited for
        with open(into, "wb") as plain, gzip.GzipFile(fileobj=plain, mode="wb", mtime=0) as zipped:
            for line in lines:
                zipped.write(line.encode())


def read_encrypted(source: BinaryIO, private_key: str) -> Iterator[str]:
    """The lines of such a file, each with its line break; each piece is authenticated before its
    lines are given, and that none is missing is known at the end. It blocks.

    Raises :class:`BackupUnreadable`.
    """
    identity = _identity(private_key)
    out, into = os.pipe()

    def decrypt() -> None:
        with open(into, "wb") as plain:
            decrypt_io(source, plain, [identity])

    try:
        with _alongside(decrypt):  # noqa: SIM117
            with open(out, "rb") as plain, gzip.GzipFile(fileobj=plain, mode="rb") as zipped:
                yield from io.TextIOWrapper(zipped, "utf-8", newline="\n")
    except (DecryptError, OSError) as error:
        if getattr(error, "errno", None):  # the system's, not age's
            raise
        wrong = "No matching keys" in str(error)
        why = "another key's" if wrong else "cut off, altered, or no backup"
        raise BackupUnreadable(f"it is {why}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError):
        raise BackupUnreadable("it is cut off, altered, or no backup") from None


@contextmanager
def _alongside(work: Callable[[], None]) -> Iterator[None]:
    """``work`` in a thread within the block, which waits for its end. Raises what it raised, rather
    than what the block did: to a pipe whose other end broke off."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    except GeneratorExit:  # nobody wants the rest
        thread.join()
        raise
    except Exception:
        thread.join()
        if failed and not isinstance(failed[0], BrokenPipeError):
            raise failed[0] from None
        raise
    thread.join()
    if failed:
        raise failed[0]


def _recipients(keys: Sequence[str]) -> list[x25519.Recipient]:
    try:
        return [x25519.Recipient.from_str(key) for key in keys]
    except RecipientError:
        raise BackupUnreadable("a public key is none: it was not copied whole") from None


def _identity(private_key: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(private_key.strip())
    except IdentityError:
        raise BackupUnreadable("the key is no private key of a backup") from None
