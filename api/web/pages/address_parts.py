"""The parts of an address's page that are asked for by themselves, so that the page is there at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select

from api.accounts.roles import Scope
from api.attachments.service import attachments
from api.connections import walls
from api.connections.asked import dates
from api.connections.buckets import MOST_SPANS
from api.connections.graph.edges import Bounds
from api.connections.graph.sources import USUAL
from api.connections.graph.walk import neighbours
from api.deps import Process, ReadingUnit, needs
from api.exchange.incoming.mentions import mentions_of
from api.intake.cursors import decode_cursor, encode_cursor
from api.lifecycle import desk
from api.near.aliases import group_of, merges_of
from api.near.service import Match, near_matches
from api.requests.service import requests
from api.stats.periods import Period
from api.unit import Unit
from api.watchlist import repository
from api.web.pages.drawings import DAYS_OF, bars, compared, fitting, opened, rings
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import Address, AddressPair, Finding, Photo, Relation, Sighting

router = APIRouter(prefix="/watchlist/{address_id}/part", include_in_schema=False)
READ = [needs(Scope.WATCHLIST_READ)]
CONNECTIONS = [needs(Scope.CONNECTIONS_READ)]

STEPS, PHOTOS, NOTES, NEAR, LETTERS, PLACES, IMPORTS = 200, 6, 10, 8, 10, 300, 20
LEAST_LIKE = 0.5
DRAWN = Bounds(fan_out=12, expanded=10, nodes=100)
"""Narrower than the files' bounds: more could not be told apart in a picture, and takes twice the time."""

Cursor = Annotated[str | None, Query(max_length=300)]


