"""How the text for the press is written: plural forms, months without anything, and templates of the operator's."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.evidence.words import Language
from api.press.service import Press, Sums
from api.press.text import LARGEST_BYTES, OURS, PressTemplateUnusable, name_of, plural, press_text
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture

ZONE = ZoneInfo("Asia/Almaty")
NONE = Sums(date(2026, 1, 1), 0, {}, 0, 0, 0, None, 0, 0, 0, 0)
TOLD = Press(NONE, replace(NONE, first=date(2025, 12, 1)), True, datetime(2026, 2, 1, tzinfo=UTC))


def text(language, sums=None, *, is_whole=True, folder=None):
    told = replace(TOLD, now=replace(NONE, **sums) if sums else NONE, is_whole=is_whole)
    return press_text(told, Language(language), ZONE, folder)


@pytest.fixture
def theirs(tmp_path):
    def put(body):
        path = tmp_path / "press-ru.txt"
        path.write_bytes(body if isinstance(body, bytes) else body.encode())
        return tmp_path

    return put


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "стен"), (1, "стена"), (2, "стены"), (4, "стены"), (5, "стен"), (11, "стен"), (12, "стен"), (21, "стена"),
     (22, "стены"), (111, "стен"), (1004, "стены"), (1.5, "стены"), (2.0, "стены"), (5.0, "стен")],
)  # fmt: skip
def test_russian_words_have_three_forms(count, expected):
    assert plural(Language.RU)(count, "стена", "стены", "стен") == expected


@pytest.mark.parametrize("language", ["kk", "en"])
def test_kazakh_and_english_words_have_two(language):
    choose = plural(Language(language))
    assert [choose(count, "one", "other") for count in (0, 1, 2, 21, 1.5)] == [
        "other",
        "one",
        "other",
        "other",
        "other",
    ]


def test_verbs_follow_numbers():
    for count, said in {1: "закрашена 1 стена", 3: "закрашены 3 стены", 25: "закрашено 25 стен"}.items():
        assert f"За месяц {said} (0)." in text("ru", {"walls_painted": count})
    assert "получено 21 сообщение о" in text("ru", {"received": 21})
    assert "на 1 стене (0)" in text("ru", {"walls": 1})
    assert "1 report of writing on walls was received" in text("en", {"received": 1})
    assert "1,200 reports of writing on walls were received" in text("en", {"received": 1200})
    assert "1\xa0200 хабарлама түсті" in text("kk", {"received": 1200})
    assert "26,5 часа после" in text("ru", {"walls_painted": 3, "hours_to_painted": 26.5})
    assert "21 час после" in text("ru", {"walls_painted": 3, "hours_to_painted": 21.02})


def test_a_month_without_anything_and_one_that_is_not_over_are_said_so():
    said = {
        "ru": (
            "За январь 2026 года сообщений не поступало",
            "За декабрь 2025 года: сообщений — 0",
            "ещё не закончился",
        ),
        "kk": ("2026 жылғы қаңтар айында хабарлама түскен жоқ", "2025 жылғы желтоқсан айында", "әлі аяқталған жоқ"),
        "en": ("In January 2026 no reports were received", "In December 2025: reports – 0", "is not over"),
    }
    for language, (nothing, before, unfinished) in said.items():
        whole, part = text(language), text(language, is_whole=False)
        assert nothing in whole
        assert before in whole
        assert unfinished not in whole
        assert unfinished in part
        assert "\n\n\n" not in part


def test_a_template_of_the_operator_is_used_and_the_other_languages_stay_ours(theirs):
    folder = theirs("\ufeffВсего {{ now.received | number }} {% if not is_whole %}(пока){% endif %}\n\n\n\n{{ zone }}")
    assert text("ru", {"received": 1500}, folder=folder) == "Всего 1\xa0500\n\nAsia/Almaty\n"
    assert text("kk", folder=folder) == text("kk")


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("Всего\n{{ now.recieved }}", "line 2: 'dict object' has no attribute 'recieved'"),
        ("{% if is_whole %}\nx", "line 2: Unexpected end of template"),
        (
            "\n\n{{ plural(now.walls, 'стена', 'стены') }}",
            "line 3: plural() needs 3 forms in ru (one, few, many), not 2",
        ),
        ("{{ now.walls / 0 }}", "line 1: division by zero"),
        ("{{ plural('a', 'b', 'c', 'd') }}", "line 1: "),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{% include 'x' %}", "line 1: "),
        ("{% for a in range(99999) %}{{ a }}{% endfor %}", "its text is longer than 65536 characters"),
        ("{% if now.walls %}x{% endif %}  \n", "it gives no text"),
        (b"\xd0", "it is not UTF-8"),
        (b"x" * (LARGEST_BYTES + 1), "it is larger than 64 KiB"),
    ],
)
def test_a_broken_template_is_refused_with_what_is_wrong_and_where(theirs, template, why):
    with pytest.raises(PressTemplateUnusable) as refused:
        text("ru", folder=theirs(template))
    assert why in refused.value.why
    assert "press-ru.txt" in refused.value.message
    assert "WALLWATCH_PRESS__TEMPLATES" in refused.value.message


def test_a_template_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / name_of(Language.RU)).mkdir()
    with pytest.raises(PressTemplateUnusable, match="it cannot be read"):
        text("ru", folder=tmp_path)


def test_ours_are_there_for_every_language():
    assert sorted(path.name for path in OURS.iterdir()) == sorted(name_of(language) for language in Language)


def test_the_example_in_the_docs_is_what_the_program_says():
    now = {"received": 1128, "walls": 64, "walls_painted": 45, "walls_seen_and_painted": 40, "hours_to_painted": 26.5}
    now |= {"addresses_new": 14, "addresses_sent": 10, "addresses_blocked": 6, "addresses_reappeared": 2}
    then = {"received": 97, "walls": 51, "walls_painted": 30, "walls_seen_and_painted": 21, "hours_to_painted": 31.0}
    then |= {"addresses_new": 9, "addresses_sent": 7, "addresses_blocked": 8}
    may = replace(NONE, first=date(2026, 5, 1), by_channel={"telegram": 880, "upload": 240, "other": 8}, **now)
    april = replace(NONE, first=date(2026, 4, 1), **then)
    docs = (Path(__file__).parents[2] / "docs" / "press.md").read_text("utf-8")
    for language in Language:
        said = press_text(Press(may, april, True, datetime(2026, 6, 1, 4, tzinfo=UTC)), language, ZONE, None)
        quoted = "\n".join(f"> {line}".rstrip() for line in said.replace("\xa0", " ").splitlines())
        assert quoted in docs


def test_what_is_wrong_is_refused_in_words(client, services):
    http = client("supervisor")
    for month in ("2024-13", "2024", "0000-01", "9999-12", "1970-01", "2024-05-01", "<b>", "٢٠٢٤-٠٥"):
        answer = http.get(f"/v1/press/{month}")
        assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
            422,
            "field_not_understood",
            "month",
        )
    later = http.get("/v1/press/2026-04/text", headers={"Accept-Language": "ru"})
    assert (later.status_code, later.json()["code"], later.json()["month"]) == (422, "month_not_begun", "2026-04")
    assert later.json()["detail"] == "Месяц 2026-04 ещё не начался: выберите текущий или более ранний."
    assert http.get("/v1/press/2026-03/text?language=de").status_code == 422
    assert http.get("/v1/press/2026-03?lang=ru").json()["code"] == "parameter_unknown"
    assert http.get("/v1/press/2026-03").json()["is_whole"] is False
    assert client("admin").get("/v1/press/2026-03").status_code == 403
    assert client("officer").get("/v1/press/2026-03/text").status_code == 403


def test_a_broken_template_is_a_refusal_and_the_page_of_the_month_stays(make_services, accounts, key, theirs):
    folder = theirs("{{ oops }}")
    app = create_app(make_services(press={"templates": folder}))
    with TestClient(app, headers={"Authorization": f"Bearer {key('supervisor')}"}) as http:
        answer = http.get("/v1/press/2026-02/text", headers={"Accept-Language": "ru"})
        assert (answer.status_code, answer.json()["code"]) == (409, "press_template_unusable")
        assert "Шаблон press-ru.txt использовать нельзя (line 1: 'oops' is undefined)." in answer.json()["detail"]
        page = http.get("/figures?month=2026-02", headers={"Accept-Language": "ru"})
        assert (page.status_code, "Шаблон press-ru.txt использовать нельзя" in page.text) == (200, True)
        assert http.get("/v1/press/2026-02/text?language=kk").status_code == 200
