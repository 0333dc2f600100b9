"""The warning lists of this process: read once, when they are first asked, from three places.

- ours: `data/` beside this file (`ORIGIN.md` there says where it is from);
- MISP's, out of the package `pymispwarninglists`, those in `FROM_MISP` only. The package's own loader reads all of its
  119 lists (67 MB), searches them one by one, knows no `regex`, and compares hosts with case: only its files are used;
- the operator's: a folder, and the names of bots of one's own; read at once, so that a mistake shows at start.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from api.warninglists.files import FILE_NAME, Category, MatchType, WarningList, WarningListRefused, read_list
from api.warninglists.index import Index
from vision.addresses import AddressInvalid, canonical
from vision.types import Kind

FROM_MISP = {
    "bank-website": "A bank's site.",
    "common-contact-emails": "A mailbox that every organisation has for complaints.",
    "google": "A host of Google's.",
    "link-in-bio": "A page of links that somebody made at such a service: the page may be a shop's, its host is not.",
    "microsoft": "A host of Microsoft's.",
    "tranco10k": "One of the 10,000 most used hosts of the world.",
    "university_domains": "A university's site.",
    "url-shortener": "A link shortener: what stands behind the link is not known, and may be a shop.",
}
"""MISP's lists about hosts and mailboxes that get painted on walls, and what being on one means.

Not taken: networks (no address of ours is a number), digests, DNS servers; the lists of a million sites, which hold
shops; second-level domains (an address is never one); throw-away mail (no reason to doubt a wall); `phone_numbers`,
whose patterns are not anchored and hit numbers of Kazakhstan in the middle."""

KNOWN_ONLY = frozenset({"link-in-bio", "url-shortener"})
"""Those that name hosts behind which anything may stand, a shop too."""

POPULAR = frozenset({"misp/tranco10k"})
"""Those that say only that a host is much visited: they lower none that a list of `known` hosts names, too."""

INDEX_VERSION = "2"
"""Rises when the same lists would hit other addresses or lower others, so that everything is looked up anew."""

OURS = Path(__file__).parent / "data"
_LOADING = threading.Lock()


class ListSettings(Protocol):
    """What the settings say of warning lists."""

    @property
    def folder(self) -> Path | None:
        """A folder of own lists."""

    @property
    def own_bots(self) -> tuple[str, ...]:
        """Telegram names of one's own bots."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Ids of lists that are not used."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that an address is on."""

    list_id: str
    version: int
    match_type: str
    entry: str
    meaning: str
    is_lowering: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """Lists, and the index that they fill."""

    lists: tuple[WarningList, ...]
    index: Index

    @classmethod
    def of(cls, lists: list[WarningList]) -> Filled:
        """These lists, in an index of their own. WarningListRefused."""
        index = Index()
        for each in lists:
            index.add(each, where=each.id)
        return cls(tuple(lists), index)


class WarningLists:
    """Looks addresses up in the lists of one installation; one for a process, used by several threads."""

    def __init__(self, settings: ListSettings) -> None:
        """Read the operator's lists. WarningListRefused names the file or the setting, and why."""
        own = [*_in_folder(settings.folder), *_own_bots(settings.own_bots)]
        asked = frozenset(settings.left_out)
        _refuse_unknown(asked, {each.id for each in own})
        self._own = Filled.of([each for each in own if each.id not in asked])
        self._left_out = asked - {each.id for each in own}

    def check(self, kind: str, value: str) -> tuple[Hit, ...]:
        """The hits of an address; none for a finding that is no address. One hit for each list: the first."""
        if kind not in set(Kind):
            return ()
        found: dict[str, Hit] = {}
        entries = (*self._along.index.find(Kind(kind), value), *self._own.index.find(Kind(kind), value))
        is_for_anybody = any(entry.owner.category is Category.KNOWN for entry in entries)
        for entry in entries:
            owner = entry.owner
            # Shorteners and pages of links are much visited, and a shop may well stand behind one of their links.
            is_only_popular = is_for_anybody and owner.id in POPULAR
            is_lowering = owner.category is Category.FALSE_POSITIVE and not is_only_popular
            hit = Hit(owner.id, owner.version, owner.type, entry.text, owner.description, is_lowering)
            found.setdefault(owner.id, hit)
        return tuple(found[list_id] for list_id in sorted(found))

    @property
    def all(self) -> tuple[WarningList, ...]:
        """Every list that is used, by id."""
        return tuple(sorted((*self._along.lists, *self._own.lists), key=lambda each: each.id))

    @property
    def sha256(self) -> str:
        """Of everything that decides about hits: when it changes, addresses are looked up anew."""
        told = "\n".join([INDEX_VERSION, *(f"{each.id} {each.sha256}" for each in self.all)])
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def _along(self) -> Filled:
        with _LOADING:
            return _come_along(self._left_out)


