"""Hosts: domains as painted, mended only around endings that are known.

A line is cut into words; wherever a word may be an ending, the host is read leftwards from it. What stands between the
words says how sure that is: a dot, something that may be a dot, or only a space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vision.addresses import unseen
from vision.addresses.endings import (
    ARE_WORDS,
    COMMON,
    CYRILLIC,
    Ending,
    ending,
    in_script,
    is_host,
    unicode_host,
    views,
)
from vision.addresses.keywords import Keyword, keywords
from vision.addresses.passage import Passage
from vision.addresses.patterns import SCHEME, SPOKEN_DOT, TYPED_DOT, WWW, is_nearly_telegram
from vision.addresses.rank import Candidate
from vision.addresses.scripts import has_cyrillic, has_latin, is_cyrillic
from vision.addresses.words import words
from vision.types import Kind, Repair

PATH_IS_IDENTITY = words("hosts_whose_path_is_the_identity")
PLATFORMS = words("platform_hosts")
MAIL_HOSTS = words("mail_hosts")
WITHOUT_DOT = words("endings_without_dot") | {"рф", "қаз"}
AFTER_SPACE = words("endings_after_space") | {"рф", "қаз"}

WORD = re.compile(r"[^\W_]+(?:-+[^\W_]+)*")
LEAD = re.compile(rf"(?<![a-z0-9_@.-])(?P<scheme>{SCHEME})?(?P<www>{WWW})?$")
GLUED_WWW = re.compile(r"(?:www|vvww?|wvv|vvvvvv)(?=[a-z0-9]{3})")
DOT_TYPED = re.compile(rf"\s?(?:{TYPED_DOT})\s?")
DOT_SPOKEN = re.compile(rf"\s{SPOKEN_DOT}\s")
DOT_LOOSE = re.compile(r"(?:\s?[.·•∙●⋅]\s?|\s?[,;:'°*~])")
PATH = re.compile(r"(?::\d{2,5})?(?P<path>[/\\][^\s\"'<>]{0,200})?")
SENTENCE = re.compile(r"[a-zа-яё]\.\s?[A-ZА-ЯЁ][a-zа-яё]|\.\s[A-ZА-ЯЁ]|[а-яё]\.\s")
LED = re.compile(r"http|hxxp|htxp|hxtp|ww|vv|шшш")
NEAR_PLATFORM = re.compile(
    r"(?:www\.)?(?:te[li1]e?[gq]?r?a?\w{1,3}|[ti1lf7j])\.(?:me|rne|dog|ne|nne)|bk\.com"
    r"|(?:c\w{1,2}at\.)?w[hnk]?a?ts?a?p{1,2}\.com"
)
"""Hosts of platforms with a letter misread: no shop has one of these names."""

MOST_BETWEEN = 4  # punctuation between `сайт` and its host
WEB_WORDS = tuple(words("web_keywords"))
LONGEST_LABEL, MOST_LABELS = 63, 6
LEAST_REMAINDER = 4


@dataclass(frozen=True, slots=True)
class Host:
    """A host read from a passage at [start, end), before it is judged.

    Attributes:
        labels: painted, lower case, without www and without the ending.
        at: where the labels begin; `start` is where what leads to them does.
        led: by a scheme, by www, or by a word such as `сайт`.
        gap: what stood before the ending: "dot", "typed", "loose", "space", "none".
    """

    labels: tuple[str, ...]
    ending: Ending
    at: int
    end: int
    gap: str
    start: int = -1
    led: str = ""
    trail: tuple[Repair, ...] = ()
    path: str = ""


def find(where: Passage) -> Iterator[Candidate]:
    """Every domain in a passage, overlapping ones included."""
    tokens = [match for match in WORD.finditer(where.lower) if len(match[0]) <= LONGEST_LABEL]
    known = [word for word in keywords(where) if word.sense == "web"]
    for number in range(len(tokens)):
        for host in _hosts(where, tokens, number, known):
            yield from judged(where, host)
        yield from _spoken(where, tokens, number)


def host_at(where: Passage, at: int) -> Host | None:
    """The longest host that starts exactly at `at`: what stands behind the @ of a mail address."""
    tokens = []
    for match in WORD.finditer(where.lower, at, min(len(where.lower), at + 120)):
        tokens.append(match)
        if len(tokens) > MOST_LABELS:
            break
    if not tokens or tokens[0].start() != at:
        return None
    best = None
    for number in range(1, len(tokens)):
        for host in _hosts(where, tokens, number, ()):
            if host.at == at and host.gap in ("dot", "typed", "loose") and is_host(value_of(host)[0]):
                best = host
    return best


def _hosts(where: Passage, tokens: Sequence[re.Match[str]], number: int, known: Sequence[Keyword]) -> Iterator[Host]:
    """The hosts whose ending is, or is in, one word."""
    word = tokens[number]
    last, end = ending(word[0]), word.end()
    broken = _broken_ending(where, tokens, number)
    if number:
        gap = _gap(where.lower[tokens[number - 1].end() : word.start()])
        if broken is not None and gap in ("dot", "loose", "typed"):
            yield _leftwards(where, tokens, number, last=broken[0], end=broken[1], gap=gap, known=known)
        elif last is not None and gap and (gap != "space" or _may_lack_dot(where, tokens[number - 1])):
            yield _leftwards(where, tokens, number, last=last, end=end, gap=gap, known=known)
    yield from _without_dot(where, tokens, number, known)


def _broken_ending(where: Passage, tokens: Sequence[re.Match[str]], number: int) -> tuple[Ending, int] | None:
    """An ending with a space inside, such as `bi z`, at the end of its line."""
    if number + 1 >= len(tokens):
        return None
    one, two = tokens[number], tokens[number + 1]
    if where.lower[one.end() : two.start()] != " " or len(one[0]) > 5 or len(two[0]) > 3:
        return None
    if two.end() not in (len(where.lower), *where.joins) and where.lower[two.end()] not in "/ ":
        return None
    whole = ending(one[0] + two[0])
    if whole is None or whole.value not in COMMON | CYRILLIC or (one[0] in COMMON and len(two[0]) > 1):
        return None
    return Ending(whole.value, "ending broken"), two.end()


def _gap(between: str) -> str:
    """What stands between two words of a host: "" when they cannot belong together."""
    if between == ".":
        return "dot"
    if between == " " or re.fullmatch(r" ?[,;] ", between):
        return "space"
    if not between or len(between) > 8:
        return ""
    if DOT_TYPED.fullmatch(between):
        return "typed"
    return "loose" if DOT_LOOSE.fullmatch(between) else ""


def _may_lack_dot(where: Passage, label: re.Match[str]) -> bool:
    """Whether a space after this word may stand for a dot: it has a digit, or something leads to it."""
    before = where.latin[max(0, label.start() - 12) : label.start() + 3]
    return (
        re.search(r"\d", label[0]) is not None
        or LED.search(before) is not None
        or any(word in where.lower[max(0, label.start() - 16) : label.start()] for word in WEB_WORDS)
    )


def _leftwards(
    where: Passage,
    tokens: Sequence[re.Match[str]],
    number: int,
    *,
    last: Ending,
    end: int,
    gap: str,
    known: Sequence[Keyword],
) -> Host:
    """The host that ends with word `number`, with all labels that dots tie to it."""
    first = number - 1
    while first > 0 and number - first < MOST_LABELS:
        if where.lower[tokens[first - 1].end() : tokens[first].start()] != ".":
            break
        first -= 1
    labels = [token[0] for token in tokens[first:number]]
    trail = []
    painted = where.text[tokens[number - 1].start() : end]
    if gap != "dot":
        rule = "dot lost" if gap == "space" else "separator"
        trail.append(Repair(rule, painted, f"{labels[-1]}.{last.value}"))
    if last.rule:
        trail.append(Repair(last.rule, painted, f"{labels[-1]}.{last.value}"))
    host = Host(tuple(labels), last, tokens[first].start(), end, gap, trail=tuple(trail))
    return _led(where, host, known)


def _spoken(where: Passage, tokens: Sequence[re.Match[str]], number: int) -> Iterator[Candidate]:
    """`shop24 точка biz`, `shop24(dot)biz`."""
    if not 0 < number < len(tokens) - 1:
        return
    before, after = tokens[number - 1], tokens[number + 1]
    between = where.lower[before.end() : after.start()]
    if not (DOT_SPOKEN.fullmatch(between) or DOT_TYPED.fullmatch(between)):
        return
    last = ending(after[0])
    if last is None or (last.value not in COMMON and last.value not in CYRILLIC):
        return
    painted = where.text[before.start() : after.end()]
    trail = (Repair("separator", painted, f"{before[0]}.{last.value}"),)
    last = replace(last, rule="" if last.rule == "ending spoken" else last.rule)
    host = Host((before[0],), last, before.start(), after.end(), "typed", before.start(), "spoken", trail)
    yield from judged(where, host)


def _without_dot(
    where: Passage, tokens: Sequence[re.Match[str]], number: int, known: Sequence[Keyword]
) -> Iterator[Host]:
    """`hydra2webcom`, and with www before it any common ending: `www.shop24cc`."""
    word = tokens[number]
    text = word[0]
    is_led = LED.search(where.latin[max(0, word.start() - 12) : word.start() + 4]) is not None
    if len(text) < LEAST_REMAINDER + 2 or not (is_led or re.search(r"\d", text)):
        return
    if number + 1 < len(tokens) and where.lower[word.end() : tokens[number + 1].start()] == ".":
        return
    host = _led(where, Host((text,), Ending(""), word.start(), word.end(), "none"), known)
    endings = COMMON | CYRILLIC if host.led in ("scheme", "www") else WITHOUT_DOT
    for size in range(min(6, len(text) - LEAST_REMAINDER), 1, -1):
        front, back = text[:-size].rstrip("-"), text[-size:]
        last = ending(back)
        if last is None or last.rule not in ("", "look-alike letters"):
            continue
        is_set_off = len(back) >= 4 and front[-1:].isdigit() and last.value in COMMON  # `severny5441site`
        if last.value not in endings and not is_set_off:
            continue
        if not host.led and not (re.search(r"\d", front) and re.search(r"[^\W\d]{3}", front)):
            continue
        painted = where.text[word.start() : word.end()]
        trail = (*host.trail, Repair("dot lost", painted, f"{front}.{last.value}"))
        labels = (host.labels[-1][: len(host.labels[-1]) - size].rstrip("-"),)
        yield replace(host, labels=labels, ending=last, trail=trail)
        return


def _led(where: Passage, host: Host, known: Sequence[Keyword]) -> Host:
    """The host with what leads to it: a scheme and www become part of it, a keyword does not."""
    low = max(0, host.at - 20)
    match = LEAD.search(where.latin[low : host.at])
    start = at = host.at
    labels, trail, led = list(host.labels), list(host.trail), ""
    if match is not None and match[0].strip():
        start = low + match.start()
        led = "www" if match["www"] else "scheme"
        if match["scheme"] and not re.fullmatch(r"h[t]{2}ps?://", match["scheme"]):
            trail.append(Repair("separator", where.text[start:at], "https://"))
        elif match["www"] and match["www"] != "www.":
            trail.append(Repair("separator", where.text[start:at], "www."))
    if len(labels) > 1 and re.fullmatch("www|vvww?|wvv|wwvv|vvvvvv|шшш", labels[0]):
        at, labels, led = at + len(labels[0]) + 1, labels[1:], "www"
    elif (glued := GLUED_WWW.match(labels[0])) is not None and len(labels[0]) - glued.end() >= 3:
        trail.append(Repair("separator", labels[0], "www." + labels[0][glued.end() :]))
        at, labels[0], led = at + glued.end(), labels[0][glued.end() :], "www"
    if not led and any(
        0 <= host.at - word.end <= MOST_BETWEEN and not re.search(r"\w", where.lower[word.end : host.at])
        for word in known
    ):
        led = "keyword"
    return replace(host, labels=tuple(labels), at=at, start=start, led=led, trail=tuple(trail))


def value_of(host: Host) -> tuple[str, bool]:
    """The host in the script that its ending demands, and whether look-alikes had to be folded."""
    cyrillic = is_cyrillic(host.ending.value[0])
    made = [in_script(label, cyrillic=cyrillic) for label in host.labels]
    return unicode_host(".".join([*(label for label, _ in made), host.ending.value])), any(rule for _, rule in made)


def judged(where: Passage, host: Host) -> Iterator[Candidate]:
    """The domain that a host is, when the paint gives reason enough to think that it is one."""
    if host.ending.rule == "ending guessed":
        yield from _unseen(where, host)
        return
    core: tuple[int, int] | None = (host.at, host.end)
    host = _with_path(where, host)
    value, is_folded = value_of(host)
    if not _is_meant(where, host, value) or is_platform(value) or not is_host(value):
        return
    painted = where.text[host.start : host.end]
    trail = host.trail
    if is_folded and "look-alike letters" not in {step.rule for step in trail}:
        trail = (*trail, Repair("look-alike letters", painted, value))
    facts = views(value)
    if value in PATH_IS_IDENTITY or any(value.endswith("." + known) for known in ("taplink.cc", "carrd.co")):
        if value in PATH_IS_IDENTITY and len(host.path) < 3:
            return
        value += host.path.replace("\\", "/").rstrip("/")
        core = None
    elif len(host.path) > 1:
        facts["path"] = host.path
    common = host.ending.value in COMMON or host.ending.value in CYRILLIC
    evidence = "keyword read nearly" if host.led == "keyword" and host.gap == "space" else "plain"
    evidence = "rare ending" if not common else evidence
    yield Candidate(Kind.DOMAIN, value, host.start, host.end, trail, facts, (), evidence, core)


def _with_path(where: Passage, host: Host) -> Host:
    match = PATH.match(where.text, host.end)
    if match is None or not match[0]:
        return host
    path = (match["path"] or "").rstrip(".,;:!?)\"'")
    end = match.end() - len(match["path"] or "") + len(path)
    return replace(host, path=path, end=end)


def _is_meant(where: Passage, host: Host, value: str) -> bool:  # noqa: PLR0911 - one reason a line
    """Whether this is an address and not two words of the street with a dot between."""
    label, last = ".".join(host.labels), host.ending.value
    before = where.text[host.start - 1 : host.start]
    after = where.text[host.end : host.end + 1]
    if (
        before in ("@", "_")
        or (before and before in "./" and not host.led)
        or (after and (after.isalnum() or after in "@_"))
    ):
        return False
    name = host.labels[-1]
    if name.isdigit() and not host.led:
        return False
    if last == "onion" or (value in MAIL_HOSTS and len(host.path) < 2):
        return False
    is_marked = (re.search(r"\d", label) is not None and re.search(r"[^\W\d]", label) is not None) or "-" in label
    has_evidence = bool(host.led) or is_marked or len(host.path) > 1
    if host.gap in ("loose", "space", "none") or host.ending.rule not in ("", "look-alike letters"):
        return _is_mended_rightly(where, host, has_evidence=has_evidence)
    if len(name) < 2 or (len(name) == 2 and not has_evidence):
        return False
    if last in ARE_WORDS or (last not in COMMON and last not in CYRILLIC):
        return has_evidence or (last in ARE_WORDS and _stands_alone(where, host) and len(name) >= 5)
    if has_cyrillic(label) and last not in CYRILLIC and not has_evidence and has_latin(last):
        return _stands_alone(where, host)
    return has_evidence or not SENTENCE.search(where.text[host.start : host.end])


def _stands_alone(where: Passage, host: Host) -> bool:
    """Whether nothing else is on the line, all of one case: a slogan has more words and capitals."""
    painted = where.text[host.start : host.end]
    bounds = {0, len(where.text), *where.joins}
    return host.start in bounds and host.end in bounds and not SENTENCE.search(painted) and not has_cyrillic(painted)


def _is_mended_rightly(where: Passage, host: Host, *, has_evidence: bool) -> bool:
    """Whether a host whose dot or ending is in doubt is worth a person's look."""
    name, last = host.labels[-1], host.ending.value
    if host.gap == "none":
        return len(name) >= 3
    if last not in COMMON and last not in CYRILLIC:
        return False
    if host.ending.rule == "ending spoken":
        return has_evidence and name.isascii()
    if host.gap == "space":
        starts_well = re.match(r"[^\W\d]{3}", name) is not None
        strong = host.led or (last in AFTER_SPACE and starts_well and re.search(r"\d", name) is not None)
        return bool(strong) and _ends_line(where, host)
    if has_evidence:
        return last not in ARE_WORDS or bool(host.led) or re.search(r"\d|-", name) is not None
    painted = where.text[host.start : host.end]
    is_plain = last in {"com", "biz", "net", "org", "info", "cc", "xyz", "kz", "ru", "рф", "қаз", "su", "ws", "pw"}
    return is_plain and len(name) >= 4 and not SENTENCE.search(painted) and (name.isascii() or last in CYRILLIC)


def _ends_line(where: Passage, host: Host) -> bool:
    rest = where.text[host.end :]
    return not re.match(r"\s?[\w]", rest) or host.led in ("www", "scheme")


def is_platform(host: str) -> bool:
    """Whether a host belongs to a platform whose handles are addresses, or is one nearly read."""
    if any(host == known or host.endswith("." + known) for known in PLATFORMS):
        return True
    return NEAR_PLATFORM.fullmatch(host) is not None or is_nearly_telegram(host)


def _unseen(where: Passage, host: Host) -> Iterator[Candidate]:
    """`COMb24.PO`: what a network without Cyrillic makes of `соль24.рф`."""
    if host.gap not in ("dot", "loose", "typed") or len(host.labels) != 1:
        return
    labels = unseen.readings(where.text[host.at : host.at + len(host.labels[0])])
    values = [f"{label}.рф" for label in labels if is_host(f"{label}.рф")]
    if not values:
        return
    trail = (Repair("ending guessed", where.text[host.start : host.end], values[0]),)
    others = tuple((value, 0.5 / position) for position, value in enumerate(values[1:6], 1))
    yield Candidate(Kind.DOMAIN, values[0], host.start, host.end, trail, views(values[0]), others)
