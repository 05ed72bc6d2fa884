"""Everything that an operator may choose, read once from the environment and checked at start.

The only reader of the environment in the product's processes. Composition roots hand the frozen
:class:`Settings` down; ``docs/operate.md`` lists the variables, and a wrong one is reported
together with all the others.
"""

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import pairwise
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from shop import environment
from shop.encryption import derive_key
from shop.environment import Rule, SettingsError, variable
from shop.secret_checks import KEY_BYTES, MAKE_KEY, require_random_key, require_strong_secret

__all__ = ["Settings", "SettingsError", "SettingsRule", "socket_path", "socket_url"]

_SOCKET_PATH_BYTES = 100  # the kernel's limit is 107 on Linux, 103 on macOS
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
_DATABASES = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}


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


# How each variable is parsed. A ValueError's text is the sentence that the operator reads.


def _whole(low: int, high: int) -> BeforeValidator:
    """A whole number in ASCII digits, ``low``..``high``; pydantic's own int takes more forms."""

    def parse(given: object) -> int:
        text = str(given)
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(text)

    return BeforeValidator(parse)


def _one_of(*choices: str) -> AfterValidator:
    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of: {', '.join(filter(None, choices))}")
        return text

    return AfterValidator(check)


def _flag(given: object) -> bool:
    text = str(given).lower()
    if text not in _TRUE + _FALSE:
        raise ValueError("must be yes or no")
    return text in _TRUE


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError:  # ~somebody, whom this machine does not know
        raise ValueError("is not a folder") from None


def _folder(path: Path | None) -> Path | None:
    if path is not None and not _absolute(path).is_dir():
        raise ValueError("is not a folder")
    return path and _absolute(path)


def _web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://example.com")
    return text.rstrip("/")


def _webhook_url(text: str) -> str:
    """Telegram delivers to HTTPS only; a Bot API server of one's own to HTTP as well."""
    if text and urlsplit(text).path in ("", "/"):
        raise ValueError("must have the path that reaches us: https://example.com/telegram")
    return _web_url(text) if text else ""


def _database_url(text: str, info: ValidationInfo) -> str:
    """SQLAlchemy's form; the shorter ones in common use are completed with our drivers."""
    text = text or f"sqlite:///{quote(str(_data_dir(info)))}/eider.sqlite"
    scheme, colon, rest = text.partition("://")
    driver = _DATABASES.get(scheme, scheme)
    if not colon or driver not in _DATABASES.values():
        raise ValueError("must begin with sqlite:/// or postgresql://")
    _require_port(text)
    if "sslmode=" in rest.partition("?")[2]:
        raise ValueError("has sslmode, which this driver calls ssl: ?ssl=require")
    return f"{driver}://{rest}"


def _redis_url(text: str, info: ValidationInfo) -> str:
    text = text or socket_url(_data_dir(info))
    if urlsplit(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    _require_port(text)
    return text


def _require_port(url: str) -> None:
    """A slash in a password ends the address before the @, and the rest reads as a port."""
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ValueError(
            "has no number as its port; of a password write / as %2F, @ as %40, # as %23"
        ) from None


def _telegram_token(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{20,}", text):
        raise ValueError("must look like 123456:ABC..., as BotFather gave it")
    return text


def _webhook_secret(text: str, info: ValidationInfo) -> str:
    if not text:
        return _derived(info, "telegram/webhook/1").hex()
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
        raise ValueError("must be up to 256 of A-Z a-z 0-9 _ -")
    require_strong_secret(text)
    return text


def _till_secret(given: str | bytes, info: ValidationInfo) -> bytes:
    if not given:
        return _derived(info, "sandbox-till/1")
    text = given if isinstance(given, str) else given.decode()
    require_strong_secret(text)
    return text.encode()


def _device(text: str) -> str:
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


def _master_key(given: str | bytes, info: ValidationInfo) -> bytes:
    if not given:
        kept = _data_dir(info) / "master.key"
        if kept.is_file():  # which ``serve`` once wrote where it found no key
            raise ValueError(f"is missing; the one in {kept} belongs here, and not on that disk")
        raise ValueError(f"is missing; make one with: {MAKE_KEY}")
    try:
        key = base64.b64decode(given, validate=True)
    except ValueError:
        key = b""
    require_random_key(key)
    return key


def _data_dir(info: ValidationInfo) -> Path:
    """The data folder; where it is wrong itself, any, for the problems of others to be found."""
    return Path(info.data.get("data_dir", "var"))


def _derived(info: ValidationInfo, purpose: str) -> bytes:
    """A secret for one purpose: the same in every process, and of no use to find the master key."""
    return derive_key(info.data.get("master_key", b""), purpose)


_Admins = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_admins)]
_Hosts = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_hosts)]
_Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
_Flag = Annotated[bool, BeforeValidator(_flag)]
_WebUrl = Annotated[str, AfterValidator(_web_url)]


SettingsRule = Rule["Settings"]


