"""What somebody wrote in a mail: as plain text, without what their program quoted from ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import chain

from lxml import etree, html

from api.errors import Problem
from api.intake.channels.mailbox.parts import BROKEN
from api.intake.links import find_link, point_of_link
from api.intake.text import clean_line, clean_note

LONGEST_BYTES = 2**18
LONGEST = 4000

_UNREAD = {"script", "style", "head", "title", "template", "noscript", "object", "svg", "math"}
_LINES = {
    "p",
    "div",
    "br",
    "tr",
    "li",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "hr",
    "ul",
    "ol",
}
_QUOTE = re.compile(
    r"\s*(>|_{10,}\s*$|-{2,}\s*(original message|исходное сообщение|бастапқы хабарлама)\s*-{2,})", re.IGNORECASE
)
_HEADER = re.compile(r"\s*\*?(from|от|от кого|кімнен)\s*:\*?\s", re.IGNORECASE)
_DATE, _PLACE = re.compile(r"\d{1,2}[:.]\d\d|\d{4}"), re.compile(r"\d{1,3}[.,]\d{3,}")
_NEXT_HEADER = re.compile(r"\s*\*?(sent|date|to|отправлено|дата|кому|жіберілді|күні|кімге)\s*:\*?\s", re.IGNORECASE)


def decoded(data: bytes, headers: EmailMessage) -> str:
    """Text in the charset that is named, or in one that fits: mails lie about it."""
    try:
        named = headers.get_content_charset() or ""
    except BROKEN:
        named = ""
    for charset in (named, "utf-8", "windows-1251"):
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def of_html(source: str, *, is_answer: bool = False) -> str:
    """The text of a page: no scripts, no styles, nothing loaded; of an answer, nothing that it quotes.

    A link to a map is given with its address, since the place may stand in that alone. libxml2 takes what is written
    badly in one pass; Python's own parser needs quadratic time for it.
    """
    if not source.strip():
        return ""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, recover=True, huge_tree=False)
    try:
        root = html.document_fromstring(_without_declaration(source), parser=parser)
    except (etree.LxmlError, ValueError):
        return ""
    return clean_note(re.sub(r"\s*\n\s*", "\n", "".join(_written(root, is_answer=is_answer))))


def _without_declaration(source: str) -> str:
    return re.sub(r"^\s*<\?xml[^>]*>", "", source).replace("\x00", "")


def _written(root: html.HtmlElement, *, is_answer: bool) -> Iterator[str]:
    """Text in the order of the page, without recursion: pages nest as deep as they like."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _UNREAD or (is_answer and tag == "blockquote"):
                _empty(element)
            if tag in _LINES:
                yield "\n"
            if tag != "pre" and element.text:
                yield re.sub(r"\s+", " ", element.text)
            elif element.text:
                yield element.text
        else:
            if tag == "a" and (link := _map_link(element.get("href") or "")):
                yield f" {link} "
            if tag in _LINES:
                yield "\n"
            if element.tail:
                yield re.sub(r"\s+", " ", element.tail)


def _empty(element: html.HtmlElement) -> None:
    element.text = None
    for child in list(element):
        element.remove(child)


def _map_link(href: str) -> str | None:
    link = find_link(href[:2000])
    try:
        if link:
            point_of_link(link)
    except Problem:
        return None
    return link


def own_words(text: str) -> str:
    """What somebody wrote above what they answer: without quoted lines and the line that introduces them."""
    lines = text.splitlines()
    for at, line in enumerate(lines):
        following = next((each for each in lines[at + 1 : at + 4] if each.strip()), "")
        if _QUOTE.match(line) or (_HEADER.match(line) and _NEXT_HEADER.match(following)):
            kept = lines[:at]
            while kept and not kept[-1].strip():
                kept.pop()
            # "On Monday … wrote:", which may be broken in two lines
            if kept and kept[-1].rstrip().endswith(":"):
                kept.pop()
                while (
                    kept and kept[-1].strip() and re.search(r"\d{1,2}[:.]\d\d|\d{4}", kept[-1]) and not _is_place(kept)
                ):
                    kept.pop()
            return "\n".join(kept)
    return text


def _is_place(lines: list[str]) -> bool:
    return bool(re.search(r"\d{1,3}[.,]\d{3,}", lines[-1]))


def without_signature(text: str) -> str:
    """Nothing from the line `-- ` on (RFC 3676, 4.3)."""
    return re.split(r"(?m)^-- ?\r?$", text, maxsplit=1)[0]


def joined(subject: str, bodies: Iterator[str], *, is_answer: bool) -> str | None:
    """Subject and body as one text, at most 4000 characters; of an answer the subject is ours and left out."""
    body = clean_note("\n".join(bodies))
    head = "" if is_answer else clean_line(subject)
    said = _few_empty_lines("\n".join(chain([head] if head else [], [body] if body else [])))
    return said[:LONGEST].strip() or None


def _few_empty_lines(text: str) -> str:
    return re.sub(r"\n\s*\n\s*(?=\n)", "\n", text)
