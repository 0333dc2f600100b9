"""Imports that go on by themselves: how far they are, what is told of them, and what ends with the process."""

import threading
import time

import pytest

from api.exchange.incoming import reasons, runs, staging
from api.exchange.incoming import service as incoming
from api.exchange.incoming.runs import ImportsWaiting, Runs
from models import Import
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.words import refused

NAMES = [f"qz_tuman_lis_{n:02}" for n in range(45)]
FILE = ("value,kind\n" + "".join(f"{name},telegram\n" for name in NAMES) + "qz tuman,telegram\n").encode()


def send(client, data=FILE, name="theirs.csv", **query):
    answer = client.post("/v1/imports", params=query, files={"file": (name, data)})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/imports/{answer.json()['id']}"
    return answer.json()


def ended(client, import_id, **headers):
    for _ in range(500):
        told = client.get(f"/v1/imports/{import_id}", headers=headers).json()
        if told["ended_at"]:
            return told
        time.sleep(0.02)
    raise AssertionError(told)


def counts(told):
    return [told[name] for name in ("added", "merged", "known", "refused")]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(staging, "BATCH", 20)


@pytest.fixture
def held(monkeypatch):
    """Holds every import after its first batch, until it is let go."""
    reached, go_on = threading.Event(), threading.Event()
    batch = incoming._batch

    def wait(*arguments):
        told = batch(*arguments)
        reached.set()
        assert go_on.wait(20)
        return told

    monkeypatch.setattr(incoming, "_batch", wait)
    yield reached, go_on
    go_on.set()


def test_a_dry_run_and_the_import_say_the_same_and_only_one_writes(client, services):
    investigator = client("investigator")
    dry = ended(investigator, send(investigator, dry_run=True)["id"])
    assert (dry["state"], dry["dry_run"], dry["import_id"], counts(dry)) == ("finished", True, None, [45, 0, 0, 1])
    assert (dry["entries"], dry["of"], dry["done"], len(dry["told"])) == (46, 46, 46, 46)
    assert investigator.get("/v1/imports").json() == {"imports": [], "next": None}
    told = ended(investigator, send(investigator)["id"])
    assert (told["import_id"], counts(told), told["told"]) == (told["id"], counts(dry), dry["told"])
    (row,) = investigator.get("/v1/imports").json()["imports"]
    assert (row["id"], row["state"], row["sender"], counts(row)) == (
        told["id"], "finished", "investigator", [45, 0, 0, 1],
    )  # fmt: skip
    again = ended(investigator, send(investigator)["id"])
    assert counts(again) == [0, 0, 45, 1]
    first = investigator.get("/v1/imports", params={"limit": 1}).json()
    second = investigator.get("/v1/imports", params={"limit": 1, "cursor": first["next"]}).json()
    assert ({first["imports"][0]["id"], second["imports"][0]["id"]}, second["next"]) == (
        {told["id"], again["id"]},
        None,
    )


def test_how_far_it_is_can_be_asked_while_it_goes_on(client, held):
    investigator, (reached, go_on) = client("investigator"), held
    run = send(investigator)
    assert reached.wait(20)
    told = investigator.get(f"/v1/imports/{run['id']}").json()
    assert (told["state"], told["of"], told["done"], told["refused"], told["told"]) == ("writing", 46, 1, 1, [])
    (row,) = investigator.get("/v1/imports").json()["imports"]
    assert (row["id"], row["state"], row["added"]) == (run["id"], "writing", 20)
    go_on.set()
    assert ended(investigator, run["id"])["state"] == "finished"


def test_one_that_ends_with_the_process_is_cut_off_and_taken_up_again(client, services, held):
    investigator, (reached, go_on) = client("investigator"), held
    run = send(investigator)
    assert reached.wait(20)
    closing = threading.Thread(target=services.imports.close)
    closing.start()
    while not services.imports.get(run["id"]).is_to_stop:
        time.sleep(0.01)
    go_on.set()
    closing.join(20)
    told = investigator.get(f"/v1/imports/{run['id']}").json()
    assert (told["state"], told["ended_at"] is not None) == ("unfinished", True)
    with services.reading_unit() as unit:
        row = unit.session.get_one(Import, run["id"])
        assert (row.finished_at, row.added) == (None, 20)
    services.imports._runs.clear()  # as in the next process, which knows only the row
    left = investigator.get(f"/v1/imports/{run['id']}").json()
    assert (left["state"], left["entries"], left["of"], left["added"]) == ("unfinished", None, None, 20)
    second = ended(investigator, send(investigator)["id"])
    assert (second["resumed"], second["import_id"], counts(second)) == (True, run["id"], [45, 0, 0, 1])
    assert investigator.get(f"/v1/imports/{run['id']}").json()["id"] == second["id"]
    services.imports._runs.clear()
    assert investigator.get(f"/v1/imports/{run['id']}").json()["state"] == "finished"


def test_a_file_that_cannot_be_read_is_refused_in_the_asker_s_language(client):
    investigator = client("investigator")
    run = send(investigator, b"\x00\x01", "theirs.xlsx")
    told = ended(investigator, run["id"], **{"Accept-Language": "ru"})
    assert (told["state"], told["problem"]["code"], counts(told)) == ("refused", "import_refused", [0, 0, 0, 0])
    assert told["problem"]["detail"].startswith("Ничего не импортировано")
    refused(investigator.get("/v1/imports/nothing"), 404, "not_found")
    refused(investigator.post("/v1/imports", files={"wrong": ("a.csv", b"value\n")}), 422, "part_unknown")


def test_an_error_of_ours_ends_the_import_and_says_so(client, monkeypatch):
    investigator = client("investigator")

    def broken(*_arguments):
        raise RuntimeError("qz_tuman_lis_77")

    monkeypatch.setattr(incoming, "_batch", broken)
    told = ended(investigator, send(investigator)["id"])
    assert (told["state"], told["problem"]["code"]) == ("unfinished", "import_broke")
    assert "qz_tuman" not in str(told["problem"])


def test_entries_are_explained_in_the_asker_s_language(client):
    investigator = client("investigator")
    told = ended(investigator, send(investigator, dry_run=True)["id"], **{"Accept-Language": "ru"})["told"][0]
    assert told["where"] == "строка таблицы 47"
    assert told["reason"].startswith("«qz tuman» — не имя Telegram: в нём могут быть только латинские буквы")


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_every_reason_that_the_program_gives_is_found_again(language):
    for said in reasons.SAID:
        given = said.format_map(dict.fromkeys(("n", "kind", "kinds", "name", "value", "wrong", "more"), "{0}<b>%s"))
        assert reasons.in_language(given, language) != given, said
    assert reasons.in_language("something else; it was seen later", language).startswith("something else; ")
    assert reasons.in_language("it was seen later", "en") == "it was seen later"


def test_no_more_go_on_at_once_than_may_and_what_ended_long_ago_is_forgotten(clock):
    going, go_on = Runs(clock), threading.Event()
    try:
        kept = [
            going.start(lambda _run: go_on.wait(20), file_name="a", sender="b", is_dry_run=True)
            for _ in range(runs.WAITING_AT_MOST)
        ]
        with pytest.raises(ImportsWaiting):
            going.start(lambda _run: None, file_name="a", sender="b", is_dry_run=True)
    finally:
        go_on.set()
    going.close()
    assert all(run.is_over for run in kept)
    clock.move(hours=3)
    going.start(lambda _run: None, file_name="a", sender="b", is_dry_run=True)
    going.close()
    assert going.get(kept[0].id) is None
