"""The state machine of conversations, one for all channels: what is done with each thing that arrives.

Photos, places and words may come in any order, and once more, and late: what a conversation waits for follows from what
it has. Each function answers the outcome that is written beside the arrival.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from api.audit.service import record
from api.errors import Problem
from api.intake.channels.base import Arrival
from api.intake.coordinates import Place
from api.intake.geo import check_point
from api.intake.talk import conversations, presses, prompts, words
from api.intake.talk.latecomers import is_older_place, sent_before
from api.intake.talk.places import Named, OutsideOfRegion, named_in, shared, within
from api.intake.talk.turn import Item, Turn
from api.languages.refusals import in_words
from models import ArrivalState, Conversation, ConversationState

WRITTEN_DOWN = frozenset({"hello", "noted", "not_a_photo", "empty", "old_button", "late"})
"""Outcomes that change nothing, so that the audit log is not told."""


def take(turn: Turn) -> None:
    """Do what the items of a turn ask for, in the order in which they were sent, and answer once."""
    if turn.talks and turn.conversation is None:
        turn.conversation = conversations.open_of(turn.unit.session, turn.sender)
    outcomes = []
    for item in turn.items:
        item.row.outcome = outcome = step(turn, item)[:64]
        outcomes.append(outcome)
        item.row.state, item.row.done_at, item.row.error_message = ArrivalState.DONE, turn.now, None
        item.row.conversation_id = turn.conversation.id if turn.conversation else None
    turn.sender.last_at = turn.now
    if turn.is_changed and turn.conversation is not None:
        prompts.ask(turn)
    if turn.conversation is not None and set(outcomes) - WRITTEN_DOWN:
        row = turn.conversation
        record(turn.unit, "conversation.turn", row.id, state=row.state, outcomes=outcomes, **turn.facts)


def step(turn: Turn, item: Item) -> str:
    """What one arrival does; its outcome."""
    arrival = item.arrival
    if not item.pictures:
        turn.only_photos = False
    if arrival.button is not None:
        return presses.press(turn, arrival.button)
    if item.pictures:
        return _photos(turn, item)
    if arrival.spot is not None:
        spot = arrival.spot
        return _place(turn, arrival, lambda: shared(spot, turn.region))
    text = (arrival.text or "").strip()
    if command := words.command_in(text):
        return presses.do(turn, command)
    if arrival.media:
        turn.say("not_a_photo")
        return "not_a_photo"
    return _text(turn, arrival, text)


def _photos(turn: Turn, item: Item) -> str:
    """Pictures, with what stands below them."""
    late = sent_before(turn, item.arrival)
    kept = [picture for picture in item.pictures if picture.original]
    for picture in item.pictures:
        if picture.refusal:
            turn.tell(picture.refusal)
    if not kept:
        return item.pictures[0].code or "refused"
    row = conversations.of_album(turn, item.arrival)
    if row is None or row.state not in conversations.OPEN:
        if row is not None and row.ended_why == conversations.CANCELLED:
            conversations.add_pictures(turn, row, item.row.seq, item.pictures)
            return "cancelled"
        row = conversations.open_of(turn.unit.session, turn.sender) if turn.talks else None
    if row is None:
        row = conversations.begin(turn)
        if late is not None and late.lat is not None and late.lon is not None:
            _take_over_place(turn, row, late)
    turn.conversation = row
    new, known = conversations.add_pictures(turn, row, item.row.seq, item.pictures)
    if known and not new:
        turn.say("same_photo")
        return "same_photo"
    turn.facts.setdefault("photos", [])
    turn.facts["photos"] = [*turn.facts["photos"], *(p.original.sha256 for p in kept if p.original)]  # type: ignore[misc]
    _own_place(turn, row, item)
    conversations.changed(turn, row)
    if item.arrival.is_forwarded and row.lat is None:
        turn.say("forwarded")
    _caption(turn, row, item.arrival)
    return "photo"


def _take_over_place(turn: Turn, row: Conversation, late: Conversation) -> None:
    """A photo that was overtaken by its report: the place is known, and its sender is asked again."""
    row.lat, row.lon, row.accuracy_m = late.lat, late.lon, late.accuracy_m
    row.place_source, row.place_text = late.place_source, late.place_text
    turn.say("late_photo", receipt=late.receipt)


def _own_place(turn: Turn, row: Conversation, item: Item) -> None:
    """The place that came with a picture, or that it knows itself, where its sender named none."""
    spot = item.arrival.spot
    if spot is not None and row.place_source in {None, "exif"}:
        with suppress(Problem, OutsideOfRegion):
            conversations.put_place(row, shared(spot, turn.region))
    for picture in item.pictures:
        facts = picture.original.facts if picture.original else None
        if row.lat is not None or facts is None or facts.lat is None or facts.lon is None:
            continue
        with suppress(Problem, OutsideOfRegion):  # what a camera got wrong is asked for
            check_point(facts.lat, facts.lon, order_known=True)
            conversations.put_place(row, Named(within(Place(facts.lat, facts.lon, "exif"), turn.region)))


def _caption(turn: Turn, row: Conversation, arrival: Arrival) -> None:
    """What stands below a picture: a place, or words to keep."""
    text = (arrival.text or "").strip()
    if not text:
        return
    try:
        named = named_in(text, turn.region)
    except (Problem, OutsideOfRegion):
        named = None  # the place is asked for anyway
    if named is not None and row.place_source in {None, "exif"}:
        conversations.put_place(row, named)
    conversations.add_note(row, text)
    conversations.changed(turn, row)


def _place(turn: Turn, arrival: Arrival, named: Callable[[], Named | None], text: str = "") -> str:
    """A place; refused ones are explained. A text that names none is looked at for what else it may be."""
    try:
        found = named()
    except OutsideOfRegion as far:
        turn.say("out_of_region", lat=f"{far.place.lat:.6f}", lon=f"{far.place.lon:.6f}")
        return "coordinates_outside"
    except Problem as problem:
        turn.tell(in_words(problem.as_json(), turn.language))
        return problem.code
    if found is None:
        return _words(turn, arrival, text)
    session = turn.unit.session
    row = conversations.answered(session, turn.sender, arrival) if turn.talks else None
    if row is None or not (row.state in conversations.OPEN or row.ended_why == conversations.SILENT):
        row = turn.conversation if turn.conversation and turn.conversation.state in conversations.OPEN else None
    if row is None and turn.talks:
        if (late := sent_before(turn, arrival)) is not None:
            turn.say("late_place", receipt=late.receipt)
            return "late"
        row = conversations.without_place(session, turn.sender)
    if row is not None and is_older_place(turn, row, arrival):
        return "late"
    row = row or conversations.begin(turn)
    conversations.put_place(row, found)
    conversations.changed(turn, row)
    return "place"


def _text(turn: Turn, arrival: Arrival, text: str) -> str:
    if not text:
        turn.say("hello")
        return "empty"
    return _place(turn, arrival, lambda: named_in(text, turn.region), text)


def _words(turn: Turn, arrival: Arrival, text: str) -> str:
    """Words that name no place: an address without its wall, or something to keep with the report."""
    from vision.addresses import extract_text  # noqa: PLC0415 - suffix lists are loaded when first needed

    row = turn.conversation if turn.conversation and turn.conversation.state in conversations.OPEN else None
    is_address = bool(extract_text(text[:4000]))
    if row is None and not is_address and not arrival.is_forwarded:
        turn.say("hello")
        return "hello"
    if row is None:
        row = conversations.begin(turn)
        row.remind_at = conversations.next_look(row, turn.settings.talk) if turn.talks else None
    conversations.add_note(row, text)
    if row.state == ConversationState.CONFIRM:
        turn.say("noted")
    elif row.state == ConversationState.PLACE and not is_address:
        turn.tell(words.said("place_not_found", turn.language), asks_for_place=True)
    else:
        turn.say("address_text")
    return "address_text" if is_address else "noted"
