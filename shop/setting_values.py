"""How each variable of the settings is parsed: a ValueError's text is the sentence that the
operator reads.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from pydantic import AfterValidator, BeforeValidator, ValidationInfo
from pydantic_settings import NoDecode

from shop import connection_urls

LARGEST_PEM: Final = 64 * 1024  # characters
CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----"
SALES_NEED: Final = ("check", "studio", "courier")
PUBLIC_KEY_ID: Final = "PUB_KEY_ID_"
_SOCKET_PATH_BYTES = 100  # the kernel's limit is 107 on Linux, 103 on macOS
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def socket_path(data_dir: Path) -> Path:
    """Where the embedded Valkey of a data folder listens: inside it, or, where that path is too
    long for a socket, in a folder of the user's own under the system's temporary one.
    """
    inside = data_dir / "valkey.sock"
    if len(os.fsencode(inside)) <= _SOCKET_PATH_BYTES:
        return inside
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"eider-{os.getuid()}" / f"{name}.sock"


def socket_url(data_dir: Path) -> str:
    """The address of that socket; quoted, for a folder may have any name."""
    return f"unix://{quote(str(socket_path(data_dir)))}"


def whole(low: int, high: int) -> BeforeValidator:
    """A whole number in ASCII digits, ``low``..``high``; pydantic's own int takes more forms."""

    def parse(given: object) -> int:
        text = str(given)
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return BeforeValidator(parse)


def one_of(*choices: str) -> AfterValidator:
    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of: {', '.join(filter(None, choices))}")
        return text

    return AfterValidator(check)


def time_zone(text: str) -> str:
    """IANA's name of a time zone, such as ``Asia/Shanghai``."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):  # no such name; a folder of names
        raise ValueError("must be a time zone, such as Asia/Shanghai") from None


def _flag(given: object) -> bool:
    text = str(given).lower()
    if text not in _TRUE + _FALSE:
        raise ValueError("must be yes or no")
    return text in _TRUE


def absolute(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError:  # ~somebody, whom this machine does not know
        raise ValueError("is not a folder") from None


def folder(path: Path | None) -> Path | None:
    if path is not None and not absolute(path).is_dir():
        raise ValueError("is not a folder")
    return path and absolute(path)


def _web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://example.com")
    if "@" in parts.netloc or parts.query or parts.fragment:  # it is logged as any address is
        raise ValueError("must hold no password and no query (traces: OTEL_EXPORTER_OTLP_HEADERS)")
    return text.rstrip("/")


def webhook_url(text: str) -> str:
    """Telegram delivers to HTTPS only; a Bot API server of one's own to HTTP as well."""
    if text and urlsplit(text).path in ("", "/"):
        raise ValueError("must have the path that reaches us: https://example.com/telegram")
    return _web_url(text) if text else ""


def database_url(text: str, info: ValidationInfo) -> str:
    return connection_urls.database_url(text, data_dir(info))


def blobs_url(text: str) -> str:
    """``s3://bucket`` or ``s3://bucket/prefix``."""
    if text and not re.fullmatch(
        r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?", text
    ):
        raise ValueError("must be a bucket, or a prefix in one: s3://bucket/prefix")
    return text


def redis_url(text: str, info: ValidationInfo) -> str:
    return connection_urls.redis_url(text or socket_url(data_dir(info)))


