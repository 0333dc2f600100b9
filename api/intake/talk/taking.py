"""Taking what arrived, sender by sender, in the order in which it was sent; a turn with all it does is one transaction.

A turn is one arrival, or an album once its pictures have had time to come. What is attached is fetched before the
transaction; what cannot be fetched yet is tried again later and holds nothing up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import func, select

from api.intake.channels.arriving import arrival_of
from api.intake.channels.base import Arrival, Channel
from api.intake.channels.sealing import Unsealable
from api.intake.talk import groups, limits, machine, words
from api.intake.talk.delivery import pause_s
from api.intake.talk.fetching import Later, fetch, pictures_in
from api.intake.talk.reports import Reporters
from api.intake.talk.turn import Item, Picture, Turn
from api.photos.service import keep_photo
from api.services import Services
from api.unit import SYSTEM, Actor, Unit
from models import ArrivalState, Arrived, Sender

MOST_SENDERS, MOST_OF_ONE = 200, 100
UNSEALABLE, NOT_ALLOWED = "unsealable", "chat_not_allowed"
UNANSWERED = frozenset({limits.BLOCKED, NOT_ALLOWED})

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an arrival says, and a slot for each picture that it brings: empty where it is to be fetched."""

    arrival: Arrival
    language: str
    slots: tuple[Picture | None, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one turn is about."""

    sender_id: str
    rows: tuple[Arrived, ...]


def senders_waiting(unit: Unit) -> list[str]:
    """Ids of senders of whom something waits and may be tried now, the longest waiting first."""
    asked = select(Arrived.sender_id).where(Arrived.state == ArrivalState.WAITING, Arrived.due_at <= unit.clock.now())
    longest = asked.group_by(Arrived.sender_id).order_by(func.min(Arrived.seq))
    return list(unit.session.scalars(longest.limit(MOST_SENDERS)))


def next_batch(unit: Unit, sender_id: str, *, album_s: float) -> Batch | None:
    """What is to be done next for a sender; None while an album is still coming, or nothing is due."""
    waiting = Arrived.sender_id == sender_id, Arrived.state == ArrivalState.WAITING
    rows = list(unit.session.scalars(select(Arrived).where(*waiting).order_by(Arrived.seq).limit(MOST_OF_ONE)))
    now = unit.clock.now()
    ready = sorted((row for row in rows if row.due_at <= now), key=lambda row: (row.sent_at, row.seq))
    if not ready:
        return None
    first = ready[0]
    if first.album is None:
        return Batch(sender_id, (first,))
    album = [row for row in ready if row.album == first.album and row.chat_hash == first.chat_hash]
    is_first_try = all(row.tries == 0 for row in album)
    if is_first_try and now - max(row.arrived_at for row in album) < timedelta(seconds=album_s):
        return None
    return Batch(sender_id, tuple(album))


class Taking:
    """Does what arrivals ask for; called from several threads, for one sender by one thread at a time."""

    def __init__(self, services: Services, channels: Mapping[str, Channel]) -> None:
        self._services = services
        self._channels = channels
        self._reporters = Reporters(services)

    def take_all(self, sender_id: str) -> int:
        """Everything of a sender that can be done now; how many turns it took."""
        turns = 0
        while self.take_next(sender_id):
            turns += 1
        return turns

    def take_next(self, sender_id: str) -> bool:
        """One turn; False when there is none to take now."""
        with self._services.reading_unit(SYSTEM) as unit:
            batch = next_batch(unit, sender_id, album_s=self._services.settings.talk.album_s)
            if batch is None:
                return False
            wanted = self._wanted(unit, batch)
        items, later = self._fetched(batch, wanted)
        for row, trouble in later:
            self._put_off(row.seq, wanted[row.seq].arrival if row.seq in wanted else None, trouble)
        if not items:
            return bool(later)
        try:
            self._turn(sender_id, items)
        except Exception as error:
            log.exception("arrival_failed", arrivals=[item.row.seq for item in items])
            for item in items:
                self._put_off(
                    item.row.seq, item.arrival, Later("own_mistake", f"Our own mistake ({type(error).__name__}).")
                )
        return True

    def _wanted(self, unit: Unit, batch: Batch) -> dict[int, Wanted]:
        """What is to be fetched, by arrival; a place for each picture, filled where it is refused without a look."""
        talk, sender = self._services.settings.talk, unit.session.get_one(Sender, batch.sender_id)
        left = limits.photos_left(unit, talk, sender)
        found: dict[int, Wanted] = {}
        for row in batch.rows:
            try:
                arrival = arrival_of(self._services.settings, row)
            except (Unsealable, ValueError):
                continue
            channel = self._channels.get(arrival.channel)
            if channel is None:
                continue
            pictures = [] if self._is_left(unit, sender, row, arrival) else pictures_in(arrival)
            slots: list[Picture | None] = [None] * len(pictures)
            language = words.language_of(sender.language, arrival.language, talk.languages)
            if channel.talks and not groups.is_for_cleanup(unit, arrival):
                said = words.said(limits.QUOTA, language, limit=talk.photos_per_day)
                for place in range(max(0, left), len(pictures)):
                    slots[place] = Picture(pictures[place], code=limits.QUOTA, refusal=said)
                left -= len(pictures)
            found[row.seq] = Wanted(arrival, language, tuple(slots))
        return found

    def _is_left(self, unit: Unit, sender: Sender, row: Arrived, arrival: Arrival) -> bool:
        """Whether nothing of this is to be fetched."""
        if groups.is_for_cleanup(unit, arrival):
            return not groups.is_known(unit, arrival)
        return self._is_limited(arrival) and limits.refused(unit, self._services.settings.talk, sender, row) is not None

    def _is_limited(self, arrival: Arrival) -> bool:
        return self._channels[arrival.channel].talks

    def _fetched(self, batch: Batch, wanted: Mapping[int, Wanted]) -> tuple[list[Item], list[tuple[Arrived, Later]]]:
        """The arrivals with their pictures, and those that must wait."""
        items: list[Item] = []
        later: list[tuple[Arrived, Later]] = []
        for row in batch.rows:
            if row.channel not in self._channels:
                later.append((row, Later("channel_off", f"The channel {row.channel} is not set up here.")))
                continue
            if row.seq not in wanted:
                later.append((row, Later(UNSEALABLE, "It was emptied, or sealed with another WALLWATCH_SECRET.")))
                continue
            try:
                items.append(Item(row, wanted[row.seq].arrival, self._pictures(wanted[row.seq])))
            except Later as trouble:
                later.append((row, trouble))
        return items, later

    def _pictures(self, wanted: Wanted) -> tuple[Picture, ...]:
        if not wanted.slots:
            return ()
        channel = self._channels[wanted.arrival.channel]
        return tuple(
            slot or fetch(self._services, channel, media, language=wanted.language)
            for media, slot in zip(pictures_in(wanted.arrival), wanted.slots, strict=True)
        )

    def _turn(self, sender_id: str, items: Sequence[Item]) -> None:
        """The transaction: what somebody else did meanwhile is left alone."""
        arrival = items[-1].arrival
        channel = self._channels[arrival.channel]
        actor = self._reporters.of(arrival.channel)
        with self._services.unit(actor) as unit:
            sender = unit.session.get_one(Sender, sender_id, with_for_update=True, populate_existing=True)
            present = []
            for item in items:
                row = unit.session.get_one(Arrived, item.row.seq, with_for_update=True, populate_existing=True)
                if row.state == ArrivalState.WAITING:
                    present.append(Item(row, item.arrival, item.pictures))
            mine = [item for item in present if not self._is_settled(unit, sender, item)]
            if mine:
                machine.take(Turn(unit, self._services.settings, sender, tuple(mine), channel.talks))
        for item in present:
            if item.arrival.press and item.row.outcome not in UNANSWERED:
                channel.pressed(item.arrival.press)

    def _is_settled(self, unit: Unit, sender: Sender, item: Item) -> bool:
        """Whether clean-up took it, or nobody shall."""
        row, arrival, settings = item.row, item.arrival, self._services.settings
        if groups.is_for_cleanup(unit, arrival):
            kept = [keep_photo(unit, picture.original).sha256 for picture in item.pictures if picture.original]
            if kept:
                row.content = {**row.content, "kept": kept}
            row.outcome = None
            if groups.taken_by_cleanup(unit, settings, arrival, row):
                self._settle(unit, row, row.outcome or "cleanup")
                return True
            if arrival.is_group:
                self._settle(unit, row, NOT_ALLOWED)
                return True
        outcome = limits.refused(unit, settings.talk, sender, row) if self._is_limited(arrival) else None
        if outcome is None:
            return False
        self._settle(unit, row, outcome)
        talks = self._is_limited(arrival)
        limits.answer(Turn(unit, settings, sender, (item,), talks), outcome)
        return True

    def _settle(self, unit: Unit, row: Arrived, outcome: str) -> None:
        row.state, row.done_at, row.error_message = ArrivalState.DONE, unit.clock.now(), None
        row.outcome = outcome

    def _put_off(self, seq: int, arrival: Arrival | None, trouble: Later) -> None:
        """Try it again later, or leave it for a person and say so."""
        talk = self._services.settings.talk
        with self._services.unit(Actor(name="channels")) as unit:
            row = unit.session.get_one(Arrived, seq, with_for_update=True, populate_existing=True)
            if row.state != ArrivalState.WAITING:
                return
            row.tries += 1
            row.outcome, row.error_message = trouble.code[:64], trouble.message
            pause = pause_s(row.tries, talk.first_pause_s, talk.longest_pause_s)
            row.due_at = unit.clock.now() + timedelta(seconds=max(pause, trouble.retry_after_s or 0.0))
            if trouble.code != UNSEALABLE and row.tries < talk.max_tries:
                return
            row.state = ArrivalState.FAILED
            if arrival is not None and self._is_limited(arrival) and pictures_in(arrival) and not arrival.is_group:
                sender = unit.session.get_one(Sender, row.sender_id)
                turn = Turn(unit, self._services.settings, sender, (Item(row, arrival),), talks=True)
                turn.tell_once(f"talk:{row.seq}:failed", "media_gone")
