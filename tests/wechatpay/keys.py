"""The keys of a merchant and of WeChat Pay itself, made when they are first asked for."""

import hashlib
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

ALGORITHM = "WECHATPAY2-SHA256-RSA2048"


def new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def sign(key: RSAPrivateKey, *lines: str | bytes) -> str:
    said = b"".join((one.encode() if isinstance(one, str) else one) + b"\n" for one in lines)
    return b64encode(key.sign(said, PKCS1v15(), SHA256())).decode()


def is_signed(key: RSAPublicKey, signature: str, *lines: str | bytes) -> bool:
    said = b"".join((one.encode() if isinstance(one, str) else one) + b"\n" for one in lines)
    try:
        key.verify(b64decode(signature, validate=True), said, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def certificate_of(key: RSAPrivateKey, name: str, days: int = 1825) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .sign(key, SHA256())
    )


def serial_of(certificate: x509.Certificate) -> str:
    return f"{certificate.serial_number:X}"


def pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def private_pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: RSAPrivateKey) -> str:
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


@dataclass(frozen=True)
class MerchantKeys:
    """``public_key_id`` names ``platform``, and so does the serial of its certificate: a merchant
    verifies by either."""

    merchant: RSAPrivateKey = field(repr=False)
    platform: RSAPrivateKey = field(repr=False)
    serial: str
    certificate: x509.Certificate = field(repr=False)
    public_key_id: str
    api_v3_key: str = field(repr=False)

    def seal(self, plain: bytes, associated: str) -> dict[str, str]:
        """As ``resource`` and ``encrypt_certificate`` hold it."""
        nonce = secrets.token_hex(6)
        cipher = AESGCM(self.api_v3_key.encode())
        sealed = cipher.encrypt(nonce.encode(), plain, associated.encode())
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": b64encode(sealed).decode(),
            "nonce": nonce,
            "associated_data": associated,
        }


def make_keys() -> MerchantKeys:
    """New ones."""
    merchant, platform = new_key(), new_key()
    certificate = certificate_of(platform, "Tenpay.com Root CA double")
    return MerchantKeys(
        merchant,
        platform,
        serial_of(certificate_of(merchant, "merchant double")),
        certificate,
        f"PUB_KEY_ID_0{secrets.randbelow(10**20):020}",
        hashlib.sha256(secrets.token_bytes()).hexdigest()[:32],
    )


@cache
def shared_keys() -> MerchantKeys:
    """One pair for all tests of a process: making them takes longer than most."""
    return make_keys()
