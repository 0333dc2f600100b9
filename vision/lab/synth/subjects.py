"""What is painted: lines of text and the addresses they mean, all invented."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from numpy.random import Generator

from vision.lab.synth.fields import chosen
from vision.types import Kind

CASED = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
ENDINGS = (".biz", ".cc", ".com", ".shop", ".top", ".kz", ".online", ".site")


@dataclass(frozen=True)
class Address:
    """What a painted or coded address is: its identity in the watchlist."""

    kind: Kind
    value: str


@dataclass(frozen=True)
class Painted:
    """One line; `address` says which of the subject's addresses it carries, None for other text."""

    text: str
    address: int | None = None


@dataclass(frozen=True)
class Subject:
    """Lines from top to bottom, what they mean, and the content of a QR code if there is one.

    The QR code carries the last address; `plain` subjects are street text and carry none.
    """

    name: str
    lines: tuple[Painted, ...]
    addresses: tuple[Address, ...] = ()
    code: str | None = None
    plain: bool = False


@lru_cache(maxsize=32)
def words(name: str) -> tuple[str, ...]:
    """The lines of one of the word lists beside this file."""
    text = resources.files("vision.lab.synth").joinpath("words", f"{name}.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if line.strip())


def username(rng: Generator) -> str:
    """A Telegram name that is long and odd enough to be nobody's."""
    stem, tail, number = chosen(rng, words("stems")), chosen(rng, words("tails")), int(rng.integers(2000, 9999))
    patterns = (
        f"{stem}_{tail}_{number}",
        f"{stem}{tail}{number}",
        f"{stem}_{number}_{tail}",
        f"{stem}{tail}_{number}_bot",
    )
    return patterns[int(rng.choice(4, p=(0.5, 0.25, 0.15, 0.1)))]


def cased(rng: Generator, text: str) -> str:
    """The text in capitals, as it is, or with a capital here and there."""
    roll = rng.random()
    if roll < 0.25:
        return text.upper()
    return text if roll < 0.85 else "".join(c.upper() if rng.random() < 0.3 else c for c in text)


def _call(rng: Generator, chance: float = 0.55) -> tuple[Painted, ...]:
    return (Painted(chosen(rng, words("calls"))),) if rng.random() < chance else ()


def at_name(rng: Generator) -> Subject:
    """`@name`, mostly under a line that says what is sold or sought."""
    name = username(rng)
    return Subject("at_name", (*_call(rng), Painted("@" + cased(rng, name), 0)), (Address(Kind.TELEGRAM, name),))


def link(rng: Generator) -> Subject:
    """`t.me/name` in its spellings."""
    name = username(rng)
    host = chosen(rng, ("t.me/", "t.me/", "t.me/", "https://t.me/", "telegram.me/", "t.me/s/"))
    return Subject("link", (*_call(rng), Painted(cased(rng, host + name), 0)), (Address(Kind.TELEGRAM, name),))


def keyword_name(rng: Generator) -> Subject:
    """A name without `@`, led by a word such as ТГ."""
    name = username(rng)
    text = f"{chosen(rng, words('keywords'))} {name}"
    return Subject("keyword_name", (*_call(rng, 0.3), Painted(text, 0)), (Address(Kind.TELEGRAM, name),))


def broken_link(rng: Generator) -> Subject:
    """An address over two lines."""
    if rng.random() < 0.7:
        name = username(rng)
        lines = (Painted("t.me/", 0), Painted(name, 0))
        return Subject("broken_link", (*_call(rng, 0.3), *lines), (Address(Kind.TELEGRAM, name),))
    host, ending = _host(rng), chosen(rng, ENDINGS)
    lines = (Painted(host, 0), Painted(ending, 0))
    return Subject("broken_link", (*_call(rng, 0.3), *lines), (Address(Kind.DOMAIN, host + ending),))


def invite(rng: Generator) -> Subject:
    """`t.me/+hash`, case kept."""
    code = "".join(chosen(rng, CASED) for _ in range(16))
    text = chosen(rng, ("t.me/+", "t.me/joinchat/")) + code
    return Subject("invite", (*_call(rng), Painted(text, 0)), (Address(Kind.TELEGRAM_INVITE, code),))


def _host(rng: Generator) -> str:
    stem, tail, number = chosen(rng, words("stems")), chosen(rng, words("tails")), int(rng.integers(2000, 9999))
    return chosen(rng, (f"{stem}-{tail}-{number}", f"{stem}{tail}{number}", f"{stem}-{tail}{number}"))


def site(rng: Generator) -> Subject:
    """A Latin domain."""
    host = _host(rng) + chosen(rng, ENDINGS)
    text = cased(rng, chosen(rng, ("", "", "www.", "https://")) + host)
    return Subject("site", (*_call(rng), Painted(text, 0)), (Address(Kind.DOMAIN, host),))


def cyrillic_site(rng: Generator) -> Subject:
    """A Russian or Kazakh domain."""
    number = int(rng.integers(2000, 9999))
    if rng.random() < 0.65:
        host = f"{chosen(rng, words('cyrillic'))}-{number}{chosen(rng, ('.рф', '.рф', '.онлайн'))}"
    else:
        host = f"{chosen(rng, words('kazakh'))}-{number}.қаз"
    text = host.upper() if rng.random() < 0.3 else host
    return Subject("cyrillic_site", (*_call(rng), Painted(text, 0)), (Address(Kind.DOMAIN, host),))


def onion(rng: Generator) -> Subject:
    """A version 3 onion address of a random key with its right checksum, over several lines."""
    key = rng.bytes(32)
    check = hashlib.sha3_256(b".onion checksum" + key + b"\x03").digest()[:2]
    name = base64.b32encode(key + check + b"\x03").decode().lower()
    parts = [name[at : at + 28] for at in range(0, 56, 28)]
    lines = tuple(Painted(part, 0) for part in (*parts[:-1], parts[-1] + ".onion"))
    return Subject("onion", lines, (Address(Kind.ONION, name + ".onion"),))


def phone(rng: Generator) -> Subject:
    """A Kazakhstan mobile number whose subscriber part begins with 000: valid in form, given to nobody."""
    code = chosen(rng, ("701", "702", "705", "707", "747", "771", "775", "777"))
    a, b = f"{int(rng.integers(100)):02d}", f"{int(rng.integers(100)):02d}"
    forms = (f"8-{code}-000-{a}-{b}", f"+7 {code} 000 {a} {b}", f"8{code}000{a}{b}", f"8 ({code}) 000-{a}-{b}")
    text = chosen(rng, forms)
    return Subject("phone", (*_call(rng), Painted(text, 0)), (Address(Kind.PHONE, f"+7{code}000{a}{b}"),))


def whatsapp(rng: Generator) -> Subject:
    """A WhatsApp group's invitation."""
    code = "".join(chosen(rng, CASED) for _ in range(22))
    return Subject("whatsapp", (Painted("chat.whatsapp.com/" + code, 0),), (Address(Kind.WHATSAPP, code),))


def elsewhere(rng: Generator) -> Subject:
    """An Instagram or VK page or a mail address."""
    name = username(rng).replace("_bot", "")
    options = (
        (f"instagram.com/{name}", Kind.INSTAGRAM, name),
        (f"vk.com/{name}", Kind.VK, name),
        (f"{name}@severny-tuman-4417.com", Kind.EMAIL, f"{name}@severny-tuman-4417.com"),
    )
    text, kind, value = chosen(rng, options)
    return Subject("elsewhere", (*_call(rng), Painted(text, 0)), (Address(kind, value),))


def code_sticker(rng: Generator) -> Subject:
    """A QR code on a sticker, with a line above."""
    name = username(rng)
    text = chosen(rng, ("РАБОТА", "ЖҰМЫС", "КУРЬЕР", "СКАНИРУЙ", "24/7"))
    return Subject("code", (Painted(text),), (Address(Kind.TELEGRAM, name),), f"https://t.me/{name}")


def several(rng: Generator) -> Subject:
    """Two addresses on one wall."""
    first, second = at_name(rng), chosen(rng, (phone, site, link))(rng)
    moved = tuple(Painted(line.text, 1) for line in second.lines if line.address is not None)
    kept = tuple(line for line in first.lines if line.address is not None)
    return Subject("several", (*_call(rng, 0.3), *kept, *moved), (*first.addresses, *second.addresses))


def street(rng: Generator) -> Subject:
    """Street text without any address."""
    count = int(rng.integers(1, 4))
    picked = rng.choice(len(words("street")), count, replace=False)
    return Subject("street", tuple(Painted(words("street")[index]) for index in picked), plain=True)


def tag(rng: Generator) -> Subject:
    """Somebody's tag."""
    return Subject("tag", (Painted(chosen(rng, words("tags"))),), plain=True)


def blank(_: Generator) -> Subject:
    """A wall without text."""
    return Subject("blank", (), plain=True)


def sold(rng: Generator) -> Subject:
    """Street talk about drugs with no address to it."""
    picked = rng.choice(len(words("calls")), 2, replace=False)
    return Subject("calls_only", tuple(Painted(words("calls")[index]) for index in picked), plain=True)


Maker = Callable[[Generator], Subject]

ROUND: Sequence[Maker] = (
    at_name, street, link, keyword_name, site, broken_link, at_name, phone, link, code_sticker,
    invite, link, cyrillic_site, at_name, tag, keyword_name, site, link, street, phone,
    at_name, elsewhere, broken_link, link, onion, site, blank, keyword_name, at_name, several,
    street, link, code_sticker, phone, at_name, invite, cyrillic_site, sold, whatsapp, site,
)  # fmt: skip
"""A seed's remainder picks the subject, so any forty seeds in a row hold all of them."""


def subject_for(seed: int, rng: Generator) -> Subject:
    """The subject of a seed."""
    return ROUND[seed % len(ROUND)](rng)
