"""Readings go into the tables and come out as they were."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

import models
from api.readings.convert import card_sha256, facts_from, keepable, reading_from, reading_row
from api.readings.repository import newest_reading
from tests.api.walls import BOX, RICH, finding, reading
from vision.types import Card, Kind, Line, PhotoFacts

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SHA256 = "ab" * 32


def photo(**values):
    row = {
        "sha256": SHA256,
        "size_bytes": 9,
        "media_type": "image/jpeg",
        "received_at": NOW,
        "width": 320,
        "height": 240,
    }
    return models.Photo(**row | values)


def test_a_stored_reading_is_the_one_that_was_read(services):
    weak = finding("qz-sample-wall.example", kind=Kind.DOMAIN, accepted=False)
    seen = reading(SHA256, finding(), RICH, weak, unread=(Line("@qz.wall.", 0.6, BOX),))
    with services.unit() as unit:
        unit.session.add(photo())
        unit.session.flush()
        unit.session.add(reading_row(seen, photo_sha256=SHA256, read_at=NOW))
    with services.reading_unit() as unit:
        row = newest_reading(unit.session, SHA256)
        again = reading_from(row, unit.session.get_one(models.Photo, SHA256))
    assert again == seen
    assert list(again.stages) == list(seen.stages)
    assert again.seconds == seen.seconds


def test_text_that_a_database_cannot_hold_is_stored_all_the_same(services):
    seen = reading(SHA256, finding(text="@qz\0wall\ud800", facts={"path": "/\0"}, source="DataBarExpandedStacked"))
    with services.unit() as unit:
        unit.session.add(photo())
        unit.session.flush()
        unit.session.add(reading_row(seen, photo_sha256=SHA256, read_at=NOW))
    with services.reading_unit() as unit:
        (row,) = newest_reading(unit.session, SHA256).findings
    assert row.text == "@qz\ufffdwall\ufffd"
    assert len(row.source) <= 16


def test_the_digest_of_a_card_depends_on_all_of_it_and_on_no_order():
    card = Card("reader", "1", {"a": "1", "b": "2"})
    assert card_sha256(card) == card_sha256(Card("reader", "1", {"b": "2", "a": "1"}))
    others = [Card("reader", "2", card.weights), Card("other", "1", card.weights), Card("reader", "1", {"a": "1"})]
    assert len({card_sha256(each) for each in (card, *others)}) == 4


def test_facts_of_a_photo_come_back():
    facts = PhotoFacts(
        SHA256, "HEIF", 320, 240, 54.87, 69.15, datetime(2026, 2, 1, 12, 0, tzinfo=timezone(timedelta(hours=5))), "Q"
    )
    row = photo(
        media_type="image/heic",
        exif_lat=facts.lat,
        exif_lon=facts.lon,
        exif_taken_at=facts.taken_at.isoformat(),
        camera="Q",
    )
    assert facts_from(row) == facts


@given(st.text())
def test_keepable_text_is_kept_and_clean_text_is_unchanged(text):
    kept = keepable(text)
    kept.encode()
    assert "\0" not in kept
    assert keepable(kept) == kept
    if "\0" not in text:
        assert kept == text


def test_boxes_keep_their_corners():
    row = reading_row(reading(SHA256, finding()), photo_sha256=SHA256, read_at=NOW)
    assert tuple(map(tuple, row.findings[0].box)) == BOX
