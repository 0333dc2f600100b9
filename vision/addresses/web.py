"""Hosts: domains as painted, mended only around endings that are known.

tldextract offline; labels validated here; idna (UTS 46) for the punycode view.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import idna
import tldextract

from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.addresses.scripts import CYRILLIC_OF, is_cyrillic, is_latin, to_cyrillic, to_latin
from vision.addresses.wordlists import WORDS_OF
from vision.types import Kind, Repair

COMMON = WORDS_OF["endings_common"]
"""Latin endings worth mending a separator for; others must be painted clean."""

WORDS = WORDS_OF["endings_that_are_words"]
"""Endings that are also words: only with evidence (a digit, a dash, www, a path)."""

CYRILLIC = ("рф", "қаз", "бел", "укр", "онлайн", "орг", "сайт", "ком", "рус", "мон", "москва", "дети")
RARE_CYRILLIC = frozenset({"орг", "сайт", "ком", "рус", "мон", "москва", "дети", "онлайн"})
PATH_IS_IDENTITY = WORDS_OF["hosts_whose_path_is_the_identity"]
PLATFORM = WORDS_OF["platform_hosts"]
"""Hosts that other files decide by handle."""

NEARLY_TELEGRAM = re.compile(r"(?:te[li1]e?gr?a[mn]{1,2}|[ti1f7])\.(?:me|rne|dog)")
_DOT = r"(?:\s?\[\s?\.\s?\]\s?|\s?\((?:\.|dot|точка)\)\s?|\s+(?:точка|dot)\s+|\s?·\s?|\s?•\s?|\.|\s\.\s?|\.\s|,\s?|\s,)"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_SCHEME = r"(?:h[tx]{2}ps?\s?[:;.]?\s?[/\\]{1,3}\s?)"
_WWW = r"(?:w{2,4}\s?[.,]?\s?)"
HOST = re.compile(
    rf"(?<![\w@.-])(?P<scheme>{_SCHEME})?(?P<www>(?<!\w){_WWW}(?=\w))?(?P<host>{_LABEL}(?:{_DOT}{_LABEL}){{1,4}})"
    r"(?P<port>:\d{2,5})?(?P<path>/[^\s]*)?"
)
LED = re.compile(
    rf"(?<![\w@.-])(?P<lead>(?:{_SCHEME})?www[\s.,]{{1,3}}|{_SCHEME})(?P<label>[^\W_][\w-]{{1,61}})\s(?P<ending>[^\W\d_]{{2,8}})(?!\w)"
)
LOST = re.compile(
    r"(?<![\w@./-])(?P<label>[a-z][a-z0-9-]*\d[a-z0-9-]*)\s?(?P<ending>com|biz|net|org|info|cc|ru|kz|xyz|shop|site|online|club|top)(?![\w.-])"
)
GUESSED_RF = re.compile(r"(?<![\w@.-])(?P<label>[^\W_][\w-]{2,40})\s?\.\s?(?P<ending>p[oфf0@q]|рo|pф|po|р0)(?!\w)")


@lru_cache
def extractor() -> tldextract.TLDExtract:
    """The public suffix list as shipped: never fetched."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=("i2p",))


def find(where: Passage) -> Iterator[Candidate]:
    """Every domain in a passage, overlapping ones included."""
    for match in HOST.finditer(where.lower):
        yield from _hosts(where, match)
    for match in LED.finditer(where.lower):
        host = _normal_host(f"{match['label']}.{match['ending']}")
        if host and host.rpartition(".")[2] in COMMON | set(CYRILLIC):
            trail = (Repair("separator", where.text[match.start() : match.end()], host),)
            yield from _candidate(where, host, match.start(), match.end(), trail=trail, path="", led=True)
    for match in LOST.finditer(where.latin):
        host = f"{match['label']}.{match['ending']}"
        if len(match["label"]) >= 4 and is_host(host):
            painted = where.text[match.start() : match.end()]
            yield Candidate(
                Kind.DOMAIN, host, match.start(), match.end(), (Repair("dot lost", painted, host),), views(host)
            )
    yield from _guessed_rf(where)


