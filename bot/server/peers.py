"""Who is at the other end of a connection: its address, and the site its page came from.

Forwarding headers are believed only from proxies that the settings name; an origin counts only
when it is, character for character, one of our own: the chat, the inbox and the console all live
on it. Which shops may hold the chat in a frame is the matter of bot.server.pages.
"""

from __future__ import annotations

from ipaddress import IPv6Network, ip_address, ip_network
from typing import Any

from bot.origins import origin_of
from bot.settings import Settings

_FORWARDING = (b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via")

LONGEST_ADDRESS = 45  # characters

HOST_BITS = 64
"""Of an IPv6 address: whoever has one may choose these freely."""

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Peers:
    """Tells addresses and origins by the settings.

    Args:
        settings: trusted proxies and the server's own address.
        port: the port that is really listened on.
    """

    def __init__(self, settings: Settings, port: int) -> None:
        self._proxies = tuple(ip_network(text, strict=False) for text in settings.trusted_proxies)
        self._own = _own_origins(settings, port)

    def address(self, scope: Any) -> str:
        """Give the address of the peer: of the last hop that is not a trusted proxy."""
        client = scope.get("client")
        address = client[0] if client else ""
        if not self._trusted(address):
            return address
        hops = [
            hop.strip() for value in _headers(scope, b"x-forwarded-for") for hop in value.split(",")
        ]
        for hop in reversed(hops):
            address = hop
            if not self._trusted(hop):
                break
        return address

    def counted_as(self, scope: Any) -> str:
        """Give what limits for one address count by: of IPv6 the /64, as every line has a whole."""
        text = self.address(scope)
        try:
            address = ip_address(text)
        except ValueError:  # what a proxy passed on unseen; remembered, so never long
            return text[:LONGEST_ADDRESS]
        if address.version == 4:
            return text
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address) >> HOST_BITS << HOST_BITS, 128 - HOST_BITS)))

    def origin_allowed(self, scope: Any) -> bool:
        """Whether the page that opens a socket may; a missing origin may not."""
        return self._are_own(_headers(scope, b"origin"))

    def own_page(self, scope: Any) -> bool:
        """Whether a request came from a page of this server, as far as the browser says."""
        origins = _headers(scope, b"origin")
        if not origins:
            return _headers(scope, b"sec-fetch-site") in ([], ["same-origin"], ["none"])
        return self._are_own(origins)

    def _are_own(self, origins: list[str]) -> bool:
        return len(origins) == 1 and origins[0] in self._own

    def in_networks(self, scope: Any, networks: tuple[str, ...]) -> bool:
        """Whether the peer's address lies in one of the networks.

        Whoever comes through a proxy that the settings do not name has an address that nobody
        knows: the proxy's own would open to everybody what is for this machine.
        """
        client = scope.get("client")
        forwarded = any(_headers(scope, name) for name in _FORWARDING)
        if forwarded and not self._trusted(client[0] if client else ""):
            return False
        try:
            address = ip_address(self.address(scope))
        except ValueError:
            return False
        return any(address in ip_network(network, strict=False) for network in networks)

    def _trusted(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._proxies)


def _own_origins(settings: Settings, port: int) -> frozenset[str]:
    if settings.public_url:
        public = origin_of(settings.public_url)
        assert public is not None  # settings refuse any other
        return frozenset({public})
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    hosts = {host, *_LOOPBACK} if _is_local(settings.host) else {host}
    origins = (origin_of(f"http://{name}:{port}") for name in hosts)
    return frozenset(origin for origin in origins if origin is not None)


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _headers(scope: Any, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
