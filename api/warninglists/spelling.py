"""One spelling of what lists and addresses name, so that case, punycode and look of a link make no difference."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

import tldextract

from vision.addresses import AddressInvalid, canonical
from vision.addresses.endings import punycode
from vision.addresses.words import words
from vision.types import Kind

HOST_KINDS = frozenset({Kind.DOMAIN, Kind.ONION})
"""Kinds whose values are hosts; an e-mail address has one, too, but is more than it."""

HANDLE_KINDS = frozenset(Kind) - HOST_KINDS - {Kind.EMAIL}
PLATFORMS = words("platform_hosts")
PAGE_HOSTS = words("hosts_whose_path_is_the_identity")
"""Hosts on which anybody has a page: what holds of the host says nothing of the page."""

_SCHEME = re.compile(r"(?i)^[a-z][a-z0-9+.-]{0,15}://")
_PLAIN = {
    Kind.TELEGRAM: re.compile(r"@?([a-z][a-z0-9_]{3,31})"),
    Kind.INSTAGRAM: re.compile(r"@?([a-z0-9_.]{1,30})"),
    Kind.VK: re.compile(r"@?([a-z0-9_.]{1,32})"),
}
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class Named:
    """A host with what stands behind it: `path` begins with a slash, or is empty."""

    host: str
    path: str = ""

    @property
    def text(self) -> str:
        """Host and path as one string."""
        return self.host + self.path


def named(text: str) -> Named:
    """The host and path in an entry or a value, without scheme, `www.`, and the marks that lists put before hosts."""
    bare = _SCHEME.sub("", text.strip())
    host, slash, path = bare.partition("/")
    return Named(host_key(host), slash + path if path else "")


@lru_cache(maxsize=8192)
def host_key(host: str) -> str:
    """A host as name servers know it, lower case; one that cannot be encoded as it is, lower case and NFC."""
    plain = unicodedata.normalize("NFC", host.strip().lower()).strip(".")
    plain = plain.removeprefix("*.").removeprefix("www.")
    return plain if plain.isascii() else punycode(plain) or plain


def handle_key(kind: Kind, text: str) -> str | None:
    """The canonical value that an entry means for a kind of handle, None when it can mean none."""
    plain = text.strip()
    if kind is Kind.PHONE and _NUMBER.fullmatch(plain):
        return plain
    if kind in _PLAIN and (found := _PLAIN[kind].fullmatch(plain.lower())):
        return found[1]
    try:
        return canonical(kind, plain)
    except AddressInvalid:
        return None


def email_key(text: str) -> tuple[str, str]:
    """The mailbox and the host of an e-mail address; without `@` the mailbox is empty."""
    mailbox, _, host = text.strip().rpartition("@")
    return mailbox.lower(), host_key(host)


def labels_up(host: str) -> list[str]:
    """A host and everything above it, label by label: `a.b.kz`, `b.kz`, `kz`."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def address_in(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is, None for a name."""
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None


@lru_cache(maxsize=1)
def _extractor() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=8192)
def is_shared(host: str) -> bool:
    """Whether a host's owner gives the names below it to strangers: `github.io` of `somebody.github.io`."""
    found = _extractor()(host, include_psl_private_domains=True)
    return found.suffix == host and found.is_private
