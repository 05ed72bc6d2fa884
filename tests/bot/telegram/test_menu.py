"""Menus and descriptions, by language and by role: put where they are not as they should be."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.telegram import menu
from bot.telegram.client import TokenRefused, open_client
from bot.telegram.menu import register_commands
from handlers import admin, groups, menus
from handlers.intents import COMMANDS
from tests.bot.telegram.conftest import TOKEN
from tests.botapi import Customer, Failure, Group

BOSS = "telegram:4242"
ADMINS = frozenset({BOSS, "playground:boss", "telegram:nobody"})


def names(commands):
    return [each["command"] for each in commands]


async def test_everybody_sees_their_own_menu_in_their_own_language(api, client):
    boss, anna, zhao = (
        Customer(api, id, lang) for id, lang in ((4242, "fr"), (1, "de"), (2, "zh"))
    )
    await register_commands(client, ADMINS)
    assert names(anna.menu()) == [act.value for act in COMMANDS]
    english = dict(menus.private("en"))
    assert all(one["description"] == english[one["command"]] for one in anna.menu())
    chinese = dict(menus.private("zh_CN"))
    assert all(one["description"] == chinese[one["command"]] for one in zhao.menu())
    assert names(boss.menu())[: len(admin.COMMANDS)] == list(admin.COMMANDS)
    assert set(names(anna.menu())) < set(names(boss.menu()))
    assert boss.menu()[0]["description"] == dict(menus.admins("fr"))["stats"]


async def test_in_groups_only_what_is_answered_there_is_offered(api, client):
    member = Group(api).member(3, "ko")
    await register_commands(client, ADMINS)
    assert names(member.menu()) == list(groups.COMMANDS)
    assert member.menu()[0]["description"] == dict(menus.group("ko"))["portrait"]


async def test_the_bot_is_described_in_every_language(api, client):
    await register_commands(client, frozenset())
    words = api.menu.words
    for language, code in (("en", ""), ("zh_CN", "zh"), ("fr", "fr"), ("ko", "ko")):
        assert words["setMyDescription", code] == menus.description(language)
        assert words["setMyShortDescription", code] == menus.short_description(language)


async def test_what_is_as_it_should_be_is_left_alone(api, client):
    Customer(api, 4242)
    await register_commands(client, ADMINS)
    before = len(api.calls)
    await register_commands(client, ADMINS)
    later = [call.method for call in api.calls[before:]]
    assert later
    assert [each for each in later if each.startswith("set")] == []


async def test_an_admin_who_never_wrote_keeps_nobody_from_theirs(api, client):
    with capture_logs() as logs:
        await register_commands(client, ADMINS)
    assert names(Customer(api, 1).menu())
    assert {each["event"] for each in logs} == {"telegram_menu_for_nobody"}
    assert ADMINS.isdisjoint(str(logs).split("'"))


async def test_trouble_with_one_is_logged_and_the_others_are_put(api, client, monkeypatch):
    monkeypatch.setattr(menu, "PATIENCE_SECONDS", 0.2)
    api.fail("setMyCommands", Failure(429, "Too Many Requests", retry_after=3600))
    api.fail("setMyDescription", Failure(400, "Bad Request: no"))
    with capture_logs() as logs:
        await register_commands(client, frozenset())
    missed = [(each["menu"], each["error"]) for each in logs]
    # What a 429 closes is closed for its kind alone.
    assert ("private", "RetryLater") in missed
    assert ("description", "Refused") in missed
    assert names(Group(api).member(3).menu()) == list(groups.COMMANDS)
    assert api.menu.words["setMyShortDescription", "fr"]


async def test_a_server_that_hangs_at_menus_is_given_up_in_time(api, client, monkeypatch):
    """One that hangs costs its own time alone; one at which all hang, what all may take."""
    monkeypatch.setattr(menu, "PATIENCE_SECONDS", 0.2)
    api.gates["setMyDescription"] = asyncio.Event()
    with capture_logs() as logs:
        await register_commands(client, frozenset())
    assert {(each["menu"], each["error"]) for each in logs} == {("description", "TimeoutError")}
    assert api.menu.words["setMyShortDescription", "ko"]
    monkeypatch.setattr(menu, "PATIENCE_SECONDS", 3600.0)
    monkeypatch.setattr(menu, "ALL_SECONDS", 0.2)
    with capture_logs() as logs:
        await register_commands(client, frozenset())
    assert [each["event"] for each in logs] == ["telegram_menus_given_up"]
    api.gates["setMyDescription"].set()


async def test_a_server_that_says_only_yes_still_gets_the_menus():
    """A Bot API server of less than ours: whatever it is asked, it answers true."""
    asked: list[str] = []

    async def yes(request: web.Request) -> web.Response:
        asked.append(request.match_info["method"])
        return web.json_response({"ok": True, "result": True})

    app = web.Application()
    app.router.add_post("/bot{token}/{method}", yes)
    async with TestServer(app) as server, open_client(TOKEN, str(server.make_url(""))) as client:
        await register_commands(client, ADMINS)
    assert asked.count("setMyCommands") == 5 * 3
    assert asked.count("setMyDescription") == asked.count("setMyShortDescription") == 5


async def test_a_wrong_token_is_said(api):
    async with open_client("1:wrong", api.url) as client:
        with pytest.raises(TokenRefused):
            await register_commands(client, frozenset())
