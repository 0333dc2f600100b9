"""The graph of an address against one walked by hand, its bounds, and GraphML as networkx loads it."""

import io
from collections import defaultdict
from itertools import combinations

import networkx as nx
import pytest
from sqlalchemy import select

from api.connections.graph import walk
from api.connections.graph.edges import Bounds
from api.connections.graph.series import stem
from models import Address, AuditEntry, CaseAddress, HandLink, Sighting
from tests.api.seen import see, wall
from tests.api.world import some_world
from vision.types import Kind


@pytest.fixture
def world(services, accounts):
    some_world(services, accounts["officer"], addresses=14, reports=12)
    return services


def by_hand(services):
    """Every edge but those of pictures: {(by, one, other): weight}."""
    with services.reading_unit() as unit:
        seen = list(unit.session.scalars(select(Sighting).where(Sighting.state != "rejected")))
        cases = list(unit.session.scalars(select(CaseAddress)))
        addresses = list(unit.session.scalars(select(Address)))
    shared = defaultdict(set)
    for by, things in (
        ("wall", [(row.inscription_id, row.address_id) for row in seen]),
        ("photo", [(row.photo_sha256, row.address_id) for row in seen]),
        ("case", [(row.case_id, row.address_id) for row in cases]),
        ("series", [(stem(row.kind, row.value), row.id) for row in addresses if stem(row.kind, row.value)]),
    ):
        within = defaultdict(set)
        for thing, address_id in things:
            within[thing].add(address_id)
        for thing, members in within.items():
            for one, other in combinations(sorted(members), 2):
                shared[by, one, other].add(thing)
    return {key: len(things) for key, things in shared.items()}


def walked(all_edges, middle, depth, by):
    rings, kept = {middle: 0}, {}
    for far in range(1, depth + 1):
        ring = [each for each, at in rings.items() if at == far - 1]
        for (name, one, other), weight in all_edges.items():
            if name in by and (one in ring or other in ring):
                kept[name, one, other] = weight
                for each in (one, other):
                    rings.setdefault(each, far)
    return rings, kept


@pytest.mark.parametrize(
    ("depth", "by"), [(1, "wall"), (2, "wall"), (2, "photo,case"), (1, "series,wall,photo,case"), (2, "series,case")]
)
def test_the_graph_is_the_one_walked_by_hand(client, world, depth, by):
    all_edges = by_hand(world)
    investigator = client("investigator")
    with world.reading_unit() as unit:
        ids = list(unit.session.scalars(select(Address.id).order_by(Address.value)))[::4]
    for middle in ids:
        answer = investigator.get(f"/v1/watchlist/{middle}/graph", params={"depth": depth, "by": by})
        assert answer.status_code == 200, answer.text
        told = answer.json()
        rings, kept = walked(all_edges, middle, depth, by.split(","))
        assert {node["id"]: node["depth"] for node in told["nodes"]} == rings
        assert {(edge["by"], edge["one"], edge["other"]): edge["weight"] for edge in told["edges"]} == kept
        assert (told["truncated"], told["cuts"]) == (False, [])


def test_a_rejected_sighting_joins_nothing(client, services, accounts):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), wall("qz-zaysan-77.biz", kind=Kind.DOMAIN))
    with services.unit() as unit:
        one, other = unit.session.scalars(select(Sighting).order_by(Sighting.id))
        other.state = "rejected"
    told = client("supervisor").get(f"/v1/watchlist/{one.address_id}/graph", params={"by": "wall,photo"}).json()
    assert (len(told["nodes"]), told["edges"]) == (1, [])


@pytest.mark.parametrize(
    "asked",
    [
        (Bounds(), "wall", None, 13),
        (Bounds(fan_out=2), "wall", "fan_out", None),
        (Bounds(expanded=2), "wall", "expanded", 13),
        (Bounds(nodes=5), "wall", "nodes", 5),
        (Bounds(looked_at=2), "wall", "looked_at", 7),
        (Bounds(looked_at=2), "photo", "looked_at", 7),
        (Bounds(rows=2), "wall", "looked_at", None),
        (Bounds(of_stem=3), "series", None, 1),
    ],
)
def test_a_hub_is_cut_where_it_is_too_large_and_the_graph_says_so(services, accounts, asked):
    bounds, by, bound, nodes = asked
    for number in range(4):
        found = [wall(f"qz_tuman_{number}_{n}" if n else "wz_zaysan_hub") for n in range(4)]
        see(services, accounts["officer"], *found, photo=f"p{number}", lat=54.0 + number)
    with services.reading_unit() as unit:
        hub, one = (
            unit.session.scalars(select(Address.id).where(Address.value == value)).one()
            for value in ("wz_zaysan_hub", "qz_tuman_0_1")
        )
        graph = walk.neighbours(unit, hub, depth=2, by=[by], bounds=bounds)
        series = walk.neighbours(unit, one, depth=1, by=["series"], bounds=bounds)
    assert {cut.bound for cut in graph.cuts} >= {bound} - {None}
    assert bool(graph.cuts) is (bound is not None)
    assert nodes is None or len(graph.nodes) == nodes
    assert bool(series.cuts) is (bounds.of_stem == 3 or bounds.fan_out == 2 or bounds.nodes == 5)


