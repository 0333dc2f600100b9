"""How fast pages answer over 100,000 addresses, and how much script their first load takes: `make bench-pages`.

Each page is asked for as a browser does, and each part that the page itself asks for (`hx-get` on load or when seen),
through the whole application in this process: routing, session, queries, template.
"""

import gzip
import re
import time

from sqlalchemy import select
from starlette.testclient import TestClient

from api.accounts.service import add_account
from api.app import create_app
from api.web.files import path_of
from api.web.server import settle
from benchmarks.connections import prepare
from benchmarks.databases import fresh, options_of
from benchmarks.watchlist import fill, say, show
from models import Address, Case, Finding, Inscription, Report

TARGET_MS = 100
SCRIPT_LIMIT_KB = 150
PASSWORD = "long enough for a benchmark"
PAGES = {
    "officer": ["/send", "/reports"],
    "investigator": [
        "/reports/{report}",
        "/review",
        "/watchlist",
        "/watchlist?kind=telegram&status=new&sort=sightings",
        "/watchlist?prefix=qz",
        "/watchlist/{often}",
        "/watchlist/{some}",
        "/map",
        "/walls",
        "/walls/{wall}",
        "/cases",
        "/cases/{case}",
        "/inbox",
        "/statistics",
        "/import",
        "/account",
    ],
    "supervisor": ["/figures", "/admin/audit"],
    "admin": ["/admin/accounts", "/admin/jobs", "/admin/settings"],
}


def accounts(services):
    """An account for each role."""
    with services.unit() as unit:
        for role in PAGES:
            add_account(unit, f"bench-{role}", role=role, password=PASSWORD)


def ids(services, often):
    """What the paths need."""
    with services.reading_unit() as unit:
        one = unit.session.scalar
        return {
            "often": often,
            "some": one(select(Address.id).where(Address.sighting_count.between(5, 20)).limit(1)),
            "wall": one(select(Inscription.id).limit(1)),
            "case": one(select(Case.id).limit(1)),
            "report": one(select(Report.id).limit(1)),
            "finding": one(select(Finding.id).limit(1)),
        }


def signed_in(app, role):
    """A browser of this role."""
    client = TestClient(app, headers={"Accept": "text/html", "Accept-Language": "ru"}, follow_redirects=False)
    client.post("/v1/session", json={"name": f"bench-{role}", "password": PASSWORD}).raise_for_status()
    return client


def parts_of(text):
    """What a page asks for by itself."""
    found = []
    for tag in re.findall(r"<[^>]+hx-get=[^>]+>", text):
        trigger = re.search(r'hx-trigger="([^"]*)"', tag)
        if trigger and re.search(r"load|revealed|intersect|every", trigger[1]):
            found.append(re.search(r'hx-get="([^"]*)"', tag)[1].replace("&amp;", "&"))
    return found


def script_kb(text):
    """Kilobytes of script of a page's first load, gzipped."""
    names = [name.partition("?")[0] for name in re.findall(r'<script src="/static/([^"]+)"', text)]
    return sum(len(gzip.compress(path_of(name).read_bytes())) for name in names if path_of(name)) / 1000


def ask(client, path, repeats):
    """(status, text, times in ms) of a page asked for several times."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
    return answer.status_code, answer.text, times


def measure(services, often, repeats):
    """Ask for everything, and print how long it took."""
    app, known = create_app(services), ids(services, often)
    say("| page | p50 ms | p95 ms |\n|---|---|---|")
    scripts = {}
    for role, paths in PAGES.items():
        client = signed_in(app, role)
        for pattern in paths:
            path = pattern.format(**known)
            client.get(path)
            settle()
            status, text, times = ask(client, path, repeats)
            show(f"`{pattern}`" if status == 200 else f"`{pattern}` ({status})", times, target_ms=TARGET_MS)
            scripts[pattern] = script_kb(text)
            for part in dict.fromkeys(parts_of(text)):
                client.get(part)
                _status, _text, times = ask(client, part, repeats)
                shown = part
                for name, value in known.items():
                    shown = shown.replace(value, f"{{{name}}}")
                show(f"· part `{shown}`", times, target_ms=TARGET_MS)
    most = max(scripts, key=scripts.get)
    say(f"\nscript: at most {scripts[most]:.0f} kB gzipped (`{most}`), {SCRIPT_LIMIT_KB} kB allowed; the first page"
        f" of an officer {scripts['/send']:.0f} kB, of an investigator {scripts['/review']:.0f} kB")  # fmt: skip


def bench(kind, options):
    """One database."""
    with fresh(kind) as services:
        loose = services.settings.limits.model_copy(update={"requests_per_minute": 10**6, "sign_in_per_minute": 10**6})
        object.__setattr__(services.settings, "limits", loose)
        often = fill(services, options.addresses, options.sightings)
        prepare(services)
        accounts(services)
        say(f"\n### {kind}: {options.addresses:,} addresses, {options.sightings:,} sightings\n")
        measure(services, often, options.repeats)


if __name__ == "__main__":
    options = options_of(__doc__, addresses=100_000, sightings=1_000_000, repeats=40)
    for kind in options.database:
        bench(kind, options)
