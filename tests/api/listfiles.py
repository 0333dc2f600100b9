"""Warning lists that tests write, and lists read from them."""

import json
from dataclasses import dataclass
from pathlib import Path

from api.warninglists.lists import FROM_MISP, OURS, WarningLists

COME_ALONG = (*(f"misp/{name}" for name in FROM_MISP), *(f"wallwatch/{path.stem}" for path in OURS.glob("*.json")))


@dataclass(frozen=True)
class Asked:
    """What settings say of warning lists."""

    folder: Path | None = None
    own_bots: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def said(*entries, match="hostname", **more):
    return {
        "name": "A list of a test", "description": "It is on the list of a test.", "version": 3, "type": match,
        "list": list(entries),
    } | more  # fmt: skip


def put(folder, stem="one", text=None, **values):
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / f"{stem}.json"
    path.write_text(text if text is not None else json.dumps(values, ensure_ascii=False), "utf-8")
    return path


def own(folder, *entries, match="hostname", **more):
    """Lists with one of the operator's."""
    put(folder, **said(*entries, match=match, **more))
    return WarningLists(Asked(folder=folder, left_out=COME_ALONG))


def on(lists, kind, value):
    """The operator's entries that an address is on."""
    return [hit.entry for hit in lists.check(kind, value) if hit.list_id.startswith(("own/", "setting/"))]
