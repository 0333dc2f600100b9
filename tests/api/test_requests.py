"""Requests to block: letters with exact addresses, kept, and one with the addresses' step."""

import io

import pypdf
import pytest
from docx import Document

from api.audit.verify import verify
from api.evidence.words import Language, words
from api.exchange.backup import backup, open_backup
from tests.api.packs import SHOP, SITE, id_of, three_walls
from tests.api.words import refused

PATH = "/v1/requests"
HOSTILE = "{{ 7 * 7 }} {% for x in y %} <w:p>&amp;</w:p> \"'>әңғүұқөһі"
SHA = "ab" * 32


@pytest.fixture
def http(client, services, accounts):
    three_walls(services, accounts)
    return client("investigator")


def row_of(http, value):
    (row,) = http.get("/v1/watchlist", params={"value": value}).json()["addresses"]
    return row


def asked(http, *values, **more):
    rows = [row_of(http, value) for value in values or (SHOP, SITE)]
    named = [{"id": row["id"], "version": row["version"]} for row in rows]
    return {"addresses": named, "recipient": "Қазақстан Республикасы, ведомство", "reference": "17-05/4711"} | more


def texts(http, made):
    """The words of both formats of a letter, spaces and line breaks aside."""
    links = {each["format"]: each["link"] for each in made["files"]}
    document = Document(io.BytesIO(http.get(links["docx"]).content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    docx = "\n".join([*(each.text for each in document.paragraphs), *cells])
    pages = pypdf.PdfReader(io.BytesIO(http.get(links["pdf"]).content)).pages
    assert [page.get("/Annots") for page in pages] == [None] * len(pages)
    return ["".join(text.split()) for text in (docx, "".join(page.extract_text() for page in pages))]


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_a_letter_holds_exact_addresses_and_marked_fields_in_both_formats(http, client, language):
    files = [{"name": "wallwatch-case.zip", "sha256": SHA}]
    sent = http.post(PATH, json=asked(http, language=language, attachments=files, contact="Тұман к-сі, 7"))
    assert sent.status_code == 201, sent.text
    made = sent.json()
    assert (made["sent_at"], len(made["addresses"]), made["made_by"]) == (None, 2, "investigator")
    said = words(Language(language))
    for text in texts(client("supervisor"), made):
        for expected in (
            SHOP,
            SITE,
            "ҚазақстанРеспубликасы,ведомство",
            "17-05/4711",
            SHA,
            "Тұманк-сі,7",
            "54.870000,69.150000",
        ):
            assert expected in text, expected
        assert "".join(said("fill_legal_basis").split()) in text
        assert "{{" not in text
    (listed,) = client("supervisor").get(PATH, params={"address": made["addresses"][1]}).json()["requests"]
    assert listed == made == client("admin").get(f"{PATH}/{made['id']}").json()
    actions = client("supervisor").get("/v1/audit", params={"subject": made["id"]}).json()["entries"]
    assert [each["action"] for each in actions] == ["request.download", "request.download", "request.make"]


def test_what_is_filled_in_is_text_and_never_a_template_or_markup(http):
    body = asked(http, grounds=HOSTILE, recipient=HOSTILE, signatory_name="{{ recipient }}", legal_basis="a\nb")
    made = http.post(PATH, json=body).json()
    for text in texts(http, made):
        assert text.count("".join(HOSTILE.split())) == 2
        assert "{{recipient}}" in text
        assert "49" not in text


def test_a_letter_marked_as_sent_makes_the_steps_in_the_same_transaction(http):
    sent = {"sent_at": "2026-03-01T08:00:00+00:00", "reason": "asked the regulator"}
    body = asked(http, sent=sent)
    assert refused(http.post(PATH, json=body), 409, "step_refused")["wanted"] == "sent"
    assert http.get(PATH).json()["requests"] == []
    for value in (SHOP, SITE):
        row = row_of(http, value)
        step = {"version": row["version"], "to": "confirmed", "reason": "looked"}
        assert http.post(f"/v1/watchlist/{row['id']}/steps", json=step).status_code == 200
    stale = asked(http, sent=sent)
    stale["addresses"][1]["version"] -= 1
    refused(http.post(PATH, json=stale), 409, "address_changed")
    assert http.get(PATH).json()["requests"] == []
    made = http.post(PATH, json=asked(http, sent=sent)).json()
    assert made["sent_at"] == "2026-03-01T08:00:00Z"
    for value in (SHOP, SITE):
        last = http.get(f"/v1/watchlist/{id_of(http, value)}/steps").json()["steps"][-1]
        assert (last["to_status"], last["recipient"]) == ("sent", made["recipient"])
        assert (last["reference"], last["reason"]) == ("17-05/4711", "asked the regulator")


REFUSED = [
    ({"addresses": [{"id": "0" * 32}]}, {404}, "not_found"),
    ({"addresses": []}, {422}, None),
    ({"recipient": "\u200b"}, {422}, "recipient_empty"),
    ({"reference": "x" * 101}, {422}, None),
    ({"language": "de"}, {422}, None),
    ({"grounds": "x" * 10_000_000}, {413, 422}, None),
    ({"attachments": [{"name": "x", "sha256": "../../etc"}]}, {422}, None),
    ({"sent": {"sent_at": "2026-03-01T08:00:00", "reason": "x"}}, {422}, "time_without_zone"),
    ({"sent": {"sent_at": "2027-03-01T08:00:00Z", "reason": "x"}}, {409}, "step_refused"),
]


def test_a_letter_that_cannot_be_is_refused_and_leaves_nothing(http):
    body = asked(http)
    for change, statuses, code in REFUSED:
        answer = http.post(PATH, json=body | change)
        assert answer.status_code in statuses, answer.text
        assert code is None or answer.json()["code"] == code
    assert http.get(PATH).json()["requests"] == []


def test_an_address_twice_and_a_sending_without_versions_are_refused(http):
    body = asked(http, SHOP, SHOP)
    refused(http.post(PATH, json=body), 422, "address_twice")
    body = asked(http, SHOP, sent={"sent_at": "2026-03-01T08:00:00Z", "reason": "x"})
    del body["addresses"][0]["version"]
    refused(http.post(PATH, json=body), 422, "version_missing")


def test_letters_come_page_by_page_and_go_into_a_backup(http, services, clock, tmp_path):
    made = []
    for n in range(3):
        made.insert(0, http.post(PATH, json=asked(http, SHOP, reference=f"n-{n}")).json()["id"])
        clock.move(minutes=1)
    first = http.get(PATH, params={"limit": 2}).json()
    rest = http.get(PATH, params={"limit": 2, "cursor": first["next"]}).json()
    assert [each["id"] for each in first["requests"] + rest["requests"]] == made
    assert rest["next"] is None
    refused(http.get(f"{PATH}/{made[0][:-1]}"), 404, "not_found")
    assert [str(each) for each in verify(services)] == []
    copy = open_backup(backup(services, tmp_path / "copy"))
    assert [str(each) for each in verify(copy)] == []
    copy.close()