@lru_cache(maxsize=4)
def _come_along(left_out: frozenset[str]) -> Filled:
    """Ours and MISP's, read once in a process."""
    return Filled.of([*_ours(left_out), *_from_misp(left_out)])


def _ours(left_out: frozenset[str]) -> Iterator[WarningList]:
    for path in sorted(OURS.glob("*.json")):
        if f"wallwatch/{path.stem}" not in left_out:
            yield read_list(path, id=f"wallwatch/{path.stem}", source="comes with WallWatch")


def _from_misp(left_out: frozenset[str]) -> Iterator[WarningList]:
    spec = find_spec("pymispwarninglists")  # found, not imported: its modules would bring a schema checker along
    if spec is None or not spec.submodule_search_locations:
        raise WarningListRefused("misp", "the package pymispwarninglists is not installed")
    root = Path(next(iter(spec.submodule_search_locations))) / "data" / "misp-warninglists" / "lists"
    source = f"misp-warninglists, from pymispwarninglists {version_of('pymispwarninglists')}"
    for name, meaning in FROM_MISP.items():
        if f"misp/{name}" in left_out:
            continue
        one = read_list(root / name / "list.json", id=f"misp/{name}", source=source)
        category = Category.KNOWN if name in KNOWN_ONLY else one.category
        digest = hashlib.sha256(f"{meaning} {category} {one.sha256}".encode()).hexdigest()
        yield replace(one, description=meaning, category=category, sha256=digest)


def _in_folder(folder: Path | None) -> list[WarningList]:
    if folder is None:
        return []
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".json")
    except OSError as error:
        raise WarningListRefused(str(folder), f"as a folder of lists: {error.strerror or error}") from None
    if not paths:
        raise WarningListRefused(str(folder), "as a folder of lists: it has no file that ends in .json")
    return [_own_list(path) for path in paths]


def _own_list(path: Path) -> WarningList:
    if not FILE_NAME.fullmatch(path.stem):
        raise WarningListRefused(str(path), "its name must be of Latin letters, digits, dots, dashes, at most 64")
    return read_list(path, id=f"own/{path.stem}", source=f"the operator's file {path.name}")


def _own_bots(names: tuple[str, ...]) -> Iterator[WarningList]:
    entries = []
    for name in names:
        try:
            entries.append(canonical(Kind.TELEGRAM, name))
        except AddressInvalid as error:
            raise WarningListRefused("WALLWATCH_WARNINGLISTS__OWN_BOTS", str(error).rstrip(".")) from None
    if entries:
        kept = tuple(dict.fromkeys(entries))
        digest = hashlib.sha256("\n".join(sorted(kept)).encode()).hexdigest()
        yield WarningList(
            "setting/own-bots", "the setting WALLWATCH_WARNINGLISTS__OWN_BOTS", "Our own bots",
            "A bot of the people who run this installation.", 1, MatchType.STRING, Category.FALSE_POSITIVE,
            frozenset({Kind.TELEGRAM}), kept, digest,
        )  # fmt: skip


def _refuse_unknown(left_out: frozenset[str], own: set[str]) -> None:
    known = {f"misp/{name}" for name in FROM_MISP} | {f"wallwatch/{path.stem}" for path in OURS.glob("*.json")} | own
    for name in sorted(left_out - known):
        near = get_close_matches(name, known, n=1)
        advice = f"the nearest is {near[0]}" if near else f"there are {', '.join(sorted(known))}"
        raise WarningListRefused("WALLWATCH_WARNINGLISTS__LEFT_OUT", f"there is no list {name[:80]}: {advice}")
