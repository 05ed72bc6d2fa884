"""A Mini App's initData: only what Telegram signed, and signed lately, names a person."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from aiogram.utils.web_app import check_webapp_signature
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.page_login import AHEAD, LASTS, telegram_page_login, verified_user
from tests.bot.telegram.mini_app import TOKEN, signed

NOW = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)
ADA = {"id": 99281932, "first_name": "Ада & Ко", "language_code": "en", "is_premium": True}


def data(**fields: str) -> str:
    known = {
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc", "user": json.dumps(ADA, ensure_ascii=False),
        "auth_date": str(int(NOW.timestamp())), "signature": "abc_DEF-123",
    }  # fmt: skip
    return signed(known | fields)


async def test_whoever_opened_it_is_named():
    assert verified_user(data(), TOKEN, NOW) == "99281932"
    assert await telegram_page_login(TOKEN, lambda: NOW).redeem(data()) == "99281932"
    assert check_webapp_signature(TOKEN, data())  # another library signs and reads it so too


def test_the_documentations_own_example_is_signed_as_ours():
    """init-data-golang's published sample, of a token that is no secret."""
    init_data = (
        "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22"
        "Vladislav%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22"
        "language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%7D&auth_date=1662771648&hash="
        "c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2"
    )
    token = "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8"
    then = datetime.fromtimestamp(1662771648, UTC)
    assert verified_user(init_data, token, then) == "279058397"
    assert verified_user(init_data, token, then + LASTS) is None


@pytest.mark.parametrize("field", ["query_id", "user", "auth_date", "signature", "hash"])
def test_a_changed_field_is_a_forgery(field):
    from urllib.parse import parse_qsl

    fields = dict(parse_qsl(data()))
    for wrong in (fields[field] + "0", fields[field][:-1], ""):
        assert verified_user(urlencode(fields | {field: wrong}), TOKEN, NOW) is None
    without = {name: value for name, value in fields.items() if name != field}
    assert verified_user(urlencode(without), TOKEN, NOW) is None
    assert verified_user(urlencode(fields | {"start_param": "x"}), TOKEN, NOW) is None


def test_another_bots_data_names_nobody():
    other = "7000000002:" + "B" * 35
    assert verified_user(data(), other, NOW) is None
    assert verified_user(data(), "", NOW) is None


def test_a_field_that_comes_twice_is_refused():
    mallory = json.dumps(ADA | {"id": 666})
    for extra in (urlencode({"user": mallory}), urlencode({"hash": "0" * 64})):
        assert verified_user(f"{data()}&{extra}", TOKEN, NOW) is None
        assert verified_user(f"{extra}&{data()}", TOKEN, NOW) is None


@pytest.mark.parametrize(
    ("age", "good"),
    [
        (timedelta(), True), (LASTS - timedelta(seconds=1), True), (LASTS, False),
        (timedelta(days=1), False), (-AHEAD, True), (-AHEAD - timedelta(seconds=1), False),
    ],
)  # fmt: skip
def test_it_serves_for_an_hour(age, good):
    at = str(int((NOW - age).timestamp()))
    assert (verified_user(data(auth_date=at), TOKEN, NOW) is not None) is good


@pytest.mark.parametrize("at", ["", "x", "-1", "1e9", "１７００", "9" * 11, "9" * 500, " 1", "1.0"])
def test_a_time_that_is_none_is_refused(at):
    assert verified_user(data(auth_date=at), TOKEN, NOW) is None


@pytest.mark.parametrize(
    "user",
    ["", "null", "[]", "{}", "7", '{"id":"42"}', '{"id":true}', '{"id":-1}', '{"id":0}',
     '{"id":1.5}', '{"id":NaN}', '{"id":', "[" * 9000, '{"id":{"id":1}}'],
)  # fmt: skip
def test_a_user_without_an_id_is_nobody(user):
    assert verified_user(data(user=user), TOKEN, NOW) is None


@given(
    st.one_of(st.text(max_size=300), st.binary(max_size=300).map(lambda raw: raw.decode("latin-1")))
)
def test_no_text_is_signed_by_chance(text):
    assert verified_user(text, TOKEN, NOW) is None
    assert verified_user(f"hash={text}", TOKEN, NOW) is None


def test_bytes_that_are_no_utf_8_do_no_harm():
    for strange in (
        "user=%ff&hash=%fe",
        "\ud800=1&hash=\udfff",
        "hash=\u00e4",
        "&".join(["a=b"] * 99),
    ):
        assert verified_user(strange, TOKEN, NOW) is None
