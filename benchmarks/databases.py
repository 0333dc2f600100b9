"""A database of each kind to measure in: empty and migrated under /tmp, removed again."""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from api.services import Services, build
from api.settings import Settings
from tests.postgres import Cluster

KINDS = ("sqlite", "postgresql")


def options_of(description: str | None, **numbers: int) -> argparse.Namespace:
    """What the command line says: `database`, the kinds to measure in, and these numbers."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--database", choices=KINDS, action="append")
    for name, usual in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    options.database = options.database or list(KINDS)
    return options


@contextmanager
def fresh(kind: str) -> Iterator[Services]:
    """Services on a new database of the kind."""
    folder = Path(tempfile.mkdtemp(prefix="wallwatch-bench-"))
    server = None
    try:
        url = ""
        if kind == "postgresql":
            (folder / "pg").mkdir()
            folder.chmod(0o755)
            server = Cluster(folder / "pg")
            server.start()
            url = server.new_url()
        settings = Settings(stage="development", data_dir=folder / "data", database={"url": url})
        with closing(build(settings)) as services:
            yield services
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