def _hosts(where: Passage, match: re.Match[str]) -> Iterator[Candidate]:
    """The host of a match, or its longest front part that is one: text may follow after a full stop."""
    pieces = re.split(rf"({_DOT})", match["host"])
    pieces = [piece for piece in pieces if piece is not None]
    for count in range(len(pieces), 2, -2):
        labels, dots = pieces[:count:2], pieces[1:count:2]
        painted = "".join(pieces[:count])
        end = match.start("host") + len(painted)
        is_whole = count == len(pieces)
        if not is_whole and not re.match(r"\W|$", where.lower[end : end + 1]):
            continue
        host = _normal_host(".".join(labels))
        if host is None:
            continue
        loose = [dot for dot in dots if dot != "."]
        ending = host.rpartition(".")[2]
        if loose and ending not in COMMON and ending not in CYRILLIC:
            continue
        if loose and not _may_be_loose(labels, loose, led=bool(match["scheme"] or match["www"])):
            continue
        trail = [Repair("separator", painted, ".".join(labels))] if loose else []
        if (to_latin(host) != host and host != ".".join(labels)) or _mixed(where.text[match.start("host") : end], host):
            trail.append(Repair("look-alike letters", where.text[match.start("host") : end], host))
        path = (match["path"] or "") if is_whole else ""
        led = bool(match["scheme"] or match["www"])
        stop = match.end() if is_whole else end
        yield from _candidate(
            where, host, match.start() if led else match.start("host"), stop, trail=tuple(trail), path=path, led=led
        )
        return


def _may_be_loose(labels: list[str], dots: list[str], *, led: bool) -> bool:
    """Whether a separator that is also punctuation may be a dot: not in running text."""
    if led or any(char.isdigit() for char in labels[-2]) or "-" in labels[-2]:
        return True
    if any("[" in dot or "(" in dot or "точка" in dot or "dot" in dot or "·" in dot or "•" in dot for dot in dots):
        return True
    tight = all(dot.strip() and dot == dot.strip() for dot in dots)
    ascii_label = labels[-2].isascii()
    return (
        ascii_label
        and labels[-1] in {"com", "biz", "net", "org", "info", "cc", "xyz", "kz", "ru", "onion"}
        and (tight or dots[-1].strip() == ".")
    )


def _mixed(painted: str, host: str) -> bool:
    return any(is_cyrillic(char) for char in painted) != any(is_cyrillic(char) for char in host) or (
        any(is_cyrillic(c) for c in painted) and any(is_latin(c) for c in painted)
    )


def _candidate(
    where: Passage, host: str, start: int, end: int, *, trail: tuple[Repair, ...], path: str, led: bool
) -> Iterator[Candidate]:
    host = host.removeprefix("www.")
    if is_platform(host) or host.endswith(".onion") or not is_host(host):
        return
    label, _, ending = host.rpartition(".")
    digits = any(char.isdigit() for char in label)
    evidence = led or digits or "-" in label or len(path) > 1 or label.count(".") >= 1
    if (ending in WORDS or ending in RARE_CYRILLIC or ending not in COMMON | set(CYRILLIC)) and not evidence:
        return
    if len(label) < 2 or (len(label) <= 2 and not evidence) or label.isdigit():
        return
    raw = where.text[start:end]
    if not evidence and re.search(r"[a-zа-я][.,]\s?[A-ZА-Я][a-zа-я]", raw):
        return  # the end of one sentence and the start of the next
    path = path.rstrip(".,;!?)\"'")
    facts = views(host)
    value = host
    if host in PATH_IS_IDENTITY:
        if len(path) < 2:
            return
        at = where.lower.find(path, start)
        value = host + (where.text[at : at + len(path)] if at >= 0 else path).rstrip("/")
    elif len(path) > 1:
        facts["path"] = path
    yield Candidate(Kind.DOMAIN, value, start, end, trail, facts)


