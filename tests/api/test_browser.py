"""The API's page in a real browser: it is drawn, nothing breaks its own policy, and nothing comes from elsewhere."""

import os
import re
import shutil
import subprocess
import threading

import pytest

from api.web import docs
from api.web.server import listen, make_server
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def page(services):
    """The running page's address; skipped where there is no browser, except where everything must be proven."""
    if not CHROMIUM or not all(path.is_file() for path in docs.FILES.values()):
        missing = "needs chromium (Debian: apt install chromium) and `make assets`"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    server, listening = make_server(services), listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


def test_the_page_is_drawn_by_a_browser_that_reaches_no_other_host(page, tmp_path):
    host = page.removeprefix("http://")
    flags = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        f"--user-data-dir={tmp_path / 'browser'}",
        "--enable-logging=stderr",
        "--virtual-time-budget=20000",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    run = subprocess.run(
        [CHROMIUM, *flags, "--dump-dom", f"{page}/docs"], capture_output=True, text=True, timeout=120, check=True
    )
    console = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
    assert console == []
    assert run.stdout.count('class="opblock-summary-path"') > 30
    assert "/v1/watchlist" in run.stdout
    loaded = re.findall(r'(?:src|href)="(?:https?:)?//([^"/]+)', run.stdout)
    assert set(loaded) <= {host, "www.w3.org"}
