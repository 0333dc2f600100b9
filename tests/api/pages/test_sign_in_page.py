"""The frame of all pages: signing in and out, languages, refusals for people."""

import pytest

from tests.api.pages.conftest import PHONE
from tests.api.words import PASSWORD


def test_somebody_signs_in_comes_to_the_page_that_was_asked_for_and_signs_out(visit, accessible):
    page = visit()
    page.goto("/account?x=1")
    assert page.url.endswith("/sign-in?next=/account%3Fx%3D1")
    accessible(page)
    page.get_by_label("Name").fill("officer")
    page.get_by_label("Password").fill("wrong, and long enough")
    page.allow(422)
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("alert").inner_text() == "Name or password is wrong."
    assert page.get_by_label("Name").input_value() == "officer"
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account?x=1")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")


def test_the_language_is_chosen_by_hand_and_remembered(visit):
    page = visit(size=PHONE)
    page.goto("/sign-in")
    page.get_by_label("Language").select_option("kk")
    page.locator("html[lang=kk]").wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == "Кіру"
    page.goto("/sign-in")
    assert page.get_by_role("heading", level=1).inner_text() == "Кіру"
    page.get_by_label("Тіл").select_option("ru")
    page.locator("html[lang=ru]").wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == "Войти"


@pytest.mark.parametrize("size", [PHONE, (1920, 1080)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen_and_all_can_be_read(visit, accessible, size, scheme):
    page = visit(size=size, color_scheme=scheme, language="kk")
    page.goto("/sign-in")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_what_is_not_there_is_said_on_a_page_in_the_reader_s_language(visit):
    page = visit(language="ru")
    page.allow(404)
    page.goto("/nowhere")
    assert page.get_by_role("heading", level=1).inner_text() == "Не получилось"


@pytest.mark.parametrize("onward", ["//elsewhere.example/x", "https://elsewhere.example", "/\\elsewhere.example", "x"])
def test_nobody_is_led_elsewhere_by_a_crafted_link(client, onward):
    answer = client().post("/sign-in", data={"name": "officer", "password": PASSWORD, "next": onward})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client().post("/language", data={"code": "kk", "next": onward}).headers["location"] == "/"


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client):
    answer = client().get("/", headers={"HX-Request": "true", "Accept": "text/html"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("kk-KZ,kk;q=0.9,ru;q=0.8", "kk"),
        ("fr, en;q=0.4, ru;q=0.5", "ru"),
        ("en-US", "en"),
        ("de", "ru"),
        ("", "ru"),
        ("ru;q=x,,;;q=0,kk;q=0", "ru"),
    ],
)
def test_a_browser_s_own_language_is_used_until_one_is_chosen(client, accepted, language):
    answer = client().get("/sign-in", headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == language


def test_the_api_refuses_in_the_language_that_is_asked_for_and_in_english_otherwise(client):
    wrong = {"name": "officer", "password": "wrong, and long enough"}
    said = [
        client().post("/v1/session", json=wrong, headers=headers).json()
        for headers in ({}, {"Accept-Language": "ru"}, {"Accept-Language": "kk"})
    ]
    assert {body["code"] for body in said} == {"sign_in_failed"}
    assert said[0]["detail"] == "Name or password is wrong."
    assert [body["detail"] for body in said[1:]] == ["Имя или пароль неверны.", "Аты немесе құпиясөз қате."]


@pytest.mark.parametrize(
    ("role", "home"),
    [("officer", "/send"), ("investigator", "/review"), ("supervisor", "/figures"), ("admin", "/admin/accounts")],
)
def test_everybody_begins_where_their_work_is(client, role, home):
    assert client(role).get("/").headers["location"] == home
