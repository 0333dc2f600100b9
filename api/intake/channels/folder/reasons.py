"""Why a file was refused, in a text beside it that a person can act on: in Russian, Kazakh and English."""

from __future__ import annotations

from collections.abc import Mapping

from api.errors import Problem
from api.languages.language import LANGUAGES
from api.languages.refusals import in_words

WORDS: Mapping[str, Mapping[str, str]] = {
    "no_place": {
        "ru": "В фотографии нет координат. Положите рядом файл «{name}.txt» с координатами или ссылкой на карту.",
        "kk": "Фотода координаттар жоқ. Қасына координаттары немесе карта сілтемесі бар «{name}.txt» файлын қойыңыз.",
        "en": "The photo has no coordinates. Put a file “{name}.txt” with coordinates or a map link beside it.",
    },
    "outside": {
        "ru": "Место {lat}, {lon} лежит вне области, за которой мы следим. Проверьте координаты.",
        "kk": "{lat}, {lon} орны біз бақылайтын аймақтан тыс. Координаттарды тексеріңіз.",
        "en": "The place {lat}, {lon} lies outside of the region that is watched. Check the coordinates.",
    },
    "no_picture": {
        "ru": "Это не фотография. Сохраните её как JPEG, PNG, WebP или HEIC.",
        "kk": "Бұл фото емес. Оны JPEG, PNG, WebP немесе HEIC түрінде сақтаңыз.",
        "en": "This is no photo. Save it as JPEG, PNG, WebP or HEIC.",
    },
    "no_such_picture": {
        "ru": "Рядом нет фотографии «{name}», к которой относится этот файл.",
        "kk": "Бұл файлға қатысты «{name}» фотосы қасында жоқ.",
        "en": "The photo “{name}” that this file belongs to is not beside it.",
    },
    "bad_sidecar": {
        "ru": "Файл «{name}» не подходит: в .txt — координаты или ссылка на карту, в .json — lat и lon или place.",
        "kk": "«{name}» файлы жарамайды: .txt — координаттар не карта сілтемесі, .json — lat пен lon не place.",
        "en": "The file “{name}” cannot be used: a .txt has coordinates or a map link, a .json lat and lon, or place.",
    },
    "bad_table": {
        "ru": "Таблица не подходит: её первая строка называет столбцы photo и lat, lon (или place), кодировка UTF-8.",
        "kk": "Кесте жарамайды: бірінші жолында photo және lat, lon (не place) бағандары болуы керек, кодтауы UTF-8.",
        "en": "The table cannot be used: its first row names the columns photo and lat, lon (or place), in UTF-8.",
    },
    "too_large": {
        "ru": "Файл слишком большой: фотография может занимать не более {limit_mib} МиБ.",
        "kk": "Файл тым үлкен: фото {limit_mib} МиБ-тен аспауы керек.",
        "en": "The file is too large: a photo may have at most {limit_mib} MiB.",
    },
    "may_not_read": {
        "ru": "Файл нельзя прочитать: проверьте права доступа.",
        "kk": "Файлды оқу мүмкін емес: қол жеткізу құқықтарын тексеріңіз.",
        "en": "The file cannot be read: check its permissions.",
    },
}
AGAIN = {
    "ru": "Исправьте и положите файл в папку снова.",
    "kk": "Түзетіп, файлды папкаға қайта салыңыз.",
    "en": "Put it right, and put the file into the folder again.",
}


class Refused(Exception):
    """A file that is no report; `texts` says why, by language."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(texts["en"])
        self.texts = texts


def refused(why: str, **facts: str) -> Refused:
    """One of our own reasons."""
    return Refused({language: text.format_map(facts) for language, text in WORDS[why].items()})


def refused_by(problem: Problem) -> Refused:
    """A reason that another room has."""
    return Refused({language: in_words(problem.as_json(), language) for language in LANGUAGES})


def text_of(reason: Refused) -> str:
    """What stands in the file beside the refused one."""
    return "\n\n".join(f"{reason.texts[language]} {AGAIN[language]}" for language in LANGUAGES) + "\n"
