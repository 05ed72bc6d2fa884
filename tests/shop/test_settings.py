"""The environment is read once, checked whole, and its secrets stay unsaid."""

import base64
import os
import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from shop.environment import PREFIX, variable
from shop.settings import Settings, SettingsError, socket_path
from tests.keys import MASTER_KEY, MASTER_KEY_BASE64
from tests.test_house import CHECKOUT

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1"))
SECRETS = ("MASTER_KEY", "TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "SANDBOX_TILL_SECRET")
SECRET = "8f3a01c46be27799d01355aeb8f06c2d"


def read(**variables: str) -> Settings:
    named = {f"EIDER_{name}": value for name, value in variables.items()}
    return Settings.from_env({"EIDER_MASTER_KEY": MASTER_KEY_BASE64} | named)


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
    assert settings.master_key == MASTER_KEY
    assert settings.telegram_token == ""
    assert (settings.base, settings.device, settings.torch_threads) == ("mini", "cpu", 0)
    assert (settings.till, settings.playground) == ("", False)
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
        (
            {"DATABASE_URL": "postgresql://u:p%40%2F%3F@h:6/d?sslmode=verify-full&host=/run/pg"},
            "database_url",
            "postgresql+asyncpg://u:p%40%2F%3F@h:6/d?ssl=verify-full&host=/run/pg",
        ),
        (
            {"REDIS_URL": "rediss://:p%40@h:6380/0?ssl_ca_certs=/ca.pem"},
            "redis_url",
            "rediss://:p%40@h:6380/0?ssl_ca_certs=/ca.pem",
        ),
        (
            {"DATABASE_URL": "postgresql://u:a,b@/d?host=h1:5432&host=h2:5433&ssl=require"},
            "database_url",
            "postgresql+asyncpg://u:a,b@/d?host=h1%3A5432&host=h2%3A5433&ssl=require",
        ),
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
        ({"SANDBOX_TILL_SECRET": SECRET}, "sandbox_till_secret", SECRET.encode()),
        ({"TELEGRAM_WEBHOOK_SECRET": SECRET}, "telegram_webhook_secret", SECRET),
        ({"TILL": "sandbox"}, "till", "sandbox"),
        ({"PLAYGROUND": "yes"}, "playground", True),
        ({"DEVICE": "cuda"}, "device", "cuda"),
        ({"DEVICE": "cuda:11"}, "device", "cuda:11"),
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
        ("MASTER_KEY", base64.b64encode(bytes(32)).decode()),
        ("TELEGRAM_WEBHOOK_SECRET", "short"),
        ("TELEGRAM_WEBHOOK_SECRET", "zz" * 32),
        ("TELEGRAM_WEBHOOK_SECRET", f"{SECRET}!"),
        ("SANDBOX_TILL_SECRET", "quiet"),
        ("DATABASE_URL", "postgresql://u:s3c/ret@h/d"),
        ("DATABASE_URL", "postgresql://u:a@s3cret@h/d"),
        ("REDIS_URL", "redis://:a@s3cret@h:6379/0"),
        ("DATABASE_URL", "postgresql://u:s3cret@h/d?sslmode=yes"),
        ("DATABASE_URL", "postgresql://u:s3cret@h/d?sslmode=require&channel_binding=require"),
        ("DATABASE_URL", "postgresql://u:s3cret@h/d?sslrootcert=/ca.pem"),
        ("DATABASE_URL", "postgresql://u:x?s3cret@h/d"),
        ("DATABASE_URL", "postgresql://u:s3cret@h:5432,h2:5432/d"),
        ("REDIS_URL", "redis://:s3cret@h:6379,h2:6379/0"),
        ("REDIS_URL", "redis://:s3cret@h/eider"),
        ("REDIS_URL", "rediss://:s3cret@h?tls=yes"),
        ("TELEGRAM_WEBHOOK_URL", "https://eider.example"),
        ("REDIS_URL", "redis://:s3c/ret@h"),
        ("DATA", "~nobody-of-this-name/var"),
        ("DEVICE", "gpu"),
        ("DEVICE", "cuda:"),
        ("DEVICE", "cuda:0,1"),
        ("PLAYGROUND", "maybe"),
        ("TELEGRAM_TOKEN", "token"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("PUBLIC_URL", "ftp://x"),
        ("TRACES_URL", "https://h:4318/v1/traces?token=s3cret"),
        ("TRACES_URL", "https://u:s3cret@h:4318/v1/traces"),
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
        ("LOG_FORMAT", "xml"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"EIDER_{name}: ")
    assert name not in SECRETS or value not in problem
    assert "s3c" not in problem


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"ASKED": "40"}, "EIDER_PHOTOS_ASKED: 40 is more than EIDER_PHOTOS_MAXIMUM, which is 30"),
        ({"ASKED": "9"}, "EIDER_PHOTOS_ASKED: 9 is less than EIDER_PHOTOS_MINIMUM, which is 12"),
        (
            {"MINIMUM": "21"},
            "EIDER_PHOTOS_MINIMUM: 21 is more than EIDER_PHOTOS_ASKED, which is 20",
        ),
        (
            {"MAXIMUM": "15"},
            "EIDER_PHOTOS_MAXIMUM: 15 is less than EIDER_PHOTOS_ASKED, which is 20",
        ),
        (
            {"ASKED": "40", "MAXIMUM": "35"},
            "EIDER_PHOTOS_ASKED: 40 is more than EIDER_PHOTOS_MAXIMUM, which is 35",
        ),
    ],
)
def test_photo_counts_at_odds_are_both_named(given: dict[str, str], problem: str) -> None:
    assert problems(**{f"PHOTOS_{name}": value for name, value in given.items()}) == (problem,)


