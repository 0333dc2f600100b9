"""The main job on a real picture: an officer sends a photo, and an investigator finds the name that is on the wall."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE_S = 180


@pytest.fixture
def worker(services):
    """`wallwatch worker` itself, with the real reader, in a process of its own."""
    settings = services.settings
    env = os.environ | {
        "WALLWATCH_STAGE": "development",
        "WALLWATCH_DATA_DIR": str(settings.data_dir),
        "WALLWATCH_DATABASE__URL": settings.database.url,
        "WALLWATCH_JOBS__HEARTBEAT_S": "0.5",
        "WALLWATCH_JOBS__CONCURRENCY": "1",
    }
    process = subprocess.Popen([sys.executable, "-m", "api.cli.main", "worker"], env=env, cwd=ROOT)
    yield process
    process.terminate()
    assert process.wait(40) == 0


def samples_read_exactly(count):
    """Samples that are known to be read exactly and show one Telegram name each: name by file name."""
    found = {}
    exact = (ROOT / "samples" / "exact.txt").read_text("utf-8").split()
    for line in (ROOT / "samples" / "truth.jsonl").read_text("utf-8").splitlines():
        said = json.loads(line)
        if said["photo"] in exact and [address["kind"] for address in said["addresses"]] == ["telegram"]:
            found[said["photo"]] = said["addresses"][0]["value"]
        if len(found) == count:
            return found
    raise LookupError("no such samples")


def test_a_name_sprayed_on_a_wall_is_on_the_watchlist_after_an_officer_sent_its_photo(client, worker):
    painted = samples_read_exactly(4)  # an exact reading may still be too unsure to be on the list without a person
    with client("officer") as officer, client("investigator") as investigator:
        for photo in painted:
            sent = officer.post(
                "/v1/reports",
                data={"lat": "54.87", "lon": "69.15"},
                files=[("photo", ("wall.jpg", (ROOT / "samples" / photo).read_bytes(), "image/jpeg"))],
            )
            assert sent.status_code == 201, sent.text
        rows, end = [], time.monotonic() + PATIENCE_S
        while not rows:
            assert time.monotonic() < end, "nothing came onto the watchlist"
            assert worker.poll() is None
            time.sleep(0.3)
            rows = investigator.get("/v1/watchlist").json()["addresses"]
        assert {(row["kind"], row["value"]) for row in rows} <= {("telegram", name) for name in painted.values()}
        evidence = investigator.get(f"/v1/watchlist/{rows[0]['id']}").json()
        assert [(seen["lat"], seen["lon"]) for seen in evidence["page"]] == [(54.87, 69.15)]
