"""Files that browsers load: ours, and those of npm's packages that `make assets` copies."""

from __future__ import annotations

from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"


def path_of(name: str) -> Path | None:
    """The file of a name such as `app.js` or `vendor/htmx.min.js`; None where there is none.

    Names are looked up in a list and never joined to a path.
    """
    path = _listed().get(name)
    if path is None:
        # `make assets` may have run since this process started.
        _listed.cache_clear()
        path = _listed().get(name)
    return path


@cache
def _listed() -> dict[str, Path]:
    return {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}
