"""How fast what is near an address is found among many: near matches, suggestions, a new address, the review queue.

`make bench-near`, or `python -m benchmarks.near --database sqlite --addresses 10000`. A database of each kind is filled
under /tmp and removed again. Names are made of syllables and numbers; one in ten has mirrors, misreadings and a bot,
and one name in the flood stands under thousands of endings.
"""

import contextlib
import random
import string
import time
from itertools import product

from sqlalchemy import func, select

from api.db import upgrade
from api.near.index import index_all
from api.near.known import raised
from api.near.pairs import suggestions
from api.near.service import near_matches
from api.watchlist.service import put_on
from benchmarks.databases import fresh, options_of
from benchmarks.watchlist import PostgresRows, SqliteRows, ids, say, show, stamp, timed
from models import Address, AddressKey, AddressPair, Finding

FLOOD = 3000
PAGE = 50
ALSO = ("{}.biz", "{}.cc", "{}_bot", "{}_kz")
SYLLABLES = [a + b for a, b in product("bdgklmnprstvz", "aeiou")]
ENDINGS = ["".join(letters) for letters in product("abcdefghijklmnop", repeat=3)]


class Numbers:
    """What `benchmarks.watchlist.ids` asks of numpy, from a seed."""

    def __init__(self, draw):
        self.bytes = draw.randbytes


def names(draw, count):
    """Kind and value, each pair once."""
    made = {("domain", f"qzpotop24.{ending}"): None for ending in ENDINGS[: min(FLOOD, count // 20)]}
    while len(made) < count:
        base = "".join(draw.choices(SYLLABLES, k=draw.randint(3, 5)))
        base += draw.choice(["", "_", "_"]) + (str(draw.randrange(1000)) if draw.random() < 0.6 else "")
        base = base.rstrip("_")
        roll = draw.random()
        if roll < 0.2:
            made["phone", f"+7{draw.randrange(700, 709)}{draw.randrange(10**7):07d}"] = None
        elif roll < 0.3:
            for form in draw.sample(ALSO, 3):
                value = form.format(base)
                made["domain" if "." in value else "telegram", value.replace("_", "-") if "." in value else value] = (
                    None
                )
            made["telegram", base.replace("o", "0").replace("l", "1")] = None
        else:
            made[draw.choice(["telegram", "telegram", "telegram", "domain"]), base] = None
    return list(made)[:count]


def fill(services, count):
    """Write addresses, then the index as the migration does; the ids."""
    draw = random.Random(7)
    upgrade(services.engine)
    rows = (SqliteRows if services.engine.dialect.name == "sqlite" else PostgresRows)(services)
    made = ids(Numbers(draw), count)
    now = stamp(0)
    with contextlib.closing(rows):
        rows.write(
            "addresses",
            "id,kind,value,status,first_seen_at,last_seen_at,sighting_count,photo_count,best_confidence,created_at,"
            "version,status_at,is_decided,photographed_at,tlp",
            [(name, kind, value, draw.choice(["new", "new", "confirmed"]), now, now, 0, draw.randint(1, 3), 0.9, now,
              1, now, False, now, "amber")
             for name, (kind, value) in zip(made, names(draw, count), strict=True)],
        )  # fmt: skip
    start = time.perf_counter()
    with services.unit() as unit:
        index_all(unit.session.connection())
    say(f"index of {count:,} addresses made in {time.perf_counter() - start:.0f} s\n")
    if services.engine.dialect.name == "postgresql":
        with services.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")  # what autovacuum does within a minute of such a load
    return made


def measure(services, made, repeats):
    draw = random.Random(8)
    with services.reading_unit() as unit:
        keys, pairs = (unit.session.scalar(select(func.count()).select_from(t)) for t in (AddressKey, AddressPair))
        flood = unit.session.scalars(select(Address.id).where(Address.value.like("qzpotop24.%")).limit(repeats)).all()
    say(f"{keys:,} keys, {pairs:,} pairs\n\n| query | p50 ms | p95 ms |\n|---|---|---|")

    def near(address_id):
        return timed(services, lambda unit: near_matches(unit, address_id, least=0.5, limit=20))[0]

    show("near an address", [near(each) for each in draw.sample(made, repeats)])
    show(f"near one of {FLOOD:,} of the same name", [near(each) for each in flood])
    _suggestions(services, repeats)
    show("a new address put on the list", [_put(services, draw) for _ in range(repeats)])
    show("alternatives of a page of the queue", [_page(services, draw) for _ in range(repeats)])


def _suggestions(services, repeats):
    after, pages = None, []
    for _ in range(repeats):
        took, found = timed(services, lambda unit, a=after: suggestions(unit, after=a, least=0.7, limit=PAGE))
        pages.append(took)
        if len(found) <= PAGE:
            break
        pair = found[PAGE - 1][0]
        after = pair.likeness, pair.one_id, pair.other_id
    show(f"suggestions, pages 1 to {len(pages)}", pages)


def _put(services, draw):
    value = "".join(draw.choices(SYLLABLES, k=4)) + f"_{draw.randrange(10**4)}"
    start = time.perf_counter()
    with services.unit() as unit:
        now = unit.clock.now()
        put_on(unit, Address(kind="telegram", value=value, status="new", status_at=now, photographed_at=now,
                             first_seen_at=now, last_seen_at=now, created_at=now))  # fmt: skip
    return (time.perf_counter() - start) * 1000


def _page(services, draw):
    findings = []
    for number in range(PAGE):
        value = "".join(draw.choices(SYLLABLES, k=4)) + "_" + "".join(draw.choices(string.digits, k=3))
        others = [{"value": value.replace(one, other), "confidence": 0.1} for one, other in ("o0", "l1", "i1", "s5")]
        findings.append(Finding(id=f"{number:032d}", kind="telegram", value=value, accepted=False, review="unreviewed",
                                alternatives=others))  # fmt: skip
    return timed(services, lambda unit: raised(unit, findings))[0]


def bench(kind, options):
    with fresh(kind) as services:
        say(f"\n### {kind}: {options.addresses:,} addresses\n")
        measure(services, fill(services, options.addresses), options.repeats)


if __name__ == "__main__":
    options = options_of(__doc__, addresses=100_000, repeats=100)
    for kind in options.database:
        bench(kind, options)
