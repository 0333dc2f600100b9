"""A worker's rounds over the watched folder: each picture that is whole becomes one arrival, and only then is moved.

Its bytes are kept first (`kept` says why), then the arrival is written, then the file goes to `taken/`. Killed between
any two of these, the next round does it all again: the bytes are there, the arrival has the same name (where the file
lay and what is in it) and changes nothing, the file is moved. Two workers that watch one folder do no harm either.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from api.errors import Problem
from api.intake.channels import kept
from api.intake.channels.arriving import accept
from api.intake.channels.base import Arrival, ChannelError, Media, Spot
from api.intake.channels.folder import places
from api.intake.channels.folder.files import REASON, REFUSED, TAKEN, Found, Quiet, found_below, move, open_as_found
from api.intake.channels.folder.reasons import Refused, refused, refused_by, text_of
from api.intake.channels.lease import Lease
from api.intake.draft import Draft, draft_from
from api.intake.geo import Region, check_point
from api.intake.text import clean_file_name
from api.photos.blobs import BlobTooLarge, Stored
from api.photos.service import Original, examine
from api.services import Services

NAME = "folder"
ORPHAN_S = 600.0
"""A file that belongs to a picture may come so long before it."""
Rows = Mapping[str, Mapping[str, str]]
log = structlog.get_logger()


class FolderRounds:
    """Watches the folder for one worker, when it is its turn. The lease is one for each machine: folders are local."""

    def __init__(self, services: Services, root: Path, worker: str) -> None:
        self._services, self._root = services, root
        self._quiet = Quiet(services.settings.watched.quiet_s)
        self._old = Quiet(max(ORPHAN_S, services.settings.watched.quiet_s))
        self._lease = Lease(services, f"{NAME}:{platform.node()}", worker)
        self._tables: dict[Path, tuple[Found, Rows]] = {}

    def go(self, is_stopping: Callable[[], bool] = lambda: False) -> int:
        """One round; how many pictures were taken. ChannelError when the folder cannot be used."""
        if not self._root.is_dir():
            raise ChannelError("folder_gone", f"{self._root} is no folder: set WALLWATCH_WATCHED__PATH, or mount it.")
        data_dir, root = self._services.settings.data_dir.resolve(), self._root.resolve()
        if root.is_relative_to(data_dir) or data_dir.is_relative_to(root):
            text = f"{root} and the data folder {data_dir} lie in each other: what is kept would be moved away."
            raise ChannelError("folder_holds_data", text, is_final=True)
        if not self._lease.hold():
            return 0
        try:
            for name in (TAKEN, REFUSED):
                (self._root / name).mkdir(exist_ok=True)
            files = list(found_below(self._root))
        except OSError as error:
            text = f"{self._root} cannot be read and written: {error.strerror}. Give its owner's rights to the service."
            raise ChannelError("folder_not_ours", text) from error
        return self._go_through(files, is_stopping)

    def close(self) -> None:
        """Leave the folder to another worker."""
        self._lease.let_go()

    def _go_through(self, files: list[Found], is_stopping: Callable[[], bool]) -> int:
        now = self._services.clock.now()
        here = {each.path: each for each in files}
        whole = {each.path: each for each in self._quiet.among(files, now)}
        old = {each.path for each in self._old.among(files, now)}
        companions = _companions(here)
        tables = self._read_tables(whole)
        half = [path for path in here if path.suffix.lower() == ".csv" and path not in whole]
        taken = 0
        for path, found in whole.items():
            if is_stopping() or not self._lease.hold():
                break
            if places.is_picture(path):
                is_whole = all(each.path in whole for each in companions.get(path, ()))
                if is_whole and not any(path.is_relative_to(table.parent) for table in half):
                    taken += self._take(found, companions.get(path, []), tables)
            elif (picture := places.of_picture(path)) is not None:
                if picture not in here and path in old:
                    self._refuse(found, refused("no_such_picture", name=picture.name))
            elif path.suffix.lower() != ".csv":
                self._refuse(found, refused("no_picture"))
        return taken

    def _read_tables(self, whole: Mapping[Path, Found]) -> dict[Path, Rows]:
        """The CSVs that are whole, each read once; one that is none is refused."""
        wanted = {path: found for path, found in whole.items() if path.suffix.lower() == ".csv"}
        self._tables = {path: known for path, known in self._tables.items() if wanted.get(path) == known[0]}
        for path, found in wanted.items():
            try:
                if path not in self._tables:
                    if found.mark[1] > places.CSV_BYTES:
                        raise refused("too_large", limit_mib=f"{places.CSV_BYTES >> 20}")
                    self._tables[path] = (found, places.rows_of(path))
            except Refused as reason:
                self._refuse(found, reason)
        return {path: rows for path, (_found, rows) in self._tables.items()}

    def _take(self, found: Found, companions: list[Found], tables: Mapping[Path, Rows]) -> bool:
        """Whether the picture was taken; refused ones are moved away, and what is not there now waits."""
        try:
            arrival = self._arrival(found, companions, tables)
        except FileNotFoundError:
            return False  # gone, or written to since: a later round sees
        except PermissionError:
            self._refuse(found, refused("may_not_read"), companions)
        except Problem as problem:
            self._refuse(found, refused_by(problem), companions)
        except Refused as reason:
            self._refuse(found, reason, companions)
        else:
            accept(self._services, [arrival])
            self._move([found, *companions], TAKEN)
            return True
        return False

    def _arrival(self, found: Found, companions: list[Found], tables: Mapping[Path, Rows]) -> Arrival:
        settings = self._services.settings
        limit_bytes = settings.limits.photo_bytes
        if found.mark[1] > limit_bytes:
            raise refused("too_large", limit_mib=f"{limit_bytes / 2**20:g}")
        with os.fdopen(open_as_found(found), "rb") as file:
            original = examine(file, limit_bytes=limit_bytes)
            draft = self._draft(found.path, original, companions, tables)
            stored = self._kept(file, original, limit_bytes)
        media = Media(
            ref=kept.KEPT + stored.sha256,
            kind="document",
            media_type=original.media_type,
            size_bytes=stored.size_bytes,
            file_name=clean_file_name(found.path.name),
        )
        name = self._name(found.path, stored.sha256)
        spot = Spot(draft.place.lat, draft.place.lon, draft.accuracy_m) if draft.place else None
        return Arrival(
            channel=NAME,
            provider_id=name,
            chat=name,
            sender=name,
            sent_at=draft.seen_at or datetime.fromtimestamp(found.changed_at_s, UTC),
            text=draft.note,
            spot=spot,
            media=(media,),
        )

    def _kept(self, file: BinaryIO, original: Original, limit_bytes: int) -> Stored:
        try:
            pieces = iter(lambda: file.read(kept.PIECE_BYTES), b"")
            stored = kept.keep(self._services.blobs, pieces, limit_bytes=limit_bytes)
        except BlobTooLarge:
            raise FileNotFoundError("it grew") from None
        if stored.sha256 != original.sha256:
            raise FileNotFoundError("it changed")
        return stored

    def _draft(self, path: Path, original: Original, companions: list[Found], tables: Mapping[Path, Rows]) -> Draft:
        """What is said about the picture, checked as any report is; its EXIF is left to whoever makes the report."""
        fields: dict[str, str] = places.row_for(path, tables) or {}
        for each in companions:
            fields = places.joined(fields, places.fields_of(each.path))
        box = self._services.settings.intake.region
        region = Region(*box) if box else None
        draft = draft_from((), fields, key=None, region=region, now=self._services.clock.now())
        point = (draft.place.lat, draft.place.lon) if draft.place else _own_point(original)
        if point is None:
            raise refused("no_place", name=path.name)
        check_point(*point, order_known=True)
        if region is not None and not region.holds(*point):
            raise refused("outside", lat=f"{point[0]:.6f}", lon=f"{point[1]:.6f}")
        return draft

    def _name(self, path: Path, sha256: str) -> str:
        """The picture's name: where it lies below the folder, and its bytes."""
        below = path.relative_to(self._root).as_posix().encode(errors="surrogateescape")
        return "folder-" + hashlib.sha256(sha256.encode() + b"\0" + below).hexdigest()

    def _move(self, files: list[Found], into: str) -> Path | None:
        """Where the first of them went."""
        try:
            moved = [move(each, self._root, into) for each in files]
        except OSError as error:
            text = f"{files[0].path} cannot be moved to {into}: {error.strerror}."
            raise ChannelError("folder_not_ours", text) from error
        return moved[0]

    def _refuse(self, found: Found, reason: Refused, companions: list[Found] | None = None) -> None:
        log.info("file_refused", name=found.path.name, reason=str(reason))
        moved = self._move([found, *(companions or [])], REFUSED)
        if moved is not None:
            with suppress(OSError):
                moved.with_name(moved.name + REASON).write_text(text_of(reason), "utf-8")


def _own_point(original: Original) -> tuple[float, float] | None:
    """Where the picture itself says that it was taken."""
    facts = original.facts
    return (facts.lat, facts.lon) if facts and facts.lat is not None and facts.lon is not None else None


def _companions(here: Mapping[Path, Found]) -> dict[Path, list[Found]]:
    """The files that belong to each picture."""
    found: dict[Path, list[Found]] = {}
    for path, each in here.items():
        if (picture := places.of_picture(path)) is not None:
            found.setdefault(picture, []).append(each)
    return found
