"""Refusals in Russian and Kazakh: they hold only facts that are always there, and say what happened."""

import ast
import inspect
import string
import textwrap

import pytest

import api.app
import api.web.server  # noqa: F401 - with the application, so that every refusal has been defined
from api.attachments.service import AttachmentTooLarge
from api.errors import PHOTO_STATUS, PhotoRefused
from api.languages.refusals import in_words
from api.lifecycle.service import StepRefused
from api.settings import Settings
from api.web.pages.messages import FROM_HTTP, codes, kinds, translated
from models import AddressStatus
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pictures import jpeg
from tests.api.seen import see, wall
from tests.api.words import PASSWORD

LANGUAGES = ("ru", "kk")
ALWAYS = {"type", "title", "status", "code", "detail"}
NAME = "qz_refused_lis_77"


@pytest.fixture
def settings(tmp_path):
    """One try to sign in a minute: the second is refused."""
    return Settings(stage="development", data_dir=tmp_path / "data", limits={"sign_in_per_minute": 1})


def facts_of(kind):
    """The public attributes that a class's own `__init__` sets whatever happens, to something that is not None."""
    made = ast.parse(textwrap.dedent(inspect.getsource(kind.__init__))).body[0]
    maybe = {
        each.arg
        for each in made.args.args + made.args.kwonlyargs
        if each.annotation and "None" in ast.unparse(each.annotation)
    }
    found = set()
    for line in made.body:
        if not isinstance(line, ast.Assign):
            continue
        (target,) = line.targets
        several = isinstance(target, ast.Tuple)
        for to, value in zip(*((target.elts, line.value.elts) if several else ([target], [line.value])), strict=True):
            if isinstance(to, ast.Attribute) and not (isinstance(value, ast.Name) and value.id in maybe):
                found.add(to.attr)
    found = {name for name in found if not name.startswith("_")} - {"message"}
    return found | ({"limit_mib"} if "limit_bytes" in found else set())


def places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def refusals(language):
    return {code: forms[0] for (context, code), forms in translated(language).items() if context == "problem"}


def test_the_facts_of_a_refusal_are_found_in_its_source():
    assert facts_of(StepRefused) == {"address_status", "wanted", "allowed"}
    assert facts_of(AttachmentTooLarge) == {"limit_bytes", "limit_mib"}
    assert facts_of(PhotoRefused) == set()  # the photo's name may be None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_names_only_facts_that_every_refusal_of_its_code_has(language):
    have = {error.code: [facts_of(PhotoRefused)] for error in PHOTO_STATUS}
    for kind in kinds():
        have.setdefault(kind.__new__(kind).code, []).append(facts_of(kind))
    said = refusals(language)
    assert set(said) == codes() == set(have) | FROM_HTTP
    for code, text in said.items():
        always = set.intersection(*have[code]) if code in have else set()
        assert places(text) <= always | ALWAYS, (code, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_is_a_whole_sentence_in_the_reader_s_letters(language):
    for code, text in refusals(language).items():
        assert text.endswith((".", "{detail}")), (code, text)
        letters = [letter for letter in text if letter.isalpha()]
        assert any("а" <= letter.lower() <= "я" for letter in letters), (code, text)
        assert text[0].isupper() or text[0] in "0{«", (code, text)


def test_the_languages_differ_and_name_the_same_facts():
    russian, kazakh = refusals("ru"), refusals("kk")
    assert set(russian) == set(kazakh)
    for code, text in russian.items():
        assert text != kazakh[code], code
        assert places(text) == places(kazakh[code]), code


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_refusal_is_left_in_english(language):
    body = dict.fromkeys(set().union(*map(facts_of, kinds())) | ALWAYS, "2026-05-04T09:15") | {
        "limit_bytes": 2**20,
        "detail": "As the program says it.",
    }
    for code, text in refusals(language).items():
        said = in_words(body | {"code": code}, language)
        assert said != body["detail"], code
        assert "{" not in said, code
        assert ("As the program says it." in said) == ("{detail}" in text), code


def test_sizes_are_told_in_mebibytes_as_the_language_writes_numbers():
    body = AttachmentTooLarge(limit_bytes=5 * 2**19).as_json()
    assert in_words(body, "ru") == "Вложение может быть не больше 2,5 МиБ: отправьте файл поменьше."
    assert in_words(body, "kk").startswith("Қоса тіркелетін файл 2,5 МиБ-тан")


def test_every_pair_of_states_is_told_in_words():
    for before in AddressStatus:
        said = in_words(StepRefused(str(before), "new").as_json(), "kk")
        assert "«жаңа»" in said
        assert not set(AddressStatus) & set(said.replace("«", " ").replace("»", " ").split())


def heard(answer, code):
    assert answer.json()["code"] == code, answer.text
    return answer.json()["detail"]


SAID = {
    "ru": {
        "hasty": "Слишком много запросов: повторите через 60 с.",
        "step": "Из состояния «новый» нельзя перейти в «заблокирован»."
        " Можно: подтверждён, отклонён, не относится к делу.",
        "swapped": "широта 54.87, долгота 69.15",
        "scope": "Ваша роль или ваш ключ этого не разрешает (нужно: accounts:",
    },
    "kk": {
        "hasty": "Сұраулар тым көп: 60 секундтан кейін қайталап көріңіз.",
        "step": "«жаңа» күйінен «бұғатталған» күйіне өтуге болмайды."
        " Мыналарға болады: расталған, қабылданбаған, іске қатысы жоқ.",
        "swapped": "ендік 54.87, бойлық 69.15",
        "scope": "Рөліңіз немесе кілтіңіз бұған рұқсат бермейді (керегі: accounts:",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_say_what_happened_in_the_language_asked_for(client, services, accounts, language):
    told = SAID[language]
    asks = {"Accept-Language": language}
    for _ in range(2):
        answer = client().post("/v1/session", json={"name": "officer", "password": PASSWORD}, headers=asks)
    assert heard(answer, "too_many_requests") == told["hasty"]
    assert answer.headers["retry-after"] == "60"

    see(services, accounts["officer"], wall(NAME))
    investigator = client("investigator")
    row = investigator.get("/v1/watchlist", params={"value": NAME}).json()["addresses"][0]
    wish = {"to": "blocked", "version": row["version"], "reason": "because the test says so"}
    answer = investigator.post(f"/v1/watchlist/{row['id']}/steps", json=wish, headers=asks)
    assert heard(answer, "step_refused") == told["step"]
    assert answer.json()["allowed"] == ["confirmed", "rejected", "benign"]  # for programs as before

    officer = client("officer")
    form = {"lat": "69.15", "lon": "54.87"}
    answer = officer.post("/v1/reports", data=form, files={"photo": ("a.jpg", jpeg(1), "image/jpeg")}, headers=asks)
    assert told["swapped"] in heard(answer, "coordinates_swapped")
    assert heard(officer.get("/v1/accounts", headers=asks), "not_allowed").startswith(told["scope"])
