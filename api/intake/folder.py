"""Reports from a folder: one for each picture, under a key of its own, so that a cut-off import goes on."""

from __future__ import annotations

import csv
import hashlib
import os
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import and_, select

from api.accounts.service import add_account
from api.errors import Problem
from api.intake.coordinates import Place
from api.intake.draft import Draft, SentPhoto, draft_from
from api.intake.geo import Region
from api.intake.service import receive_report
from api.services import Services
from api.unit import Actor
from models import Account, Photo, Report, ReportPhoto, Role

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})
IMPORTER = "import"
SAME_PLACE_DEG = 1e-7  # a centimetre: less than anybody writes


class CoordinatesFileRefused(Problem):
    """A file of coordinates that cannot be used."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(f"The coordinates file cannot be used: {reason}.")


@dataclass(frozen=True, slots=True)
class Placed:
    """A picture and what its row said; without `lat` and `lon` its EXIF must know the place."""

    path: Path
    lat: float | None = None
    lon: float | None = None
    seen_at: datetime | None = None
    fields: Mapping[str, str] | None = None


def pictures(folder: Path, *, limit_bytes: int, besides: Collection[Path] = ()) -> Iterator[Path | tuple[Path, str]]:
    """Every picture below a folder, by name; everything else with the reason why it is none.

    Hidden files that no camera wrote (`.DS_Store`) and the files in `besides` are passed over.
    """
    unreadable: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=unreadable.append):
        folders.sort()
        links = [name for name in folders if Path(here, name).is_symlink()]
        for path in (Path(here, name) for name in sorted([*names, *links])):
            is_picture = path.suffix.lower() in SUFFIXES
            if path.resolve() in besides or (path.name.startswith(".") and not is_picture):
                continue
            reason = _no_picture(path, is_picture=is_picture, limit_bytes=limit_bytes)
            yield (path, reason) if reason else path
    yield from ((Path(error.filename), f"the folder cannot be opened: {error.strerror}") for error in unreadable)


def _no_picture(path: Path, *, is_picture: bool, limit_bytes: int) -> str | None:
    if path.is_symlink():
        return "a link, which is not followed: import the folder that it points into"
    if not is_picture:
        return f"not one of {' '.join(sorted(SUFFIXES))}: save it as one of these, or leave it"
    if not path.is_file():
        return "not an ordinary file"
    if path.stat().st_size > limit_bytes:
        return f"too large: a photo may be at most {limit_bytes / 2**20:g} MiB"
    return None


def places(file: Path) -> dict[str, dict[str, str]]:
    """Rows of a CSV by photo: columns `photo` and `lat`,`lon` or `place`; `accuracy_m`, `note`, `seen_at` as they like.

    Raises:
        CoordinatesFileRefused: it is not such a file.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CoordinatesFileRefused(str(error)) from None
    if not rows or "photo" not in rows[0] or not ({"lat", "lon"} <= rows[0].keys() or "place" in rows[0]):
        raise CoordinatesFileRefused("its first row must name the columns photo and lat, lon (or place)")
    known = ("lat", "lon", "place", "accuracy_m", "note", "seen_at")
    return {row["photo"]: {name: row[name] for name in known if row.get(name)} for row in rows if row.get("photo")}


def importer(services: Services) -> Actor:
    """The account that imported reports belong to: made on first use, nobody can sign in with it."""
    with services.unit(Actor(name="console")) as unit:
        account = unit.session.scalar(select(Account).where(Account.name == IMPORTER))
        if account is None:
            account = add_account(unit, IMPORTER, role=Role.OFFICER, password=secrets.token_urlsafe(32))
            account.disabled_at = unit.clock.now()
        return Actor(name=account.name, account_id=account.id, role=account.role)


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier import sent: where it was said to be, and where the photo itself says it was taken."""

    lat: float
    lon: float
    exif: tuple[float, float] | None

    def is_elsewhere(self, place: Place | None) -> bool:
        """Whether this place, or without one the photo's own, is another than the one that was sent."""
        now = (place.lat, place.lon) if place else self.exif
        return now is not None and max(abs(now[0] - self.lat), abs(now[1] - self.lon)) > SAME_PLACE_DEG


def already_sent(services: Services, actor: Actor) -> dict[str, Known]:
    """Everything this account sent from folders before, by its key."""
    first = and_(ReportPhoto.report_id == Report.id, ReportPhoto.position == 0)
    wanted = (
        select(Report.idempotency_key, Report.lat, Report.lon, Photo.exif_lat, Photo.exif_lon)
        .join(ReportPhoto, first)
        .join(Photo, Photo.sha256 == ReportPhoto.photo_sha256)
        .where(Report.account_id == actor.account_id, Report.idempotency_key.is_not(None))
    )
    with services.reading_unit() as unit:
        rows = unit.session.execute(wanted).all()
    return {
        str(key): Known(lat, lon, (exif_lat, exif_lon) if exif_lat is not None and exif_lon is not None else None)
        for key, lat, lon, exif_lat, exif_lon in rows
    }


def key_of(path: Path, root: Path) -> str:
    """The name under which a picture is sent once: its bytes, and where it lies below the folder.

    Not its size or its time: another picture may have either, and would be taken for sent and be lost.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(b"\0" + path.relative_to(root).as_posix().encode(errors="surrogateescape"))
    return "folder-" + digest.hexdigest()


def send_file(
    services: Services, actor: Actor, placed: Placed, *, channel: str, key: str | None = None, is_demo: bool = False
) -> Report:
    """Send one picture as a report. Problem, with the reason."""
    with placed.path.open("rb") as file:
        photos = [SentPhoto(file, name=placed.path.name, label=placed.path.name)]
        draft = replace(draft_of(services, placed, photos, key=key), channel=channel, is_demo=is_demo)
        return receive_report(services, actor, draft)


def draft_of(services: Services, placed: Placed, photos: Sequence[SentPhoto] = (), *, key: str | None = None) -> Draft:
    """What a picture's row says, checked. Problem, with the reason."""
    if placed.fields is not None:
        now, region = services.clock.now(), services.settings.intake.region
        return draft_from(photos, placed.fields, key=key, region=Region(*region) if region else None, now=now)
    place = Place(placed.lat, placed.lon, "typed") if placed.lat is not None and placed.lon is not None else None
    return Draft(photos=photos, place=place, seen_at=placed.seen_at, key=key)


def placed_pictures(
    folder: Path, coordinates: str, *, limit_bytes: int, besides: Collection[Path] = ()
) -> Iterator[Placed | tuple[Path, str]]:
    """Every picture with its place, or with the reason why it is not sent; rows that no file belongs to, too."""
    rows = None if coordinates == "exif" else places(Path(coordinates))
    if rows is not None:
        besides = {*besides, Path(coordinates).resolve()}
    used = set()
    for found in pictures(folder, limit_bytes=limit_bytes, besides=besides):
        path = found[0] if isinstance(found, tuple) else found
        name = path.relative_to(folder).as_posix()
        key = name if rows is None or name in rows else path.name
        used.add(key)
        if isinstance(found, tuple):
            yield found
        elif rows is None:
            yield Placed(path, fields={})
        else:
            yield Placed(path, fields=rows[key]) if key in rows else (path, "not in the coordinates file")
    yield from (
        (Path(name), "in the coordinates file, but not in the folder") for name in rows or () if name not in used
    )
