"""The pages of messengers: a report that waits gets its place, a sender is blocked and taken from again."""

import pytest

from api.intake.channels.sealing import hashed, sealed
from models import Arrived, Conversation, ConversationPhoto, ConversationState, Photo, Report, Sender
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pages.conftest import PHONE
from tests.api.pages.world import HOSTILE, everywhere
from tests.api.wall_pictures import bare, jpeg

CHAT = "770000000077"


@pytest.fixture
def waits(services):
    """A conversation with a photo and no place; its id."""
    data = jpeg(bare(4, side=320))
    stored = services.blobs.put(iter([data]), limit_bytes=2**24)
    with services.unit() as unit:
        now = unit.clock.now()
        photo = Photo(sha256=stored.sha256, size_bytes=stored.size_bytes, media_type="image/jpeg", received_at=now)
        sender = Sender(
            channel="whatsapp",
            hash=hashed(services.settings, "whatsapp", CHAT),
            sealed_chat=sealed(services.settings, CHAT),
            language="ru",
            created_at=now,
            last_at=now,
        )
        unit.session.add_all([photo, sender])
        unit.session.flush()
        row = Conversation(
            sender_id=sender.id, channel="whatsapp", state=ConversationState.PLACE, language="ru",
            note=f"behind the garages {HOSTILE}", place_text="near the school", opened_at=now, changed_at=now,
        )  # fmt: skip
        unit.session.add(row)
        unit.session.flush()
        arrived = Arrived(
            channel="whatsapp", provider_id="wamid.77", sender_id=sender.id, chat_hash=sender.hash, content={},
            sent_at=now, arrived_at=now, state="done", due_at=now, conversation_id=row.id,
        )  # fmt: skip
        unit.session.add(arrived)
        unit.session.flush()
        unit.session.add(
            ConversationPhoto(
                conversation_id=row.id,
                position=0,
                arrival_seq=arrived.seq,
                media={"ref": "77", "kind": "photo"},
                photo_sha256=stored.sha256,
            )
        )
        unit.session.flush()
        return row.id


def test_whoever_knows_the_place_gives_it(visit, waits, services, accessible):
    page = visit("officer", size=PHONE)
    page.allow(422)
    page.goto("/waiting")
    page.get_by_text("near the school").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.images].every((each) => each.naturalWidth > 0)")
    assert page.get_by_role("button", name="Block this sender").count() == 0
    everywhere(page, accessible)
    page.get_by_label("Map link or coordinates").fill("nowhere")
    page.get_by_role("button", name="Make it a report").click()
    page.get_by_role("alert").get_by_text("coordinates").wait_for()
    page.get_by_label("Map link or coordinates").fill("54.871, 69.151")
    page.get_by_role("button", name="Make it a report").click()
    page.get_by_text("Nothing waits.").wait_for()
    with services.reading_unit() as unit:
        report = unit.session.get_one(Report, unit.session.get_one(Conversation, waits).report_id)
        assert (report.lat, report.lon) == (54.871, 69.151)


def test_a_sender_is_blocked_and_taken_from_again(visit, waits, accessible):
    page = visit("admin")
    page.goto("/senders")
    assert CHAT not in page.content()
    page.get_by_role("button", name="Block this sender").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Why").fill("sends the same picture all day")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("sends the same picture all day").wait_for()
    page.get_by_role("link", name="Blocked").click()
    everywhere(page, accessible)
    page.get_by_role("button", name="Take from this sender again").click()
    dialog.get_by_label("Why").fill("it was a mistake")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("Nobody.").wait_for()


def test_only_those_who_may_see_them(browser, waits):
    assert browser("supervisor").get("/waiting").status_code == 403
    assert browser("officer").get("/senders").status_code == 403
    assert browser("investigator").get("/waiting?state=silent").status_code == 200
    assert browser("investigator").get("/waiting?state=sent").status_code == 422