def telegram_token(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{20,}", text):
        raise ValueError("must look like 123456:ABC..., as BotFather gave it")
    return text


def _shaped(pattern: str, sentence: str) -> Callable[[str], str]:
    """Checks a text that is given against ``pattern``."""

    def check(text: str) -> str:
        if text and not re.fullmatch(pattern, text):
            raise ValueError(sentence)
        return text

    return check


wechat_app_id: Final = _shaped(
    "wx[0-9A-Za-z]{16}", "must look like wx0123456789abcdef, as the account's console shows it"
)
wechat_secret: Final = _shaped(
    "[0-9A-Za-z]{32}", "must be the 32 characters that the account's console showed once"
)
wechat_token: Final = _shaped("[0-9A-Za-z]{3,32}", "must be 3 to 32 of A-Z a-z 0-9")
wechat_aes_key: Final = _shaped(
    "[0-9A-Za-z+/]{43}", "must be the 43 characters of the console's EncodingAESKey"
)
wechat_template_id: Final = _shaped("[0-9A-Za-z_-]{20,64}", "must be a template's id")
wechat_domain_file: Final = _shaped(
    r"MP_verify_[0-9A-Za-z]{1,64}\.txt",
    "must be the name of the file that the console gives: MP_verify_….txt",
)
wechatpay_merchant_id: Final = _shaped("[0-9]{6,32}", "must be the merchant's number")
wechatpay_api_v3_key: Final = _shaped(
    "[!-~]{32}", "must be the 32 ASCII characters of the APIv3 key"
)
wechatpay_key_id: Final = _shaped(
    PUBLIC_KEY_ID + "[0-9A-Za-z]+|[0-9A-Fa-f]{8,64}",
    "must be PUB_KEY_ID_… as the merchant's console shows it, or the platform certificate's serial",
)


def certificate_serial(text: str) -> str:
    """In capitals, as WeChat Pay writes it."""
    _shaped("[0-9A-Fa-f]{8,64}", "must be the serial of the merchant's certificate")(text)
    return text.upper()


def platform_serial(pem: str) -> str:
    """The serial of the certificate in ``pem``, in capitals without leading zeros; "" for the PEM
    of a public key."""
    if CERTIFICATE not in pem:
        return ""
    return f"{x509.load_pem_x509_certificate(pem.encode()).serial_number:X}"


def rsa_private_key(text: str) -> str:
    """The PEM, whether it was given itself or as a path."""
    pem = _pem(text)
    try:
        if pem and not isinstance(load_pem_private_key(pem.encode(), None), RSAPrivateKey):
            raise ValueError
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it wants a password
        raise ValueError("is no RSA private key in PEM, without a password") from None
    return pem


def rsa_public_key(text: str) -> str:
    """The PEM of a public key or of a certificate, whether it was given itself or as a path."""
    pem = _pem(text)
    try:
        if pem and not isinstance(_public_key(pem.encode()), RSAPublicKey):
            raise ValueError
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("is no RSA public key, and no certificate of one, in PEM") from None
    return pem


def _public_key(pem: bytes) -> object:
    if CERTIFICATE.encode() in pem:
        return x509.load_pem_x509_certificate(pem).public_key()
    return load_pem_public_key(pem)


def _pem(text: str) -> str:
    """Line breaks of a variable may be written as a backslash and an n."""
    if not text or text.startswith("-----BEGIN "):
        return text.replace("\\n", "\n")
    try:
        with Path(text).expanduser().open(encoding="ascii") as file:
            return file.read(LARGEST_PEM).strip()
    except (OSError, ValueError, RuntimeError):
        raise ValueError("is neither PEM nor a file of it that can be read") from None


def device(text: str) -> str:
    if not re.fullmatch(r"cpu|cuda(:[0-9]{1,2})?", text):
        raise ValueError("must be cpu, cuda, or cuda:N for one of several")
    return text


def _listed(given: object) -> object:
    if isinstance(given, str):
        return frozenset(part.strip() for part in given.split(",") if part.strip())
    return given


def _networks(given: object) -> object:
    """Networks, or single addresses, as ``ipaddress`` reads them, in the order given."""
    if not isinstance(given, str):
        return given
    try:
        return tuple(ip_network(part.strip()) for part in given.split(",") if part.strip())
    except ValueError:
        raise ValueError("must be networks such as 10.0.0.0/8,192.0.2.7,2001:db8::/32") from None


def _hosts(names: frozenset[str]) -> frozenset[str]:
    """Without ports: a host is ours whatever port it was reached by."""
    if not all(re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", name) for name in names):
        raise ValueError("must be hosts without a port, such as eider.example,192.0.2.7,[::1]")
    return frozenset(name.lower() for name in names)


def _admins(names: frozenset[str]) -> frozenset[str]:
    """Their form alone: which channels there are, the chat side knows."""
    if not all(re.fullmatch(r"[a-z][a-z0-9_]*:[A-Za-z0-9_-]+", name) for name in names):
        raise ValueError("must be like telegram:42,playground:boss")
    return names


def _sales_need(roles: frozenset[str]) -> frozenset[str]:
    if roles == {"none"}:
        return frozenset()
    if not roles <= set(SALES_NEED):
        raise ValueError(f"must be some of {', '.join(SALES_NEED)}, or none")
    return roles


def data_dir(info: ValidationInfo) -> Path:
    """The data folder; where it is wrong itself, any, for the problems of others to be found."""
    return Path(info.data.get("data_dir", "var"))


Admins = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_admins)]
Hosts = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_hosts)]
Names = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed)]
SalesNeed = Annotated[
    frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_sales_need)
]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
Flag = Annotated[bool, BeforeValidator(_flag)]
OptionalWebUrl = Annotated[str, AfterValidator(lambda text: _web_url(text) if text else "")]
WebUrl = Annotated[str, AfterValidator(_web_url)]
