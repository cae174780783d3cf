"""Which network addresses we may connect to on behalf of a setting: public ones only.

A name is resolved once, every address it has is checked, and the caller connects to the address
that was checked, so that a name server cannot answer differently in between.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from bot.outbox.errors import DeliveryFailed
from bot.posting import Target

Resolve = Callable[[str, int], list[Any]]
"""`socket.getaddrinfo` for TCP: a list of (family, type, protocol, name, address)."""

_NAT64 = IPv6Network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[Any]:
    """Ask the system's resolver."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def targets_of(
    host: str, port: int, *, allow_private: bool, resolve: Resolve = resolve
) -> list[Target]:
    """Resolve a host and check every address that it has.

    Raises:
        DeliveryFailed: it has no address, or one that is not public (unless private ones are
            allowed): a name that points inside is refused as a whole.
    """
    try:
        answers = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed(f"{host} has no address.") from error
    targets = [Target(answer[0], tuple(answer[4])) for answer in answers]
    if not targets:
        raise DeliveryFailed(f"{host} has no address.")
    if not allow_private and not all(is_public(target.address[0]) for target in targets):
        raise DeliveryFailed(
            f"{host} has an address inside a private network. If that is meant, "
            "set webhook_allow_private."
        )
    return targets


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet, whatever it is wrapped in."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(one) for one in _unwrapped(address))


def _unwrapped(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Give the address and the IPv4 addresses that it may be turned into on the way."""
    found: list[IPv4Address | IPv6Address] = [address]
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            found = [address.ipv4_mapped]
        if address.sixtofour is not None:
            found.append(address.sixtofour)
        if address.teredo is not None:
            found.extend(address.teredo)
        if address in _NAT64:
            found = [IPv4Address(int(address) & 0xFFFFFFFF)]
        if int(address) < 1 << 32:  # the old form ::a.b.c.d
            found.append(IPv4Address(int(address)))
    return found


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or (isinstance(address, IPv6Address) and address.is_site_local)
    )
