"""What pages call the values that programs keep: statuses, kinds, roles."""

from __future__ import annotations

from babel.support import Translations

from api.exchange.incoming.reasons import SAID

WORDS: dict[str, dict[str, str]] = {
    "kind": {
        "telegram": "Telegram",
        "telegram_invite": "Telegram invite",
        "domain": "site",
        "onion": "onion service",
        "phone": "phone",
        "whatsapp": "WhatsApp",
        "instagram": "Instagram",
        "vk": "VK",
        "email": "e-mail",
    },
    "status": {
        "new": "new",
        "confirmed": "confirmed",
        "sent": "sent for blocking",
        "blocked": "blocked",
        "reappeared": "re-appeared",
        "rejected": "rejected",
        "benign": "benign",
    },
    "sighting": {"unreviewed": "not reviewed", "confirmed": "confirmed", "rejected": "rejected"},
    "review": {
        "unreviewed": "not reviewed",
        "confirmed": "confirmed",
        "corrected": "corrected",
        "rejected": "rejected",
    },
    "photo": {"owed": "waiting to be read", "read": "read", "unreadable": "could not be read"},
    "role": {
        "officer": "officer",
        "investigator": "investigator",
        "supervisor": "supervisor",
        "admin": "administrator",
    },
    "import state": {
        "waiting": "waiting",
        "reading": "the file is being read",
        "writing": "going on",
        "finished": "finished",
        "refused": "refused",
        "unfinished": "not finished",
    },
    "fate": {"added": "added", "merged": "merged", "known": "known", "refused": "refused"},
    "format": {
        "csv": "CSV table",
        "xlsx": "Excel workbook (XLSX)",
        "json": "JSON",
        "geojson": "GeoJSON",
        "stix": "STIX 2.1",
        "misp": "MISP",
        "text": "plain list",
    },
    "period": {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"},
    "import": {each: each for each in SAID},
}
"""By what the value is, in English; catalogues translate each with what it is as its context."""


def word(translations: Translations, of: str, value: str) -> str:
    """The word for a value; the value itself where there is none, so that a new one is seen and not lost."""
    english = WORDS.get(of, {}).get(str(value))
    return str(translations.upgettext(of, english)) if english else str(value)
