"""What anyone gets without us: RapidOCR as it comes, then plain regular expressions over its lines."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator

import numpy as np
import phonenumbers
import pillow_heif
from PIL import Image, ImageOps
from rapidocr import RapidOCR
from rapidocr.utils.output import RapidOCROutput

from vision.frames import as_box
from vision.types import Kind, Line, Picture

NAME = r"[A-Za-z][A-Za-z0-9_]{4,31}"
LATIN_ENDINGS = "com|net|org|info|biz|cc|shop|top|kz|ru|online|site|store|club|me|pro|xyz|io|su|by|uz|kg"
CYRILLIC_ENDINGS = "рф|қаз|каз|онлайн|сайт|бел|укр|орг"
IGNORED = re.IGNORECASE

RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.TELEGRAM_INVITE, re.compile(r"t\.me/(?:\+|joinchat/)([A-Za-z0-9_-]{10,})", IGNORED)),
    (Kind.TELEGRAM, re.compile(rf"(?:t|telegram)\.(?:me|dog)/(?:s/)?({NAME})(?![\w/])", IGNORED)),
    (Kind.WHATSAPP, re.compile(r"chat\.whatsapp\.com/([A-Za-z0-9]{16,})", IGNORED)),
    (Kind.INSTAGRAM, re.compile(r"instagram\.com/([A-Za-z0-9_.]{3,30})", IGNORED)),
    (Kind.VK, re.compile(r"\bvk\.com/([A-Za-z0-9_.]{3,32})", IGNORED)),
    (Kind.EMAIL, re.compile(r"\b([\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})\b", IGNORED)),
    (Kind.ONION, re.compile(r"\b([a-z2-7]{56}\.onion)\b", IGNORED)),
    (Kind.TELEGRAM, re.compile(rf"(?<![\w.])@\s?({NAME})\b", IGNORED)),
    (Kind.TELEGRAM, re.compile(rf"(?:\bтг|\btg|телеграмм?|телега|telegram)\b[\s:–-]+({NAME})\b", IGNORED)),
    (Kind.DOMAIN, re.compile(rf"(?<![@\w.-])(?:www\.)?((?:[a-z0-9-]+\.)+(?:{LATIN_ENDINGS}))\b(?!/)", IGNORED)),
    (Kind.DOMAIN, re.compile(rf"(?<![@\w.-])((?:[а-яёәғқңөұүһі0-9-]+\.)+(?:{CYRILLIC_ENDINGS}))\b", IGNORED)),
)
"""Asked in this order; text that one of them took is not asked again."""


def find_plainly(text: str) -> set[tuple[Kind, str]]:
    """Addresses in a text by regular expressions alone, canonical as ours are."""
    found = set()
    for kind, rule in RULES:
        found |= {(kind, _canonical(kind, match[1])) for match in rule.finditer(text)}
        text = rule.sub(" ", text)
    return found | {(Kind.PHONE, number) for number in _phones(text)}


def _canonical(kind: Kind, value: str) -> str:
    return value if kind in (Kind.TELEGRAM_INVITE, Kind.WHATSAPP) else value.lower()


def _phones(text: str) -> Iterator[str]:
    for match in phonenumbers.PhoneNumberMatcher(text, "KZ", leniency=phonenumbers.Leniency.VALID):
        yield phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)


class Baseline:
    """RapidOCR's default call and plain regular expressions."""

    def __init__(self) -> None:
        self._engine = RapidOCR(params={"Global.log_level": "error"})
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)

    def lines(self, data: bytes) -> tuple[str, ...]:
        """The text of a photo, line by line as RapidOCR orders it."""
        return tuple(line.text for line in self.seen(opened(data)))

    def seen(self, picture: Picture) -> tuple[Line, ...]:
        """The lines of an open photo with their places, as RapidOCR's default call gives them."""
        output = self._engine(picture)
        if not isinstance(output, RapidOCROutput) or output.boxes is None:
            return ()
        rows = zip(output.txts or (), output.scores or (), output.boxes.astype(float), strict=True)
        return tuple(Line(text, float(score), as_box(corners)) for text, score, corners in rows)

    def find(self, data: bytes) -> set[tuple[Kind, str]]:
        """The addresses of a photo."""
        return found_in(self.lines(data))


def found_in(lines: Iterable[str]) -> set[tuple[Kind, str]]:
    """Addresses of each line by itself; a plain expression knows no geometry."""
    return set().union(*(find_plainly(line) for line in lines))


def opened(data: bytes) -> Picture:
    """The photo's pixels, turned as EXIF says."""
    pillow_heif.register_heif_opener()
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    return np.ascontiguousarray(np.asarray(image, np.uint8)[..., ::-1])
