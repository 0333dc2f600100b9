"""An empty database of each kind, for migrations."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, event


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    """An empty database; SQLite with foreign keys on, as the program has them."""
    if request.param == "sqlite":
        made = create_engine(f"sqlite:///{tmp_path / 'bare.sqlite'}")
        event.listen(made, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    else:
        url = request.getfixturevalue("postgres_cluster").empty_url().replace("postgresql://", "postgresql+psycopg://")
        made = create_engine(url)
    yield made
    made.dispose()
