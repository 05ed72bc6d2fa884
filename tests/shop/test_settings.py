"""The environment is read once, checked whole, and its secrets stay unsaid."""

import base64
import os
import stat
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from shop.settings import Settings, SettingsError, keep_master_key, socket_path

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1"))
KEY = base64.b64encode(bytes(range(32))).decode()


def read(**variables: str) -> Settings:
    named = {f"EIDER_{name}": value for name, value in variables.items()}
    return Settings.from_env({"EIDER_MASTER_KEY": KEY} | named)


def problems(**variables: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read(**variables)
    return caught.value.problems


def test_the_defaults_need_only_a_key() -> None:
    settings = read()
    var = Path("var").absolute()
    assert settings.data_dir == var
    assert settings.database_url == f"sqlite+aiosqlite:///{var}/eider.sqlite"
    assert settings.embedded
    assert settings.redis_url == f"unix://{socket_path(var)}"
    assert settings.master_key == bytes(range(32))
    assert settings.telegram_token == ""
    assert (settings.base, settings.till, settings.torch_threads) == ("mini", "sandbox", 0)
    assert (settings.photos_minimum, settings.photos_asked, settings.photos_maximum) == (12, 20, 30)
    assert settings.admins == frozenset()
    assert settings.public_url == "http://127.0.0.1:8080"


def test_empty_is_the_same_as_missing() -> None:
    assert read(PORT="", ADMINS=" ", REDIS_URL="", BASES="") == read()


@pytest.mark.parametrize(
    ("given", "field", "value"),
    [
        ({"DATABASE_URL": "postgresql://u:p@h/d"}, "database_url", "postgresql+asyncpg://u:p@h/d"),
        ({"DATABASE_URL": "postgres://h/d"}, "database_url", "postgresql+asyncpg://h/d"),
        ({"DATABASE_URL": "sqlite:////tmp/x"}, "database_url", "sqlite+aiosqlite:////tmp/x"),
        ({"REDIS_URL": "redis://h:1/2"}, "redis_url", "redis://h:1/2"),
        ({"REDIS_URL": "redis://h"}, "embedded", False),
        ({"PUBLIC_URL": "https://eider.example/"}, "public_url", "https://eider.example"),
        ({"ADMINS": "telegram:42, playground:boss,"}, "admins", {"telegram:42", "playground:boss"}),
        ({"ALLOW_NONCOMMERCIAL": "Yes"}, "allow_noncommercial", True),
        ({"PORT": "0"}, "port", 0),
        ({"ALLOWED_HOSTS": "Eider.example, [::1]"}, "allowed_hosts", {"eider.example", "[::1]"}),
        ({"TRUSTED_PROXIES": "10.0.0.0/8, ::1"}, "trusted_proxies", PROXIES),
        ({"HEALTH_PORT": "9100"}, "health_port", 9100),
        ({"CONNECTIONS": "50"}, "connections", 50),
        ({"CONNECTIONS_PER_ADDRESS": "7"}, "connections_per_address", 7),
        ({"LOG_FORMAT": "json"}, "log_format", "json"),
        ({"SANDBOX_TILL_SECRET": "s"}, "sandbox_till_secret", b"s"),
        ({"TELEGRAM_TOKEN": "42:" + "a" * 35}, "telegram_token", "42:" + "a" * 35),
    ],
)
def test_what_an_operator_may_say(given: dict[str, str], field: str, value: Any) -> None:
    assert getattr(read(**given), field) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://h/d"),
        ("DATABASE_URL", "eider.sqlite"),
        ("REDIS_URL", "localhost:6379"),
        ("MASTER_KEY", "short"),
        ("MASTER_KEY", base64.b64encode(b"short").decode()),
        ("MASTER_KEY", "ключ"),
        ("TELEGRAM_TOKEN", "token"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("PUBLIC_URL", "ftp://x"),
        ("BASES", "/nowhere/at/all"),
        ("ALLOW_NONCOMMERCIAL", "maybe"),
        ("TORCH_THREADS", "-1"),
        ("PORT", "65536"),
        ("HEALTH_PORT", "65536"),
        ("ALLOWED_HOSTS", "eider.example:443"),
        ("ALLOWED_HOSTS", "https://eider.example"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "proxy"),
        ("PORT", "-1"),
        ("PORT", "٨"),
        ("TILL", "paypal"),
        ("ADMINS", "boss"),
        ("ADMINS", "boss:"),
        ("PHOTOS_MINIMUM", "21"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"EIDER_{name}: ")
    assert name not in ("MASTER_KEY", "TELEGRAM_TOKEN") or value not in problem


def test_all_wrong_ones_are_told_at_once() -> None:
    told = problems(PORT="x", ADMINS="boss", MASTER_KEY="no", LEASE_SECONDS="1")
    named = [problem.partition(":")[0] for problem in told]
    assert sorted(named) == [
        "EIDER_ADMINS",
        "EIDER_LEASE_SECONDS",
        "EIDER_MASTER_KEY",
        "EIDER_PORT",
    ]


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"EIDER_MASTER_KEY: is missing.*openssl rand"):
        Settings.from_env({"EIDER_DATA": str(tmp_path)})


def test_secrets_are_not_in_the_repr() -> None:
    shown = repr(
        read(
            TELEGRAM_TOKEN="42:" + "s3cret" * 6,
            DATABASE_URL="postgresql://u:s3cret@h/d",
            REDIS_URL="redis://:s3cret@h",
            SANDBOX_TILL_SECRET="s3cret",
        )
    )
    assert "s3cret" not in shown
    assert repr(bytes(range(32)))[2:20] not in shown
    assert "port=8080" in shown


def test_the_till_secret_follows_from_the_key_and_is_not_it() -> None:
    other = base64.b64encode(os.urandom(32)).decode()
    assert read().sandbox_till_secret == read().sandbox_till_secret
    assert read().sandbox_till_secret != read(MASTER_KEY=other).sandbox_till_secret
    assert read().sandbox_till_secret != read().master_key


def test_the_demo_keeps_its_key(tmp_path: Path) -> None:
    data = tmp_path / "var"
    keep_master_key(data)
    first = Settings.from_env({"EIDER_DATA": str(data)})
    keep_master_key(data)
    assert Settings.from_env({"EIDER_DATA": str(data)}) == first
    assert len(first.master_key) == 32
    assert stat.S_IMODE((data / "master.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert [path.name for path in data.iterdir()] == ["master.key"]
    given = Settings.from_env({"EIDER_DATA": str(data), "EIDER_MASTER_KEY": KEY})
    assert given.master_key == bytes(range(32))


def test_a_spoilt_key_file_is_told_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("spoilt")
    keep_master_key(tmp_path)
    with pytest.raises(SettingsError, match="EIDER_MASTER_KEY: must be 32 bytes"):
        Settings.from_env({"EIDER_DATA": str(tmp_path)})


def test_a_socket_path_always_fits() -> None:
    deep = Path("/home") / ("x" * 120) / "var"
    assert socket_path(Path("/data")) == Path("/data/valkey.sock")
    assert len(os.fsencode(socket_path(deep))) < 104
    assert socket_path(deep) == socket_path(deep)
    assert socket_path(deep) != socket_path(deep / "other")
