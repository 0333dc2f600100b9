"""Pictures of every page in three languages and two sizes, for the guides: `make screenshots`.

A real service with a real worker reads the samples; a little work is done over its API; then Debian's chromium walks
through the pages. Everything on them is invented (samples/README.md).
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[3]
OUT = ROOT / "docs" / "pictures" / "pages"
LANGUAGES = ("ru", "kk", "en")
SIZES = {"desk": (1440, 900), "phone": (360, 740)}
PATIENCE_S = 600
QUALITY = 55
TALLEST_PX = 2400

PAGES = {
    "sign-in": (None, "/sign-in"),
    "send": ("officer", "/send"),
    "reports": ("officer", "/reports"),
    "report": ("officer", "/reports/{report}"),
    "account": ("officer", "/account"),
    "review": ("investigator", "/review"),
    "watchlist": ("investigator", "/watchlist"),
    "address": ("investigator", "/watchlist/{address}"),
    "map": ("investigator", "/map"),
    "walls": ("investigator", "/walls"),
    "wall": ("investigator", "/walls/{wall}"),
    "cases": ("investigator", "/cases"),
    "case": ("investigator", "/cases/{case}"),
    "inbox": ("investigator", "/inbox"),
    "statistics": ("investigator", "/statistics?by=month&since=2026-01-01"),
    "import": ("investigator", "/import"),
    "figures": ("supervisor", "/figures?month=2026-08"),
    "audit": ("supervisor", "/admin/audit"),
    "accounts": ("admin", "/admin/accounts"),
    "jobs": ("admin", "/admin/jobs"),
    "settings": ("admin", "/admin/settings"),
}
"""By name: who sees it, and where."""


def main() -> None:
    """Write all of them anew."""
    with tempfile.TemporaryDirectory() as folder, service(Path(folder)) as (url, passwords):
        wait_until_read(url, passwords)
        ids = work(url, passwords)
        shutil.rmtree(OUT, ignore_errors=True)
        OUT.mkdir(parents=True)
        with sync_playwright() as playwright:
            chromium = shutil.which("chromium") or sys.exit("chromium is needed: apt install chromium")
            browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
            for language in LANGUAGES:
                for size in SIZES:
                    walk(browser, (url, passwords, ids), language, size)
            browser.close()


@contextlib.contextmanager
def service(folder: Path):
    """A development service of its own; its address, and the password of each role."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {
        "WALLWATCH_STAGE": "development",
        "WALLWATCH_DATA_DIR": str(folder / "data"),
        "WALLWATCH_WEB__PORT": str(port),
        "WALLWATCH_LIMITS__REQUESTS_PER_MINUTE": "100000",
        "WALLWATCH_LIMITS__SIGN_IN_PER_MINUTE": "10000",
    }
    log = folder / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "api.cli.main", "serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=output, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + PATIENCE_S
        while "WallWatch answers at" not in log.read_text("utf-8"):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(log.read_text("utf-8"))
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}", dict(re.findall(r"demo-(\w+) +(\S+)", log.read_text("utf-8")))
    finally:
        process.terminate()
        process.wait(60)


def caller(url: str, role: str, passwords: dict[str, str]) -> httpx.Client:
    """Somebody of a role, signed in, who may change things."""
    client = httpx.Client(base_url=url, timeout=120)
    answer = client.post("/v1/session", json={"name": f"demo-{role}", "password": passwords[role]}).raise_for_status()
    client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return client


def wait_until_read(url: str, passwords: dict[str, str]) -> None:
    """Until no sample waits to be read."""
    with contextlib.closing(caller(url, "admin", passwords)) as admin:
        end = time.monotonic() + PATIENCE_S
        while 'wallwatch_photos{state="owed"} 0.0' not in admin.get("/metrics").text:
            if time.monotonic() > end:
                sys.exit("the samples were not read in time")
            time.sleep(1)


def work(url: str, passwords: dict[str, str]) -> dict[str, str]:
    """Do what makes the pages worth looking at; the ids that paths need."""
    us, officer = caller(url, "investigator", passwords), caller(url, "officer", passwords)
    with contextlib.closing(us), contextlib.closing(officer):
        rows = us.get("/v1/watchlist", params={"sort": "sightings", "limit": 20}).raise_for_status().json()["addresses"]
        first = rows[0]
        for number, row in enumerate(rows[:4]):
            version = step(us, row["id"], row["version"], "confirmed", "seen on the photo")
            if number < 3:
                sent = {"recipient": "Telegram", "reference": "14/2026", "sent_at": datetime.now(UTC).isoformat()}
                version = step(us, row["id"], version, "sent", "letter 14", **sent)
            if number == 1:
                step(us, row["id"], version, "blocked", "answered")
        case = us.post("/v1/cases", json={"book": "kui", "number": "4711/2026"}).raise_for_status().json()["id"]
        for row in rows[:3]:
            us.put(f"/v1/cases/{case}/addresses/{row['id']}").raise_for_status()
        note = {"text": "Painted twice on the same garage."}
        us.post(f"/v1/watchlist/{first['id']}/notes", json=note).raise_for_status()
        walls = us.get("/v1/inscriptions", params={"limit": 5}).raise_for_status().json()["inscriptions"]
        reports = officer.get("/v1/reports", params={"limit": 5}).raise_for_status().json()["reports"]
    return {"address": first["id"], "case": case, "wall": walls[0]["id"], "report": reports[0]["id"]}


def step(us: httpx.Client, address: str, version: int, to: str, reason: str, **facts: str) -> int:
    """Take an address a step further; its new version."""
    body = {"to": to, "reason": reason, "version": version} | facts
    return us.post(f"/v1/watchlist/{address}/steps", json=body).raise_for_status().json()["version"]


def walk(browser, site, language: str, size: str) -> None:
    """One picture of each page in a language and a size."""
    url, passwords, ids = site
    width, height = SIZES[size]
    contexts = {}
    for name, (role, path) in PAGES.items():
        if role not in contexts:
            context = browser.new_context(
                base_url=url,
                viewport={"width": width, "height": height},
                locale=language,
                timezone_id="Asia/Almaty",
            )
            context.set_default_timeout(30_000)
            if role:
                signed = {"name": f"demo-{role}", "password": passwords[role]}
                assert context.request.post("/v1/session", data=signed).ok
            contexts[role] = context.new_page()
        page = contexts[role]
        page.emulate_media(color_scheme="dark" if (name, size) == ("review", "desk") else "light")
        page.goto(path.format(**ids))
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)  # charts and maps draw themselves
        picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST_PX)))
        picture.save(OUT / f"{name}-{size}-{language}.webp", quality=QUALITY, method=6)
        sys.stdout.write(f"{name}-{size}-{language}\n")
    for page in contexts.values():
        page.context.close()


if __name__ == "__main__":
    main()
