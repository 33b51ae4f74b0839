"""To whom the metrics are open: this machine, named addresses, or whoever shows the token."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable
from typing import Any

from litestar import Request

from jinpu_desk.domain.errors import Refused

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


def network(text: str, option: str) -> Network:
    """Return the network an address or network in CIDR notation names. Raises Refused ``server.option``."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Refused("server.option", option, value=text) from error


class Gate:
    """Lets loopback and ``networks`` in, and from anywhere whoever shows ``token`` (none: nobody else)."""

    def __init__(
        self, networks: Iterable[Network] = (), token: str = "", *, behind_proxy: bool = False
    ) -> None:
        """``behind_proxy`` when the addresses of callers come from a proxy the centre trusts."""
        self._networks = tuple(networks)
        self._token = token
        self._behind_proxy = behind_proxy

    def check(self, request: Request[Any, Any, Any]) -> None:
        """Raise Refused ``metrics.closed`` unless the caller may see the metrics.

        A request that says it was forwarded, though no proxy is trusted, comes from nobody knows where: the address
        it shows is that of a proxy on this machine.
        """
        if self._shows_token(request):
            return
        forwarded = any(name in request.headers for name in _FORWARDED)
        if (forwarded and not self._behind_proxy) or not self._near(request):
            raise Refused("metrics.closed")

    def _shows_token(self, request: Request[Any, Any, Any]) -> bool:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        return bool(self._token) and secrets.compare_digest(shown.encode(), self._token.encode())

    def _near(self, request: Request[Any, Any, Any]) -> bool:
        client = request.scope.get("client")
        try:
            address = ipaddress.ip_address(client[0] if client else "")
        except ValueError:
            return False
        return address.is_loopback or any(address in each for each in self._networks)
