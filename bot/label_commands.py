"""``python -m bot keys`` and ``python -m bot verify``: make the keys of the labels, and verify
files. Neither needs the shop's settings: of them ``EIDER_CONTENT_PRODUCER`` counts for ``verify``,
and where ``--trust`` names no trust list ``EIDER_LABEL_KEYS``.
"""

import argparse
import asyncio
import errno
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.container import decoder_of
from handlers.texts import texts
from handlers.verdicts import verdict_text
from shop.errors import CannotStart, PhotoRefused, PhotoTooLarge, Unavailable
from shop.labels.authority import KEY, ROOT_KEY, KeysRefused, issue
from shop.labels.keys import KeysUnusable, TrustList, load_trust
from shop.labels.signing import GENERATOR
from shop.labels.verification import LARGEST, LabelReader, LabelVerdict, Verification, judge
from shop.people.users import LANGUAGES

OURS: Final = 0
NOT_OURS: Final = 1
UNVERIFIED: Final = 2
"""Exit statuses of ``verify``: every file is ours and unchanged; one is not; one could not be read,
or nothing could be verified."""

_OWNER: Final = "operator"


def add_keys_options(parser: argparse.ArgumentParser) -> None:
    """Declare those of ``keys``."""
    parser.add_argument("folder", type=Path, help="for the signing key: EIDER_LABEL_KEYS")
    parser.add_argument(
        "--root", type=Path, required=True, help="for the root key: to be taken away"
    )
    parser.add_argument("--organization", default=GENERATOR, help="the issuer that verifiers show")
    parser.add_argument(
        "--new-root", action="store_true", help="a new root, where the former is lost or known"
    )


def make_keys(chosen: argparse.Namespace) -> int:
    """Make a signing key, and a root if there is none. 2, with a sentence, if it cannot."""
    try:
        made = issue(
            chosen.folder,
            chosen.root,
            chosen.organization,
            datetime.now(UTC),
            new_root=chosen.new_root,
        )
    except KeysRefused as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201 - the output of a command
        return 2
    _print(f"{chosen.folder / KEY} signs from the next start on: EIDER_LABEL_KEYS={chosen.folder}")
    _print(f"What it signs can be verified until {made.until:%Y-%m-%d}.")
    if made.new_root:
        _print(f"Take {chosen.root / ROOT_KEY} away from this machine, and keep two copies of it.")
    return 0


def add_verify_options(parser: argparse.ArgumentParser) -> None:
    """Declare those of ``verify``."""
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument(
        "--trust", type=Path, metavar="FOLDER", help="with trust.pem; left out: EIDER_LABEL_KEYS"
    )
    parser.add_argument("--language", choices=LANGUAGES, default="en")


def verify_files(chosen: argparse.Namespace, folder: Path, producer: str) -> int:
    """Say of each file what its labels prove; an exit status. ``producer`` is the name that our
    labels bear. Raises :class:`CannotStart` where the trust list, or a decoder, is not there."""
    try:
        trust = load_trust(folder)
    except KeysUnusable as error:
        raise CannotStart(str(error)) from error
    try:
        status = asyncio.run(_verify(chosen.files, trust, producer, chosen.language))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has gone, as `head` does: nothing more is to be said
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # at exit it is flushed
        return UNVERIFIED
    return status


async def _verify(files: list[Path], trust: TrustList, producer: str, language: str) -> int:
    say, status = texts(language), OURS
    async with decoder_of(1, trust) as pool:
        for file in files:
            try:
                found = await _look(file, pool, trust, producer)
            except OSError as error:
                _print(f"{printable(file)}: {error.strerror or error}\n")
                status = UNVERIFIED
                continue
            _print(f"{printable(file)}: {verdict_text(say, found)}\n")
            status = max(status, _status(found))
    return status


def printable(file: Path) -> str:
    """A name that cannot act on a terminal, or pass for a line of ours: escaped where it holds
    anything but letters, marks, digits and spaces."""
    name = str(file)
    return name if name.isprintable() else ascii(name)


async def _look(
    file: Path, reader: LabelReader, trust: TrustList, producer: str
) -> Verification | PhotoRefused:
    """Raises OSError for a file that is not there, or is no file."""
    try:
        raw = await asyncio.to_thread(_read, file)
        return judge(await reader.read_label(raw, _OWNER), trust, producer)
    except PhotoRefused as refusal:
        return refusal
    except Unavailable as outage:
        raise CannotStart(str(outage)) from outage


def _read(file: Path) -> bytes:
    """No more of it than may be. Raises PhotoTooLarge, or OSError, also for what is no file."""
    # A pipe would be waited for, and a device has no end.
    handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as opened:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "no regular file")
        raw = opened.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise PhotoTooLarge(megabytes=LARGEST // 2**20)
    return raw


def _status(found: Verification | PhotoRefused) -> int:
    if isinstance(found, PhotoRefused):
        return UNVERIFIED
    return OURS if found.verdict is LabelVerdict.OURS else NOT_OURS


def _print(words: str) -> None:
    print(words)  # noqa: T201 - the output of a command
