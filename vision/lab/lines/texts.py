"""What stands on a line: addresses of every kind with invented names, pieces of them, street and shop text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from numpy.random import Generator

from vision.lab.lines.alphabet import DIGITS, LATIN, PUNCTUATION
from vision.lab.lines.words import cased, invented, jumble, listed, number, spelt, word
from vision.lab.synth.fields import chosen

LATIN_ENDINGS = (
    "com", "net", "org", "info", "biz", "cc", "shop", "top", "kz", "ru", "su", "online", "site", "store", "club", "me",
    "pro", "xyz", "io", "by", "uz", "kg", "app", "bot", "link", "live", "to", "fun", "space", "website", "tech", "ws",
    "in", "ua", "de", "pw", "tk", "one", "vip", "work", "market", "guru",
)  # fmt: skip
CYRILLIC_ENDINGS = ("рф", "рф", "рф", "қаз", "қаз", "каз", "онлайн", "сайт", "бел", "укр", "орг", "ком", "рус", "дети")
BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
MOBILE = (
    "700", "701", "702", "705", "707", "708", "747", "771", "775", "776", "777", "778", "903", "913", "921", "952",
    "999",
)  # fmt: skip


def _part(rng: Generator) -> str:
    """A word as names and sites are made of them."""
    roll = rng.random()
    return spelt(rng) if roll < 0.5 else invented(rng, "latin", 3) if roll < 0.8 else word(rng, "latin")


def handle(rng: Generator) -> str:
    """A user's name: words, digits and underscores, in any order."""
    parts = [_part(rng) for _ in range(2)]
    tail = jumble(rng, DIGITS, 1, 5)
    roll = int(rng.integers(9))
    forms = (
        f"{parts[0]}_{parts[1]}", f"{parts[0]}_{parts[1]}_{tail}", f"{parts[0]}{parts[1]}{tail}", f"{parts[0]}{tail}",
        f"{parts[0]}_{tail}", f"{parts[0]}_bot", f"{parts[0]}_{tail}_{parts[1]}",
        jumble(rng, LATIN + DIGITS + "_", 5, 14),
        f"{parts[0]}{parts[1]}_shop{tail[:2]}",
    )  # fmt: skip
    return forms[roll].replace(" ", "")


def _cased_name(rng: Generator, text: str) -> str:
    return cased(rng, text, capitals=0.3) if rng.random() < 0.55 else text


def at_name(rng: Generator) -> str:
    """`@name`, alone or after a word."""
    lead = chosen(rng, ("", "", "", "", "", "ТГ ", "тг: ", "TG ", "tg: ", "Telegram: ", "ТЕЛЕГРАМ ", "инста ", "бот "))
    return lead + chosen(rng, ("@", "@", "@", "@", "@ ")) + _cased_name(rng, handle(rng))


def keyword_name(rng: Generator) -> str:
    """A name after a word that says what it is."""
    lead = chosen(
        rng, ("ТГ", "тг", "TG", "tg", "Телеграм", "ТЕЛЕГРАМ", "ТЕЛЕГА", "телега", "Telegram", "TELEGRAM", "бот")
    )
    return f"{lead}{chosen(rng, (' ', ' ', ': ', ':', '-'))}{_cased_name(rng, handle(rng))}"


def link(rng: Generator) -> str:
    """A messenger's or network's link in its spellings."""
    host = chosen(
        rng,
        (
            "t.me/", "t.me/", "t.me/", "t.me/", "https://t.me/", "telegram.me/", "t.me/s/", "T.ME/", "instagram.com/",
            "vk.com/", "tg://resolve?domain=", "inst:", "wa.me/7", "tiktok.com/@", "youtube.com/@",
        ),
    )  # fmt: skip
    return _cased_name(rng, host + (jumble(rng, DIGITS, 10, 10) if "wa.me" in host else handle(rng)))


def invite(rng: Generator) -> str:
    """An invitation whose letters are anything."""
    host = chosen(rng, ("t.me/+", "t.me/+", "t.me/joinchat/", "chat.whatsapp.com/", "joinchat/", "+", ""))
    return host + jumble(rng, LATIN + DIGITS + "_-", 10, 22)


def site(rng: Generator) -> str:
    """A domain in Latin letters."""
    parts = [_part(rng) for _ in range(2)]
    tail = jumble(rng, DIGITS, 1, 4)
    forms = (f"{parts[0]}", f"{parts[0]}-{parts[1]}", f"{parts[0]}{tail}", f"{parts[0]}-{parts[1]}-{tail}")
    host = chosen(rng, (*forms, f"{parts[0]}{parts[1]}", f"{parts[0]}{tail}{parts[1]}", f"{parts[0]}-{tail}"))
    lead = chosen(rng, ("", "", "", "", "www.", "https://", "http://"))
    return _cased_name(rng, f"{lead}{host}.{chosen(rng, LATIN_ENDINGS)}").replace(" ", "")


def cyrillic_site(rng: Generator) -> str:
    """A Russian or Kazakh domain."""
    language = chosen(rng, ("russian", "russian", "kazakh"))
    parts = [word(rng, language), word(rng, language)]
    tail = jumble(rng, DIGITS, 1, 4)
    host = chosen(rng, (parts[0], f"{parts[0]}{tail}", f"{parts[0]}-{tail}", f"{parts[0]}-{parts[1]}"))
    return cased(rng, f"{host}.{chosen(rng, CYRILLIC_ENDINGS)}".replace(" ", "-"))


