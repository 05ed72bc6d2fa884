"""Everything that an operator may choose, read once from the environment and checked at start.

The only reader of the environment. Composition roots hand the frozen :class:`Settings` down;
``docs/`` lists the variables, and a wrong one is reported together with all the other wrong ones.
"""

import base64
import hashlib
import hmac
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

from shop.records import Platform

T = TypeVar("T")
KEY_BYTES = 32
STARS = "stars"
"""The till inside Telegram: open as soon as the avatar has a price in Stars."""
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


@dataclass(frozen=True, slots=True)
class Settings:
    """What the house runs with. Secrets, and addresses that may hold one, are not in its repr.

    Durations say their unit in their name. ``admins`` are ``platform:id``. ``redis_url`` is that
    of the embedded server where none is given (see :attr:`embedded`).
    """

    data_dir: Path
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    embedded: bool  # no Redis was named: whoever starts the house starts one
    master_key: bytes = field(repr=False)
    telegram_token: str = field(repr=False)
    telegram_api_url: str
    telegram_local: bool  # that address is a Bot API server of one's own, in its local mode
    telegram_webhook_url: str
    telegram_webhook_secret: str = field(repr=False)
    telegram_per_second: int  # messages, over all; more than 30 only if Telegram allows it
    stars_avatar: int  # Stars for the avatar; 0: people in Telegram pay at ``till``
    stars_credits: int  # Stars for the pack of credits; 0: the catalogue's price
    base: str
    bases_dir: Path | None
    allow_noncommercial: bool
    device: str
    torch_threads: int
    till: str
    sandbox_till_secret: bytes = field(repr=False)
    public_url: str
    host: str
    port: int
    admins: frozenset[str] = field(repr=False)
    content_producer: str
    photos_asked: int
    photos_minimum: int
    photos_maximum: int
    max_wait_minutes: int
    lease_seconds: int
    check_timeout: int
    train_timeout: int
    paint_timeout: int
    upload_hours: int
    log_format: str

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the variables ``EIDER_...``. Raises :class:`SettingsError` naming all wrong ones."""
        read = _Reader(env)
        data_dir = Path(read.text("DATA", "./var")).expanduser().absolute()
        redis_url = read.parsed("REDIS_URL", "", _redis_url)
        settings = cls(
            data_dir=data_dir,
            database_url=read.parsed("DATABASE_URL", _own_database(data_dir), _database_url),
            redis_url=redis_url or socket_url(data_dir),
            embedded=not redis_url,
            master_key=read.master_key(data_dir),
            telegram_token=read.parsed("TELEGRAM_TOKEN", "", _telegram_token),
            telegram_api_url=read.parsed("TELEGRAM_API_URL", "https://api.telegram.org", _web_url),
            telegram_local=read.parsed("TELEGRAM_LOCAL", "no", _flag),
            telegram_webhook_url=read.parsed("TELEGRAM_WEBHOOK_URL", "", _webhook_url),
            telegram_webhook_secret=read.webhook_secret(data_dir),
            telegram_per_second=read.whole("TELEGRAM_PER_SECOND", 30, 1, 10_000),
            stars_avatar=read.whole("STARS_AVATAR", 0, 0, 10_000),
            stars_credits=read.whole("STARS_CREDITS", 0, 0, 10_000),
            base=read.text("BASE", "mini"),
            bases_dir=read.folder("BASES"),
            allow_noncommercial=read.parsed("ALLOW_NONCOMMERCIAL", "no", _flag),
            device=read.text("DEVICE", "cpu"),
            torch_threads=read.whole("TORCH_THREADS", 0, 0, 256),
            till=read.choice("TILL", "sandbox", ("sandbox",)),
            sandbox_till_secret=read.till_secret(data_dir),
            public_url=read.parsed("PUBLIC_URL", "http://127.0.0.1:8080", _web_url),
            host=read.text("HOST", "127.0.0.1"),
            port=read.whole("PORT", 8080, 0, 65535),
            admins=read.parsed("ADMINS", "", _admins),
            content_producer=read.text("CONTENT_PRODUCER", "Eider"),
            photos_asked=read.whole("PHOTOS_ASKED", 20, 1, 100),
            photos_minimum=read.whole("PHOTOS_MINIMUM", 12, 1, 100),
            photos_maximum=read.whole("PHOTOS_MAXIMUM", 30, 1, 200),
            max_wait_minutes=read.whole("MAX_WAIT_MINUTES", 180, 1, 7 * 24 * 60),
            lease_seconds=read.whole("LEASE_SECONDS", 30, 2, 600),
            check_timeout=read.whole("CHECK_TIMEOUT", 60, 5, 3600),
            train_timeout=read.whole("TRAIN_TIMEOUT", 3600, 10, 24 * 3600),
            paint_timeout=read.whole("PAINT_TIMEOUT", 600, 10, 24 * 3600),
            upload_hours=read.whole("UPLOAD_HOURS", 24, 1, 24 * 30),
            log_format=read.choice("LOG_FORMAT", "console", ("console", "json")),
        )
        if not settings.photos_minimum <= settings.photos_asked <= settings.photos_maximum:
            read.problem("PHOTOS_MINIMUM", "must be at most PHOTOS_ASKED, at most PHOTOS_MAXIMUM")
        if read.problems:
            raise SettingsError(tuple(read.problems))
        return settings

    def till_for(self, platform: Platform) -> str:
        """The name of the till where people of that platform pay."""
        return STARS if platform is Platform.TELEGRAM and self.stars_avatar else self.till


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


def _own_database(data_dir: Path) -> str:
    return f"sqlite+aiosqlite:///{quote(str(data_dir))}/eider.sqlite"


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


class _Reader:
    """Reads variables and gathers what is wrong with them, to say it all at once."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.problems: list[str] = []

    def problem(self, name: str, what: str) -> None:
        self.problems.append(f"EIDER_{name}: {what}")

    def text(self, name: str, default: str) -> str:
        return self._env.get(f"EIDER_{name}", "").strip() or default

    def parsed(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        """``parse`` raises ValueError with a sentence; the default always parses."""
        try:
            return parse(self.text(name, default))
        except ValueError as error:
            self.problem(name, str(error))
            return parse(default)

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        def parse(text: str) -> int:
            if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
                raise ValueError(f"must be a whole number from {low} to {high}")
            return int(text)

        return self.parsed(name, str(default), parse)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            self.problem(name, f"must be one of: {', '.join(choices)}")
        return value

    def folder(self, name: str) -> Path | None:
        value = self.text(name, "")
        if value and not Path(value).expanduser().is_dir():
            self.problem(name, "is not a folder")
        return Path(value).expanduser().absolute() if value else None

    def master_key(self, data_dir: Path) -> bytes:
        """From the environment, or else from the file that the demo keeps."""
        given = self.text("MASTER_KEY", "")
        kept = data_dir / "master.key"
        try:
            given = given or kept.read_text(encoding="ascii").strip()
            key = base64.b64decode(given, validate=True)
        except FileNotFoundError:
            self.problem("MASTER_KEY", "is missing; make one with: openssl rand -base64 32")
            return b""
        except (OSError, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            self.problem("MASTER_KEY", f"must be {KEY_BYTES} bytes in base64")
        return key

    def till_secret(self, data_dir: Path) -> bytes:
        """The sandbox till's, where none is given, follows from the master key: every process of
        the house finds the same one, and nobody outside can.
        """
        given = self.text("SANDBOX_TILL_SECRET", "")
        return given.encode() if given else self._derived(data_dir, b"eider sandbox till")

    def webhook_secret(self, data_dir: Path) -> str:
        """What Telegram must say to our webhook; derived as the till's."""
        given = self.text("TELEGRAM_WEBHOOK_SECRET", "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", given):
            self.problem("TELEGRAM_WEBHOOK_SECRET", "must be up to 256 of A-Z a-z 0-9 _ -")
        return given or self._derived(data_dir, b"eider telegram webhook").hex()

    def _derived(self, data_dir: Path, what: bytes) -> bytes:
        silent = _Reader(self._env)
        return hmac.digest(silent.master_key(data_dir), what, "sha256")


def _flag(text: str) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise ValueError("must be yes or no")
    return text.lower() in _TRUE


def _web_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://example.com")
    return text.rstrip("/")


def _webhook_url(text: str) -> str:
    """Telegram delivers to HTTPS only; a Bot API server of one's own to HTTP as well."""
    return _web_url(text) if text else ""


def _database_url(text: str) -> str:
    """SQLAlchemy's form; the shorter ones in common use are completed with our drivers."""
    scheme, colon, rest = text.partition("://")
    driver = _DATABASES.get(scheme, scheme)
    if not colon or driver not in _DATABASES.values():
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return f"{driver}://{rest}"


def _redis_url(text: str) -> str:
    if text and urlsplit(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return text


def _telegram_token(text: str) -> str:
    if text and not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]{20,}", text):
        raise ValueError("must look like 123456:ABC..., as BotFather gave it")
    return text


def _admins(text: str) -> frozenset[str]:
    names = frozenset(part.strip() for part in text.split(",") if part.strip())
    known = "|".join(Platform)
    if not all(re.fullmatch(rf"({known}):[A-Za-z0-9_-]+", name) for name in names):
        raise ValueError("must be like telegram:42,playground:boss")
    return names
