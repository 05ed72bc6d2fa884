"""How the keys among the settings are parsed, and the secrets that are derived where none is given:
a ValueError's text is the sentence that the operator reads.
"""

import base64
import re
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, ValidationInfo
from pydantic_settings import NoDecode

from shop.encryption import derive_key, signing_key_of
from shop.secret_checks import MAKE_KEY, require_random_key, require_strong_secret
from shop.setting_values import absolute, blobs_url, data_dir

MAKE_BACKUP_KEY: Final = "python -m bot backup-key FILE"


def master_key(given: str | bytes, info: ValidationInfo) -> bytes:
    if not given:
        kept = data_dir(info) / "master.key"
        if kept.is_file():  # which ``serve`` once wrote where it found no key
            raise ValueError(f"is missing; the one in {kept} belongs here, and not on that disk")
        raise ValueError(f"is missing; make one with: {MAKE_KEY}")
    return _random_key(given)


def master_key_old(given: str | bytes, info: ValidationInfo) -> bytes:
    key = _random_key(given) if given else b""
    if key and key == info.data.get("master_key"):
        raise ValueError("is EIDER_MASTER_KEY itself: it is the one that was set before")
    return key


def signing_key(given: str | bytes, info: ValidationInfo) -> bytes:
    """That of the first master key, as long as that is there and no other is given."""
    master = info.data.get("master_key_old") or info.data.get("master_key", b"")
    return _random_key(given) if given else signing_key_of(master)


def backup_place(text: str) -> str:
    """A folder, made absolute, or ``s3://bucket/prefix``."""
    if not text or text.startswith("s3://"):
        return blobs_url(text)
    return str(absolute(Path(text)))


def _backup_keys(given: object) -> object:
    if not isinstance(given, str):
        return given
    keys = tuple(part.strip() for part in given.split(",") if part.strip())
    if not all(re.fullmatch("age1[02-9ac-hj-np-z]{58}", key) for key in keys):
        raise ValueError(f"must be public keys, age1…; make a pair with: {MAKE_BACKUP_KEY}")
    return keys


def _random_key(given: str | bytes) -> bytes:
    try:
        key = base64.b64decode(given, validate=True)
    except ValueError:
        key = b""
    require_random_key(key)
    return key


def webhook_secret(text: str, info: ValidationInfo) -> str:
    if not text:
        return _derived(info, "telegram/webhook/1").hex()
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
        raise ValueError("must be up to 256 of A-Z a-z 0-9 _ -")
    require_strong_secret(text)
    return text


def till_secret(given: str | bytes, info: ValidationInfo) -> bytes:
    if not given:
        return _derived(info, "sandbox-till/1")
    text = given if isinstance(given, str) else given.decode()
    require_strong_secret(text)
    return text.encode()


def _derived(info: ValidationInfo, purpose: str) -> bytes:
    """A secret for one purpose, the same in every process; the signing key is not found by it."""
    return derive_key(info.data.get("signing_key") or signing_key_of(b""), purpose)


BackupKeys = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_backup_keys)]