def phone(rng: Generator) -> str:
    """A telephone number in one of the many ways to write it."""
    code, three = chosen(rng, MOBILE), jumble(rng, DIGITS, 3, 3)
    a, b = jumble(rng, DIGITS, 2, 2), jumble(rng, DIGITS, 2, 2)
    forms = (
        f"8-{code}-{three}-{a}-{b}", f"+7 {code} {three} {a} {b}", f"8{code}{three}{a}{b}", f"+7{code}{three}{a}{b}",
        f"8 ({code}) {three}-{a}-{b}", f"+7({code}){three}-{a}-{b}", f"8 {code} {three} {a} {b}", f"{three}-{a}-{b}",
        f"8.{code}.{three}.{a}.{b}", f"тел. {three}-{a}-{b}", f"т. 8{code}{three}{a}{b}", f"{code} {three}{a}{b}",
        f"8({code}){three}{a}{b}", f"тел: 8-{code}-{three}-{a}-{b}", f"{a}-{b}-{three[:2]}",
    )  # fmt: skip
    return chosen(rng, forms)


def onion(rng: Generator) -> str:
    """A piece of an onion address."""
    return jumble(rng, BASE32, 12, 28) + chosen(rng, ("", "", ".onion"))


def mail(rng: Generator) -> str:
    """A mail address."""
    return f"{handle(rng)}@{invented(rng, 'latin', 2)}.{chosen(rng, LATIN_ENDINGS)}"


def fragment(rng: Generator) -> str:
    """A piece of an address, as a line is cut or broken."""
    whole = chosen(rng, (at_name, link, site, cyrillic_site, keyword_name, phone, invite))(rng)
    shortest = min(3, len(whole))
    start = 0 if rng.random() < 0.4 else int(rng.integers(0, max(1, len(whole) - shortest)))
    length = int(rng.integers(shortest, 12))
    if rng.random() < 0.12:
        return chosen(
            rng, ("t.me/", "t.me", "@", ".com", ".рф", ".kz", "www.", "https://", ".onion", ".shop", ".biz", ".қаз")
        )
    return whole[start : start + length].strip() or whole


def phrase(rng: Generator, language: str) -> str:
    """One to three words, with a number or a mark now and then."""
    count = int(rng.choice((1, 2, 3), p=(0.6, 0.3, 0.1)))
    words = [word(rng, language) for _ in range(count)]
    text = chosen(rng, (" ", " ", " ", " ", "-", ", ", " и ", ". ")).join(words)
    roll = rng.random()
    if roll < 0.1:
        text += chosen(rng, ("!", "!!!", "?", ".", ":", "...", "!?", ","))
    elif roll < 0.17:
        text += chosen(rng, (" ", "-", "")) + jumble(rng, DIGITS, 1, 4)
    elif roll < 0.2:
        text = chosen(rng, ("«{}»", '"{}"', "({})", "- {}", "№ {}", "• {}", "#{}")).format(text)
    return cased(rng, text)


def russian(rng: Generator) -> str:
    """Russian words."""
    return phrase(rng, "russian")


def kazakh(rng: Generator) -> str:
    """Kazakh words."""
    return phrase(rng, "kazakh")


def other_cyrillic(rng: Generator) -> str:
    """Words with Ukrainian, Belarusian and Serbian letters."""
    return phrase(rng, "other")


def english(rng: Generator) -> str:
    """English words, and invented ones in Latin letters."""
    return phrase(rng, "latin").replace(" и ", " & ")


def sign(rng: Generator) -> str:
    """What shops write over their doors."""
    return cased(rng, chosen(rng, listed("signs")), capitals=0.6)


def slang(rng: Generator) -> str:
    """What is sold and sought, with a number or another word at times."""
    text = chosen(rng, listed("slang"))
    roll = rng.random()
    if roll < 0.12:
        text = f"{text} {number(rng)}"
    elif roll < 0.25:
        text = f"{text}{chosen(rng, (' ', ', ', '-', '/', ' + '))}{chosen(rng, listed('slang'))}"
    return cased(rng, text, capitals=0.25)


def random_marks(rng: Generator) -> str:
    """Letters, digits and punctuation without any sense."""
    return jumble(rng, LATIN + DIGITS * 2 + PUNCTUATION, 2, 12)


def mixture(rng: Generator) -> str:
    """Words of two scripts on one line, each in its own."""
    one, two = word(rng, chosen(rng, ("russian", "kazakh"))), word(rng, "latin")
    both = (one, two) if rng.random() < 0.5 else (two, one)
    return cased(rng, chosen(rng, (" ", " ", "-", "/")).join(both))


Maker = Callable[[Generator], str]

STREET: Sequence[tuple[Maker, float]] = (
    (at_name, 14), (link, 10), (site, 8), (keyword_name, 5), (cyrillic_site, 8), (phone, 7), (invite, 4), (onion, 2),
    (mail, 2), (fragment, 7), (slang, 10), (russian, 18), (kazakh, 9), (english, 8), (number, 2), (mixture, 2),
    (random_marks, 2), (other_cyrillic, 2),
)  # fmt: skip
"""What is painted, with weights."""

PRINTED: Sequence[tuple[Maker, float]] = (
    (sign, 26), (russian, 26), (kazakh, 12), (english, 20), (phone, 5), (site, 4), (number, 5), (mixture, 3),
    (other_cyrillic, 2), (random_marks, 1), (link, 1), (at_name, 1),
)  # fmt: skip
"""What is printed on signs and sheets, with weights."""


def text_for(rng: Generator, makers: Sequence[tuple[Maker, float]], longest: int) -> str:
    """A line of at most `longest` characters; what is longer is cut anywhere."""
    weights = [weight for _, weight in makers]
    maker = makers[int(rng.choice(len(makers), p=[weight / sum(weights) for weight in weights]))][0]
    text = " ".join(maker(rng).split())
    if len(text) > longest:
        start = int(rng.integers(0, len(text) - longest + 1)) if rng.random() < 0.5 else 0
        text = text[start : start + longest].strip()
    return text or "1"
