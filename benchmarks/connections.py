"""How fast connections and statistics answer over a million sightings: `make bench-connections`."""

import random
import time
from datetime import timedelta

from sqlalchemy import insert, select, text

from api.connections import atlas, walls
from api.connections.buckets import MOST_SPANS
from api.connections.graph.sources import USUAL
from api.connections.graph.walk import neighbours
from api.connections.hotspots import hotspots
from api.stats.figures import figures
from api.stats.periods import Period, spans
from api.stats.scope import Scope
from api.stats.upkeep import remake_pages
from api.watchlist.filters import box, circle
from api.web.server import settle
from benchmarks.databases import fresh, options_of
from benchmarks.watchlist import DAYS, KINDS, PLACES, START, STATUSES, fill, say, show, timed
from models import Address, AddressStep, Case, CaseAddress, Sighting, StatMark
from vision.types import Kind

TARGET_MS = 150
GRAPH_TARGET_MS = 300
FIRST, LAST = START.date(), START.date() + timedelta(days=DAYS)


def prepare(services):
    """What `fill` leaves out: cases, steps, marks where triggers were off, pages; seconds that pages took."""
    with services.unit() as unit:
        ids = list(unit.session.scalars(select(Address.id).order_by(Address.value).limit(6000)))
        cases = [Case(book="kui", number=f"{n}/2025", created_at=START) for n in range(300)]
        unit.session.add_all(cases)
        unit.session.flush()
        unit.session.execute(
            insert(CaseAddress),
            [{"case_id": cases[n % 300].id, "address_id": each, "added_at": START} for n, each in enumerate(ids)],
        )
        step = {"at": START, "is_automatic": False, "reason": "x"}
        rows = [{"address_id": i, "number": 1, "from_status": "sent", "to_status": "blocked"} | step for i in ids]
        rows += [{"address_id": i, "number": 2, "from_status": "blocked", "to_status": "reappeared"} | step
                 for i in ids[::9]]  # fmt: skip
        unit.session.execute(insert(AddressStep), rows)
        if unit.session.scalar(select(StatMark.id).limit(1)) is None:  # PostgreSQL was filled with its triggers off
            days = "CAST(floor(extract(epoch FROM seen_at) / 86400) AS INTEGER)"
            for table in ("sightings", "reports"):
                unit.session.execute(text(f"INSERT INTO stat_marks (day) SELECT DISTINCT {days} FROM {table}"))
    start = time.perf_counter()
    while remake_pages(services, most=40):
        pass
    return time.perf_counter() - start


class Bench:
    """Asks questions, each a function of a unit that draws what it asks about, and prints how long they took."""

    def __init__(self, services, repeats):
        self.services, self.repeats = services, repeats
        self.draw = random.Random(7)
        zone = services.settings.zone
        self.whole = {by: tuple(spans(FIRST, LAST, by, zone, most=1000)[-MOST_SPANS:]) for by in Period}
        self.months = self.whole[Period.MONTH]

    def ask(self, name, question):
        times = [timed(self.services, question)[0] for _ in range(self.repeats)]
        show(name, times, target_ms=GRAPH_TARGET_MS if "graph" in name else TARGET_MS)

    def figures(self, name, by=Period.MONTH, narrow=dict):
        shelf, asked = self.services.shelf, self.whole[by]
        self.ask(f"statistics by {by}, {name}", lambda u: figures(u, shelf, Scope(asked, **narrow())))

    def hotspots(self, name, level, narrow=dict, months=None):
        shelf, drawn = self.services.shelf, months or (lambda: self.months)
        self.ask(f"hotspots, {name}", lambda u: hotspots(u, shelf, Scope(drawn(), **narrow()), level=level, limit=500))

    def maps(self, name, zoom, narrow=dict):
        shelf, zone = self.services.shelf, self.services.settings.zone

        def scope():
            return Scope(self.months, **narrow())

        self.ask(f"map, {name}", lambda u: atlas.drawn(u, shelf, scope(), zoom=zoom, limit=300))
        self.ask(f"map's times, {name}", lambda u: atlas.times(u, shelf, scope(), zone))


