"""Where a viewer can go."""

from __future__ import annotations

from dataclasses import dataclass

from api.web.pages.marks import _
from api.web.pages.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the menu, and the scopes that open it."""

    path: str
    name: str
    scopes: tuple[str, ...]


PLACES = (
    Place("/send", _("Send"), ("reports:write",)),
    Place("/reports", _("Reports"), ("reports:read",)),
    Place("/waiting", _("Without a place"), ("reports:read", "reports:write")),
    Place("/review", _("Review"), ("watchlist:review",)),
    Place("/watchlist", _("Watchlist"), ("watchlist:read",)),
    Place("/map", _("Map"), ("connections:read",)),
    Place("/walls", _("Walls"), ("watchlist:read",)),
    Place("/orders", _("Work orders"), ("orders:read",)),
    Place("/territories", _("Territories"), ("orders:read",)),
    Place("/cases", _("Cases"), ("watchlist:read",)),
    Place("/inbox", _("Messages"), ("subscriptions:write",)),
    Place("/statistics", _("Statistics"), ("stats:read",)),
    Place("/figures", _("Month"), ("stats:read",)),
    Place("/import", _("Import"), ("import:write",)),
    Place("/senders", _("Senders"), ("senders:write",)),
    Place("/admin/accounts", _("Accounts"), ("accounts:write",)),
    Place("/admin/subscriptions", _("Subscriptions"), ("subscriptions:oversee",)),
    Place("/admin/jobs", _("Jobs"), ("jobs:write",)),
    Place("/admin/settings", _("Settings"), ("accounts:write",)),
    Place("/admin/audit", _("Audit log"), ("audit:read",)),
)
"""In the order of the menu."""


def menu(viewer: Viewer, path: str) -> list[tuple[Place, bool]]:
    """The places that the viewer may go to, and whether each is where the viewer is."""
    return [
        (place, path == place.path or path.startswith(f"{place.path}/"))
        for place in PLACES
        if viewer.may(*place.scopes)
    ]


HOMES = ("/review", "/send", "/figures", "/admin/accounts")
"""Where work begins: the first of these that the viewer may open."""


def home_of(viewer: Viewer) -> str:
    """Where the viewer's work begins."""
    open_to = {place.path for place, _is_here in menu(viewer, "")}
    return next((path for path in HOMES if path in open_to), "/account")
