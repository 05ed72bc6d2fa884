"""Whom a request comes from: the peer, or whom a trusted proxy names; never whom a client names."""

from ipaddress import ip_network
from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from bot.web.client_address import TRUSTED_PROXIES, UNKNOWN, client_address

PROXIES = ("10.0.0.0/8", "2001:db8:ffff::/48")


def request(peer: str, *forwarded: str, trusted: tuple[str, ...] = PROXIES) -> web.Request:
    app = web.Application()
    app[TRUSTED_PROXIES] = tuple(ip_network(one) for one in trusted)
    transport = Mock()
    transport.get_extra_info = {"peername": (peer, 4711)}.get
    headers = CIMultiDict[str]()
    for one in forwarded:
        headers.add("X-Forwarded-For", one)
    return make_mocked_request("GET", "/", headers=headers, app=app, transport=transport)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", (), "203.0.113.5"),
        ("203.0.113.5", ("198.51.100.1",), "203.0.113.5"),
        ("10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("10.1.2.3", ("198.51.100.1:5678",), "198.51.100.1"),
        ("10.1.2.3", ("8.8.8.8, 198.51.100.1, 10.9.9.9",), "198.51.100.1"),
        ("10.1.2.3", ("8.8.8.8", "198.51.100.1"), "198.51.100.1"),
        ("10.1.2.3", ("8.8.8.8, nonsense, 10.9.9.9",), "10.9.9.9"),
        ("10.1.2.3", ("",), "10.1.2.3"),
        ("10.1.2.3", ("10.9.9.9",), "10.9.9.9"),
        ("10.1.2.3", (), "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", (), "2001:db8:1:2::/64"),
        ("2001:db8:ffff::1", ("[2001:db8:7::9]:443",), "2001:db8:7::/64"),
        ("::ffff:10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        ("::ffff:203.0.113.5", (), "203.0.113.5"),
        ("fe80::1%eth0", (), "fe80::/64"),
        ("", ("198.51.100.1",), UNKNOWN),
    ],
)
def test_the_client_is_the_last_one_that_no_proxy_of_ours_stands_for(
    peer: str, forwarded: tuple[str, ...], address: str
) -> None:
    assert client_address(request(peer, *forwarded)) == address


def test_nobody_is_trusted_unless_it_is_said() -> None:
    assert client_address(request("127.0.0.1", "198.51.100.1", trusted=())) == "127.0.0.1"