def measure(services, most_seen, repeats):
    bench = Bench(services, repeats)
    with services.reading_unit() as unit:
        some = list(unit.session.scalars(select(Address.id).limit(2000)))
        often = list(unit.session.scalars(select(Address.id).order_by(Address.sighting_count.desc()).limit(50)))
    took = timed(services, lambda u: figures(u, services.shelf, Scope(bench.months)))[0]
    settle()  # as the server does, which has read all pages by then
    say("| question | p50 ms | p95 ms |\n|---|---|---|")
    _of_addresses(bench, "any address", lambda: bench.draw.choice(some))
    _of_addresses(bench, "the 50 most seen", lambda: bench.draw.choice(often))
    _of_addresses(bench, "the most seen", lambda: most_seen)
    say(f"| statistics by month, in a process that has read no page yet | {took:.1f} | |")
    for by in Period:
        bench.figures("everything", by)
    _narrowed(bench, most_seen)
    _touched(services)
    bench.figures("everything, ten days written to")
    bench.maps("everything, ten days written to", 8)


def _of_addresses(bench, name, one):
    days, ask, shelf = bench.whole[Period.DAY], bench.ask, bench.services.shelf
    ask(f"time line by month, {name}", lambda u: walls.time_line(u, shelf, walls.known(u, one()), bench.months))
    ask(f"time line by day, {name}", lambda u: walls.time_line(u, shelf, walls.known(u, one()), days))
    page = {"since": START, "until": None, "before": None, "limit": 50}
    ask(f"sightings, {name}", lambda u: walls.sightings(u, one(), **page))
    ever = {"since": None, "until": None, "limit": 1000}
    ask(f"spread, {name}", lambda u: walls.spread(u, shelf, walls.known(u, one()), **ever))
    for depth in (1, 2):
        ask(f"graph to depth {depth}, {name}", lambda u, d=depth: neighbours(u, one(), depth=d, by=USUAL))


def _narrowed(bench, most_seen):
    draw = bench.draw

    def near():
        lat, lon = draw.choice(PLACES)
        return {"region": circle(lat, lon, draw.uniform(300, 3000))}

    def town():
        lat, lon = draw.choice(PLACES)
        return {"region": box(lat - 0.08, lon - 0.08, lat + 0.08, lon + 0.08)}

    def kind():
        return {"kind": Kind(draw.choice(KINDS))}

    bench.figures("kind", narrow=kind)
    bench.figures("status", narrow=lambda: {"status": draw.choice(STATUSES)})
    bench.figures("town box", narrow=town)
    bench.figures("circle", narrow=near)
    bench.figures("circle, kind, status", narrow=lambda: near() | kind() | {"status": "new"})
    for level in (6, 8, 9):
        bench.hotspots(f"level {level}, everything", level)
    bench.hotspots("a town, a month, a kind", 9, lambda: town() | kind(), lambda: (draw.choice(bench.months),))
    for zoom in (5, 8, 14):
        bench.maps(f"zoom {zoom}, everything", zoom)
    bench.maps("a town, a kind", 12, lambda: town() | kind())
    bench.maps("a street, single walls", 16, lambda: {"region": circle(*draw.choice(PLACES), 120)})
    bench.maps("the most seen address", 10, lambda: {"address_id": most_seen})


def _touched(services):
    """Ten days have been written to since their pages were made."""
    with services.unit() as unit:
        for n in range(1, 11):
            since = START + timedelta(days=DAYS - n)
            row = unit.session.scalars(select(Sighting).where(Sighting.seen_at >= since).limit(1)).one()
            row.confidence = 0.123


def bench(kind, options):
    with fresh(kind) as services:
        most_seen = fill(services, options.addresses, options.sightings)
        took_s = prepare(services)
        say(f"\n### {kind}: {options.addresses:,} addresses, {options.sightings:,} sightings\n")
        say(f"all pages of {DAYS} days made in {took_s:.0f} s\n")
        measure(services, most_seen, options.repeats)


if __name__ == "__main__":
    options = options_of(__doc__, addresses=100_000, sightings=1_000_000, repeats=40)
    for kind in options.database:
        bench(kind, options)
