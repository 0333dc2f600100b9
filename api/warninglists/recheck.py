"""Everything looked up anew when the lists, or the words around findings, are others than last time.

Workers do it a slice at a time between their other rounds: batch by batch, each a transaction that also writes how far
it came. Killed anywhere it goes on from there; two workers share it, because a batch is taken in turn; and what is
looked up twice comes out the same.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping

import structlog
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from api.audit.service import record
from api.services import Services
from api.unit import Actor, Unit
from api.warninglists.lists import WarningLists
from api.warninglists.service import hits_of, rewrite
from api.warninglists.weigh import context_of, lowers, words_json
from api.watchlist.queue import placed, rank_again
from api.watchlist.turn import take_turn
from models import UNREAD, Address, Finding, FindingContext, Reading, Review, WarningRun
from vision.addresses.context import CONTEXT_VERSION

ADDRESSES, READINGS, DONE = "addresses", "readings", "done"
AT_ONCE = {ADDRESSES: 500, READINGS: 100}
SLICE_S = 2.0

log = structlog.get_logger()


class Recheck:
    """One for a worker: `go` does a slice, and nothing at all once everything is done."""

    def __init__(self, services: Services, actor: Actor, *, at_once: Mapping[str, int] = AT_ONCE) -> None:
        self._at_once = at_once
        self._services = services
        self._actor = actor
        self._is_done = False

    def go(self, *, for_s: float = SLICE_S) -> bool:
        """Look up anew for about so long; True when nothing is left."""
        ends = time.monotonic() + for_s
        while not self._is_done:
            with self._services.unit(self._actor) as unit:
                self._is_done = step(unit, self._services.warning_lists, self._at_once)
            if time.monotonic() >= ends:
                break
        return self._is_done


def wanted(lists: WarningLists) -> str:
    """What a run is for: the digest of the lists and of the words."""
    return hashlib.sha256(f"{lists.sha256} {CONTEXT_VERSION}".encode()).hexdigest()


def step(unit: Unit, lists: WarningLists, at_once: Mapping[str, int] = AT_ONCE) -> bool:
    """One batch of the run for these lists, which is begun if there is none; True when it is done.

    `at_once` says how many of each there are in a batch.
    """
    take_turn(unit.session)
    run = unit.session.scalar(select(WarningRun).order_by(WarningRun.began_at.desc(), WarningRun.id.desc()).limit(1))
    if run is None or run.sha256 != wanted(lists):
        run = WarningRun(sha256=wanted(lists), phase=ADDRESSES, after="", changed=0, began_at=unit.clock.now())
        unit.session.add(run)
        unit.session.flush()
    if run.phase == DONE:
        return True
    walk = _addresses if run.phase == ADDRESSES else _readings
    last = walk(unit, lists, run, at_once[run.phase])
    if last is not None:
        run.after = last
        return False
    run.phase, run.after = (READINGS, "") if run.phase == ADDRESSES else (DONE, "")
    if run.phase == READINGS:
        return False
    run.ended_at = unit.clock.now()
    log.info("warning_lists_looked_up_anew", changed=run.changed)
    if run.changed:
        record(unit, "warninglists.recheck", run.id, lists=lists.sha256, changed=run.changed)
    return True


def _addresses(unit: Unit, lists: WarningLists, run: WarningRun, limit: int) -> str | None:
    """Look the next addresses up; the id of the last, None when there are no more."""
    query = select(Address).where(Address.id > run.after).order_by(Address.id).limit(limit)
    rows = unit.session.scalars(query).all()
    known = hits_of(unit.session, [row.id for row in rows])
    for row in rows:
        hits = lists.check(row.kind, row.value)
        if hits or row.id in known:
            run.changed += rewrite(unit.session, unit.clock, row, known.get(row.id, ()), hits)
    return rows[-1].id if rows else None


def _readings(unit: Unit, lists: WarningLists, run: WarningRun, limit: int) -> str | None:
    """Weigh the words of the next readings, and put what waits where it belongs; as `_addresses`."""
    query = select(Reading).where(Reading.id > run.after).options(selectinload(Reading.findings))
    rows = unit.session.scalars(query.order_by(Reading.id).limit(limit)).all()
    findings = [finding for row in rows for finding in row.findings]
    ours = select(FindingContext).where(FindingContext.finding_id.in_([finding.id for finding in findings]))
    kept = {each.finding_id: each for each in unit.session.scalars(ours)}
    for row in rows:
        for finding in row.findings:
            _weigh(unit, lists, row, finding, kept.get(finding.id))
    rank_again(unit.session, [each for each in findings if each.review == Review.UNREVIEWED])
    return rows[-1].id if rows else None


def _weigh(unit: Unit, lists: WarningLists, reading: Reading, finding: Finding, kept: FindingContext | None) -> None:
    found = context_of(reading, finding)
    if kept is None:
        unit.session.add(FindingContext(finding=finding, score=found.score, words=words_json(found)))
    else:
        kept.score, kept.words = found.score, words_json(found)
    hits = () if finding.kind == UNREAD else lists.check(finding.kind, finding.value)
    finding.queue_rank = placed(finding.queue_rank, context=found.score, is_lowered=lowers(hits))
