"""``python -m bot wechat``: what the operator is told, and its exit status."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from bot.__main__ import main
from bot.wechat import command
from bot.wechat.menu import account_menu
from tests.bot.wechat.account import SECRET, TOKEN, FakeWechat, account

STABLE_TOKEN = "/cgi-bin/stable_token"
Operate = Callable[..., tuple[int, str]]


@pytest.fixture
def operate(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wechat_in_a_thread: str,
    valkey: str,
    tmp_path: Path,
) -> Operate:
    def run(*arguments: str, **variables: str) -> tuple[int, str]:
        env = account(WECHAT_API_URL=wechat_in_a_thread) | {
            "EIDER_DATA": str(tmp_path),
            "EIDER_REDIS_URL": valkey,
            "EIDER_TILL": "sandbox",
            "EIDER_PUBLIC_URL": "https://eider.example",
        }
        env |= {f"EIDER_{name}": value for name, value in variables.items()}
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        status = main(["wechat", *arguments])
        told = capsys.readouterr().out
        assert SECRET not in told
        assert "token-1" not in told
        return status, told

    return run


def menu(wechat: FakeWechat) -> None:
    wechat.plan("/cgi-bin/menu/get", {"menu": account_menu()})


@pytest.fixture(autouse=True)
def reached(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """eider.example does not exist: unless a test is about that, it answers as it should."""
    if "own" in request.fixturenames:
        return

    async def nothing_wrong(*_: object) -> AsyncIterator[str]:
        for one in ():
            yield one

    monkeypatch.setattr(command, "probe", nothing_wrong)


@pytest.fixture
def own(wechat_in_a_thread: str) -> str:
    """A public address that answers as ours should."""
    return wechat_in_a_thread


def test_check_asks_the_server_address_as_the_console_will(
    operate: Operate, wechat: FakeWechat, own: str
):
    """A loopback address is no address for people: that is all that is wrong with it."""
    menu(wechat)
    status, told = operate("check", PUBLIC_URL=own, WECHAT_DOMAIN_FILE="MP_verify_ab12.txt")
    assert status == 1
    assert [line for line in told.splitlines() if line[0] == "!"] == [
        "! EIDER_PUBLIC_URL: people's phones want https:// and no port of its own"
    ]
    menu(wechat)
    wechat.plan("/wechat", lambda: web.Response(status=502))
    wechat.plan("/MP_verify_ab12.txt", {"not": "it"})
    _, told = operate("check", PUBLIC_URL=own, WECHAT_DOMAIN_FILE="MP_verify_ab12.txt")
    assert f"! {own}/wechat answers 502" in told
    assert f"! {own}/MP_verify_ab12.txt answers 200, and not as it should" in told
    menu(wechat)
    _, told = operate("check", PUBLIC_URL="http://127.0.0.1:9")
    assert "! http://127.0.0.1:9/wechat does not answer from here" in told


def test_check_says_what_the_console_wants_and_that_all_is_well(
    operate: Operate, wechat: FakeWechat
):
    menu(wechat)
    wechat.plan("/cgi-bin/getcallbackip", {"ip_list": ["192.0.2.0/24", "192.0.2.7"]})
    status, told = operate("check", WECHAT_DOMAIN_FILE="MP_verify_ab12.txt")
    assert status == 0, told
    assert "https://eider.example/wechat" in told
    assert "https://eider.example/MP_verify_ab12.txt" in told
    assert "safe" in told
    assert "networks that WeChat calls from: 2" in told
    assert "!" not in told


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"PUBLIC_URL": "http://eider.example"}, "EIDER_PUBLIC_URL"),
        ({"PUBLIC_URL": "https://eider.example:8443"}, "EIDER_PUBLIC_URL"),
        ({"WECHAT_AES_KEY": "", "WECHAT_TOKEN": TOKEN}, "EIDER_WECHAT_TOKEN"),
    ],
)
def test_check_names_what_wants_attention(
    operate: Operate, wechat: FakeWechat, variables: dict[str, str], told: str
):
    menu(wechat)
    status, words = operate("check", **variables)
    assert status == 1
    assert f"! {told}" in words


def test_a_strong_token_is_enough_in_plain_mode(operate: Operate, wechat: FakeWechat):
    menu(wechat)
    status, told = operate(
        "check", WECHAT_AES_KEY="", WECHAT_TOKEN="8f3a01c46be27799d01355aeb8f06c2d"
    )
    assert (status, "plain" in told) == (0, True)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (40164, "IP allow-list"),
        (40125, "EIDER_WECHAT_SECRET"),
        (40013, "EIDER_WECHAT_APP_ID"),
        (45009, "quota"),
        (-1, "busy"),
        (48001, "48001"),
    ],
)
def test_what_wechat_refuses_is_one_sentence_with_the_way_out(
    operate: Operate, wechat: FakeWechat, code: int, told: str
):
    wechat.plan(STABLE_TOKEN, {"errcode": code, "errmsg": "x"})
    status, words = operate("check")
    assert status == 1
    assert told in words


def test_wechat_or_redis_out_of_reach_is_said(operate: Operate, tmp_path: Path):
    status, told = operate("check", WECHAT_API_URL="http://127.0.0.1:9")
    assert (status, "wechat was not reached" in told) == (1, True)
    status, told = operate("menu", REDIS_URL=f"unix://{tmp_path}/none.sock")
    assert (status, "redis does not answer" in told) == (1, True)


@pytest.mark.parametrize("broken", ["token", "redis", "wechat"])
def test_check_says_all_that_it_found(
    operate: Operate, wechat: FakeWechat, own: str, tmp_path: Path, broken: str
):
    """What is wrong with the account hides nothing of what was seen besides."""
    if broken == "token":
        wechat.plan(STABLE_TOKEN, {"errcode": 40125, "errmsg": "x"})
    wechat.plan("/wechat", lambda: web.Response(status=502))
    other = {
        "redis": {"REDIS_URL": f"unix://{tmp_path}/none.sock"},
        "wechat": {"WECHAT_API_URL": "http://127.0.0.1:9"},
    }.get(broken, {})
    status, told = operate("check", PUBLIC_URL=own, **other)
    assert status == 1
    troubles = [line for line in told.splitlines() if line.startswith("! ")]
    about = {"token": "EIDER_WECHAT_SECRET", "redis": "redis does not", "wechat": "not reached"}
    for one in ("EIDER_PUBLIC_URL", f"{own}/wechat answers 502", about[broken]):
        assert len([line for line in troubles if one in line]) == 1, one


def test_a_menu_that_is_not_ours_is_noticed_and_set(operate: Operate, wechat: FakeWechat):
    wechat.plan("/cgi-bin/menu/get", {"errcode": 46003})
    status, told = operate("check")
    assert (status, "python -m bot wechat menu" in told) == (1, True)
    assert operate("menu")[0] == 0
    (call,) = wechat.made("/cgi-bin/menu/create")
    assert call.json == account_menu()


def test_a_code_is_written_as_a_picture(operate: Operate, wechat: FakeWechat, tmp_path: Path):
    path = "/cgi-bin/qrcode/create"
    wechat.plan(path, {"ticket": "T", "url": "http://weixin.qq.com/q/abc"})
    file = tmp_path / "noir.png"
    status, told = operate("qrcode", "t-noir", str(file), "--days", "7")
    assert (status, "http://weixin.qq.com/q/abc" in told) == (0, True)
    assert file.read_bytes().startswith(b"\x89PNG")
    (call,) = wechat.made(path)
    assert call.json["expire_seconds"] == 7 * 24 * 3600
    assert operate("qrcode", "no scene", str(file))[0] == 2


@pytest.mark.parametrize("scene", ["t-nosuchstyle", "t-", "r-", "r-ada", "p-" + "0f" * 16, "noir"])
def test_a_code_that_would_lead_nowhere_is_not_made(
    operate: Operate, wechat: FakeWechat, tmp_path: Path, scene: str
):
    status, told = operate("qrcode", scene, str(tmp_path / "a.png"))
    assert status == 2
    assert f"! {scene} leads nowhere" in told
    assert "noir" in told.partition("a style's id: ")[2], "what would do is named"
    assert "alive or together" in told
    assert not wechat.made("/cgi-bin/qrcode/create")
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("scene", ["room", "alive", "together", "r-" + "0f" * 16])
def test_a_code_leads_to_the_account_or_from_a_friend(
    operate: Operate, wechat: FakeWechat, tmp_path: Path, scene: str
):
    wechat.plan("/cgi-bin/qrcode/create", {"ticket": "T", "url": "http://weixin.qq.com/q/abc"})
    assert operate("qrcode", scene, str(tmp_path / "a.png"))[0] == 0


def test_days_and_folders_that_there_are_not(operate: Operate, wechat: FakeWechat, tmp_path: Path):
    file = tmp_path / "noir.png"
    wechat.plan("/cgi-bin/qrcode/create", {"ticket": "T", "url": "http://weixin.qq.com/q/abc"})
    assert operate("qrcode", "t-noir", str(file), "--days", "31")[0] == 2
    assert operate("qrcode", "t-noir", str(tmp_path / "none" / "a.png"))[0] == 1
