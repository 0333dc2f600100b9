"""What people are told, in the language of their account: ru, kk or en."""

from __future__ import annotations

from typing import Literal, get_args

from api.telling.kinds import NEAR, NEW, OVERDUE, REAPPEARED, WITHDRAWN

Language = Literal["ru", "kk", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

HEADLINES: dict[str, dict[Language, str]] = {
    NEW: {"ru": "Новый адрес", "kk": "Жаңа мекенжай", "en": "New address"},
    REAPPEARED: {
        "ru": "Заблокированный адрес появился снова",
        "kk": "Бұғатталған мекенжай қайта пайда болды",
        "en": "A blocked address is back",
    },
    WITHDRAWN: {
        "ru": "Повторное появление не подтвердилось",
        "kk": "Қайта пайда болуы расталмады",
        "en": "The return was not confirmed",
    },
    NEAR: {
        "ru": "Похож на отслеживаемый адрес",
        "kk": "Бақылаудағы мекенжайға ұқсайды",
        "en": "Resembles a watched address",
    },
    OVERDUE: {
        "ru": "Стена не закрашена в срок",
        "kk": "Қабырға мерзімінде боялмаған",
        "en": "A wall is not painted over in time",
    },
}
OTHER: dict[Language, str] = {"ru": "Новое в списке", "kk": "Тізімде жаңалық", "en": "News of the watchlist"}

WORDS: dict[str, dict[Language, str]] = {
    "address": {"ru": "Адрес", "kk": "Мекенжай", "en": "Address"},
    "near_to": {"ru": "Похож на", "kk": "Ұқсас", "en": "Resembles"},
    "at": {"ru": "Когда", "kk": "Қашан", "en": "When"},
    "place": {"ru": "Место", "kk": "Орны", "en": "Place"},
    "tlp": {"ru": "TLP", "kk": "TLP", "en": "TLP"},
    "number": {"ru": "Номер", "kk": "Нөмірі", "en": "Number"},
    "digest": {"ru": "Сводка", "kk": "Жинақ", "en": "Digest"},
    "more": {"ru": "и ещё", "kk": "және тағы", "en": "and more:"},
    "because": {"ru": "Подписка", "kk": "Жазылым", "en": "Subscription"},
    "do_not_open": {
        "ru": "Адреса записаны так, чтобы по ним нельзя было перейти. Не открывайте их.",
        "kk": "Мекенжайлар басып өтуге болмайтындай жазылған. Оларды ашпаңыз.",
        "en": "Addresses are written so that they are no links. Do not open them.",
    },
    "turned_off": {
        "ru": "Подписка отключена",
        "kk": "Жазылым өшірілді",
        "en": "A subscription was switched off",
    },
    "test": {"ru": "Проверочное сообщение", "kk": "Тексеру хабарламасы", "en": "Test message"},
    "test_body": {
        "ru": "Это проверка подписки: ничего не случилось.",
        "kk": "Бұл жазылымды тексеру: ештеңе болған жоқ.",
        "en": "This checks the subscription: nothing has happened.",
    },
}


def language_of(asked: str | None, account: str) -> Language:
    """The subscription's language, or else its account's; Russian for one that we do not speak."""
    return next((each for each in LANGUAGES if each == (asked or account)), "ru")


def headline(kind: str, language: Language) -> str:
    """What happened, in a few words."""
    return HEADLINES.get(kind, OTHER)[language]


def word(name: str, language: Language) -> str:
    """A label or sentence of a message."""
    return WORDS[name][language]
