"""The composition root: one way to build the process, for web, worker and command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.clock import Clock, SystemClock
from api.db import make_engine
from api.exchange.incoming.runs import Runs
from api.exchange.known_ids import note_ids
from api.intake.channels.base import Channel
from api.jobs.queue import Jobs
from api.limits import Limits
from api.photos.blobs import BlobStore
from api.photos.stores import make_blob_store
from api.private import private_folder
from api.runtime.current import Running
from api.settings import Settings
from api.stats.shelf import Shelf
from api.unit import SYSTEM, Actor, Unit
from api.warninglists.lists import WarningLists
from api.warninglists.weigh import note_warnings
from api.watchlist.changes import note_changes


@dataclass(frozen=True, slots=True)
class Services:
    """Lives as long as the process."""

    running: Running
    engine: Engine
    blobs: BlobStore
    clock: Clock
    jobs: Jobs
    limits: Limits
    warning_lists: WarningLists
    imports: Runs
    shelf: Shelf = field(default_factory=Shelf)
    channels: dict[str, Channel] = field(default_factory=dict)  # made on first use by api.intake.channels.table

    @property
    def settings(self) -> Settings:
        """The settings as they are now: as the process was started with, but for what was changed since."""
        return self.running.settings

    @contextmanager
    def unit(self, actor: Actor = SYSTEM, *, request_id: str | None = None) -> Iterator[Unit]:
        """A transaction that commits when the block ends well and rolls back when it does not."""
        self.running.look()
        with Session(self.engine, expire_on_commit=False) as session:
            note_changes(session, self.clock)
            note_warnings(session, self.warning_lists, self.clock)
            note_ids(session)
            unit = Unit(
                session=session,
                blobs=self.blobs,
                clock=self.clock,
                actor=actor,
                request_id=request_id,
                listed_from=self.settings.vision.threshold,
            )
            yield unit
            session.commit()
        self.jobs.enqueue(unit.owed)

    @contextmanager
    def reading_unit(self, actor: Actor = SYSTEM, *, request_id: str | None = None) -> Iterator[Unit]:
        """A transaction that only reads; on SQLite it does not keep writers waiting before its first query."""
        self.running.look()
        with (
            self.engine.connect().execution_options(wallwatch_reads=True) as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
        ):
            yield Unit(session=session, blobs=self.blobs, clock=self.clock, actor=actor, request_id=request_id)

    def close(self) -> None:
        """Give connections back."""
        for channel in self.channels.values():
            if close := getattr(channel, "close", None):
                close()
        self.imports.close()
        self.jobs.close()
        self.engine.dispose()


def build(settings: Settings, *, clock: Clock | None = None) -> Services:
    """Services on these settings; makes the data folder for the service alone, touches no network.

    WarningListRefused when a list of the operator's cannot be used.
    """
    warning_lists = WarningLists(settings.warninglists)
    private_folder(settings.data_dir)
    clock, engine = clock or SystemClock(), make_engine(settings)
    return Services(
        running=Running(settings, engine),
        engine=engine,
        blobs=make_blob_store(settings),
        clock=clock,
        jobs=Jobs(settings),
        limits=Limits(clock, engine),
        warning_lists=warning_lists,
        imports=Runs(clock),
    )
