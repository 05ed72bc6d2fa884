"""The studio's own certificate authority for credentials: a root that is kept offline, and the
signing key beneath it that is replaced from time to time.

Two folders. The root's has ``root.key`` and ``root.pem``, and is needed only when a signing key is
made. The signing one has ``signing.key``, ``signing.pem``, ``root.pem`` (for others who verify) and
``trust.pem``: every root, and every signing certificate that was ever in use. A root on that list
makes chains readable and nobody ours: certificates are compared whole.

Pictures are signed without a time stamp of somebody else's, since that would need the network for
each. So a certificate has to be valid for as long as its pictures are to be verified, and the key
is what is replaced: rotation deletes the old private key, and keeps its certificate on the list.
"""

import os
import stat
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_KEY: Final = "root.key"
ROOT: Final = "root.pem"
KEY: Final = "signing.key"
CHAIN: Final = "signing.pem"
TRUST: Final = "trust.pem"

ROOT_LIFE: Final = timedelta(days=30 * 365)
LEAF_LIFE: Final = timedelta(days=20 * 365)
"""A key that is made when its root has less left ends with the root."""

_EARLIER: Final = timedelta(hours=1)  # hosts whose clocks are behind must not wait
_PRIVATE: Final = 0o600
_PUBLIC: Final = 0o644
_ORGANIZATION: Final = 64  # characters of X.520's organization name


class KeysRefused(Exception):
    """No keys are made. Its text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class IssuedKeys:
    """What was made: a new root too, or a signing key alone; until when its pictures verify."""

    new_root: bool
    until: datetime


def issue(
    folder: Path, root_folder: Path, organization: str, now: datetime, *, new_root: bool = False
) -> IssuedKeys:
    """Make a signing key under the root in ``root_folder``, which is made where there is none.

    ``organization`` is what verifiers show as the issuer. Where ``folder`` has keys they are
    replaced, and their certificate stays trusted. Raises :class:`KeysRefused`, before anything is
    written: folders that are not apart or may be written by others, a root that is missing though
    there was one (``new_root`` makes another), an organization of no or too many characters.
    """
    folder, root_folder = folder.absolute(), root_folder.absolute()
    if not 0 < len(organization) <= _ORGANIZATION or not organization.isprintable():
        raise KeysRefused(f"the organization must have 1 to {_ORGANIZATION} printable characters")
    if folder.is_relative_to(root_folder) or root_folder.is_relative_to(folder):
        raise KeysRefused("the root's folder must be apart from that of the signing key")
    has_root = (root_folder / ROOT_KEY).exists()
    if has_root and new_root:
        raise KeysRefused(f"{root_folder} has a root; name another folder for a new one")
    if not has_root and not new_root and (folder / TRUST).exists():
        raise KeysRefused(
            f"{root_folder} has no root, and {folder} was made beneath one: bring that root, or "
            "begin a new one with --new-root"
        )
    try:
        known = (path for path in (folder, folder / TRUST, root_folder) if path.exists())
        if others := writable_by_others(*known):
            raise KeysRefused(f"{others} may be written by others: chmod go-w")
        made = _load_root(root_folder) if has_root else _make_root(root_folder, organization, now)
        return IssuedKeys(not has_root, _make_leaf(folder, *made, organization, now))
    except OSError as error:
        raise KeysRefused(f"{error.filename or folder}: {error.strerror or error}") from error


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of the whole certificate, in hex, as a trust list compares them."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def writable_by_others(*paths: Path) -> Path | None:
    """The first of those that more than its owner may write, if one is. Raises OSError."""
    others = stat.S_IWGRP | stat.S_IWOTH
    return next((path for path in paths if path.stat().st_mode & others), None)


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether it is a root's, and no signing one."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return found.value.ca


def _load_root(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    try:
        key = load_pem_private_key((folder / ROOT_KEY).read_bytes(), None)
        root = x509.load_pem_x509_certificate((folder / ROOT).read_bytes())
    except (ValueError, TypeError) as error:
        raise KeysRefused(f"{folder}: {ROOT_KEY} or {ROOT} cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != root.public_key():
        raise KeysRefused(f"{folder}: {ROOT_KEY} is not the key of {ROOT}")
    return key, root


def _make_root(
    folder: Path, organization: str, now: datetime
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(organization, f"Root {now:%Y-%m-%d}")
    root = (
        _builder(name, name, key.public_key(), now, now + ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(folder / ROOT_KEY, _pem_of_key(key), _PRIVATE)
    _write(folder / ROOT, root.public_bytes(Encoding.PEM), _PRIVATE)
    return key, root


def _make_leaf(
    folder: Path,
    root_key: ec.EllipticCurvePrivateKey,
    root: x509.Certificate,
    organization: str,
    now: datetime,
) -> datetime:
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + LEAF_LIFE, root.not_valid_after_utc)
    name = _name(organization, f"Signing {now:%Y-%m-%d}")
    leaf = (
        _builder(name, root.subject, key.public_key(), now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        # What C2PA asks of a signing certificate that is no time stamp's.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), False
        )
        .sign(root_key, hashes.SHA256())
    )
    own, above = leaf.public_bytes(Encoding.PEM), root.public_bytes(Encoding.PEM)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = (folder / TRUST).read_bytes() if (folder / TRUST).exists() else b""
    # First of all it is trusted: whatever breaks off then, no picture goes out that we disown.
    known += b"" if above in known else _entry(root, "root")
    _write(folder / TRUST, known + _entry(leaf, "signing"), _PUBLIC)
    _write(folder / ROOT, above, _PUBLIC)
    # One file: key and chain can never be of two makings.
    _write(folder / KEY, _pem_of_key(key) + own + above, _PRIVATE)
    _write(folder / CHAIN, own + above, _PUBLIC)
    return until


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    until: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(organization: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _entry(certificate: x509.Certificate, what: str) -> bytes:
    """Its block of the trust list, below a line by which a person finds it."""
    made = f"{certificate.not_valid_before_utc:%Y-%m-%d}"
    head = f"# {what} certificate of {made}, SHA-256 {fingerprint(certificate)}\n"
    return head.encode() + certificate.public_bytes(Encoding.PEM)


def _pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, also where the machine stops in between. The draft has a random name and
    is never a file or link that somebody else laid there (``mkstemp``: O_EXCL, O_NOFOLLOW)."""
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            if mode != _PRIVATE:  # as it is made; and a stick's file system may refuse any change
                os.fchmod(handle, mode)
            file.write(data)
            file.flush()
            os.fsync(handle)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
