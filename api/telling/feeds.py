"""A subscription as a feed: Atom 1.0 (RFC 4287) or RSS 2.0, with the least that tells what happened.

Whoever has the address of a feed may read it, and feed readers keep what they read: so there are neither places nor
photos in it, and addresses are defanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from api.telling.items import Item
from api.telling.words import Language, headline, word
from models import Subscription

MOST = 50
ATOM, RSS = "application/atom+xml; charset=utf-8", "application/rss+xml; charset=utf-8"


def atom(row: Subscription, items: Sequence[Item], language: Language) -> bytes:
    """The feed as Atom; `items` the newest first."""
    updated = max([row.created_at, *(item.at for item in items)])
    entries = "".join(
        f'<entry><id>{_urn(row, item)}</id><title type="text">{_text(item.title(language))}</title>'
        f'<updated>{_iso(item.at)}</updated><category term="{_text(item.kind)}"/>'
        f'<summary type="text">{_text(_summary(item, language))}</summary></entry>'
        for item in items
    )  # fmt: skip
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}"><id>urn:wallwatch:subscription:{row.id}</id>'
        f'<title type="text">{_text(_title(row, language))}</title><updated>{_iso(updated)}</updated>'
        f"<author><name>WallWatch</name></author>{entries}</feed>\n"
    ).encode()


def rss(row: Subscription, items: Sequence[Item], language: Language) -> bytes:
    """The feed as RSS; its link leads nowhere, because there is no page that needs no sign-in."""
    entries = "".join(
        f'<item><guid isPermaLink="false">{_urn(row, item)}</guid><title>{_text(item.title(language))}</title>'
        f"<pubDate>{format_datetime(item.at)}</pubDate><category>{_text(item.kind)}</category>"
        f"<description>{_text(_summary(item, language))}</description></item>"
        for item in items
    )
    title = _text(_title(row, language))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<rss version="2.0"><channel><title>{title}</title><link>urn:wallwatch:subscription:{row.id}</link>'
        f"<description>{title}</description><language>{language}</language>{entries}</channel></rss>\n"
    ).encode()


def etag(body: bytes) -> str:
    """A strong validator of a feed's bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def is_known(etags: str, tag: str) -> bool:
    """Whether an `If-None-Match` names this validator."""
    return any(each.strip().removeprefix("W/") in (tag, "*") for each in etags.split(","))


def _title(row: Subscription, language: Language) -> str:
    return f"WallWatch: {headline(row.about, language)}"


def _summary(item: Item, language: Language) -> str:
    near = f"; {word('near_to', language)}: {item.near}" if item.near else ""
    return f"TLP:{item.tlp.upper()}{near}"


def _urn(row: Subscription, item: Item) -> str:
    return f"urn:wallwatch:subscription:{row.id}:{item.seq}"


def _text(value: str) -> str:
    """Escaped, and without characters that XML cannot hold."""
    kept = "".join(
        char for char in value if char >= " " and char not in "\ufffe\uffff" and not 0xD800 <= ord(char) < 0xE000
    )
    return escape(kept, {'"': "&quot;"})


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
