"""A merchant's number and keys: what the operator is told of wrong ones, and where."""

import argparse

import pytest
from structlog.testing import capture_logs

from bot.outbox import reconciliation
from bot.wechat import command
from bot.wechat.command import operate_wechat
from bot.wechat.menu import account_menu
from shop.adapters.database.upgrade import upgrade
from shop.settings import Settings
from tests.bot.wechat.account import AES_KEY
from tests.wechatpay.keys import new_key, private_pem, public_pem
from tests.wechatpay.stand import merchant_env

MERCHANT_ID = "1900000109"


@pytest.fixture(autouse=True)
def _reached(monkeypatch):
    """The public address does not exist: here it answers as it should."""

    async def nothing_wrong(*_):
        for one in ():
            yield one

    monkeypatch.setattr(command, "probe", nothing_wrong)


@pytest.fixture
def env(env):
    return env | {"EIDER_PUBLIC_URL": "https://eider.example", "EIDER_WECHAT_AES_KEY": AES_KEY}


def another(env, name, value):
    """Settings of which one is wrong."""
    read = Settings.from_env(env)
    return read.model_copy(update={f"wechatpay_{name}": value})


async def check(settings, wechat, capsys):
    wechat.plan("/cgi-bin/menu/get", {"menu": account_menu()})
    status = await operate_wechat(argparse.Namespace(verb="check"), settings)
    told = capsys.readouterr().out.splitlines()
    return status, told, [line[2:] for line in told if line.startswith("! ")]


@pytest.mark.parametrize("by", ["public key", "certificate", ""])
async def test_check_asks_wechat_pay_and_says_that_all_is_well(env, wechat, double, capsys, by):
    env = {name: env[name] for name in env if "PUBLIC_KEY" not in name}
    settings = Settings.from_env(env | merchant_env(double, by=by))
    double.notices.by_certificate = by != "public key"
    settings = settings.model_copy(update={"wechat_api_url": env["EIDER_WECHAT_API_URL"]})
    with capture_logs() as logged:
        status, told, troubles = await check(settings, wechat, capsys)
    assert (status, troubles, logged) == (0, [], [])
    assert f"merchant {MERCHANT_ID} and its keys: taken" in told
    assert double.trades.trades == {}


WRONG = {
    "merchant_id": "1900000999",
    "serial": "5157F09EFDC096DE15EBE81A47057A72",
    "private_key": private_pem(new_key()),
    "api_v3_key": "0123456789abcdef" * 2,
    "public_key": public_pem(new_key()),
    "api_url": "http://127.0.0.1:9",
}


@pytest.mark.parametrize("name", WRONG)
async def test_check_says_which_of_the_merchants_settings_is_wrong(
    env, wechat, double, capsys, name
):
    status, told, troubles = await check(another(env, name, WRONG[name]), wechat, capsys)
    assert (status, len(troubles)) == (1, 1)
    named = troubles[0].partition(": ")[0].split(", ")
    assert f"EIDER_WECHATPAY_{name.upper()}" in named
    assert "app id, secret, address: taken" in told  # that is asked as well
    assert not any("and its keys: taken" in line for line in told)


async def test_a_merchant_without_certificates_is_well(env, wechat, double, capsys):
    """One who has the public key alone: WeChat Pay has no certificate to show."""
    double.faults.no_certificates = True
    status, _, troubles = await check(Settings.from_env(env), wechat, capsys)
    assert (status, troubles) == (0, [])


async def test_wrong_keys_are_an_error_to_alert_on_and_what_reconcile_says(env, double, capsys):
    settings = another(env, "private_key", WRONG["private_key"])
    await upgrade(settings.database_url)
    with capture_logs() as logged:
        assert await reconciliation.run(settings) == 2
    (line,) = [one for one in logged if one["event"].startswith("wechatpay")]
    assert (line["event"], line["log_level"]) == ("wechatpay_merchant_refused", "error")
    assert line["code"] == "SIGN_ERROR"
    told = capsys.readouterr().out
    assert "EIDER_WECHATPAY_SERIAL, EIDER_WECHATPAY_PRIVATE_KEY: " in told
    assert "try again later" not in told


async def test_a_key_that_opens_nothing_is_an_error_as_well(env, wechat, double, capsys):
    """Of a merchant whose certificates are fetched: without them no answer can be verified."""
    env = {name: env[name] for name in env if "PUBLIC_KEY" not in name}
    settings = another(env, "api_v3_key", WRONG["api_v3_key"])
    with capture_logs() as logged:
        _, _, troubles = await check(settings, wechat, capsys)
    assert [one.partition(":")[0] for one in troubles] == ["EIDER_WECHATPAY_API_V3_KEY"]
    assert [one["event"] for one in logged] == ["wechatpay_merchant_refused"]
