"""What each role may do. A route asks for scopes; a role holds some; a key holds some of its account's."""

from __future__ import annotations

from enum import StrEnum

from models import Role


class Scope(StrEnum):
    """One thing that may be allowed."""

    REPORTS_WRITE = "reports:write"
    REPORTS_READ = "reports:read"
    REPORTS_READ_ALL = "reports:read_all"
    PHOTOS_ORIGINAL = "photos:original"
    WATCHLIST_READ = "watchlist:read"
    WATCHLIST_REVIEW = "watchlist:review"
    WATCHLIST_WRITE = "watchlist:write"
    EXPORT_READ = "export:read"
    IMPORT_WRITE = "import:write"
    CONNECTIONS_READ = "connections:read"
    STATS_READ = "stats:read"
    SUBSCRIPTIONS_WRITE = "subscriptions:write"
    SUBSCRIPTIONS_OVERSEE = "subscriptions:oversee"
    AUDIT_READ = "audit:read"
    ACCOUNTS_WRITE = "accounts:write"
    JOBS_WRITE = "jobs:write"
    SENDERS_WRITE = "senders:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    TERRITORIES_WRITE = "territories:write"


SCOPES: dict[str, frozenset[str]] = {
    Role.OFFICER: frozenset({Scope.REPORTS_WRITE, Scope.REPORTS_READ, Scope.ORDERS_READ, Scope.ORDERS_WRITE}),
    Role.INVESTIGATOR: frozenset(
        {
            Scope.REPORTS_WRITE,
            Scope.REPORTS_READ,
            Scope.REPORTS_READ_ALL,
            Scope.PHOTOS_ORIGINAL,
            Scope.WATCHLIST_READ,
            Scope.WATCHLIST_REVIEW,
            Scope.WATCHLIST_WRITE,
            Scope.EXPORT_READ,
            Scope.IMPORT_WRITE,
            Scope.CONNECTIONS_READ,
            Scope.STATS_READ,
            Scope.SUBSCRIPTIONS_WRITE,
            Scope.SENDERS_WRITE,
            Scope.ORDERS_READ,
            Scope.ORDERS_WRITE,
            Scope.TERRITORIES_WRITE,
        }
    ),
    Role.SUPERVISOR: frozenset(
        {
            Scope.REPORTS_READ,
            Scope.REPORTS_READ_ALL,
            Scope.WATCHLIST_READ,
            Scope.EXPORT_READ,
            Scope.CONNECTIONS_READ,
            Scope.STATS_READ,
            Scope.AUDIT_READ,
            Scope.SUBSCRIPTIONS_WRITE,
            Scope.SUBSCRIPTIONS_OVERSEE,
            Scope.ORDERS_READ,
            Scope.ORDERS_WRITE,
            Scope.TERRITORIES_WRITE,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Scope.ACCOUNTS_WRITE,
            Scope.JOBS_WRITE,
            Scope.SENDERS_WRITE,
            Scope.AUDIT_READ,
            Scope.REPORTS_READ,
            Scope.REPORTS_READ_ALL,
            Scope.WATCHLIST_READ,
            Scope.SUBSCRIPTIONS_OVERSEE,
        }
    ),
}
"""By role; what is not here is denied."""


def scopes_of(role: str) -> frozenset[str]:
    """The scopes of a role; none for a role nobody knows."""
    return SCOPES.get(role, frozenset())
