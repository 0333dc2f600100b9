"""Pages in a real browser: Debian's chromium, driven by Playwright, on a server with a database of the test's own.

Every page that a test opens is watched: an error in the console, a breach of the page's policy, or a request to
anywhere but this server fails the test.
"""

import os
import shutil
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from api.settings import Settings
from api.web.files import path_of
from api.web.server import listen, make_server
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.words import PASSWORD

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK = (360, 740), (1920, 1080)
PLACE = {"latitude": 54.8753, "longitude": 69.1628}
FLAGS = ["--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"]
SERIOUS = {"serious", "critical"}

BREACHES = """addEventListener("securitypolicyviolation", (breach) =>
  console.error("policy: " + breach.violatedDirective + " " + breach.blockedURI))"""


@pytest.fixture
def settings(tmp_path):
    """As for any test, but a browser asks for more than a person's program would."""
    limits = {"sign_in_per_minute": 10_000, "requests_per_minute": 100_000}
    return Settings(stage="development", data_dir=tmp_path / "data", limits=limits)


@pytest.fixture(scope="session")
def chromium():
    """A browser for all tests of this process; skipped where there is none, except where all must be proven."""
    if not CHROMIUM or not AXE.is_file() or path_of("vendor/htmx/htmx.min.js") is None:
        missing = "needs chromium (Debian: apt install chromium) and `make assets`"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(services, accounts):
    """The address of a running server with an account for every role."""
    server, listening = make_server(services), listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def visit(chromium, site):
    """Opens a browser of its own for a role (None: nobody signed in): `page = visit("officer", size=PHONE)`.

    The answer is Playwright's page, whose relative addresses are the server's. `page.allow(status)` says that answers
    of that status are what the test wants: the browser writes them to its console. `page.allow("net::ERR_…")` says that
    for what it writes without a network.
    """
    opened, troubles = [], []

    def open_one(role=None, *, size=DESK, language="en", place=PLACE, **options):
        allowed = set()
        context = chromium.new_context(
            base_url=site,
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            timezone_id="Asia/Almaty",
            geolocation=place,
            permissions=["geolocation"] if place else [],
            **options,
        )
        opened.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(BREACHES)
        context.on("console", lambda said: _note(troubles, said, allowed))
        context.on("request", lambda asked: _ours(troubles, asked, site))
        context.on("weberror", lambda thrown: troubles.append(f"thrown: {thrown.error}"))
        if role:
            answer = context.request.post("/v1/session", data={"name": role, "password": PASSWORD})
            assert answer.ok, answer.text()
        page = context.new_page()
        page.allow = allowed.add
        return page

    yield open_one
    for context in opened:
        context.close()
    assert troubles == []


def _note(troubles, said, allowed):
    if said.type in {"error", "warning"} and not any(_text(each) in said.text for each in allowed):
        troubles.append(f"console: {said.text} ({said.location.get('url')})")


def _text(allowed):
    return allowed if isinstance(allowed, str) else f"status of {allowed}"


def _ours(troubles, asked, site):
    if not asked.url.startswith((site, "data:", "blob:")):
        troubles.append(f"a request to {asked.url}")


@pytest.fixture
def accessible():
    """Asserts that axe-core finds nothing serious on a page as it is now."""

    def check(page):
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        grave = [
            f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for each in found
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]
        assert grave == []

    return check
