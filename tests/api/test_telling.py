"""From what happened to whoever wants to hear of it: matches, inboxes, messages, digests, floods, feeds."""

import defusedxml.ElementTree as Xml
import feedparser
import pytest
from sqlalchemy import select

from api.lifecycle.service import REAPPEARED, WITHDRAWN
from api.telling import kinds
from api.telling.news import tell_near
from api.watchlist.turn import take_turn
from models import Address, Notice
from tests.api.telling import PETROPAVL, here, make
from tests.api.test_lifecycle import walk
from tests.api.words import refused

NAME = "qz_tuman_lis_77"
HERE, ALMATY = {"lat": 54.871, "lon": 69.151}, {"lat": 43.24, "lon": 76.91}


@pytest.fixture
def services(make_services):
    return make_services(telling=here())


def inbox(http, **params):
    return http.get("/v1/inbox", params=params).json()


def notices(services):
    with services.reading_unit() as unit:
        return list(unit.session.scalars(select(Notice).order_by(Notice.seq)))


def test_the_kinds_are_those_that_are_written():
    assert (kinds.REAPPEARED, kinds.WITHDRAWN) == (REAPPEARED, WITHDRAWN)


def test_new_in_my_region_is_what_no_earlier_photo_shows_there(client, spot, worker, services, clock):
    http = client("investigator")
    spot("qz_before_1", photo="0")
    make(http, **PETROPAVL)
    make(http, label="везде")
    spot(NAME, photo="1", **ALMATY)  # new, elsewhere
    worker.prepare()
    assert [entry["defanged"] for entry in inbox(http)["entries"]] == [f"t[.]me/{NAME}"]
    clock.move(minutes=1)
    spot(NAME, photo="2")  # known, and new here
    spot(NAME, photo="3")  # the second photo of it here
    spot("qz_before_1", photo="4")  # here before the subscription was made
    worker.prepare()
    shown = inbox(http)
    assert [entry["facts"]["is_new_everywhere"] for entry in shown["entries"]] == [False, True]
    assert shown["unread"] == 2
    assert [notice.facts["is_new_everywhere"] for notice in notices(services)] == [True, False]


def test_where_nobody_subscribed_no_notice_of_new_addresses_is_written(client, spot, services):
    make(client("investigator"), **PETROPAVL, kind="phone")
    make(client("investigator"), about="address.reappeared")
    spot(NAME)
    assert notices(services) == []


def test_kind_tlp_assignee_and_address_narrow_it(client, spot, worker, services):
    http = client("investigator")
    spot(NAME, "qz_other_1")
    rows = {row["value"]: row for row in http.get("/v1/watchlist").json()["addresses"]}
    row, back = rows[NAME], {"about": "address.reappeared"}
    hears = [
        make(http, **back), make(http, **back, kind="telegram"), make(http, **back, address_id=row["id"]),
        make(http, **back, **PETROPAVL), make(http, **back, tlp="amber+strict"),
        make(http, **back, assigned_to_me=True),
    ]  # fmt: skip
    deaf = [
        make(http, **back, kind="phone"), make(http, **back, address_id=rows["qz_other_1"]["id"]),
        make(http, **back, box=[40, 70, 45, 80]), make(http, **back, tlp="amber"),
        make(client("supervisor"), **back, assigned_to_me=True), make(http, about=WITHDRAWN),
    ]  # fmt: skip
    walk(client, "confirmed sent blocked")
    row = http.get(f"/v1/watchlist/{row['id']}").json()
    version = row.get("version") or row["address"]["version"]
    edit = {"version": version, "tlp": "amber+strict", "assignee": "investigator"}
    assert http.patch(f"/v1/watchlist/{rows[NAME]['id']}", json=edit).status_code == 200
    spot(NAME, photo="2", hours=1)
    worker.prepare()
    heard = {entry["subscription_id"] for entry in inbox(http)["entries"]}
    assert heard == {each["id"] for each in hears}
    assert not heard & {each["id"] for each in deaf}
    assert inbox(client("supervisor"))["entries"] == []


def test_who_watches_an_address_hears_of_what_resembles_it_once(client, spot, worker, services):
    http, other = client("investigator"), client("supervisor")
    spot(NAME, "qz_tuman_l1s_77", "qz_else_1")
    rows = {row["value"]: row["id"] for row in http.get("/v1/watchlist").json()["addresses"]}
    for who in (http, other):
        make(who, about="address.near")
    http.put(f"/v1/watches/{rows[NAME]}")
    for _ in range(2):
        with services.unit() as unit:
            take_turn(unit.session)
            found = {each.value: each for each in unit.session.scalars(select(Address))}
            near = [(found[NAME], 0.93), (found["qz_else_1"], 0.5)]
            tell_near(unit, found["qz_tuman_l1s_77"], near)
    worker.prepare()
    (entry,) = inbox(http)["entries"]
    assert (entry["defanged"], entry["facts"]["near_value"]) == ("t[.]me/qz_tuman_l1s_77", NAME)
    assert entry["title"] == "Похож на отслеживаемый адрес"
    assert inbox(other)["entries"] == []


