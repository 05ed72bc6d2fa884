"""What the chat side signs with, and whose signatures it knows as its own: the signing folder that
:mod:`shop.labels.authority` makes, read and checked."""

import stat
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from shop.labels.authority import KEY, TRUST, fingerprint, is_authority, writable_by_others

ROTATE_AFTER: Final = timedelta(days=400)
"""Age of a signing key from which on every start says that it is to be replaced."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class KeysUnusable(Exception):
    """The folder cannot be signed with. Its text is one sentence for the operator, without names
    of variables."""


@dataclass(frozen=True, slots=True)
class TrustList:
    """Whose signatures are ours. ``anchors``: the roots, in PEM. ``certificates``: the SHA-256, in
    hex, of each signing certificate; a root alone vouches for none that is not listed."""

    anchors: str = field(default="", repr=False)
    certificates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LabelKeys:
    """A signing key with its chain (leaf and root), both in PEM, and the trust list."""

    key: bytes = field(repr=False)
    chain: bytes = field(repr=False)
    trust: TrustList
    made_at: datetime
    until: datetime

    def is_due(self, now: datetime) -> bool:
        """Whether the key is to be replaced: see :data:`ROTATE_AFTER`."""
        return now - self.made_at > ROTATE_AFTER


def load_keys(folder: Path, now: datetime) -> LabelKeys:
    """Read the signing folder. Raises :class:`KeysUnusable`: a file is missing, is no PEM, may be
    read by others, is not on its own trust list, or has run out."""
    trust, path = load_trust(folder), folder / KEY
    try:
        if path.stat().st_mode & _OTHERS:
            raise KeysUnusable(f"{path} may be read by others: chmod 600")
        text = path.read_bytes()
        key = load_pem_private_key(text, None)
        leaf, *above = x509.load_pem_x509_certificates(text)
    except OSError as error:
        raise KeysUnusable(f"{path}: {error.strerror or error}") from error
    except (ValueError, TypeError):
        raise KeysUnusable(f"{path} is no key with its certificates") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != leaf.public_key():
        raise KeysUnusable(f"{path}: the key is not that of its certificate")
    if fingerprint(leaf) not in trust.certificates:
        raise KeysUnusable(f"{folder / TRUST} does not list the certificate in {path}")
    if not leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc:
        raise KeysUnusable(f"{path}: its certificate is not valid now")
    start = text.index(b"-----BEGIN CERTIFICATE-----")
    chain = b"".join(one.public_bytes(Encoding.PEM) for one in (leaf, *above))
    return LabelKeys(
        text[:start], chain, trust, leaf.not_valid_before_utc, leaf.not_valid_after_utc
    )


def load_trust(folder: Path) -> TrustList:
    """Read the trust list alone: whoever verifies needs no key. Raises :class:`KeysUnusable`: it is
    missing, or is none, or others than its owner may write it or its folder."""
    path = folder / TRUST
    try:
        if others := writable_by_others(folder, path):
            raise KeysUnusable(f"{others} may be written by others: chmod go-w")
        listed = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise KeysUnusable(f"{path}: {error.strerror or error}") from error
    except ValueError:
        raise KeysUnusable(f"{path} is no list of certificates") from None
    roots = [one for one in listed if is_authority(one)]
    return TrustList(
        "".join(root.public_bytes(Encoding.PEM).decode() for root in roots),
        frozenset(fingerprint(one) for one in listed if one not in roots),
    )
