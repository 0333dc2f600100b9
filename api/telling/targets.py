"""Where a webhook may go: never into our own network, unless a setting says so.

A name is resolved once, all its addresses are looked at, and the connection is made to one of those that were looked
at: a name that answers differently the second time changes nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import idna

from api.errors import Problem
from api.telling.settings import TellingSettings

LONGEST_URL = 1000
RESOLVE_S = 5.0
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""A host name and a port to IP addresses as text; OSError when there are none."""

NOT_GLOBAL = tuple(
    ipaddress.ip_network(each)
    for each in (
        "168.63.129.16/32",  # the host of an Azure machine, a public address by its looks
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata is at 192.0.0.192
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "100.64.0.0/10",  # carrier-grade NAT
        "64:ff9b:1::/48",  # NAT64 of one's own
        "2001::/23",  # Teredo and other assignments
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
    )
)
"""What Python's `is_global` lets through, or did in some of its versions."""
UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is assigned of IPv6; whatever lies outside is local, reserved or a mapping."""
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class WebhookUrlRefused(Problem):
    """A webhook address that cannot be one."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(f"This webhook address cannot be used: {reason}.")


class WebhookTargetRefused(Problem):
    """A webhook address that leads into a network that is nobody's business."""

    status = 422

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} leads to a private, local or reserved address: give a public one, or have the administrator"
            " allow it in WALLWATCH_TELLING__WEBHOOK_ALLOW."
        )


class WebhookUnresolved(Problem):
    """A host name that nobody knows now."""

    status = 422

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} cannot be resolved: check the name, or try again in a moment.")


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook address, taken apart; `host` is in ASCII, and an IPv6 address has no brackets."""

    is_https: bool
    host: str
    port: int
    path: str


def parse(url: str, settings: TellingSettings) -> Target:
    """The parts of a webhook address; WebhookUrlRefused. Nothing is resolved."""
    if len(url) > LONGEST_URL or not re.fullmatch(r"[!-\[\]-~]+", url):
        raise WebhookUrlRefused(f"it has at most {LONGEST_URL} visible ASCII characters, and no backslash")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WebhookUrlRefused("it is not a web address") from None
    is_https = parts.scheme == "https"
    if not is_https and not (parts.scheme == "http" and settings.webhook_http):
        raise WebhookUrlRefused("it begins with https://")
    if parts.username is not None or parts.password is not None:
        raise WebhookUrlRefused("it holds a name or a password: messages are signed, put no secret into the address")
    if parts.fragment or "#" in url:
        raise WebhookUrlRefused("it ends before the #")
    port = port if port is not None else 443 if is_https else 80
    if port not in settings.webhook_ports:
        raise WebhookUrlRefused(f"its port may be {', '.join(map(str, settings.webhook_ports))}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(is_https, _host(parts.hostname or ""), port, path)


def _host(host: str) -> str:
    if "%" in host:
        raise WebhookUrlRefused("its host holds a %")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return idna.encode(host.rstrip("."), uts46=True).decode()
    except idna.IDNAError:
        raise WebhookUrlRefused("its host is not a name") from None


def addresses(target: Target, settings: TellingSettings, resolve: Resolver) -> list[str]:
    """The IP addresses that a target may be reached at, all of them looked at.

    Raises:
        WebhookUnresolved: its name has none now.
        WebhookTargetRefused: one of them is not for us.
    """
    try:
        found = [ipaddress.ip_address(each.partition("%")[0]) for each in resolve(target.host, target.port)]
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise WebhookUnresolved(target.host)
    if not all(may_reach(target.host, each, settings) for each in found):
        raise WebhookTargetRefused(target.host)
    return list(dict.fromkeys(str(each) for each in found))


def may_reach(host: str, address: Address, settings: TellingSettings) -> bool:
    """Whether a webhook may go to this address of this host."""
    if host in settings.allowed_hosts or any(address in network for network in settings.allowed_networks):
        return True
    return is_public(address)


def is_public(address: Address) -> bool:
    """Whether an address is on the open internet; one that carries an IPv4 address inside is what that one is."""
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, ipaddress.IPv6Address) and address not in UNICAST:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in NOT_GLOBAL if network.version == address.version)
    )


def _inner(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64 or int(address) >> 32 == 0:  # ::a.b.c.d, withdrawn and still understood
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def resolve_here(host: str, port: int) -> list[str]:
    """What this machine's resolver says, within five seconds. OSError."""
    found: list[Any] = []
    errors: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    asking = threading.Thread(target=ask, name="resolve", daemon=True)  # the resolver itself knows no time-out
    asking.start()
    asking.join(RESOLVE_S)
    if not found:
        raise OSError(str(errors[0]) if errors else "the resolver does not answer")
    return [entry[4][0] for entry in list(found)]