def test_an_inbox_is_read_and_unread_and_its_own_accounts_alone(client, spot, worker, clock):
    http, other = client("investigator"), client("supervisor")
    for who in (http, other):
        make(who)
    for n in range(3):
        spot(f"qz_tuman_{n}", photo=str(n))
        worker.prepare()
        clock.move(minutes=1)
    first = inbox(http, limit=2)
    rest = inbox(http, limit=2, cursor=first["next"])
    ids = [entry["id"] for entry in first["entries"] + rest["entries"]]
    assert (len(set(ids)), first["unread"], rest["next"]) == (3, 3, None)
    assert http.post("/v1/inbox/marks", json={"ids": [*ids[:1], "x"]}).json() == {"changed": 1, "unread": 2}
    assert http.post("/v1/inbox/marks", json={"ids": ids[:1]}).json() == {"changed": 0, "unread": 2}
    assert other.post("/v1/inbox/marks", json={"ids": ids}).json() == {"changed": 0, "unread": 3}
    assert [entry["id"] for entry in inbox(http, unread=True)["entries"]] == ids[1:]
    assert http.post("/v1/inbox/marks", json={"ids": ids[:1], "is_read": False}).json()["unread"] == 3
    until = inbox(http)["entries"][1]["at"]
    assert http.post("/v1/inbox/marks", json={"until": until}).json() == {"changed": 2, "unread": 1}
    assert http.post("/v1/inbox/marks", json={}).json() == {"changed": 1, "unread": 0}
    refused(http.post("/v1/inbox/marks", json={"ids": []}), 422, "request_not_understood")


def test_a_feed_is_valid_says_the_least_and_is_not_sent_twice(client, spot, worker, clock):
    http, anybody = client("investigator"), client()
    made = make(http, channel="feed", language="en", label="<b>&\u0001")
    for n, name in enumerate([NAME, "qz_second_1"]):
        spot(name, photo=str(n))
        worker.prepare()
        clock.move(minutes=1)
    for form, kind in (("atom", "application/atom+xml"), ("rss", "application/rss+xml")):
        answer = anybody.get(made["feed"], params={"format": form})
        assert answer.headers["content-type"].startswith(kind)
        Xml.fromstring(answer.content, forbid_dtd=True)
        parsed = feedparser.parse(answer.content)
        assert (parsed.bozo, parsed.version) == (False, {"atom": "atom10", "rss": "rss20"}[form])
        titles = [entry.title for entry in parsed.entries]
        assert titles == ["New address: t[.]me/qz_second_1", f"New address: t[.]me/{NAME}"]
        assert len({entry.id for entry in parsed.entries}) == 2
        for private in ("54.87", "t.me", "photo", "investigator"):
            assert private not in answer.text
        again = anybody.get(made["feed"], params={"format": form}, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
        assert again.headers["cache-control"] == "private, no-cache"
    before = anybody.get(made["feed"]).headers["etag"]
    spot("qz_third_1", photo="3")
    worker.prepare()
    assert anybody.get(made["feed"], headers={"If-None-Match": before}).status_code == 200
    for wrong in (made["feed"] + "x", made["feed"][:-1], f"/v1/feeds/{'0' * 32}/{made['feed'].split('/')[-1]}"):
        refused(anybody.get(wrong), 404, "not_found")


def test_matching_twice_tells_once_and_a_round_that_fails_loses_nothing(client, spot, services, worker):
    from api.telling.matching import match_some

    http = client("investigator")
    make(http)
    spot(NAME)
    with services.unit() as unit:
        match_some(unit)
        unit.session.rollback()
    assert inbox(http)["entries"] == []
    for _ in range(2):
        worker.prepare()
    assert len(inbox(http)["entries"]) == 1


def test_one_that_was_off_hears_of_what_comes_afterwards(client, spot, worker):
    http = client("investigator")
    made = make(http)
    make(client("supervisor"))  # so that the notice is written
    path = f"/v1/subscriptions/{made['id']}"
    off = http.put(path, json={"label": "x", "version": 1, "is_on": False}).json()
    spot(NAME)
    worker.prepare()
    http.put(path, json={"label": "x", "version": off["version"]})
    spot("qz_second_1", photo="2")
    worker.prepare()
    assert [entry["defanged"] for entry in inbox(http)["entries"]] == ["t[.]me/qz_second_1"]
