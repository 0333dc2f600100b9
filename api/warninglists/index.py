"""All entries of all lists, laid out so that one address is looked up in microseconds.

Hosts are compared label by label: an entry `bank.kz` is found above `a.bank.kz`, and neither in `notbank.kz` nor in
`bank.kz.example.com`. Handles of platforms are compared as handles: no host says anything of `t.me/name`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_network
from typing import NamedTuple

from api.warninglists.files import Category, MatchType, WarningList, WarningListRefused
from api.warninglists.patterns import Pattern, compiled, matching
from api.warninglists.spelling import (
    HANDLE_KINDS,
    HOST_KINDS,
    PAGE_HOSTS,
    PLATFORMS,
    Named,
    address_in,
    email_key,
    handle_key,
    is_shared,
    labels_up,
    named,
)
from vision.types import Kind


class Entry(NamedTuple):
    """An entry of a list, as its file has it."""

    owner: WarningList
    text: str


class Index:
    """Looks addresses up; never changed once it is filled."""

    def __init__(self) -> None:
        self._handles: dict[tuple[Kind, str], list[Entry]] = {}
        self._exact: dict[str, list[Entry]] = {}
        self._above: dict[str, list[Entry]] = {}
        self._networks: dict[int, dict[tuple[int, int], list[Entry]]] = {}
        self._parts: list[tuple[Entry, str]] = []
        self._patterns: dict[str, tuple[WarningList, list[Pattern]]] = {}

    def add(self, one: WarningList, *, where: str) -> None:
        """Take a list in. WarningListRefused for an entry that is none of its type."""
        if one.type is MatchType.REGEX:
            self._patterns[one.id] = one, compiled(one.entries, list_id=one.id, where=where)
            return
        for number, text in enumerate(one.entries, 1):
            entry = Entry(one, text)
            if one.type is MatchType.CIDR:
                self._add_network(entry, number, where)
            elif one.type is MatchType.SUBSTRING:
                self._parts.append((entry, text.strip().lower()))
            else:
                self._add_name(entry, is_above=one.type is MatchType.HOSTNAME)

    def find(self, kind: Kind, value: str) -> list[Entry]:
        """The entries that hit an address, each list's in the order of the list types, without repeats."""
        found = [*self._by_name(kind, value), *self._by_part(kind, value), *self._by_pattern(kind, value)]
        if kind in HOST_KINDS:
            found += self._by_network(kind, named(value).host)
        return list(dict.fromkeys(found))

    def _add_name(self, entry: Entry, *, is_above: bool) -> None:
        kinds = entry.owner.kinds
        where = named(entry.text)
        if where.path and where.host in PLATFORMS:
            self._add_handles(entry, frozenset(HANDLE_KINDS) if kinds & HOST_KINDS else kinds & HANDLE_KINDS)
            return
        mailbox, host = email_key(entry.text) if "@" in entry.text else ("", "")
        if Kind.EMAIL in kinds and mailbox:
            self._exact.setdefault(f"{mailbox}@{host}", []).append(entry)
        elif kinds & HOST_KINDS or (Kind.EMAIL in kinds and is_above):
            table = self._above if is_above and not where.path else self._exact
            table.setdefault(where.text, []).append(entry)
        if where.host not in PLATFORMS:
            self._add_handles(entry, kinds & HANDLE_KINDS)

    def _add_handles(self, entry: Entry, kinds: frozenset[Kind]) -> None:
        for kind in kinds:
            key = handle_key(kind, entry.text)
            if key is not None:
                self._handles.setdefault((kind, key), []).append(entry)

    def _add_network(self, entry: Entry, number: int, where: str) -> None:
        try:
            network = ip_network(entry.text.strip(), strict=False)
        except ValueError:
            raise WarningListRefused(where, f"entry {number} is no network: write 203.0.113.0/24") from None
        table = self._networks.setdefault(network.version, {})
        table.setdefault((network.prefixlen, int(network.network_address)), []).append(entry)

    def _by_name(self, kind: Kind, value: str) -> Iterator[Entry]:
        if kind in HANDLE_KINDS:
            yield from self._handles.get((kind, value), ())
        elif kind is Kind.EMAIL:
            mailbox, host = email_key(value)
            yield from self._of_kind(kind, self._exact.get(f"{mailbox}@{host}", ()))
            yield from self._hosts_above(kind, Named(host))
        else:
            where = named(value)
            yield from self._of_kind(kind, self._exact.get(where.text, ()))
            yield from self._hosts_above(kind, where)

    @staticmethod
    def _of_kind(kind: Kind, entries: Iterable[Entry]) -> Iterator[Entry]:
        return (entry for entry in entries if kind in entry.owner.kinds)

    def _hosts_above(self, kind: Kind, where: Named) -> Iterator[Entry]:
        if address_in(where.host) is not None:
            return  # numbers have no labels above them
        for host in labels_up(where.host):
            for entry in self._of_kind(kind, self._above.get(host, ())):
                if not _speaks_of_somebody_else(entry.owner, host, where):
                    yield entry

    def _by_part(self, kind: Kind, value: str) -> Iterator[Entry]:
        if self._parts:
            texts = _forms(kind, value)
            yield from (
                entry
                for entry, part in self._parts
                if kind in entry.owner.kinds and any(part in text.lower() for text in texts)
            )

    def _by_pattern(self, kind: Kind, value: str) -> Iterator[Entry]:
        asked = [each for owner, several in self._patterns.values() if kind in owner.kinds for each in several]
        if asked:
            yield from (
                Entry(self._patterns[hit.list_id][0], hit.entry) for hit in matching(asked, _forms(kind, value))
            )

    def _by_network(self, kind: Kind, host: str) -> Iterator[Entry]:
        address = address_in(host)
        if address is None:
            return
        table = self._networks.get(address.version, {})
        for length in range(address.max_prefixlen + 1) if table else ():
            start = int(address) >> (address.max_prefixlen - length) << (address.max_prefixlen - length)
            yield from (each for each in table.get((length, start), ()) if kind in each.owner.kinds)


def _speaks_of_somebody_else(owner: WarningList, listed: str, where: Named) -> bool:
    """Whether a list of harmless hosts names one that gives names or pages to strangers, and this is such a page."""
    if owner.category is Category.KNOWN:
        return False
    return bool(where.path and where.host in PAGE_HOSTS) or (listed != where.host and is_shared(listed))


def _forms(kind: Kind, value: str) -> Sequence[str]:
    """The spellings that a part or a pattern may be found in: the value, and a host as name servers know it."""
    if kind not in HOST_KINDS:
        return (value,)
    known = named(value).text
    return (value,) if known == value else (value, known)
