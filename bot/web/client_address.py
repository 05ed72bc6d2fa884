"""The client's address: the one place where it is decided whom a request comes from."""

from collections.abc import Collection
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from aiohttp import web

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

TRUSTED_PROXIES: Final = web.AppKey[Collection[IPNetwork]]("trusted_proxies")
"""Where an application keeps the networks whose ``X-Forwarded-For`` it believes."""

UNKNOWN: Final = "unknown"
"""The address of a peer that has none, such as one at a Unix socket."""

_FORWARDED: Final = "X-Forwarded-For"
_SUBSCRIBER_BITS: Final = 64  # of IPv6: whoever has one address has all of its /64


def client_address(request: web.BaseRequest) -> str:
    """The address by which a client is counted: an IPv4 address, or the /64 of an IPv6 one.

    It is the connection's own, unless a trusted proxy holds that: then the rightmost address in
    ``X-Forwarded-For`` that is no trusted proxy's. What stands left of it was written by the client
    and is not read. Where the header has no (legible) address, it is the address of the last proxy
    that was found. :data:`UNKNOWN` without any.
    """
    peer = address_of(request.remote or "")
    if peer is None:
        return UNKNOWN
    # A request that matched no application (malformed HTTP) has no proxies to trust either.
    app = getattr(request, "app", None)
    trusted: Collection[IPNetwork] = app.get(TRUSTED_PROXIES, ()) if app is not None else ()
    for hop in reversed(",".join(request.headers.getall(_FORWARDED, ())).split(",")):
        if not is_within(peer, trusted) or (before := address_of(hop.strip())) is None:
            break
        peer = before
    return counted(peer)


def address_of(text: str) -> IPAddress | None:
    """The address in ``1.2.3.4``, ``1.2.3.4:5678``, ``2001:db8::1`` or ``[2001:db8::1]:5678``;
    None if it is none. An IPv4 address in IPv6's clothes (``::ffff:1.2.3.4``) is IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_within(address: IPAddress, networks: Collection[IPNetwork]) -> bool:
    """Whether one of the networks has it."""
    return any(address in network for network in networks)


def counted(address: IPAddress) -> str:
    """What stands for the address where clients are counted."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _SUBSCRIBER_BITS), strict=False))
