"""What a worker does for telling people: match, bundle, and have DBOS send what is due.

Each try of each message is a workflow of its own, named for both: asked for twice it runs once, and a worker that is
killed leaves it to whoever takes over. The pause before the next try is kept in the tables, so that no thread waits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from dbos import DBOS
from sqlalchemy import select

from api.services import Services
from api.telling.bundling import bundle, is_due
from api.telling.delivery import ON_ITS_WAY, Delivery, is_foremost
from api.telling.matching import is_behind, match_some
from api.unit import Actor, Unit
from models import Message, MessageState, Subscription

QUEUE = "telling"
WORKFLOW = "send_message"
PREFIX = "message:"
AT_ONCE = 8  # sent at a time by one worker
POLL_S = 0.5
MOST = 200  # asked for in a round
ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})

log = structlog.get_logger()


class Telling:
    """The part of a worker that tells people."""

    def __init__(self, services: Services, worker: str, *, delivery: Delivery | None = None) -> None:
        self._services = services
        self._settings = services.settings.telling
        self._actor = Actor(name=f"worker:{worker}"[:64])
        self._delivery = delivery or Delivery(services, worker=worker)

    def register(self) -> None:
        """Make the workflow known, before DBOS is launched."""
        delivery = self._delivery

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def send_message(asked: str) -> str:
            outcome: Any = DBOS.run_step({"name": "send"}, delivery.attempt, asked)
            return str(outcome)

    def register_queue(self) -> None:
        """Make the queue known, after DBOS was launched."""
        DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_S, on_conflict="always_update")

    def round(self) -> None:
        """Match, bundle and send what is due; with nothing to do it only reads."""
        self.prepare()
        self._send_due()

    def prepare(self) -> None:
        """Turn new notices into matches, and matches whose time has come into messages."""
        with self._services.reading_unit(self._actor) as unit:
            is_more = is_behind(unit)
        while is_more:
            with self._services.unit(self._actor) as unit:
                is_more = match_some(unit)
        with self._services.reading_unit(self._actor) as unit:
            is_time = is_due(unit, self._settings)
        while is_time:
            with self._services.unit(self._actor) as unit:
                is_time = bundle(unit, self._settings, self._services.settings.zone) > 0

    def _send_due(self) -> None:
        """Have due messages sent; ask anew for those whose workflow ended without settling them."""
        with self._services.reading_unit(self._actor) as unit:
            asked = due(unit, begun_for_s=self._services.settings.jobs.heartbeat_s)
        if not asked:
            return
        ids = [PREFIX + each for each in asked]
        known = {
            workflow.workflow_id: workflow.status
            for workflow in DBOS.list_workflows(workflow_ids=ids, load_input=False, load_output=False)
        }
        for each in asked:
            if known.get(PREFIX + each) in ENDED:
                with self._services.unit(self._actor) as unit:
                    ask_anew(unit, each)
            elif PREFIX + each not in known:
                self._services.jobs.ask(QUEUE, WORKFLOW, PREFIX + each, each)


def due(unit: Unit, *, begun_for_s: float) -> list[str]:
    """`id:want` of messages to send now, the longest due first, and of those begun so long ago that they may be lost.

    Of a subscription where nothing gets through only the foremost counts.
    """
    now = unit.clock.now()
    on = select(Message).join(Subscription, Subscription.id == Message.subscription_id)
    well = (
        on.where(Message.state == MessageState.WAITING, Message.due_at <= now, Subscription.failing_since.is_(None))
        .order_by(Message.due_at, Message.id)
        .limit(MOST)
    )
    begun = (
        select(Message)
        .where(Message.state == MessageState.SENDING, Message.begun_at <= now - timedelta(seconds=begun_for_s))
        .order_by(Message.due_at, Message.id)
        .limit(MOST)
    )
    found = [*unit.session.scalars(begun), *unit.session.scalars(well), *_foremost(unit)]
    return [f"{message.id}:{message.want}" for message in found]


def _foremost(unit: Unit) -> list[Message]:
    failing = select(Subscription.id).where(Subscription.off_reason == "", Subscription.failing_since.is_not(None))
    found = []
    for subscription_id in unit.session.scalars(failing.order_by(Subscription.failing_since.desc()).limit(MOST)):
        oldest = (
            select(Message)
            .where(Message.subscription_id == subscription_id, Message.state == MessageState.WAITING)
            .order_by(Message.made_at, Message.id)
        )
        message = unit.session.scalar(oldest.limit(1))
        if message is not None and message.due_at <= unit.clock.now() and is_foremost(unit, message):
            found.append(message)
    return found


def ask_anew(unit: Unit, asked: str) -> None:
    """Give a message a new workflow when the one asked for ended and the message still waits."""
    message_id, _, want = asked.partition(":")
    message = unit.session.get(Message, message_id, with_for_update=True)
    if message is not None and message.state in ON_ITS_WAY and str(message.want) == want:
        message.want += 1
