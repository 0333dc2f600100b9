"""Reading again with a newer reader what older ones have read, behind whatever is new.

A run goes through the photos from the newest to the oldest, once. Workers put a few of them into the queue at a time,
and only when hardly anything waits there: a new photo never waits for more than those few. Readings are kept by
(photo, reader), so a photo that the reader has read already is passed over, and a run that is cut off goes on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.exc import IntegrityError

from api.audit.service import record
from api.errors import Problem
from api.jobs.schemas import CardUsed, ReadersOut, RereadOut
from api.jobs.service import owe_again
from api.unit import Unit
from models import Photo, PhotoState, ReaderCard, Reading, Reread, Worker

AT_ONCE = 12
"""Photos in the queue for this at most: more would keep new ones waiting."""

LOOKED_AT = 2000
"""Photos passed over in one round at most."""

LAST = "g"  # behind every SHA-256


class RereadIsRunning(Problem):
    """Photos are being read again already."""

    status = 409

    def __init__(self) -> None:
        super().__init__("Photos are being read again already: stop that first.")


class NothingIsReread(Problem):
    """No photos are being read again."""

    status = 409

    def __init__(self) -> None:
        super().__init__("No photos are being read again.")


class NothingToReread(Problem):
    """The present reader has read everything."""

    status = 409

    def __init__(self) -> None:
        super().__init__("The present reader has read every photo already.")


class ReadersDiffer(Problem):
    """No worker is alive, or those that are do not read alike."""

    status = 409

    def __init__(self, *, readers: int) -> None:
        super().__init__("Workers with one and the same reader must be running: start them, all of one version.")
        self.readers = readers


def running(unit: Unit) -> Reread | None:
    """The run that is not over."""
    return unit.session.scalar(select(Reread).where(Reread.is_running.is_(True)))


def begin(unit: Unit, *, most: int | None, silent_after_s: float) -> Reread:
    """Begin to read again what the present reader has not read. RereadIsRunning, ReadersDiffer, NothingToReread."""
    if running(unit) is not None:
        raise RereadIsRunning
    present = _present(unit, silent_after_s)
    if len(present) != 1:
        raise ReadersDiffer(readers=len(present))
    (card,) = present
    total = _not_by(unit, card)
    if not total:
        raise NothingToReread
    now = unit.clock.now()
    begun = Reread(
        card_sha256=card,
        is_running=True,
        began_at=now,
        began_by=unit.actor.name,
        was_stopped=False,
        upto_at=now,
        upto_sha256=LAST,
        most=most,
        total=min(total, most) if most else total,
        asked=0,
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(begun)
    except IntegrityError:
        raise RereadIsRunning from None
    record(unit, "reread.begin", begun.id, card=card, most=most, total=begun.total)
    return begun


def stop(unit: Unit) -> Reread:
    """End the run; what is in the queue is still read. NothingIsReread."""
    run = unit.session.scalar(select(Reread).where(Reread.is_running.is_(True)).with_for_update())
    if run is None:
        raise NothingIsReread
    run.was_stopped = True
    _end(unit, run, "reread.stop")
    return run


def ask_more(unit: Unit, card_sha256: str, *, at_once: int = AT_ONCE) -> int:
    """Owe the next photos a reading by this reader, if it is the one asked for and the queue is all but empty."""
    run = unit.session.scalar(select(Reread).where(Reread.is_running.is_(True)).with_for_update(skip_locked=True))
    if run is None or run.card_sha256 != card_sha256:
        return 0
    waiting = select(Photo.sha256).where(Photo.state == PhotoState.OWED).limit(at_once)
    room = at_once - len(unit.session.scalars(waiting).all())
    if run.most is not None:
        room = min(room, run.most - run.asked)
        if run.asked >= run.most:
            _end(unit, run, "reread.end")
            return 0
    if room <= 0:
        return 0
    return _go_on(unit, run, room)


def _go_on(unit: Unit, run: Reread, room: int) -> int:
    here = tuple_(Photo.received_at, Photo.sha256) < tuple_(run.upto_at, run.upto_sha256)
    ahead = select(Photo.received_at, Photo.sha256, _read_by(run.card_sha256)).where(
        Photo.state == PhotoState.READ, Photo.received_at <= run.upto_at, here
    )
    rows = unit.session.execute(ahead.order_by(Photo.received_at.desc(), Photo.sha256.desc()).limit(LOOKED_AT)).all()
    asked = 0
    for received_at, sha256, is_read in rows:
        if asked == room:
            break
        run.upto_at, run.upto_sha256 = received_at, sha256
        if not is_read:
            asked += _owe(unit, sha256)
    run.asked += asked
    if not rows:
        _end(unit, run, "reread.end")
    return asked


def _owe(unit: Unit, sha256: str) -> int:
    photo = unit.session.get(Photo, sha256, with_for_update=True, populate_existing=True)
    if photo is None or photo.state != PhotoState.READ:
        return 0
    owe_again(unit, photo)
    return 1


def _end(unit: Unit, run: Reread, action: str) -> None:
    run.is_running, run.ended_at = None, unit.clock.now()
    unit.session.flush()
    record(unit, action, run.id, card=run.card_sha256, asked=run.asked, total=run.total)


def readers(unit: Unit, *, silent_after_s: float) -> ReadersOut:
    """Every reader that was used here, the present one first, then the one used last; and the newest run."""
    present = _present(unit, silent_after_s)
    rows = unit.session.scalars(select(ReaderCard).order_by(ReaderCard.last_at.desc()).limit(100)).all()
    newest = unit.session.scalar(select(Reread).order_by(Reread.began_at.desc()).limit(1))
    cards = [
        CardUsed(
            card_sha256=row.card_sha256,
            name=str(row.card.get("name", "")),
            version=str(row.card.get("version", "")),
            weights=row.card.get("weights", {}),
            photos=row.photos,
            first_at=row.first_at,
            last_at=row.last_at,
            is_present=row.card_sha256 in present,
        )
        for row in rows
    ]
    return ReadersOut(
        cards=sorted(cards, key=lambda card: not card.is_present),
        photos=_read(unit),
        not_by_present=_not_by(unit, *present) if len(present) == 1 else None,
        reread=shown(newest) if newest else None,
    )


def shown(run: Reread) -> RereadOut:
    """A run as it is shown."""
    return RereadOut(
        id=run.id,
        card_sha256=run.card_sha256,
        is_running=bool(run.is_running),
        was_stopped=run.was_stopped,
        began_at=run.began_at,
        began_by=run.began_by,
        ended_at=run.ended_at,
        most=run.most,
        total=run.total,
        asked=run.asked,
    )


def _present(unit: Unit, silent_after_s: float) -> set[str]:
    """The readers of the workers that are alive."""
    heard_since: datetime = unit.clock.now() - timedelta(seconds=silent_after_s)
    alive = select(Worker.card_sha256).where(Worker.beat_at >= heard_since, Worker.card_sha256.is_not(None))
    return {card for card in unit.session.scalars(alive) if card}


def _read_by(card_sha256: str) -> ColumnElement[bool]:
    return exists().where(Reading.photo_sha256 == Photo.sha256, Reading.card_sha256 == card_sha256)


def _read(unit: Unit) -> int:
    return unit.session.scalar(select(func.count()).where(Photo.state == PhotoState.READ)) or 0


def _not_by(unit: Unit, card_sha256: str) -> int:
    """Photos that were read, but not by this reader; off by those that are in the queue just now."""
    by_it = unit.session.scalar(select(ReaderCard.photos).where(ReaderCard.card_sha256 == card_sha256)) or 0
    return max(0, _read(unit) - by_it)
