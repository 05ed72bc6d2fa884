"""Access tokens, their two kinds, and how they end."""

import pytest

from tests.wechatapi import Wechat
from tests.wechatapi.tokens import Tokens

CREDENTIAL = {"grant_type": "client_credential"}


async def works(bot, token):
    return (await bot.get("getcallbackip", access_token=token)).get("errcode", 0)


async def plain(bot):
    return (await bot.get("token", **bot.who(), **CREDENTIAL))["access_token"]


async def test_stable_tokens_stay_and_renew_themselves_five_minutes_early(wechat, bot):
    first = bot.token
    wechat.clock.forward(seconds=6800)
    assert await bot.fetch_token() == first
    wechat.clock.forward(seconds=100)
    second = await bot.fetch_token()
    assert second != first
    assert await works(bot, first) == 0  # both, for the rest of the old one's life
    wechat.clock.forward(seconds=300)
    assert await works(bot, first) == 42001
    assert await works(bot, second) == 0


async def test_a_forced_one_kills_the_last_at_once_but_not_twice_in_30_seconds(wechat, bot):
    first = bot.token
    second = await bot.fetch_token(force=True)
    assert second != first
    assert await works(bot, first) == 40001
    wechat.clock.forward(seconds=29)
    assert await bot.fetch_token(force=True) == second
    wechat.clock.forward(seconds=1)
    assert await bot.fetch_token(force=True) != second


async def test_twenty_may_be_forced_a_day(wechat, bot):
    body = bot.who() | CREDENTIAL | {"force_refresh": True}
    for _ in range(20):
        assert "access_token" in await bot.post("stable_token", body, token=None)
        wechat.clock.forward(seconds=30)
    assert (await bot.post("stable_token", body, token=None))["errcode"] == 45009
    assert wechat.problems == ["stable_token: 45009 reach max api daily quota limit"]
    wechat.clock.forward(days=1)
    assert "access_token" in await bot.post("stable_token", body, token=None)


async def test_the_plain_kind_replaces_its_last_after_five_minutes_or_at_once(wechat, bot):
    first = await plain(bot)
    second = await plain(bot)
    assert [await works(bot, each) for each in (first, second, bot.token)] == [0, 0, 0]
    wechat.clock.forward(seconds=300)
    assert [await works(bot, each) for each in (first, second)] == [40001, 0]
    wechat.tokens.grace = 0
    third = await plain(bot)
    assert [await works(bot, each) for each in (second, third)] == [40001, 0]
    assert await works(bot, bot.token) == 0  # the kinds do not touch each other


async def test_a_short_grace_never_lengthens_a_life(wechat):
    tokens = Tokens(wechat.clock)
    first, _ = tokens.fetch()
    wechat.clock.forward(seconds=7100)
    tokens.fetch()
    wechat.clock.forward(seconds=150)
    with pytest.raises(Exception, match="42001"):
        tokens.require(first)


WHO = {
    "appid": (40013, 41002),
    "secret": (40125, 41004),
    "grant_type": (40002, 40002),
}


@pytest.mark.parametrize("name", WHO)
async def test_who_asks_must_be_the_account(wechat, bot, name):
    wrong, missing = WHO[name]
    body = bot.who() | CREDENTIAL | {name: "x"}
    assert (await bot.post("stable_token", body, token=None))["errcode"] == wrong
    assert (await bot.get("token", **body))["errcode"] == wrong
    del body[name]
    assert (await bot.post("stable_token", body, token=None))["errcode"] == missing


async def test_an_address_must_be_in_the_list(wechat, bot):
    body = bot.who() | CREDENTIAL
    wechat.allowed = {"10.0.0.1"}
    said = await bot.post("stable_token", body, token=None)
    assert said["errcode"] == 40164
    assert said["errmsg"].startswith("invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist")
    assert await works(bot, bot.token) == 0  # the list is for tokens alone
    wechat.allowed.add("127.0.0.1")
    assert "access_token" in await bot.post("stable_token", body, token=None)
    assert wechat.problems == []


async def test_tokens_missing_strange_and_gone(wechat, bot):
    assert [await works(bot, each) for each in ("", "x", "x" * len(bot.token))] == [
        41001,
        40014,
        40001,
    ]
    wechat.tokens.expire()
    assert await works(bot, bot.token) == 42001
    await bot.fetch_token()
    wechat.tokens.revoke()
    assert await works(bot, bot.token) == 40001
    assert await works(bot, await bot.fetch_token()) == 0


async def test_limits_a_day_and_a_minute(wechat, bot):
    wechat.limits["getcallbackip"] = 2
    assert [await works(bot, bot.token) for _ in range(3)] == [0, 0, 45009]
    said = await bot.post("clear_quota", {"appid": wechat.account.app_id})
    assert said["errcode"] == 0
    assert await works(bot, bot.token) == 0
    for minute in (0, 1):  # a new one may begin meanwhile
        wechat.counters["stable_token", "minute", int(wechat.clock()) // 60 + minute] = 10_000
    said = await bot.post("stable_token", bot.who() | CREDENTIAL, token=None)
    assert said["errcode"] == 45011


async def test_the_verb_and_the_body_must_be_right(wechat, bot):
    who = bot.who() | CREDENTIAL
    assert (await bot.get("stable_token", **who))["errcode"] == 43002
    assert (await bot.post("token", {}, token=None))["errcode"] == 43001
    assert (await bot.post("stable_token", b"", token=None))["errcode"] == 44002
    assert (await bot.post("stable_token", b"{", token=None))["errcode"] == 47001
    assert (await bot.post("stable_token", b"[1]", token=None))["errcode"] == 47001
    assert (await bot.post("stable_token", b'{"a": "\xe4"}', token=None))["errcode"] == 47001
    assert (await bot.get("menu/greate"))["errcode"] == 40066
    assert len(wechat.problems) == 7


async def test_a_refusal_bears_the_id_of_its_request(bot):
    one, two = [await bot.get("token") for _ in range(2)]
    assert set(one) == {"errcode", "errmsg"}
    assert " rid: " in one["errmsg"]
    assert one["errmsg"] != two["errmsg"]


def test_nothing_secret_in_its_repr():
    wechat = Wechat()
    assert wechat.account.secret not in repr(vars(wechat))