def test_all_wrong_ones_are_told_at_once() -> None:
    told = problems(
        PORT="x", ADMINS="boss", MASTER_KEY="no", LEASE_SECONDS="1", PHOTOS_ASKED="40", PROT="1"
    )
    named = [problem.partition(":")[0] for problem in told]
    assert sorted(named) == [
        "EIDER_ADMINS",
        "EIDER_LEASE_SECONDS",
        "EIDER_MASTER_KEY",
        "EIDER_PHOTOS_ASKED",
        "EIDER_PORT",
        "EIDER_PROT",
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("EIDER_STARS_AVATR", "EIDER_STARS_AVATAR"),
        ("EIDER_STAR_AVATAR", "EIDER_STARS_AVATAR"),
        ("EIDER_WEBHOOK_SECRET", "EIDER_TELEGRAM_WEBHOOK_SECRET"),
        ("EIDER_DATABASE", "EIDER_DATABASE_URL"),
        ("EIDER_DATA_DIR", "EIDER_DATA"),
        ("EIDER_BASES_DIR", "EIDER_BASES"),
        ("eider_port", "EIDER_PORT"),
        ("Eider_Till", "EIDER_TILL"),
    ],
)
def test_a_variable_that_is_none_is_told_with_the_nearest_one(name: str, meant: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"EIDER_MASTER_KEY": MASTER_KEY_BASE64, name: "s3cret"})
    assert caught.value.problems == (f"{name}: there is no such setting; did you mean {meant}?",)


def test_a_variable_like_no_other_is_told_with_the_page_that_lists_them() -> None:
    (problem,) = problems(QQQQQQ="1")
    assert problem == "EIDER_QQQQQQ: there is no such setting; docs/operate.md lists them all"
    assert read(QQQQQQ="") == read(), "empty is the same as missing"


