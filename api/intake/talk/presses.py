"""Buttons, and words that mean the same."""

from __future__ import annotations

from sqlalchemy import update

from api.audit.service import record
from api.intake.channels.sealing import sealed
from api.intake.talk import conversations, prompts, words
from api.intake.talk.news import FIRST_LOOK
from api.intake.talk.turn import FREE, Turn
from api.languages.language import LANGUAGES
from models import ArrivalState, Arrived, Conversation, ConversationState

MENU = ("more", "cancel", "language")


def press(turn: Turn, data: str) -> str:
    """A button of ours; an old one or somebody else's does nothing and says so."""
    kind, _, rest = data.partition(":")
    if kind == "t" and rest in FREE:
        return do(turn, rest)
    action, _, about = rest.partition(":")
    conversation_id, _, version = about.partition(":")
    row = conversations.owned(turn.unit.session, turn.sender, conversation_id) if kind == "t" else None
    if row is None:
        turn.say("old_button")
        return "old_button"
    if row.state == ConversationState.SENT and action not in {"tell", "language"}:
        turn.say("sent_already", receipt=row.receipt)
        return "old_button"
    is_under_way = row.state in conversations.OPEN
    is_present = action != "yes" or version == str(row.version)
    if action not in {"tell", "language"} and not (is_under_way and is_present):
        turn.say("old_button")
        if is_under_way:
            turn.conversation, turn.is_changed = row, True  # and ask again, with what holds now
        return "old_button"
    turn.conversation = row
    return do(turn, action)


def do(turn: Turn, action: str) -> str:
    """What a press or a word asks for."""
    row = turn.conversation
    kind, _, value = action.partition(":")
    if kind == "lang" and value in LANGUAGES:
        return _speak(turn, value)
    if action == "language":
        buttons = tuple(turn.button(f"lang:{code}", name) for code, name in LANGUAGES.items())
        turn.say("choose_language", buttons=buttons)
        return "language"
    if action == "forget":
        return _forget(turn)
    if action == "tell":
        return _agree(turn, row)
    if row is None or row.state not in conversations.OPEN:
        turn.say("nothing_to_cancel" if action == "cancel" else "hello")
        return "hello"
    return _under_way(turn, row, action)


def _under_way(turn: Turn, row: Conversation, action: str) -> str:
    """What can be done with a conversation that is under way."""
    if action == "cancel":
        conversations.end(row, turn.sender, conversations.CANCELLED, turn.now)
        turn.is_changed = False
        turn.say("cancelled")
        return "cancelled"
    if action == "yes" and row.state == ConversationState.CONFIRM:
        turn.is_changed = False
        prompts.send_off(turn, row)
        return "sent"
    if action == "place" and row.lat is not None:
        row.lat = row.lon = row.accuracy_m = row.place_source = row.place_text = None
        conversations.changed(turn, row)
        turn.is_changed = False
        turn.tell(words.said("ask_new_place", turn.language), asks_for_place=True)
        return "place_dropped"
    if action == "menu":
        turn.say("menu", buttons=tuple(turn.button(each) for each in MENU))
        return "menu"
    if action == "more":
        turn.say("more")
        return "more"
    turn.is_changed = True  # it waits for something else: say for what
    return "asked_again"


def _speak(turn: Turn, language: str) -> str:
    turn.sender.language = language
    turn.say("language_set")
    row = turn.conversation
    if row is not None and row.state in conversations.OPEN:
        row.language = language
        turn.is_changed = True
    return "language"


def _agree(turn: Turn, row: Conversation | None) -> str:
    """The sender wants to hear what becomes of a report: where they are is kept from now on."""
    row = row or conversations.last_of(turn.unit.session, turn.sender)
    if row is None or row.state != ConversationState.SENT:
        turn.say("old_button")
        return "old_button"
    turn.sender.agreed_at = turn.sender.agreed_at or turn.now
    turn.sender.sealed_chat = sealed(turn.settings, turn.chat)
    row.wants_status, row.remind_at = True, turn.now + FIRST_LOOK
    turn.conversation = row
    turn.say("agreed", receipt=row.receipt)
    return "agreed"


def _forget(turn: Turn) -> str:
    """Withdraw consent and empty what is known of the sender; what was reported stays."""
    sender, session = turn.sender, turn.unit.session
    turn.say("forgotten")
    if turn.conversation is not None and turn.conversation.state in conversations.OPEN:
        conversations.end(turn.conversation, sender, conversations.FORGOTTEN, turn.now)
    turn.is_changed = False
    sender.agreed_at = sender.sealed_chat = sender.language = None
    mine = update(Conversation).where(Conversation.sender_id == sender.id)
    ended = mine.where(Conversation.state.not_in(conversations.OPEN))
    session.execute(ended.values(wants_status=False, remind_at=None, note=None))
    done = update(Arrived).where(Arrived.sender_id == sender.id, Arrived.state == ArrivalState.DONE)
    session.execute(done.values(content={}, sealed_who=None))
    for item in turn.items:
        item.row.content, item.row.sealed_who = {}, None
    session.flush()
    record(turn.unit, "sender.forget", sender.id)
    return "forgotten"