def is_platform(host: str) -> bool:
    """Whether a host belongs to a platform whose handles are addresses."""
    return NEARLY_TELEGRAM.fullmatch(host) is not None or any(
        host == known or host.endswith("." + known) for known in PLATFORM
    )


def _normal_host(host: str) -> str | None:
    """A host with each label in the script that its ending demands; None when the ending is none."""
    labels = host.split(".")
    ending = _ending(labels[-1])
    if ending is None:
        return None
    made = [_label(label, is_cyrillic_ending=is_cyrillic(ending[0])) for label in labels[:-1]]
    return ".".join([*made, ending])


def _ending(painted: str) -> str | None:
    folded = to_latin(painted)
    if folded in COMMON:
        return folded
    cyrillic = to_cyrillic(painted)
    if cyrillic in CYRILLIC:
        return cyrillic
    if painted in CYRILLIC:
        return painted
    if folded.isascii() and folded.isalpha() and extractor()(f"a.{folded}").suffix == folded:
        return folded if painted.isascii() else None
    return None


def _label(label: str, *, is_cyrillic_ending: bool) -> str:
    if is_cyrillic_ending:
        if label.isascii():
            has_only_look_alikes = all(char in CYRILLIC_OF for char in label if char.isalpha())
            return label if not has_only_look_alikes else _letters_to_cyrillic(label)
        return _letters_to_cyrillic(label)
    folded = to_latin(label)
    return folded if folded.isascii() else label


def _letters_to_cyrillic(label: str) -> str:
    """Latin letters among Cyrillic ones; digits stay digits."""
    return "".join(CYRILLIC_OF.get(char, char) if is_latin(char) else char for char in label)


def _guessed_rf(where: Passage) -> Iterator[Candidate]:
    """`COMb24.PO`: what a network without Cyrillic makes of `соль24.рф`; the letters it lost are not made up."""
    for match in GUESSED_RF.finditer(where.lower):
        label = match["label"]
        if not any(char.isdigit() for char in label) and not any(is_cyrillic(char) for char in label):
            continue
        cyrillic = to_cyrillic(label.replace("0", "о") if not label.isdigit() else label)
        if cyrillic is None:
            cyrillic = _letters_to_cyrillic(label)
        digits = "".join(d if d.isdigit() else c for d, c in zip(label, cyrillic, strict=False))
        host = f"{digits}.рф"
        if is_host(host):
            painted = where.text[match.start() : match.end()]
            yield Candidate(
                Kind.DOMAIN, host, match.start(), match.end(), (Repair("ending guessed", painted, host),), views(host)
            )


def is_host(host: str) -> bool:
    """Whether a host has valid labels and a public suffix that is not all of it."""
    if len(host) > 253 or "." not in host:
        return False
    for label in host.split("."):
        if not re.fullmatch(_LABEL, label) or (label[2:4] == "--" and not label.startswith("xn--")):
            return False
        if any(is_cyrillic(char) for char in label) and any(is_latin(char) for char in label):
            return False
    try:
        ascii_host = idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return False
    parts = extractor()(ascii_host)
    return bool(parts.suffix and parts.domain) and not parts.domain.isspace()


def views(host: str) -> dict[str, str]:
    """The registrable domain and the punycode of a host, where they differ from it."""
    try:
        ascii_host = idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return {}
    parts = extractor()(host, include_psl_private_domains=False)
    private = extractor()(host, include_psl_private_domains=True)
    facts = {"registrable": parts.top_domain_under_public_suffix or host}
    if private.top_domain_under_public_suffix and private.top_domain_under_public_suffix != facts["registrable"]:
        facts["registrable_private"] = private.top_domain_under_public_suffix
    if ascii_host != host:
        facts["punycode"] = ascii_host
    return facts