@dataclass(frozen=True, slots=True)
class Shown:
    """A sighting with its photo: where on it the address is, and how large that photo is."""

    sighting: Sighting
    finding: Finding
    width: int
    height: int

    @property
    def corners(self) -> str:
        """The box as an SVG polygon takes it."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.finding.box)


@dataclass(frozen=True, slots=True)
class Beside:
    """A near match as it is shown: both values in pieces, with what differs."""

    match: Match
    ours: list[tuple[str, bool]]
    theirs: list[tuple[str, bool]]


@router.get("/steps", dependencies=READ)
def steps(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """The history of its life-cycle, the newest step first."""
    found = desk.steps(unit, address_id, after=0, limit=STEPS)
    return pages_of(request).page(request, viewer, "address/steps.html", steps=list(reversed(found[:STEPS])))


@router.get("/timeline", dependencies=CONNECTIONS)
def timeline(  # noqa: PLR0917 - FastAPI fills them by name
    address_id: str,
    request: Request,
    viewer: Looking,
    unit: ReadingUnit,
    services: Process,
    by: Period | None = None,
) -> Response:
    """Bars of sightings and new walls; without `by` in the shortest periods that fit."""
    row = walls.known(unit, address_id)
    period, since, until = fitting(row.first_seen_at, row.last_seen_at, services.settings.zone)
    days = (until - since).days
    if by is not None:
        period, since = by, opened(since, until, by)
    spans = dates(unit, services, since, until, period, most=MOST_SPANS) if row.sighting_count else []
    return pages_of(request).page(
        request,
        viewer,
        "address/timeline.html",
        address_id=row.id,
        by=str(period),
        periods=[str(each) for each, length in DAYS_OF.items() if days / length < MOST_SPANS - 2],
        bars=bars(walls.time_line(unit, services.shelf, row, spans)) if spans else [],
    )


@router.get("/spread", dependencies=CONNECTIONS)
def spread(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit, services: Process) -> Response:
    """The walls that it was seen on, on a map and as a list."""
    row = walls.known(unit, address_id)
    found = walls.spread(unit, services.shelf, row, since=None, until=None, limit=PLACES)
    return pages_of(request).page(request, viewer, "address/spread.html", spread=found)


@router.get("/photos", dependencies=READ)
def photos(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit, cursor: Cursor = None) -> Response:
    """A few photos with the address in a frame, the newest first."""
    before = decode_cursor(cursor) if cursor else None
    found = repository.sightings(unit, address_id, before=before, limit=PHOTOS)
    shown = found[:PHOTOS]
    last = shown[-1][0] if len(found) > PHOTOS else None
    return pages_of(request).page(
        request,
        viewer,
        "address/photos.html",
        address_id=address_id,
        shown=_with_photos(unit, shown),
        is_first=cursor is None,
        next=encode_cursor(last.seen_at, last.id) if last else None,
    )


@router.get("/near", dependencies=READ)
def near(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """What is near, side by side; what was merged into it, and what is not the same."""
    row = repository.address(unit, address_id)
    matches, apart = near_matches(unit, address_id, least=LEAST_LIKE, limit=NEAR)
    return pages_of(request).page(
        request,
        viewer,
        "address/near.html",
        row=row,
        beside=[Beside(match, *compared(match.of.value, match.matched.value)) for match in matches],
        apart=_apart(unit, row, apart),
        merged=[made for made in merges_of(unit.session, [row.id]) if made.kept_id == row.id],
        relations=[str(relation) for relation in Relation],
    )


@router.get("/graph", dependencies=CONNECTIONS)
def graph(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """The neighbours as a picture with a list beside it."""
    found = neighbours(unit, address_id, depth=2, by=USUAL, bounds=DRAWN)
    drawn = rings(found)
    return pages_of(request).page(
        request,
        viewer,
        "address/graph.html",
        address_id=found.nodes[0][0].id,
        drawn=drawn,
        is_cut=bool(found.cuts) or drawn.left_out > 0,
    )


@router.get("/notes", dependencies=READ)
def notes(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit, cursor: Cursor = None) -> Response:
    """Notes, the newest first."""
    found = desk.notes(unit, address_id, before=decode_cursor(cursor) if cursor else None, limit=NOTES)
    shown = found[:NOTES]
    following = encode_cursor(shown[-1].written_at, shown[-1].id) if len(found) > NOTES else None
    return pages_of(request).page(
        request,
        viewer,
        "address/notes.html",
        address_id=address_id,
        notes=shown,
        next=following,
        is_first=cursor is None,
    )


@router.get("/files", dependencies=READ)
def files(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """The attached files."""
    return pages_of(request).page(request, viewer, "address/files.html", files=attachments(unit, address_id))


@router.get("/imports", dependencies=READ)
def imports(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """What imported files said of it."""
    told = mentions_of(unit, address_id).mentions
    return pages_of(request).page(request, viewer, "address/imports.html", mentions=told[:IMPORTS])


@router.get("/letters", dependencies=READ)
def letters(address_id: str, request: Request, viewer: Looking, unit: ReadingUnit) -> Response:
    """The newest requests to block it."""
    found = requests(unit, address_id=address_id, before=None, limit=LETTERS)
    return pages_of(request).page(request, viewer, "address/letters.html", letters=found[:LETTERS])


def _with_photos(unit: Unit, found: Sequence[tuple[Sighting, Finding]]) -> list[Shown]:
    """The sightings with their photos; the same place on the same photo once, whoever sent it."""
    wanted = {sighting.photo_sha256 for sighting, _ in found}
    rows = {row.sha256: row for row in unit.session.scalars(select(Photo).where(Photo.sha256.in_(wanted)))}
    once = {finding.id: (sighting, finding) for sighting, finding in reversed(found)}
    return [
        Shown(sighting, finding, photo.width or 0, photo.height or 0)
        for sighting, finding in reversed(once.values())
        if (photo := rows[sighting.photo_sha256])
    ]


def _apart(unit: Unit, row: Address, pairs: list[AddressPair]) -> list[tuple[AddressPair, str, Address]]:
    """The pairs that were declared separate, each with the side that is this address's and the other address."""
    ours = set(group_of(unit.session, row.id))
    sides = [
        (pair, pair.one_id, pair.other_id) if pair.one_id in ours else (pair, pair.other_id, pair.one_id)
        for pair in pairs
    ]
    found = select(Address).where(Address.id.in_([other for _, _, other in sides]))
    rows = {each.id: each for each in unit.session.scalars(found)}
    return [(pair, mine, rows[other]) for pair, mine, other in sides]
