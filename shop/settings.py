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
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from shop.encryption import derive_key

KEY_BYTES = 32
_SOCKET_PATH_BYTES = 100  # the kernel's limit is 107 on Linux, 103 on macOS
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
_DATABASES = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}


class SettingsError(Exception):
    """The environment cannot be used. ``problems`` has one sentence for each wrong variable."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(("the settings are not usable:", *problems)))
        self.problems = problems


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


def keep_master_key(data_dir: Path) -> None:
    """Make ``master.key`` in the data folder (mode 0600) unless it is there already.

    For the demo and development: in production the key comes from the environment, and not from
    the disk that it protects. Two processes at once end with one key, whole.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data_dir / "master.key"
    if path.exists():
        return
    handle, draft = tempfile.mkstemp(dir=data_dir)  # mode 0600
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # refuses to replace, unlike a rename
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


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
            raise ValueError(f"must be one of: {', '.join(choices)}")
        return text

    return AfterValidator(check)


def _flag(given: object) -> bool:
    text = str(given).lower()
    if text not in _TRUE + _FALSE:
        raise ValueError("must be yes or no")
    return text in _TRUE


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _folder(path: Path | None) -> Path | None:
    if path is not None and not path.expanduser().is_dir():
        raise ValueError("is not a folder")
    return path and _absolute(path)


def _web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://example.com")
    return text.rstrip("/")


def _webhook_url(text: str) -> str:
    """Telegram delivers to HTTPS only; a Bot API server of one's own to HTTP as well."""
    return _web_url(text) if text else ""


def _database_url(text: str, info: ValidationInfo) -> str:
    """SQLAlchemy's form; the shorter ones in common use are completed with our drivers."""
    text = text or f"sqlite:///{quote(str(info.data['data_dir']))}/eider.sqlite"
    scheme, colon, rest = text.partition("://")
    driver = _DATABASES.get(scheme, scheme)
    if not colon or driver not in _DATABASES.values():
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return f"{driver}://{rest}"


def _redis_url(text: str, info: ValidationInfo) -> str:
    text = text or socket_url(info.data["data_dir"])
    if urlsplit(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return text


def _telegram_token(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{20,}", text):
        raise ValueError("must look like 123456:ABC..., as BotFather gave it")
    return text


def _webhook_secret(text: str, info: ValidationInfo) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", text):
        raise ValueError("must be up to 256 of A-Z a-z 0-9 _ -")
    return text or _derived(info, "telegram/webhook/1").hex()


def _till_secret(secret: bytes, info: ValidationInfo) -> bytes:
    return secret or _derived(info, "sandbox-till/1")


def _photos_minimum(minimum: int, info: ValidationInfo) -> int:
    asked, maximum = info.data.get("photos_asked"), info.data.get("photos_maximum")
    if asked and maximum and not minimum <= asked <= maximum:
        raise ValueError("must be at most PHOTOS_ASKED, at most PHOTOS_MAXIMUM")
    return minimum


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
    """From the environment, or else from the file that :func:`keep_master_key` made."""
    try:
        kept = info.data["data_dir"] / "master.key"
        key = base64.b64decode(given or kept.read_text(encoding="ascii").strip(), validate=True)
    except FileNotFoundError:
        raise ValueError("is missing; make one with: openssl rand -base64 32") from None
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} bytes in base64")
    return key


def _derived(info: ValidationInfo, purpose: str) -> bytes:
    """A secret for one purpose: the same in every process, and of no use to find the master key."""
    return derive_key(info.data.get("master_key", b""), purpose)


_Admins = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_admins)]
_Hosts = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_hosts)]
_Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]
_Flag = Annotated[bool, BeforeValidator(_flag)]
_WebUrl = Annotated[str, AfterValidator(_web_url)]


def _variable(field: str) -> str:
    return f"EIDER_{field.upper()}"


class Settings(BaseSettings):
    """The configuration of one deployment. Frozen; secrets, and addresses that may hold one, are
    not in its repr.

    A field is read from ``EIDER_`` and its name, unless it names another variable. Durations say
    their unit in their name; those named ``_timeout`` are in seconds. ``admins`` are
    ``platform:id``. ``redis_url`` is that of the embedded server where none is given.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=True, alias_generator=_variable
    )

    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(
        Path("./var"), validation_alias="EIDER_DATA"
    )
    database_url: Annotated[str, AfterValidator(_database_url)] = Field("", repr=False)
    redis_url: Annotated[str, AfterValidator(_redis_url)] = Field("", repr=False)
    master_key: Annotated[bytes, BeforeValidator(_master_key)] = Field(b"", repr=False)
    telegram_token: Annotated[str, AfterValidator(_telegram_token)] = Field("", repr=False)
    telegram_api_url: _WebUrl = "https://api.telegram.org"
    telegram_local: _Flag = False  # that address is a Bot API server of one's own, in local mode
    telegram_webhook_url: Annotated[str, AfterValidator(_webhook_url)] = ""
    telegram_webhook_secret: Annotated[str, AfterValidator(_webhook_secret)] = Field("", repr=False)
    telegram_per_second: Annotated[int, _whole(1, 10_000)] = 30  # messages, over all chats
    stars_avatar: Annotated[int, _whole(0, 10_000)] = 0  # Stars; 0: Telegram's people pay at `till`
    stars_credits: Annotated[int, _whole(0, 10_000)] = 0  # for the first pack; 0: the catalogue's
    base: str = "mini"
    bases_dir: Annotated[Path | None, AfterValidator(_folder)] = Field(
        None, validation_alias="EIDER_BASES"
    )
    allow_noncommercial: _Flag = False
    device: str = "cpu"
    torch_threads: Annotated[int, _whole(0, 256)] = 0
    till: Annotated[str, _one_of("sandbox")] = "sandbox"
    sandbox_till_secret: Annotated[bytes, AfterValidator(_till_secret)] = Field(b"", repr=False)
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
    photos_minimum: Annotated[int, _whole(1, 100), AfterValidator(_photos_minimum)] = 12
    max_wait_minutes: Annotated[int, _whole(1, 7 * 24 * 60)] = 180
    lease_seconds: Annotated[int, _whole(2, 600)] = 30
    check_timeout: Annotated[int, _whole(5, 3600)] = 60
    train_timeout: Annotated[int, _whole(10, 24 * 3600)] = 3600
    paint_timeout: Annotated[int, _whole(10, 24 * 3600)] = 600
    upload_hours: Annotated[int, _whole(1, 24 * 30)] = 24
    log_format: Annotated[str, _one_of("console", "json")] = "console"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the variables ``EIDER_...``. Raises :class:`SettingsError` naming all wrong ones."""
        try:
            return cls(**_Variables(cls, env)())
        except ValidationError as wrong:
            problems = tuple(_problem(one) for one in wrong.errors())
        raise SettingsError(problems)  # outside the block: the first error's text holds secrets

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


class _Variables(EnvSettingsSource):
    """pydantic-settings' environment source over any mapping. Blanks around a value are dropped,
    and an empty variable counts as missing.
    """

    def __init__(self, settings: type[BaseSettings], env: Mapping[str, str]) -> None:
        super().__init__(settings)
        self.env_vars = {name: text for name, value in env.items() if (text := value.strip())}


def _problem(error: ErrorDetails) -> str:
    """The sentence for a pydantic error, without the value, which may be a secret."""
    place = str(error["loc"][0])  # a field's name where its default was wrong, else the variable
    field = Settings.model_fields.get(place)
    what = error["ctx"]["error"] if error["type"] == "value_error" else error["msg"]
    return f"{field.validation_alias if field else place}: {what}"