class Settings(BaseSettings):
    """The configuration of one deployment. Frozen; secrets, and addresses that may hold one, are
    not in its repr.

    A field is read from ``EIDER_`` and its name, unless it names another variable. Durations say
    their unit in their name; those named ``_timeout`` are in seconds. ``admins`` are
    ``platform:id``. ``redis_url`` is that of the embedded server where none is given.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=True, alias_generator=variable
    )

    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(
        Path("./var"), validation_alias="EIDER_DATA"
    )
    database_url: Annotated[str, AfterValidator(_database_url)] = Field("", repr=False)
    redis_url: Annotated[str, AfterValidator(_redis_url)] = Field("", repr=False)
    master_key: Annotated[bytes, BeforeValidator(_master_key)] = Field(b"", repr=False)
    label_keys: str = ""  # a folder, or "none"; the chat side alone looks into it
    telegram_token: Annotated[str, AfterValidator(_telegram_token)] = Field("", repr=False)
    telegram_api_url: _WebUrl = "https://api.telegram.org"
    telegram_local: _Flag = False  # that address is a Bot API server of one's own, in local mode
    telegram_webhook_url: Annotated[str, AfterValidator(_webhook_url)] = ""
    telegram_webhook_secret: Annotated[str, AfterValidator(_webhook_secret)] = Field("", repr=False)
    telegram_per_second: Annotated[int, _whole(1, 10_000)] = 30  # messages, over all chats
    stars_avatar: Annotated[int, _whole(0, 10_000)] = 0  # Stars; 0: nothing is sold for them
    stars_credits: Annotated[int, _whole(0, 10_000)] = 0  # for the first pack; 0: the catalogue's
    base: str = "mini"
    bases_dir: Annotated[Path | None, AfterValidator(_folder)] = Field(
        None, validation_alias="EIDER_BASES"
    )
    allow_noncommercial: _Flag = False
    device: Annotated[str, AfterValidator(_device)] = "cpu"
    torch_threads: Annotated[int, _whole(0, 256)] = 0
    playground: _Flag = False
    till: Annotated[str, _one_of("", "sandbox")] = ""  # "": whichever a channel brings
    sandbox_till_secret: Annotated[bytes, BeforeValidator(_till_secret)] = Field(b"", repr=False)
    public_url: _WebUrl = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: Annotated[int, _whole(0, 65535)] = 8080
    allowed_hosts: _Hosts = frozenset()  # beside those of `public_url` and the webhook
    trusted_proxies: _Networks = ()  # whose X-Forwarded-For is believed
    connections: Annotated[int, _whole(10, 100_000)] = 2000  # open at the same time
    connections_per_address: Annotated[int, _whole(1, 100_000)] = 200
    health_host: str = "127.0.0.1"
    health_port: Annotated[int, _whole(0, 65535)] = 0  # 0: neither health nor metrics are served
    admins: _Admins = Field(frozenset(), repr=False)
    content_producer: str = "Eider"
    photos_asked: Annotated[int, _whole(1, 100)] = 20
    photos_maximum: Annotated[int, _whole(1, 200)] = 30
    photos_minimum: Annotated[int, _whole(1, 100)] = 12
    decoders: Annotated[int, _whole(1, 32)] = 2
    max_wait_minutes: Annotated[int, _whole(1, 7 * 24 * 60)] = 180
    lease_seconds: Annotated[int, _whole(2, 600)] = 30
    check_timeout: Annotated[int, _whole(5, 3600)] = 60
    train_timeout: Annotated[int, _whole(10, 24 * 3600)] = 3600
    paint_timeout: Annotated[int, _whole(10, 24 * 3600)] = 600
    upload_hours: Annotated[int, _whole(1, 24 * 30)] = 24
    limit_percent: Annotated[int, _whole(0, 100_000)] = 100  # of handlers.limits; 0: no limits
    log_format: Annotated[str, _one_of("console", "json")] = "console"

    @classmethod
    def from_env(
        cls, env: Mapping[str, str] = os.environ, rules: Sequence[SettingsRule] = ()
    ) -> "Settings":
        """Read the variables ``EIDER_...``, and apply ``rules`` to what they say.

        Raises :class:`SettingsError` with all that is wrong: values, names that are no variable's,
        and what the rules find.
        """
        stand_ins = {"EIDER_MASTER_KEY": base64.b64encode(os.urandom(KEY_BYTES)).decode()}
        return environment.read(cls, env, (_photo_counts, *rules), stand_ins)

    @property
    def embedded(self) -> bool:
        """Whether no Redis was named: whoever starts the processes then starts one for them."""
        return "redis_url" not in self.model_fields_set

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings' own signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what :meth:`from_env` was given: never the process's own environment beside it."""
        return (init_settings,)


def _photo_counts(settings: Settings) -> Iterator[str]:
    for low, high in pairwise(("photos_minimum", "photos_asked", "photos_maximum")):
        least, most = getattr(settings, low), getattr(settings, high)
        if (
            least > most
            and high in settings.model_fields_set
            and low not in settings.model_fields_set
        ):
            yield f"{variable(high)}: {most} is less than {variable(low)}, which is {least}"
        elif least > most:
            yield f"{variable(low)}: {least} is more than {variable(high)}, which is {most}"