def test_writing_that_is_alike_joins_addresses_when_it_is_asked_for(client, services, accounts):
    (one,) = see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    (other,) = see(services, accounts["officer"], wall("zaysan-kot.biz", kind=Kind.DOMAIN), photo="b", lat=53.0)
    with services.unit() as unit:
        from api.connections.hands import keep

        for finding in (one, other):
            keep(unit, finding.id, None)
        for a, b in ((one, other), (other, one)):
            unit.session.add(HandLink(finding_id=a.id, other_id=b.id, alike="stencil", likeness=0.95))
            unit.session.add(HandLink(finding_id=a.id, other_id=b.id, alike="hand", likeness=0.91))
        middle = unit.session.scalars(select(Address.id).where(Address.value == "qz_tuman_lis_77")).one()
    path = f"/v1/watchlist/{middle}/graph"
    assert [edge["by"] for edge in client("investigator").get(path).json()["edges"]] == ["stencil"]
    told = client("investigator").get(path, params={"by": "hand,stencil"}).json()
    assert [(edge["by"], edge["weight"]) for edge in told["edges"]] == [("hand", 0.91), ("stencil", 0.95)]


def test_graphml_loads_in_networkx_and_says_what_json_says(client, world):
    with world.unit() as unit:
        row = unit.session.scalars(select(Address).order_by(Address.value)).first()
        row.value = "qz_<&\"'>\x0b]]>_ұлы"
    path = f"/v1/watchlist/{row.id}/graph"
    told = client("investigator").get(path).json()
    answer = client("investigator").get(f"{path}.graphml")
    assert answer.headers["content-type"].startswith("application/graphml+xml")
    loaded = nx.read_graphml(io.BytesIO(answer.content), force_multigraph=True)
    assert not loaded.is_directed()
    assert loaded.graph["truncated"] is told["truncated"]
    assert set(loaded.nodes) == {node["id"] for node in told["nodes"]}
    for node in told["nodes"]:
        kept = {name: value for name, value in loaded.nodes[node["id"]].items() if name in ("kind", "depth", "status")}
        assert kept == {name: node[name] for name in ("kind", "depth", "status")}
    assert loaded.nodes[row.id]["value"] == "qz_<&\"'>�]]>_ұлы"
    seen = sorted((data["by"], *sorted((one, other)), data["weight"]) for one, other, data in loaded.edges(data=True))
    assert seen == sorted((edge["by"], edge["one"], edge["other"], edge["weight"]) for edge in told["edges"])
    assert len(seen) > 3
    with world.reading_unit() as unit:
        (entry,) = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "graph.export"))
        assert (entry.subject, entry.facts["nodes"]) == (row.id, len(told["nodes"]))


@pytest.mark.parametrize(
    ("one", "other", "is_series"),
    [
        ((Kind.TELEGRAM, "qz_tuman_77"), (Kind.TELEGRAM, "qz_tuman_78_bot"), True),
        ((Kind.TELEGRAM, "qz_tuman_77"), (Kind.DOMAIN, "qz-tuman.biz"), True),
        ((Kind.DOMAIN, "tumanlis24.biz"), (Kind.DOMAIN, "tumanlis24.cc"), True),
        ((Kind.DOMAIN, "tumanlis24.biz"), (Kind.TELEGRAM, "tumanlis24bot"), True),
        ((Kind.TELEGRAM, "tumanlis"), (Kind.TELEGRAM, "tumanlisa"), False),
        ((Kind.TELEGRAM, "shop24"), (Kind.TELEGRAM, "shop77"), False),
        ((Kind.PHONE, "+77075009665"), (Kind.PHONE, "+77075009666"), False),
        ((Kind.TELEGRAM_INVITE, "qzTumanLIS77xx"), (Kind.TELEGRAM_INVITE, "qzTumanLIS78xx"), False),
        ((Kind.DOMAIN, "telegra.ph/Qz-Tuman-12"), (Kind.DOMAIN, "telegra.ph/Qz-Tuman-13"), False),
    ],
)
def test_a_series_is_one_name_with_other_numbers_endings_and_suffixes(one, other, is_series):
    assert (stem(*one) is not None and stem(*one) == stem(*other)) is is_series
