"""The texts of messages: mail as plain text and HTML, webhooks as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from api.telling.items import Item, lines_of
from api.telling.words import Language, headline, word
from models import Message, Subscription

MOST_IN_MAIL = 50
MOST_IN_WEBHOOK = 200
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="format-detection" content="telephone=no,address=no">
<title>{title}</title></head><body><h1>{title}</h1>{blocks}<p>{footer}</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's subject and its two bodies."""

    subject: str
    text: str
    html: str


def letter(row: Subscription, message: Message, items: Sequence[Item], language: Language) -> Letter:
    """What a mail says. Addresses are defanged in all of it, and everything in the HTML is escaped."""
    title = _title(row, message, items, language)
    footer = [word("do_not_open", language), f"{word('because', language)}: {row.label}"]
    if message.is_test:
        body = word("test_body", language)
        return Letter(title, f"{body}\n\n{footer[1]}\n", _page(title, f"<p>{escape(body)}</p>", footer[1:], language))
    told = [lines_of(item, language) for item in items]
    more = message.notice_count - len(items)
    rest = [f"{word('more', language)} {more}"] if more > 0 else []
    text = "\n\n".join(["\n".join(f"{name}: {value}" for name, value in lines) for lines in told] + rest)
    blocks = "".join(_block(lines) for lines in told) + "".join(f"<p>{escape(each)}</p>" for each in rest)
    return Letter(title, f"{text}\n\n-- \n" + "\n".join(footer) + "\n", _page(title, blocks, footer, language))


def _title(row: Subscription, message: Message, items: Sequence[Item], language: Language) -> str:
    if message.is_test:
        return f"WallWatch: {word('test', language)}"
    if message.is_digest or not items:
        return f"WallWatch: {word('digest', language)}: {headline(row.about, language)} ({message.notice_count})"
    return f"WallWatch: {items[0].title(language)}"


def _block(lines: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f'<tr><th align="left">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in lines)
    return f"<table>{cells}</table><hr>"


def _page(title: str, blocks: str, footer: Sequence[str], language: Language) -> str:
    shown = "<br>".join(escape(each) for each in footer)
    return PAGE.format(language=language, title=escape(title), blocks=blocks, footer=shown)


def payload(row: Subscription, message: Message, items: Sequence[Item]) -> str:
    """The body of a webhook: `type`, `timestamp` and `data`, as Standard Webhooks has it."""
    if message.is_test:
        kind: str = "test"
        data: object = {"subscription_id": row.id}
    elif message.is_digest or not items:
        kind = "digest"
        data = {
            "subscription_id": row.id,
            "about": row.about,
            "count": message.notice_count,
            "items": [item.as_json() for item in items],
        }
    else:
        kind, data = items[0].kind, {"subscription_id": row.id, **items[0].as_json()}
    said = {"type": kind, "timestamp": _iso(message.made_at), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
