"""What a worker does for work orders every few seconds: places, comparisons, reminders, closing.

Whatever takes long is done outside of transactions, and what came of it is written in one that looks again whether it
is still wanted: a worker that is killed, or a second one, does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from api.cleanup import reminders
from api.cleanup.after import Checked, settle_check, unchecked
from api.cleanup.geocoder import GeocoderUnavailable, address_at
from api.cleanup.sending import place, unplaced
from api.services import Services
from api.unit import Actor
from models import OrderState

PLACES_A_ROUND, CHECKS_A_ROUND, REMINDERS_A_ROUND = 10, 3, 50
LOOKED_AT = 200
GEOCODER_REST = timedelta(minutes=1)
"""The geocoder is left alone for so long after it failed; an order that waits to be sent waits for it no longer."""

log = structlog.get_logger()
Compare = Callable[[Services, str, str], Checked | None]


def _compare(services: Services, order_id: str, sha256: str) -> Checked | None:
    from api.cleanup.compare import compare  # noqa: PLC0415 - pixels are only looked at when a photo came

    return compare(services, order_id, sha256)


class CleanUp:
    """The part of a worker that looks after work orders.

    Args:
        services: of the process.
        actor: the worker.
        compare: the comparison of two photos.
    """

    def __init__(self, services: Services, actor: Actor, *, compare: Compare = _compare) -> None:
        self._services, self._actor, self._compare = services, actor, compare
        self._geocoder_rests_until: datetime | None = None

    def round(self) -> None:
        """Do a little of everything; an error waits for the next round and keeps nothing else waiting."""
        for step in (self.place, self.check, self.remind, self.close):
            with self._going_on(step.__name__, ""):
                step()

    def place(self) -> None:
        """Ask the geocoder for street addresses, and send the orders that waited for theirs."""
        settings, now = self._services.settings, self._services.clock.now()
        with self._services.reading_unit(self._actor) as unit:
            waiting = unplaced(unit, limit=PLACES_A_ROUND, with_open=bool(settings.cleanup.geocoder))
        for order in waiting:
            rests = self._geocoder_rests_until is not None and now < self._geocoder_rests_until
            text = "" if not settings.cleanup.geocoder else None if rests else self._ask(order.lat, order.lon)
            if text is None and order.state == OrderState.OPEN:
                continue
            with self._services.unit(self._actor) as unit:
                place(unit, settings, order.id, text or "")

    def _ask(self, lat: float, lon: float) -> str | None:
        """The street address; None when the geocoder failed, and is left alone for a while."""
        settings = self._services.settings.cleanup
        try:
            return address_at(settings.geocoder, lat, lon, timeout_s=settings.geocoder_timeout_s)
        except GeocoderUnavailable as error:
            log.warning("geocoder_unavailable", error=str(error))
            self._geocoder_rests_until = self._services.clock.now() + GEOCODER_REST
            return None

    def check(self) -> None:
        """Compare photos that came after painting with those before."""
        with self._services.reading_unit(self._actor) as unit:
            waiting = [(row.order_id, row.photo_sha256) for row in unchecked(unit, limit=LOOKED_AT)]
        done = 0
        for order_id, sha256 in waiting:
            with self._going_on("check", order_id):
                done += self._check(order_id, sha256)
            if done >= CHECKS_A_ROUND:
                return

    def _check(self, order_id: str, sha256: str) -> bool:
        """Compare one photo; False while it, or the one before, waits to be read."""
        checked = self._compare(self._services, order_id, sha256)
        if checked is None:
            return False
        with self._services.unit(self._actor) as unit:
            settle_check(unit, self._services.settings, order_id, sha256, checked)
        return True

    def remind(self) -> None:
        """Remind of what is overdue, each order in a transaction of its own."""
        settings = self._services.settings
        with self._services.reading_unit(self._actor) as unit:
            due = reminders.overdue(unit, settings.cleanup, limit=REMINDERS_A_ROUND)
        for order_id in due:
            with self._going_on("remind", order_id), self._services.unit(self._actor) as unit:
                reminders.remind(unit, settings, order_id)

    def close(self) -> None:
        """Close what was verified long ago."""
        with self._services.reading_unit(self._actor) as unit:
            done = reminders.done(unit, limit=REMINDERS_A_ROUND)
        for order_id in done:
            with self._going_on("close", order_id), self._services.unit(self._actor) as unit:
                reminders.close(unit, order_id)

    @contextmanager
    def _going_on(self, step: str, order_id: str) -> Iterator[None]:
        """One order's trouble keeps no other waiting."""
        try:
            yield
        except Exception:
            log.exception("clean_up_failed", step=step, order=order_id)
