"""Mail addresses: `name@host`, the @ and the dots forgiven where a mail host makes it plain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vision.addresses import web
from vision.addresses.endings import is_host
from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.addresses.scripts import has_cyrillic
from vision.types import Kind, Repair

LOCAL = re.compile(
    r"(?<![a-z0-9._+-])(?P<local>[a-z0-9](?:[a-z0-9_+-]|\.(?=[a-z0-9])){0,63})"
    r"(?P<at>\s?@\s?|\s?[(\[]\s?(?:a|at|@)\s?[)\]]\s?|\s?©\s?|\scoбaka\s)(?=\w)"
)


def find(where: Passage) -> Iterator[Candidate]:
    """Every mail address in a passage."""
    for match in LOCAL.finditer(where.latin):
        host = web.host_at(where, match.end())
        if host is None or not re.search(r"[A-Za-z0-9]", where.text[match.start() : match.end("local")]):
            continue  # a Cyrillic word before an @ is not its name
        value, is_folded = web.value_of(host)
        is_plain = match["at"] == "@" and host.gap == "dot" and not host.trail
        if not is_host(value) or not (is_plain or value in web.MAIL_HOSTS or match["at"].strip() == "@"):
            continue
        if host.gap == "space" or (match["at"].strip() == "@" and match["at"] != "@" and value not in web.MAIL_HOSTS):
            continue
        start, end = match.start(), host.end
        painted = where.text[start:end]
        steps = [*host.trail]
        if match["at"] != "@":
            rule = "separator" if match["at"].strip() == "@" else "@ misread"
            steps.insert(0, Repair(rule, match["at"], "@"))
        if (is_folded or has_cyrillic(where.text[start : match.end()])) and not has_cyrillic(value):
            steps.append(Repair("look-alike letters", painted, f"{match['local']}@{value}"))
        yield Candidate(Kind.EMAIL, f"{match['local']}@{value}", start, end, tuple(steps), core=(start, end))
