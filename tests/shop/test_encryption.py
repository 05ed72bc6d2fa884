import hmac
import os

import pytest

from shop.encryption import (
    EnvelopeCipher,
    KeyedHash,
    MasterKeyMissing,
    derive_key,
    destroy,
    signing_key_of,
)
from shop.errors import NotFound
from shop.records import SealedKey

PATH = "uploads/order/photo"


@pytest.fixture
def cipher():
    return EnvelopeCipher(bytes(range(32)))


async def test_what_was_sealed_opens(tx, cipher, now):
    key = await cipher.new_key(tx, now)
    sealed = await cipher.seal(tx, key, b"a face", PATH)

    assert b"a face" not in sealed
    assert await cipher.open(tx, key, sealed, PATH) == b"a face"


async def test_the_same_bytes_look_different_each_time(tx, cipher, now):
    key = await cipher.new_key(tx, now)
    assert await cipher.seal(tx, key, b"x", PATH) != await cipher.seal(tx, key, b"x", PATH)


async def test_nothing_opens_once_the_key_is_destroyed(tx, cipher, now):
    key = await cipher.new_key(tx, now)
    sealed = await cipher.seal(tx, key, b"a face", PATH)

    assert await destroy(tx, key)
    assert not await destroy(tx, key)
    assert not await destroy(tx, None)
    assert await tx.count(SealedKey) == 0
    with pytest.raises(NotFound):
        await cipher.open(tx, key, sealed, PATH)
    with pytest.raises(NotFound):
        await cipher.seal(tx, key, b"another", PATH)


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: b[:5], lambda b: b"", lambda b: os.urandom(len(b))]
)
async def test_altered_bytes_do_not_open(tx, cipher, now, spoil):
    key = await cipher.new_key(tx, now)
    sealed = await cipher.seal(tx, key, b"a face", PATH)
    with pytest.raises(NotFound):
        await cipher.open(tx, key, spoil(sealed), PATH)


async def test_a_blob_moved_elsewhere_does_not_open(tx, cipher, now):
    """Else whoever can write to the disk could show one person another's portrait."""
    key = await cipher.new_key(tx, now)
    sealed = await cipher.seal(tx, key, b"a face", PATH)
    with pytest.raises(NotFound):
        await cipher.open(tx, key, sealed, "uploads/other/photo")


async def test_a_stolen_database_is_of_no_use_without_the_master_key(tx, cipher, now):
    key = await cipher.new_key(tx, now)
    sealed = await cipher.seal(tx, key, b"a face", PATH)
    thief = EnvelopeCipher(bytes(32))
    with pytest.raises(MasterKeyMissing):
        await thief.open(tx, key, sealed, PATH)


def test_the_master_key_is_whole_and_hidden():
    with pytest.raises(ValueError, match="16 bytes"):
        EnvelopeCipher(bytes(16))
    assert "0102" not in repr(EnvelopeCipher(bytes(range(32))))


def test_a_key_of_one_purpose_is_hkdf_of_the_master_key():
    """By hand, as RFC 5869 has it: extract without a salt, expand to one block."""
    master = bytes(range(32))
    extracted = hmac.digest(bytes(32), master, "sha256")
    expected = hmac.digest(extracted, b"eider/playground/1\x01", "sha256")
    assert derive_key(signing_key_of(master), "playground/1") == expected
    assert derive_key(signing_key_of(master), "playground/2") != expected


def test_a_keyed_hash_is_hmac_under_a_key_of_its_own():
    master = bytes(range(32))
    hashed = KeyedHash(master, "past-accounts/1")
    key = derive_key(master, "past-accounts/1")
    assert hashed("telegram", "42") == hmac.digest(key, b"8:telegram2:42", "sha256").hex()
    assert hashed("telegram4", "2") != hashed("telegram", "42"), "cut elsewhere is another"
    assert KeyedHash(master, "past-accounts/2")("telegram", "42") != hashed("telegram", "42")
    assert "0102" not in repr(hashed)
