"""The API's description: what FastAPI knows, and what only our gates know (who may, how it refuses)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from api.deps import CSRF_HEADER, ByPerson, Gate, Needs, Public, cookie_name
from api.services import Services

TAGS = [
    {"name": "reports", "description": "Send photos with a place; follow what is read on them."},
    {"name": "conversations", "description": "Reports in the making, from messengers and mail; who sends them."},
    {"name": "photos", "description": "Photos, and copies with the findings drawn in."},
    {"name": "readings", "description": "What the reader saw in a photo."},
    {"name": "watchlist", "description": "Addresses with the evidence behind them; review of findings."},
    {"name": "telling", "description": "Who hears of what: subscriptions, messages, the inbox, feeds."},
    {"name": "inscriptions", "description": "Walls: which photos show one, its time line, painted over and back."},
    {"name": "cleanup", "description": "Territories, work orders that ask to paint walls over, walls that are held."},
    {"name": "connections", "description": "Time lines, maps, hotspots, and what belongs together."},
    {"name": "statistics", "description": "Counts and medians by period."},
    {"name": "exchange", "description": "The watchlist as a file."},
    {"name": "open311", "description": "GeoReport v2, for city systems; errors are GeoReport's."},
    {"name": "accounts", "description": "Sign in, API keys, accounts."},
    {"name": "audit", "description": "What was done, by whom, in a chain that shows tampering."},
    {"name": "settings", "description": "Settings that change while the program runs."},
    {"name": "jobs", "description": "Readings that failed, and trying them again."},
    {"name": "health", "description": "For the machines that watch this one."},
]
REFUSALS = {
    "401": "Nobody is signed in, or the key or session is over.",
    "403": "The role or key does not hold the scope, or the request came from another site.",
    "404": "No such thing, or none that the caller may see.",
    "413": "The request is too large.",
    "422": "Something in the request is missing or wrong; `detail` says what to do.",
    "429": "Too many requests; `Retry-After` says when to try again.",
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. Further members are facts that a program can use.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable, for programs"},
        "detail": {"type": "string", "description": "what to do, for people"},
        "request_id": {"type": ["string", "null"]},
    },
    "example": {
        "type": "urn:wallwatch:problem:sign_in_needed",
        "title": "sign in needed",
        "status": 401,
        "code": "sign_in_needed",
        "detail": "Sign in, or send an API key as `Authorization: Bearer …`.",
        "request_id": "6f0c9a1b2d3e4f50",
    },
}


def gates(app: FastAPI) -> Iterator[tuple[str, str, list[Gate]]]:
    """(method, path, gates) of every route of the application, those that the description leaves out too."""
    for route in iter_route_contexts(app.routes):
        found = [depends.dependency for depends in getattr(route, "dependencies", None) or []]
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield method, str(route.path), [gate for gate in found if isinstance(gate, Gate)]


def describe(app: FastAPI, services: Services) -> dict[str, Any]:
    """The OpenAPI document."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=TAGS
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key, `ww_…`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie_name(services),
            "description": f"Set by `POST /v1/session`; changes also need `{CSRF_HEADER}`.",
        },
    }
    for method, path, found in gates(app):
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is not None and found:
            _add_gate(operation, found[0])
    return document


def _add_gate(operation: dict[str, Any], gate: Gate) -> None:
    if isinstance(gate, Needs):
        schemes = ["session"] if isinstance(gate, ByPerson) else ["key", "session"]
        operation["security"] = [{scheme: []} for scheme in schemes]
        needed = ", ".join(f"`{scope}`" for scope in gate.scopes)
        who = "A person signed in by password" if isinstance(gate, ByPerson) else "Anybody signed in"
        note = f"Needs {needed}." if needed else f"{who}."
        operation["description"] = f"{operation.get('description', '').strip()}\n\n{note}".strip()
    statuses = {"429", "422"} if isinstance(gate, Public) else set(REFUSALS)
    for status in sorted(statuses):
        said = operation["responses"].get(status, {}).get("description", "")
        operation["responses"][status] = {
            "description": said if said not in {"", "Validation Error"} else REFUSALS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
