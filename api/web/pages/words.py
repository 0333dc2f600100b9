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
    "about": {
        "address.new": "a new address",
        "address.reappeared": "a blocked address is back",
        "address.reappearance_withdrawn": "it was not back after all",
        "address.near": "something near to what I watch",
    },
    "channel": {"inbox": "inbox", "mail": "mail", "webhook": "webhook", "feed": "feed"},
    "pace": {"at_once": "at once", "hourly": "every hour", "daily": "once a day"},
    "off": {
        "owner": "switched off",
        "overseer": "switched off by a supervisor",
        "failing": "switched off: nothing got through",
        "gone": "switched off: the receiver is gone",
    },
    "message": {"waiting": "waiting", "sending": "being sent", "sent": "sent", "dead": "given up"},
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
    "step": {
        "confirmed": "Confirm",
        "sent": "Mark as sent",
        "blocked": "Mark as blocked",
        "reappeared": "Mark as re-appeared",
        "rejected": "Reject",
        "benign": "Mark as benign",
    },
    "verdict": {"shop": "a shop after all", "benign": "benign"},
    "book": {"kui": "KUI", "erdr": "ERDR"},
    "relation": {"misreading": "misreading", "mirror": "another address of the shop"},
    "why": {
        "misreading": "differ in characters that are confused",
        "same_name": "the same name",
        "other_ending": "another ending",
        "other_platform": "another platform",
        "bot": "one of them is a bot",
        "other_words": "another usual word",
        "other_letters": "the same in other letters",
        "same_digits": "the same digits",
    },
    "edge": {
        "wall": "on the same wall",
        "photo": "in the same photo",
        "case": "in the same case",
        "series": "of one series",
        "near": "likely one shop",
        "merged": "merged",
        "stencil": "one stencil",
        "hand": "one hand",
    },
    "wall": {"open": "still there", "painted": "painted over", "reappeared": "written on again"},
    "joined": {
        "first": "the first photo",
        "picture": "looks the same",
        "place": "same address near by",
        "person": "put there by a person",
        "earlier": "from before reasons were kept",
    },
    "event": {
        "painted": "painted over",
        "unpainted": "not painted over after all",
        "reappeared": "written on again",
        "reappearance_withdrawn": "not written on after all",
        "merged": "another wall was found to be this one",
        "split": "photos were split off",
        "split_from": "split off from another wall",
    },
    "standing": {
        "listed": "on the list",
        "waiting": "waits for a person",
        "confirmed": "confirmed",
        "rejected": "rejected",
    },
}
"""By what the value is, in English; catalogues translate each with what it is as its context."""


def word(translations: Translations, of: str, value: str) -> str:
    """The word for a value; the value itself where there is none, so that a new one is seen and not lost."""
    english = WORDS.get(of, {}).get(str(value))
    return str(translations.upgettext(of, english)) if english else str(value)
