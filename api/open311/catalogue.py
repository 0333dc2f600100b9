"""What the city may ask for: one service, in three languages, and the words about where a request stands."""

from __future__ import annotations

from typing import Any

from api.cleanup.states import Action
from models import OrderState

CODE = "drug-ad-graffiti"
LANGUAGE = "ru"
"""Of whoever asks for no other."""

NAMES = {
    "ru": "Реклама наркотиков на стене",
    "kk": "Қабырғадағы есірткі жарнамасы",
    "en": "Drug advertising on a wall",
}
ABOUT = {
    "ru": "Надпись или наклейка с адресом, по которому продают наркотики. Её прочитают и закрасят.",
    "kk": "Есірткі сатылатын мекенжай көрсетілген жазу немесе жапсырма. Ол оқылып, бояп жасырылады.",
    "en": "Writing or a sticker with an address where drugs are sold. It is read, and painted over.",
}
KEYWORDS = {
    "ru": "граффити, надпись, наркотики, закрасить",
    "kk": "граффити, жазу, есірткі, бояп жасыру",
    "en": "graffiti, writing, drugs, paint over",
}
GROUPS = {"ru": "Благоустройство", "kk": "Абаттандыру", "en": "Cleanliness"}
RECEIVED = {
    "ru": "Принято. Номер заявки появится, когда надпись будет прочитана и передана на закраску.",
    "kk": "Қабылданды. Жазу оқылып, бояуға берілгенде өтінім нөмірі шығады.",
    "en": "Received. The number of the request follows when the writing was read and is to be painted over.",
}
DESCRIPTION = {
    "ru": "Закрасить надпись с рекламой наркотиков.",
    "kk": "Есірткі жарнамасы бар жазуды бояп жасыру.",
    "en": "Paint over writing that advertises drugs.",
}
STANDS = {
    OrderState.OPEN: {"ru": "Принято в работу", "kk": "Жұмысқа алынды", "en": "Taken up"},
    OrderState.SENT: {"ru": "Передано ответственным", "kk": "Жауаптыларға берілді", "en": "Sent to those responsible"},
    OrderState.ACCEPTED: {"ru": "Будет закрашено", "kk": "Бояп жасырылады", "en": "Will be painted over"},
    OrderState.PAINTED: {
        "ru": "Закрашено, проверяется по фото",
        "kk": "Боялды, фото бойынша тексерілуде",
        "en": "Painted over, the photo is being checked",
    },
    OrderState.VERIFIED: {"ru": "Закрашено, проверено", "kk": "Боялды, тексерілді", "en": "Painted over and checked"},
    OrderState.CLOSED: {"ru": "Закрашено, закрыто", "kk": "Боялды, жабылды", "en": "Painted over, closed"},
}
CANCELLED = {"ru": "Закрыто без закраски", "kk": "Боялмай жабылды", "en": "Closed without painting"}
REASONS = {
    "duplicate": {"ru": "Об этой надписи уже известно", "kk": "Бұл жазу бұрыннан белгілі", "en": "Known already"},
    "nothing_there": {
        "ru": "На месте надписи нет",
        "kk": "Орнында жазу жоқ",
        "en": "There is no such writing at the place",
    },
    "not_found": {"ru": "Место не найдено", "kk": "Орны табылмады", "en": "The place could not be found"},
    "not_ours": {"ru": "Не реклама наркотиков", "kk": "Есірткі жарнамасы емес", "en": "It advertises no drugs"},
}
"""Why a request is closed without a work order. A few, so that no free text (and no address in it) leaves us."""

ENDED = frozenset({OrderState.VERIFIED, OrderState.CLOSED})
"""States that are `closed` to the city: the writing is gone, or nobody will paint."""


def status_of(state: str) -> str:
    """`open` or `closed`."""
    return "closed" if state in ENDED else "open"


def notes_of(state: str, last: str | None, language: str) -> str:
    """Where an order stands, in words; `last` is the step that closed it."""
    if state == OrderState.CLOSED and last == Action.CANCEL:
        return CANCELLED[language]
    return STANDS[OrderState(state)][language]


def service(language: str) -> dict[str, Any]:
    """The service as the list has it."""
    return {
        "service_code": CODE,
        "service_name": NAMES[language],
        "description": ABOUT[language],
        "metadata": False,
        "type": "batch",
        "keywords": KEYWORDS[language],
        "group": GROUPS[language],
    }