def test_rules_look_at_what_is_right_beside_what_is_wrong() -> None:
    """Not at a default that stands in for a wrong value, nor at the stand-in for the key."""

    def rule(settings: Settings) -> Iterator[str]:
        yield f"EIDER_TILL: {settings.till or 'none'}"
        yield f"EIDER_STARS_AVATAR: {settings.stars_avatar}, for EIDER_PORT {settings.port}"

    env = {"EIDER_TILL": "sandbox", "EIDER_PORT": "x"}
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env, [rule])
    (key, port, till) = sorted(caught.value.problems)
    assert (key[:16], port[:10], till) == ("EIDER_MASTER_KEY", "EIDER_PORT", "EIDER_TILL: sandbox")
    with pytest.raises(SettingsError, match="EIDER_STARS_AVATAR: 0, for EIDER_PORT 8080"):
        Settings.from_env({"EIDER_MASTER_KEY": MASTER_KEY_BASE64}, [rule])


def test_every_setting_is_documented_with_its_variable_and_no_other_is() -> None:
    """``_MINIMUM`` in a cell means ``EIDER_PHOTOS_MINIMUM``, as its first name says."""
    page = (CHECKOUT / "docs" / "operate.md").read_text("utf-8")
    table = page.partition("## Settings")[2].partition("\n##")[0]
    documented = set()
    for cell in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE):
        first, *others = re.findall(r"`([A-Z0-9_]+)`", cell)
        stem = first.rpartition("_")[0]
        documented |= {first, *(one if one.startswith(PREFIX) else stem + one for one in others)}
    fields = Settings.model_fields.items()
    assert documented == {str(field.validation_alias) or variable(name) for name, field in fields}


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"EIDER_MASTER_KEY: is missing.*openssl rand"):
        Settings.from_env({"EIDER_DATA": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_a_key_beside_the_data_is_not_read(tmp_path: Path) -> None:
    """Earlier versions wrote one there; whose data it opens is told where it is."""
    (tmp_path / "master.key").write_text(MASTER_KEY_BASE64)
    with pytest.raises(SettingsError, match=r"EIDER_MASTER_KEY: is missing.*/master\.key"):
        Settings.from_env({"EIDER_DATA": str(tmp_path)})


def test_secrets_are_not_in_the_repr() -> None:
    shown = repr(
        read(
            TELEGRAM_TOKEN="42:" + "s3cret" * 6,
            DATABASE_URL="postgresql://u:s3cret@h/d",
            REDIS_URL="redis://:s3cret@h",
            SANDBOX_TILL_SECRET=f"s3cret{SECRET}",
            TELEGRAM_WEBHOOK_SECRET=f"s3cret{SECRET}",
        )
    )
    assert "s3cret" not in shown
    assert repr(MASTER_KEY)[2:20] not in shown
    assert MASTER_KEY_BASE64 not in shown
    assert "port=8080" in shown


def test_the_till_secret_follows_from_the_key_and_is_not_it() -> None:
    other = base64.b64encode(os.urandom(32)).decode()
    assert read().sandbox_till_secret == read().sandbox_till_secret
    assert read().sandbox_till_secret != read(MASTER_KEY=other).sandbox_till_secret
    assert read().sandbox_till_secret != read().master_key


def test_a_socket_path_always_fits() -> None:
    deep = Path("/home") / ("x" * 120) / "var"
    assert socket_path(Path("/data")) == Path("/data/valkey.sock")
    assert len(os.fsencode(socket_path(deep))) < 104
    assert socket_path(deep) == socket_path(deep)
    assert socket_path(deep) != socket_path(deep / "other")


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "Europe/Paris"])
def test_the_studios_zone_is_a_zone(zone: str) -> None:
    env = {"EIDER_MASTER_KEY": MASTER_KEY_BASE64, "EIDER_TIME_ZONE": zone}
    assert Settings.from_env(env).time_zone == zone


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "Asia", "../etc/passwd", "+08:00"])
def test_no_zone_is_refused(zone: str) -> None:
    env = {"EIDER_MASTER_KEY": MASTER_KEY_BASE64, "EIDER_TIME_ZONE": zone}
    with pytest.raises(SettingsError, match="EIDER_TIME_ZONE: must be a time zone"):
        Settings.from_env(env)
