"""The forms of an address that people see and type: defanged for showing, canonical from a correction."""

from __future__ import annotations

import re
import unicodedata

from vision.addresses import onion
from vision.addresses.endings import is_host, unicode_host
from vision.addresses.names import LONGEST, REFUSED_BEGINNINGS, RESERVED, is_name
from vision.addresses.painted import candidates
from vision.addresses.passage import passage
from vision.addresses.phone import number_of
from vision.addresses.telegram import PRIVATE
from vision.addresses.web import is_platform
from vision.types import Kind, Line

LONGEST_TYPED = 300
_NOWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class AddressInvalid(ValueError):
    """What was typed is not an address of the kind; the message says what is wrong."""


def defang(kind: Kind | str, value: str) -> str:
    """The value so that no program makes a link of it: `shop24[.]biz`, `t[.]me/shop24`; a phone stays as it is."""
    kind = Kind(kind)
    if kind is Kind.PHONE:
        return value
    prefix = {
        Kind.TELEGRAM: "t.me/",
        Kind.TELEGRAM_INVITE: "t.me/" if value.startswith(PRIVATE) else "t.me/+",
        Kind.WHATSAPP: "chat.whatsapp.com/",
        Kind.INSTAGRAM: "instagram.com/",
        Kind.VK: "vk.com/",
    }.get(kind, "")
    return (prefix + value).replace(".", "[.]").replace("@", "[@]")


def canonical(kind: Kind | str, text: str) -> str:
    """The canonical value of what a person typed for a kind: the bare value, @name, a link.

    Nothing is mended: a person who corrects a reading says exactly what is painted.

    Raises:
        AddressInvalid: it is not an address of this kind; the message says what is wrong.
    """
    kind = Kind(kind)
    typed = unicodedata.normalize("NFC", text).strip()
    if not typed:
        raise AddressInvalid("Type the address.")
    if len(typed) > LONGEST_TYPED or any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in typed):
        raise AddressInvalid(f"An address has at most {LONGEST_TYPED} printable characters and no hidden ones.")
    value = _found(kind, typed) or _bare(kind, typed)
    if value is None:
        raise AddressInvalid(_complaint(kind, typed))
    return value


def _found(kind: Kind, typed: str) -> str | None:
    """The value when the rules for paint find exactly this one address, without mending anything."""
    where = passage([Line(typed, 1.0, _NOWHERE)])
    values = {
        found.value
        for found in candidates(where)
        if found.kind is kind and not found.trail and found.evidence in ("plain", "rare ending")
        and found.start == 0 and found.end == len(where.text)
    }  # fmt: skip
    return values.pop() if len(values) == 1 else None


def _bare(kind: Kind, typed: str) -> str | None:  # noqa: PLR0911 - one kind a line
    """The value when it was typed without anything that says what it is."""
    name = typed.removeprefix("@").lower()
    match kind:
        case Kind.TELEGRAM:
            return name if is_name(name, explicit=True) else None
        case Kind.TELEGRAM_INVITE:
            code = typed.removeprefix("+")
            is_private = re.fullmatch(rf"{PRIVATE}\d{{6,16}}", code) is not None
            is_hash = re.fullmatch(r"[A-Za-z0-9_-]{10,64}", code) is not None and not code.isdigit()
            return code if is_private or is_hash else None
        case Kind.DOMAIN:
            return _host(typed)
        case Kind.ONION:
            label = name.removesuffix(".onion")
            return f"{label}.onion" if onion.is_onion(label) else None
        case Kind.PHONE:
            return number_of(typed) if re.fullmatch(r"\+?[\d\s().-]{6,30}", typed) else None
        case Kind.WHATSAPP:
            return typed if re.fullmatch(r"[A-Za-z0-9_-]{10,40}", typed) else None
        case Kind.INSTAGRAM:
            return name if re.fullmatch(r"(?!.*\.\.)[a-z0-9_][a-z0-9_.]{0,28}[a-z0-9_]", name) else None
        case Kind.VK:
            return name if re.fullmatch(r"[a-z0-9_][a-z0-9_.]{0,30}[a-z0-9_]", name) else None
        case Kind.EMAIL:
            local, at, host = name.rpartition("@")
            good = at and re.fullmatch(r"[a-z0-9][a-z0-9._+-]{0,63}", local) and is_host(host)
            return f"{local}@{host}" if good else None


def _host(typed: str) -> str | None:
    """A typed host in Unicode, lower case, without scheme, www, port and path."""
    host = re.sub(r"^(?:https?://)?(?:www\.)?", "", typed.lower())
    host = unicode_host(re.sub(r"(?::\d+)?(?:[/?#].*)?$", "", host).rstrip("."))
    return host if is_host(host) and not is_platform(host) and not host.endswith(".onion") else None


def _complaint(kind: Kind, typed: str) -> str:
    shown = typed[:60]
    if kind is Kind.TELEGRAM:
        return f"“{shown}” is not a valid Telegram name: {_name_fault(typed)}"
    if kind is Kind.ONION and len(re.sub(r"\.onion$", "", typed)) == onion.LENGTH:
        return f"“{shown}” is not a valid onion address: its checksum is wrong, so a character was misread."
    return f"“{shown}” is not a valid {_NAMES[kind]}"


def _name_fault(typed: str) -> str:
    """What is wrong with a Telegram name, in words."""
    name = re.sub(r"^(?:https?://)?(?:(?:www\.)?t(?:elegram)?\.(?:me|dog)/)?@?", "", typed.lower())
    if not re.fullmatch(r"[a-z0-9_]*", name):
        wrong = sorted({char for char in name if not re.fullmatch("[a-z0-9_]", char)})
        return f"only Latin letters, digits and _ may be in it, not {' '.join(map(repr, wrong[:5]))}."
    if not 4 <= len(name) <= LONGEST:
        return f"it has 5 to {LONGEST} characters."
    if name in RESERVED or name.startswith(REFUSED_BEGINNINGS):
        return "Telegram keeps this word for itself."
    return "it starts with a letter, does not end with _ and has no two _ together."


_NAMES = {
    Kind.TELEGRAM_INVITE: "Telegram invite: it looks like t.me/+ and the hash of ten characters or more.",
    Kind.DOMAIN: "domain: it looks like severny-tuman.biz, with an ending that exists.",
    Kind.ONION: "onion address: it has 56 characters, a to z and 2 to 7, and .onion.",
    Kind.PHONE: "phone number: it looks like +7 707 and seven digits, and must exist in the numbering plan.",
    Kind.WHATSAPP: "WhatsApp group: it looks like chat.whatsapp.com/ and a code.",
    Kind.INSTAGRAM: "Instagram name: Latin letters, digits, _ and dots, at most 30.",
    Kind.VK: "VK page: Latin letters, digits, _ and dots, at most 32.",
    Kind.EMAIL: "mail address: it looks like name@severny-tuman.kz.",
}
