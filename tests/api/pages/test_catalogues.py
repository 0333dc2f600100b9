"""Every word of the pages and every refusal has its translation, with the same places for values."""

import re

import pytest

import api.app
import api.web.server  # noqa: F401 - with the application, so that every refusal has been defined
from api.languages.language import translations
from api.web.pages.messages import missing, said, translated, unused

LANGUAGES = ("ru", "kk")


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_missing_and_nothing_is_left_over(code):
    assert missing(code) == []
    assert unused(code) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_has_the_places_of_what_it_translates(code):
    for (context, text), forms in translated(code).items():
        if context == "problem":
            continue  # names the facts of a refusal: shown by refusing
        wanted = set(re.findall(r"%\((\w+)\)s", text if isinstance(text, str) else text[1]))
        for form in forms:
            assert set(re.findall(r"%\((\w+)\)s", form)) <= wanted, (code, text)
            assert "%" not in re.sub(r"%\(\w+\)s|%%", "", form), (code, text, form)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_all_its_forms(code):
    many = {"ru": 3, "kk": 2}[code]
    assert [
        text for (_, text), forms in translated(code).items() if isinstance(text, tuple) and len(forms) != many
    ] == []


def test_something_is_said():
    assert len(said()) > 150


def test_plural_forms_are_those_of_the_language():
    forms = {code: [translations(code).plural(n) for n in (1, 2, 5, 11, 13, 21, 22, 111)] for code in LANGUAGES}
    assert forms == {"ru": [0, 1, 2, 2, 2, 0, 1, 2], "kk": [0, 1, 1, 1, 1, 1, 1, 1]}
