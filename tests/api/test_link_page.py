"""The page behind a signed link: whoever has it sees one work order and answers it, and nobody else does."""

import pytest
from sqlalchemy import select

from api.cleanup.holds import hold
from api.cleanup.links import Purpose, token_of
from api.unit import Actor
from models import AuditEntry, WorkOrder, WorkOrderPhoto, WorkOrderStep
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.orders import SHOP, show
from tests.api.wall_pictures import bare, jpeg


@pytest.fixture
def link(services, order):
    """Makes an order and the path of its link."""

    def make(state="sent", purpose=Purpose.PAGE, **wanted):
        row = order(state=state, **wanted)
        return row, f"/w/{token_of(services.settings, row, services.clock.now(), purpose)}"

    return make


@pytest.fixture
def phone(client):
    """Nobody's browser, in English."""
    made = client()
    made.headers |= {"Accept": "text/html", "Accept-Language": "en"}
    return made


def row_of(services, made):
    with services.reading_unit() as unit:
        return unit.session.get_one(WorkOrder, made.id)


def send_photo(phone, path, data=None, **headers):
    return phone.post(f"{path}/painted", files={"photo": ("IMG.jpg", data or jpeg(bare(8)), "image/jpeg")}, **headers)


def test_the_page_shows_the_place_and_no_address_and_is_kept_by_nobody(phone, link, services):
    made, path = link(place_text="ул. Тестовая, 77")
    answer = phone.get(path)
    assert answer.status_code == 200
    assert f"No. {made.number}" in answer.text
    assert "ул. Тестовая, 77" in answer.text
    assert SHOP not in answer.text  # neither what was read nor the officer's note
    assert made.photo_sha256 not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "set-cookie" not in answer.headers
    assert phone.get(f"{path}/picture.jpg").status_code == 404
    show(services, made.photo_sha256)
    picture = phone.get(f"{path}/picture.jpg")
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["Cache-Control"] == "no-store"
    for code, word in (("kk", "өтінім"), ("ru", "Заявка")):
        assert word in phone.get(f"{path}?lang={code}").text


def test_an_order_is_accepted_photographed_and_a_reload_sends_nothing_again(phone, link, services):
    made, path = link()
    answer = phone.post(f"{path}/accept", headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{path}?said=accepted")
    assert "send a photo" in phone.get(answer.headers["location"]).text
    assert row_of(services, made).state == "accepted"
    assert send_photo(phone, path).status_code == 303
    again = send_photo(phone, path)
    assert again.status_code == 303
    with services.reading_unit() as unit:
        (photo,) = unit.session.scalars(select(WorkOrderPhoto)).all()
        steps = unit.session.scalars(select(WorkOrderStep).where(WorkOrderStep.channel == "link")).all()
        entries = unit.session.scalars(select(AuditEntry).where(AuditEntry.subject == made.id)).all()
    assert (photo.order_id, photo.channel, photo.verdict) == (made.id, "link", None)
    assert [(step.action, step.account_id) for step in steps] == [("accept", None), ("paint", None)]
    assert {entry.actor for entry in entries} == {"link"}
    assert row_of(services, made).state == "painted"
    assert "/accept" not in phone.get(path).text
    # Where it stands is said, and nothing is changed.
    refused = phone.post(f"{path}/accept")
    assert (refused.status_code, 'role="alert"' in refused.text) == (409, True)


def test_a_wall_of_somebody_elses_goes_back_with_a_reason(phone, link, services):
    made, path = link()
    assert phone.post(f"{path}/not-ours", data={"reason": "  "}).status_code == 422
    assert row_of(services, made).state == "sent"
    assert phone.post(f"{path}/not-ours", data={"reason": "the house behind it <b>"}).status_code == 303
    assert row_of(services, made).state == "open"
    assert "&lt;b&gt;" not in phone.get(path).text  # nobody else's words are shown to whoever has the link


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_wrong_expired_and_replaced_links_get_one_polite_page(phone, link, services, clock, language):
    made, path = link()
    _, picture = link(purpose=Purpose.PICTURE, north_m=40)
    phone.headers["Accept-Language"] = language
    wrong = f"{path[:-3]}AAA", "/w/wwl_" + "A" * 59, "/w/x", picture
    pages = [phone.get(each) for each in wrong]
    with services.unit() as unit:
        unit.session.get_one(WorkOrder, made.id).link_number += 1
    pages.append(phone.get(path))
    with services.unit() as unit:
        unit.session.get_one(WorkOrder, made.id).link_number -= 1
    assert phone.get(path).status_code == 200
    clock.move(days=services.settings.cleanup.link_days)
    pages += [phone.get(path), phone.post(f"{path}/accept"), send_photo(phone, path)]
    assert {page.status_code for page in pages} == {404}
    assert {page.text.split("<main", 1)[1] for page in pages} == {pages[0].text.split("<main", 1)[1]}
    assert phone.get(f"{path}/picture.jpg").status_code == 404
    assert row_of(services, made).state == "sent"


def test_what_is_no_photo_is_refused_and_what_was_sent_stays(phone, link, services):
    made, path = link()
    for data, status in ((b"GIF89a", 415), (b"\xff\xd8\xff\xe0 broken", 422), (b"", 422)):
        answer = phone.post(f"{path}/painted", files={"photo": ("a.jpg", data, "image/jpeg")})
        assert (answer.status_code, 'role="alert"' in answer.text) == (status, True), data
    assert phone.post(f"{path}/painted", data={"photo": "text"}).status_code in {415, 422}
    assert row_of(services, made).state == "sent"


def test_a_held_wall_is_not_painted(phone, link, services, accounts):
    made, path = link()
    investigator = accounts["investigator"]
    with services.unit(Actor("investigator", investigator.id)) as unit:
        hold(unit, services.settings, made.inscription_id, "evidence first")
    page = phone.get(path).text
    assert "do not paint" in page
    assert "/painted" not in page
    assert "evidence first" not in page
    assert phone.post(f"{path}/accept").status_code == send_photo(phone, path).status_code == 409
    assert row_of(services, made).state == "sent"


def test_answers_and_guesses_are_counted(phone, link):
    _, path = link()
    answers = [phone.post(f"{path}/not-ours", data={"reason": ""}).status_code for _each in range(13)]
    assert answers == [422] * 12 + [429]
    guesses = [phone.get(f"/w/wwl_{number:059d}") for number in range(31)]
    assert [page.status_code for page in guesses] == [404] * 30 + [429]
    assert guesses[-1].headers["Retry-After"]
    assert phone.get(path).status_code == 200
