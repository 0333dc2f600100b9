"""What people do with inscriptions, what they look like over time, and that no program overrules a person."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import AuditEntry, InscriptionApart, InscriptionEvent, Notice, Sighting
from tests.api.seen import see, wall
from tests.api.wall_pictures import METRE, plaster, seen_from, take, walls
from tests.api.walls import finding
from tests.api.words import refused

NAME, OTHER = "qz_tuman_lis_77", "qz_boran_kot_31"
WHY = "because the test says so"


def sha(photo):
    return hashlib.sha256(photo.encode()).hexdigest()


@pytest.fixture
def http(client):
    return client("investigator", days=1000)


def get(http, inscription_id, part=""):
    answer = http.get(f"/v1/inscriptions/{inscription_id}{part}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(http, inscription_id, verb, **body):
    return http.post(f"/v1/inscriptions/{inscription_id}/{verb}", json={"reason": WHY} | body)


def merge(http, one, other):
    versions = {"version": get(http, one)["version"], "other_version": get(http, other)["version"]}
    return post(http, one, "merge", other=other, **versions)


def split(http, one, *photos):
    return post(http, one, "split", version=get(http, one)["version"], photos=list(photos))


def paint(http, one, at):
    return post(http, one, "painted", version=get(http, one)["version"], painted_at=at.isoformat())


def actions(services):
    with services.reading_unit() as unit:
        return [row.action for row in unit.session.scalars(select(AuditEntry).order_by(AuditEntry.seq))]


def notices(services):
    with services.reading_unit() as unit:
        return [(row.kind, row.facts) for row in unit.session.scalars(select(Notice).order_by(Notice.seq))]


def test_merging_and_splitting_undo_each_other(services, accounts, http):
    see(services, accounts["officer"], wall(NAME), photo="a")
    see(services, accounts["officer"], wall(OTHER), photo="b", lat=54.88)
    one, other = walls(services, sha("a"), sha("b"))
    merged = merge(http, one, other).json()
    assert (merged["id"], merged["photos"], merged["version"]) == (one, 2, 2)
    assert get(http, other)["merged_into"] == one
    assert walls(services, sha("a"), sha("b")) == [one, one]
    assert {row["value"] for row in get(http, one)["addresses"]} == {NAME, OTHER}
    listed = http.get("/v1/inscriptions").json()["inscriptions"]
    assert [row["id"] for row in listed] == [one]
    back = split(http, one, sha("b")).json()
    assert (back["id"], back["merged_into"], back["photos"]) == (other, None, 1)
    assert walls(services, sha("a"), sha("b")) == [one, other]
    with services.reading_unit() as unit:
        seen = {row.photo_sha256: row.inscription_id for row in unit.session.scalars(select(Sighting))}
    assert seen == {sha("a"): one, sha("b"): other}
    again = merge(http, one, other).json()  # the opposite of splitting
    assert again["photos"] == 2
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(InscriptionApart)).all() == []
    assert actions(services)[-3:] == ["inscription.merge", "inscription.split", "inscription.merge"]
    kinds = [entry["event"]["kind"] for entry in get(http, one, "/timeline")["entries"] if entry["event"]]
    assert sorted(kinds) == ["merged", "merged", "split", "split_from"]


def test_what_has_changed_meanwhile_or_cannot_be_is_refused_and_changes_nothing(services, accounts, http, clock):
    see(services, accounts["officer"], wall(NAME), photo="a")
    see(services, accounts["officer"], wall(OTHER), photo="b", lat=54.88)
    one, other = walls(services, sha("a"), sha("b"))
    before = actions(services)
    stale = {"version": 1, "other": other, "other_version": 1}
    said = refused(post(http, one, "merge", **stale | {"version": 7}), 409, "inscription_changed")
    assert (said["inscription_id"], said["version"]) == (one, 1)
    assert refused(post(http, one, "merge", **stale | {"other_version": 7}), 409, "inscription_changed")[
        "inscription_id"
    ] == other  # fmt: skip
    refused(post(http, one, "merge", **stale | {"other": one}), 422, "merge_with_itself")
    refused(post(http, one, "merge", **stale | {"other": "0" * 32}), 404, "not_found")
    refused(post(http, one, "merge", **stale | {"reason": "\u200b"}), 422, "reason_empty")
    refused(post(http, one, "split", version=1, photos=[sha("a")]), 422, "split_leaves_nothing")
    assert refused(post(http, one, "split", version=1, photos=[sha("b")]), 422, "photos_elsewhere")["photos"] == [
        sha("b")
    ]
    refused(post(http, one, "split", version=1, photos=["x"]), 422, "request_not_understood")
    refused(post(http, one, "split", version=3, photos=[sha("a")]), 409, "inscription_changed")
    refused(paint(http, one, clock.now() + timedelta(days=1)), 422, "painted_in_the_future")
    refused(paint(http, one, clock.now() - timedelta(days=1)), 422, "painted_before_seen")
    refused(post(http, one, "painted", version=1, painted_at="2026-03-01T09:00:00"), 422, "time_without_zone")
    refused(post(http, one, "painted/undo", version=1), 409, "nothing_painted")
    assert actions(services) == before
    assert merge(http, one, other).status_code == 200
    assert refused(split(http, other, sha("b")), 409, "inscription_merged")["merged_into"] == one


def test_what_a_person_separated_no_picture_puts_together_again(services, accounts, http):
    officer, painted = accounts["officer"], plaster(21)
    first, second = (take(services, officer, seen_from(painted, number), finding(NAME)) for number in (1, 2))
    (one,) = set(walls(services, first, second))
    made = split(http, one, second).json()["id"]
    third = take(services, officer, seen_from(painted, 3), finding(NAME), hours=1)
    found = walls(services, first, second, third)
    assert found[:2] == [one, made]
    assert found[2] in found[:2]  # it looks like both, and joins one of them
    assert (get(http, one)["merged_into"], get(http, made)["merged_into"]) == (None, None)
    by_person = {row["photo"]: row["by_person"] for row in get(http, made, "/photos")["photos"]}
    assert by_person[second]


def test_painted_over_and_written_on_again(services, accounts, http, clock):
    officer, painted = accounts["officer"], plaster(22)
    first = take(services, officer, seen_from(painted, 1), finding(NAME))
    (one,) = walls(services, first)
    clock.move(days=10)
    at = clock.now()
    assert paint(http, one, at).json()["state"] == "painted"
    refused(paint(http, one, at), 409, "painted_already")
    clean = take(services, officer, seen_from(painted, 2), hours=24)  # the wall is there, nothing on it
    assert walls(services, clean) == [one]
    assert get(http, one)["state"] == "painted"
    assert notices(services) == []
    clock.move(days=90)
    back = take(services, officer, seen_from(painted, 3), finding(OTHER))
    assert walls(services, back) == [one]
    assert get(http, one)["state"] == "reappeared"
    ((kind, facts),) = notices(services)
    assert (kind, facts["inscription"], facts["photo"]) == ("inscription.reappeared", one, back)
    assert (facts["value"], facts["is_same_address"], facts["painted_at"]) == (OTHER, False, at.isoformat())
    told = get(http, one, "/timeline")
    assert [row["state"] for row in told["states"]] == ["open", "painted", "reappeared"]
    entries = [(row["event"]["kind"] if row["event"] else row["photo"]["photo"]) for row in told["entries"]]
    assert entries == [first, "painted", clean, back, "reappeared"]
    assert [row["gap_days"] for row in told["entries"] if row["photo"]] == [None, 11.0, 89.0]
    assert [[read["value"] for read in row["read"]] for row in told["entries"] if row["photo"]] == [[NAME], [], [OTHER]]
    take(services, officer, seen_from(painted, 4), finding(OTHER), hours=1)
    assert len(notices(services)) == 1  # once for each mark
    second_coat = paint(http, one, clock.now() + timedelta(minutes=5))
    assert second_coat.json()["state"] == "reappeared"  # the photo of an hour later is here already
    assert len(notices(services)) == 2
    assert actions(services).count("inscription.painted") == 2


def test_a_return_is_withdrawn_with_its_sighting_or_with_the_mark(services, accounts, http, clock):
    see(services, accounts["officer"], wall(NAME), photo="a")
    (one,) = walls(services, sha("a"))
    clock.move(days=1)
    paint(http, one, clock.now())
    # Months later the place and the address alone say that it is the same wall.
    (back,) = see(services, accounts["officer"], wall(NAME), photo="b", lat=54.87 + 20 * METRE, hours=24 * 200)
    assert walls(services, sha("b")) == [one]
    assert get(http, one)["state"] == "reappeared"
    decided = http.post(f"/v1/findings/{back.id}/reject", json={"version": 1, "reason": "x"})
    assert decided.status_code == 200
    assert get(http, one)["state"] == "painted"
    http.post(f"/v1/findings/{back.id}/undo", json={"version": 2})
    assert get(http, one)["state"] == "reappeared"
    taken_back = post(http, one, "painted/undo", version=get(http, one)["version"])
    assert (taken_back.json()["state"], taken_back.json()["painted_at"]) == ("open", None)
    assert [kind.removeprefix("inscription.") for kind, _ in notices(services)] == [
        "reappeared", "reappearance_withdrawn", "reappeared", "reappearance_withdrawn",
    ]  # fmt: skip
    assert [row["state"] for row in get(http, one, "/timeline")["states"]] == ["open"]
    with services.reading_unit() as unit:
        kinds = [row.kind for row in unit.session.scalars(select(InscriptionEvent).order_by(InscriptionEvent.number))]
    assert kinds == ["painted", "reappeared", "reappearance_withdrawn", "reappeared", "unpainted",
                     "reappearance_withdrawn"]  # fmt: skip


def test_the_list_is_narrowed_by_place_time_and_state_and_turns_its_pages(services, accounts, http, clock):
    for number in range(5):
        photo, name = f"p{number}", f"qz_{number}_lis"
        see(services, accounts["officer"], wall(name), photo=photo, lat=54.8 + number / 100, hours=number)
    ids = walls(services, *(sha(f"p{number}") for number in range(5)))

    def asked(**params):
        return [row["id"] for row in http.get("/v1/inscriptions", params=params).json()["inscriptions"]]

    assert asked() == ids[::-1]
    assert asked(box="54.805,69,54.825,70") == [ids[2], ids[1]]
    assert asked(circle="54.82,69.15,200") == [ids[2]]
    later = (clock.now() + timedelta(hours=3)).isoformat()
    assert asked(since=later) == [ids[4], ids[3]]
    assert asked(until=later, box="54.815,69,54.9,70") == [ids[3], ids[2]]
    clock.move(hours=4)
    paint(http, ids[2], clock.now())
    assert asked(state="painted") == [ids[2]]
    page = http.get("/v1/inscriptions", params={"limit": 2}).json()
    rest = http.get("/v1/inscriptions", params={"limit": 50, "cursor": page["next"]}).json()
    assert [row["id"] for row in [*page["inscriptions"], *rest["inscriptions"]]] == ids[::-1]
    refused(http.get("/v1/inscriptions", params={"box": "1,2,3"}), 422, "region_not_understood")
    refused(http.get("/v1/inscriptions", params={"cursor": "x"}), 422, "cursor_not_understood")
    refused(http.get("/v1/inscriptions/none"), 404, "not_found")


def test_the_time_line_and_the_photos_turn_their_pages(services, accounts, http):
    for number in range(5):
        see(services, accounts["officer"], wall(NAME), photo=f"p{number}", hours=24 * number)
    (one,) = set(walls(services, *(sha(f"p{number}") for number in range(5))))
    cursor, shown, gaps = "", [], []
    while cursor is not None:
        page = get(http, one, f"/timeline?limit=2&cursor={cursor}" if cursor else "/timeline?limit=2")
        shown += [row["photo"]["photo"] for row in page["entries"]]
        gaps += [row["gap_days"] for row in page["entries"]]
        cursor = page["next"]
    assert shown == [sha(f"p{number}") for number in range(5)]
    assert gaps == [None, 1, 1, 1, 1]
    page = get(http, one, "/photos?limit=3")
    rest = get(http, one, f"/photos?limit=3&cursor={page['next']}")
    assert [row["photo"] for row in [*page["photos"], *rest["photos"]]] == shown[::-1]
    assert rest["next"] is None
    assert [row["how"] for row in rest["photos"]] == ["place", "first"]
