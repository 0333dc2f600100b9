"""Signed links: what opens a work order, and that nothing else does."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.cleanup.links import LENGTH, MARK, LinkEnded, Purpose, address_of, order_of, read, token_of
from api.settings import Settings
from models import WorkOrder, new_id
from tests.api.conftest import START

SETTINGS = Settings(stage="development")
ORDER = WorkOrder(id=new_id(), number=7, link_number=1)


def test_a_link_says_which_order_and_until_when(clock):
    token = token_of(SETTINGS, ORDER, START)
    assert len(token) == len(MARK) + LENGTH
    assert token.startswith("wwl_")
    link = read(SETTINGS, token, START)
    assert (link.order_id, link.number) == (ORDER.id, 1)
    assert (link.until - START).days == SETTINGS.cleanup.link_days
    clock.move(days=SETTINGS.cleanup.link_days, seconds=-1)
    assert read(SETTINGS, token, clock.now()) == link
    clock.move(seconds=1)
    with pytest.raises(LinkEnded):
        read(SETTINGS, token, clock.now())


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(len(MARK), len(MARK) + LENGTH - 1), st.characters(codec="ascii", exclude_categories=["Cc"]))
def test_a_link_with_another_character_opens_nothing(place, character):
    token = token_of(SETTINGS, ORDER, START)
    changed = token[:place] + character + token[place + 1 :]
    if changed == token:
        return
    try:
        link = read(SETTINGS, changed, START)
    except LinkEnded:
        return
    # Base64 leaves two bits of the last character over: another spelling of the very same link.
    assert place == len(MARK) + LENGTH - 1
    assert link == read(SETTINGS, token, START)


@given(st.text(max_size=90))
def test_whatever_is_no_link_opens_nothing(text):
    for made_up in (text, MARK + text, (MARK + text).ljust(len(MARK) + LENGTH, "A")):
        with pytest.raises(LinkEnded):
            read(SETTINGS, made_up, START)


def test_a_link_is_good_for_its_purpose_and_its_secret_alone():
    picture = token_of(SETTINGS, ORDER, START, Purpose.PICTURE)
    assert read(SETTINGS, picture, START, Purpose.PICTURE).order_id == ORDER.id
    with pytest.raises(LinkEnded):
        read(SETTINGS, picture, START)
    with pytest.raises(LinkEnded):
        read(SETTINGS, token_of(SETTINGS, ORDER, START), START, Purpose.PICTURE)
    other = Settings(stage="development", secret="0123456789abcdef0123456789abcdef")
    with pytest.raises(LinkEnded):
        read(other, picture, START, Purpose.PICTURE)


def test_a_link_ends_when_the_order_counts_another(services, order):
    made = order()
    token = token_of(services.settings, made, services.clock.now())
    with services.reading_unit() as unit:
        assert order_of(unit, services.settings, token).id == made.id
    with services.unit() as unit:
        unit.session.get_one(WorkOrder, made.id).link_number += 1
    with services.reading_unit() as unit, pytest.raises(LinkEnded):
        order_of(unit, services.settings, token)
    nobodys = token_of(services.settings, ORDER, services.clock.now())
    with services.reading_unit() as unit, pytest.raises(LinkEnded):
        order_of(unit, services.settings, nobodys)


def test_the_address_is_where_browsers_see_the_service():
    there = Settings(stage="development", web={"origin": "https://walls.example"})
    assert address_of(there, ORDER, START, base="http://10.0.0.1").startswith("https://walls.example/w/wwl_")
    assert address_of(SETTINGS, ORDER, START, base="http://10.0.0.1/").startswith("http://10.0.0.1/w/wwl_")
