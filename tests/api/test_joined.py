"""Merged addresses and walls, fused readings and watches, in the rooms that were built without each other."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from models import Address, Finding, InscriptionPhoto, Notice, Sighting
from tests.api.packs import fetched, opened, told
from tests.api.photographed import photographed
from tests.api.pictures import jpeg
from tests.api.seen import see, wall
from tests.api.telling import ONE_DATABASE, PETROPAVL, Worker, make
from tests.api.test_inscription_fusion import TRUE, WRONG, photos, unsure
from tests.api.test_merge import merge, unmerge, walk
from tests.api.test_near import BOT, MIRROR, MISREAD, OTHER, SITE, WHY, ids, judge, version
from tests.api.words import refused
from vision.types import Kind

__all__ = ["ids", "photos"]  # fixtures


def get(http, path, **params):
    answer = http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def three(photos):
    """Photos of one wall that only together are sure of TRUE; the first of them reads as WRONG."""
    return [photos(1, unsure(WRONG, 0.5, **{TRUE: 0.4})), *(photos(n, unsure(TRUE, 0.84)) for n in (2, 3))]


def graph(http, address_id, **params):
    body = get(http, f"/v1/watchlist/{address_id}/graph", **params)
    return (
        body,
        {row["id"]: row["merged_into"] for row in body["nodes"]},
        {(edge["by"], frozenset((edge["one"], edge["other"]))): edge["weight"] for edge in body["edges"]},
    )


def test_the_graph_has_near_addresses_until_somebody_says_that_they_are_not_one(client, ids):
    http = client("investigator")
    _, nodes, edges = graph(http, ids[SITE], by="near", depth=1)
    assert set(nodes) == {ids[each] for each in (SITE, MIRROR, BOT, MISREAD)}
    near = {row["address"]["id"]: row["score"] for row in get(http, f"/v1/watchlist/{ids[SITE]}/near")["matches"]}
    assert {each: edges["near", frozenset((ids[SITE], each))] for each in near} == pytest.approx(near, abs=1e-3)
    judge(client, "separate", ids[SITE], ids[MIRROR])
    assert ids[MIRROR] not in graph(http, ids[SITE], by="near", depth=1)[1]
    merge(client, ids[MISREAD], ids[SITE])  # the misreading is near the mirror, too, but is this shop now
    assert ids[MIRROR] not in graph(http, ids[SITE], by="near", depth=1)[1]


def test_a_shop_is_in_the_graph_once_and_what_was_merged_hangs_on_it(client, services, accounts, ids):
    see(services, accounts["officer"], wall(MISREAD, kind=Kind.DOMAIN), wall("qz_boran_kot_31"), photo="both", lat=53.0)
    http = client("investigator")
    merge(client, ids[MISREAD], ids[SITE])
    body, nodes, edges = graph(http, ids[MISREAD], depth=2, by="wall,photo,series,near,merged")
    assert (body["address_id"], body["nodes"][0]["id"]) == (ids[SITE], ids[SITE])
    assert {each: into for each, into in nodes.items() if into} == {ids[MISREAD]: ids[SITE]}
    assert {by for by, pair in edges if ids[MISREAD] in pair} == {"merged"}
    (stranger,) = [row["id"] for row in body["nodes"] if row["value"] == "qz_boran_kot_31"]
    assert edges["wall", frozenset((ids[SITE], stranger))] == 1
    assert set(graph(http, stranger, depth=1, by="wall,series,near")[1]) == {stranger, ids[SITE]}
    assert set(graph(http, ids[MIRROR], depth=1, by="series,near")[1]) == {ids[each] for each in (SITE, MIRROR, BOT)}
    text = http.get(f"/v1/watchlist/{ids[SITE]}/graph.graphml").text
    assert f'<data key="node_merged_into">{ids[SITE]}</data>' in text


def test_merged_addresses_count_once_and_their_sightings_keep_what_was_read(client, services, ids):
    http = client("investigator")
    before = get(http, "/v1/statistics")["total"]
    cells = get(http, "/v1/hotspots", level=3)["features"]
    merge(client, ids[MISREAD], ids[SITE])
    after = get(http, "/v1/statistics")["total"]
    assert (after["sightings"], after["walls"]) == (before["sightings"], before["walls"])
    assert after["addresses"] == before["addresses"] - 1
    counted = [sum(cell["properties"]["addresses"] for cell in get(http, "/v1/hotspots", level=3)["features"])]
    assert counted == [sum(cell["properties"]["addresses"] for cell in cells) - 1]
    for asked in (ids[SITE], ids[MISREAD]):
        line = get(http, f"/v1/watchlist/{asked}/timeline")
        assert (line["address_id"], sum(beat["sightings"] for beat in line["periods"])) == (ids[SITE], 2)
        assert get(http, f"/v1/watchlist/{asked}/spread")["walls"] == 2
        rows = get(http, f"/v1/watchlist/{asked}/sightings")["sightings"]
        assert {row["value"] for row in rows} == {SITE, MISREAD}
    unmerge(client, ids[MISREAD])
    assert get(http, "/v1/statistics")["total"] == before


def test_a_request_names_the_kept_address_and_those_of_a_merged_one_are_found_with_it(client, ids):
    http = client("investigator")
    body = {"language": "ru", "recipient": "Қызмет", "reference": "17-05/1"}
    made = http.post("/v1/requests", json=body | {"addresses": [{"id": ids[MISREAD]}]})
    assert made.status_code == 201, made.text
    merge(client, ids[MISREAD], ids[SITE])
    both = body | {"addresses": [{"id": ids[SITE]}, {"id": ids[MISREAD]}]}
    assert refused(http.post("/v1/requests", json=both), 409, "address_merged")["kept_id"] == ids[SITE]
    assert [row["id"] for row in get(http, "/v1/requests", address=ids[SITE])["requests"]] == [made.json()["id"]]


@ONE_DATABASE
def test_a_pack_has_what_was_merged_what_lists_say_and_what_photos_say_together(client, services, accounts):
    http = client("investigator")
    photographed(services, accounts["officer"], wall(SITE, kind=Kind.DOMAIN), data=jpeg(1))
    photographed(services, accounts["officer"], wall(MISREAD, kind=Kind.DOMAIN), data=jpeg(2), lat=54.88, hours=1)
    named = {row["value"]: row["id"] for row in get(http, "/v1/watchlist")["addresses"]}
    merge(client, named[MISREAD], named[SITE], relation="misreading")
    word = {"version": version(client, named[SITE]), "verdict": "shop", "reason": "painted beside a price"}
    answer = http.put(f"/v1/watchlist/{named[SITE]}/override", json=word)
    assert answer.status_code == 200, answer.text
    packs = [opened(fetched(http, "address", named[each], language="en")) for each in (SITE, MISREAD)]
    facts = [told(files, "facts.json") for files in packs]
    assert facts[0]["sightings"] == facts[1]["sightings"]
    assert (facts[0]["id"], facts[1]["id"], facts[0]["merged"]) == (named[SITE], named[SITE], [named[MISREAD]])
    assert [each["read_value"] for each in facts[0]["sightings"]] == [SITE, MISREAD]
    (address,) = facts[0]["addresses"]
    assert [(each["value"], each["relation"]) for each in address["aliases"]] == [(MISREAD, "misreading")]
    assert (address["override"]["verdict"], address["override"]["by"]) == ("shop", "investigator")
    assert address["warnings"] == get(http, f"/v1/watchlist/{named[SITE]}")["warnings"]
    custody = told(packs[0], "custody.json")["entries"]
    assert {"address.merge"} <= {each["action"] for each in custody}
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(packs[0]["report.pdf"])).pages)
    assert f"misreading: {MISREAD}" in text.replace("\n", " ")


@ONE_DATABASE
def test_a_pack_of_a_wall_has_the_walls_merged_into_it_and_fused_values_say_so(client, services, photos):
    http = client("investigator")
    first, *others = shots = three(photos)
    with services.reading_unit() as unit:
        wall_id = unit.session.get_one(InscriptionPhoto, first).inscription_id
        rows = unit.session.scalars(select(Finding)).all()
        fused = {row.photo_sha256: row.fused.confidence for row in rows if row.is_listed}
    assert set(fused) == set(shots)
    files = opened(fetched(http, "wall", wall_id, language="en"))
    seen = {each["photo"]: each for each in told(files, "facts.json")["sightings"]}
    assert (seen[first]["value"], seen[first]["read_value"]) == (TRUE, WRONG)
    assert seen[first]["fused"] == {
        "kind": "telegram", "value": TRUE, "confidence": fused[first], "supported_by": sorted(others),
        "seen_in": sorted(shots),
    }  # fmt: skip
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(files["report.pdf"])).pages)
    assert "by 3 photos together" in text.replace("\n", " ")


@ONE_DATABASE
def test_a_merged_wall_is_packed_with_the_one_that_it_is_of(client, services, accounts):
    http = client("investigator")
    shots = [
        photographed(services, accounts["officer"], wall(name), data=jpeg(n), lat=54.87 + n / 100)
        for n, name in enumerate(("qz_tuman_lis_77", "qz_boran_kot_31"), 1)
    ]
    with services.reading_unit() as unit:
        one, other = [unit.session.get_one(InscriptionPhoto, sha256).inscription_id for sha256 in shots]
    versions = [get(http, f"/v1/inscriptions/{each}")["version"] for each in (one, other)]
    body = {"version": versions[0], "other": other, "other_version": versions[1]} | WHY
    assert http.post(f"/v1/inscriptions/{one}/merge", json=body).status_code == 200
    for asked in (one, other):
        files = opened(fetched(http, "wall", asked))
        facts = told(files, "facts.json")
        assert (facts["id"], facts["merged"], len(facts["sightings"])) == (one, [other], 2)
        assert "inscription.merge" in {each["action"] for each in told(files, "custody.json")["entries"]}


def test_what_is_listed_by_fusion_is_taken_back_with_its_merge(client, services, accounts, photos):
    http = client("investigator")
    three(photos)
    see(services, accounts["officer"], wall("qz_boran_kot_31"), photo="far", lat=53.0)
    named = {row["value"]: row["id"] for row in get(http, "/v1/watchlist")["addresses"]}
    assert set(named) == {TRUE, "qz_boran_kot_31"}
    merge(client, named[TRUE], named["qz_boran_kot_31"], relation="mirror")
    assert unmerge(client, named[TRUE]).status_code == 200
    assert {row["value"]: row["sightings"] for row in get(http, "/v1/watchlist")["addresses"]} == {
        TRUE: 3, "qz_boran_kot_31": 1,
    }  # fmt: skip


def heard(http, worker):
    worker.prepare()
    return [(row["kind"], row["defanged"]) for row in get(http, "/v1/inbox")["entries"]]


def test_who_watches_an_address_hears_when_one_near_it_is_seen(client, services, accounts, ids):
    http, worker = client("investigator"), Worker(services)
    make(http, about="address.near")
    assert http.put(f"/v1/watches/{ids[SITE]}").status_code in (200, 204)
    see(services, accounts["officer"], wall("zima-boran.cc", kind=Kind.DOMAIN), photo="other", lat=53.2)
    assert heard(http, worker) == []
    see(services, accounts["officer"], wall("qztuman24.xyz", kind=Kind.DOMAIN), photo="new", lat=53.0)
    assert heard(http, worker) == [("address.near", "qztuman24[.]xyz")]
    see(services, accounts["officer"], wall("qztuman24.xyz", kind=Kind.DOMAIN), photo="newer", lat=53.1)
    assert len(heard(http, worker)) == 1
    with services.reading_unit() as unit:
        (notice,) = unit.session.scalars(select(Notice).where(Notice.kind == "address.near"))
        assert (notice.facts["near_id"], notice.facts["near_value"]) == (ids[SITE], SITE)
        assert unit.session.get_one(Sighting, notice.sighting_id).address_id == notice.address_id


@ONE_DATABASE
def test_who_watches_hears_of_one_that_is_back_and_not_of_one_declared_separate(client, services, accounts, ids, clock):
    http, worker = client("investigator"), Worker(services)
    make(http, about="address.near")
    for each in (MIRROR, BOT):
        walk(client, ids[each], "confirmed", "sent", "blocked")
    http.put(f"/v1/watches/{ids[SITE]}")
    judge(client, "separate", ids[SITE], ids[BOT])
    clock.move(hours=1)
    see(services, accounts["officer"], wall(BOT), photo="bot back", lat=53.0)
    see(services, accounts["officer"], wall(MIRROR, kind=Kind.DOMAIN), photo="mirror back", lat=53.1)
    with services.reading_unit() as unit:
        assert {
            row.status for row in unit.session.scalars(select(Address).where(Address.value.in_([BOT, MIRROR])))
        } == {"reappeared"}
    assert heard(http, worker) == [("address.near", "qztuman24[.]cc")]
    assert ids[OTHER] != ids[BOT]


@ONE_DATABASE
def test_new_in_a_region_is_told_when_several_photos_together_put_it_on_the_list(client, services, photos):
    http, worker = client("investigator"), Worker(services)
    make(http, **PETROPAVL)
    photos(1, unsure(WRONG, 0.5, **{TRUE: 0.4}))
    photos(2, unsure(TRUE, 0.84))
    assert heard(http, worker) == []
    photos(3, unsure(TRUE, 0.84))
    assert heard(http, worker) == [("address.new", f"t[.]me/{TRUE}")]


@ONE_DATABASE
def test_a_photo_that_is_sure_is_told_of_although_older_ones_are_listed_with_it(client, services, photos):
    http, worker = client("investigator"), Worker(services)
    make(http, **PETROPAVL)
    photos(1, unsure(TRUE, 0.6))
    assert heard(http, worker) == []
    photos(2, wall(TRUE))
    assert heard(http, worker) == [("address.new", f"t[.]me/{TRUE}")]
