"""The worker looks at the writing of each finding once, and links what is alike; on both databases."""

import cv2
import numpy as np
import pytest
from sqlalchemy import func, select

from api.connections.hands import Bounds, keep, look_at_hands
from models import FindingHand, HandBand, HandLink, HandOwed
from tests.api.seen import see, wall
from vision.fuse.hand import hand_of

SHAPE = (240, 320, 3)


def picture(text, font=cv2.FONT_HERSHEY_SIMPLEX, *, ink=30, ground=200):
    """A JPEG with a line where the readings of tests have their boxes."""
    drawn = np.full(SHAPE, ground, np.uint8)
    cv2.putText(drawn, text, (14, 50), font, 1.1, (ink, ink, ink), 3, cv2.LINE_AA)
    return cv2.imencode(".png", drawn)[1].tobytes()


def put(services, account, value, data, **where):
    services.blobs.put(iter([data]), limit_bytes=10**7)
    (finding,) = see(services, account, wall(value), photo=data, **where)
    return finding.id


def count(services, table):
    with services.reading_unit() as unit:
        return unit.session.scalar(select(func.count()).select_from(table))


def test_writing_is_looked_at_once_and_lines_of_one_stencil_are_linked_both_ways(services, accounts):
    officer = accounts["officer"]
    one = put(services, officer, "qzwal73b", picture("qzwal73b"))
    other = put(services, officer, "bq37zals", picture("bq37zals", ink=230, ground=60), lat=53.0)
    put(services, officer, "zaysanqw", picture("zaysanqw", cv2.FONT_HERSHEY_SCRIPT_COMPLEX), lat=52.0)
    (gone,) = see(services, officer, wall("qz_lost_photo"), photo="nowhere", lat=51.0)
    (code,) = see(services, officer, wall("qz_from_a_code", source="QRCode"), photo="code", lat=50.0)
    assert count(services, HandOwed) == 5
    while look_at_hands(services, most=2):
        pass
    assert (count(services, HandOwed), count(services, FindingHand)) == (0, 5)
    with services.reading_unit() as unit:
        nothing = unit.session.scalars(select(FindingHand.finding_id).where(FindingHand.hand.is_(None))).all()
        stencil = select(HandLink.finding_id, HandLink.other_id).where(HandLink.alike == "stencil")
        links = {tuple(row) for row in unit.session.execute(stencil)}
    assert set(nothing) == {gone.id, code.id}
    assert links == {(one, other), (other, one)}
    before = count(services, HandBand), count(services, HandLink)
    see(services, officer, wall("qzwal73b"), photo=picture("qzwal73b"), lat=49.0)  # once more, and nothing is owed
    assert (count(services, HandOwed), look_at_hands(services, most=9)) == (0, 0)
    assert (count(services, HandBand), count(services, HandLink)) == before


@pytest.mark.parametrize("bounds", [Bounds(of_one_band=2), Bounds(compared=2), Bounds(links=2)])
def test_a_stencil_seen_everywhere_is_not_compared_with_everything(services, accounts, bounds):
    box = ((10.0, 20.0), (200.5, 22.0), (200.0, 60.25), (10.0, 58.0))
    hand = hand_of(cv2.imdecode(np.frombuffer(picture("qzwal73b"), np.uint8), cv2.IMREAD_COLOR), box)
    ids = [see(services, accounts["officer"], wall(f"qz_{n}"), photo=f"p{n}", lat=50 + n)[0].id for n in range(5)]
    for finding_id in ids:
        with services.unit() as unit:
            keep(unit, finding_id, hand, bounds=bounds)
            keep(unit, finding_id, hand, bounds=bounds)
    with services.reading_unit() as unit:
        made = unit.session.execute(select(HandLink.finding_id, HandLink.other_id, HandLink.alike)).all()
    assert len(made) == len(set(made)) == 2 * 2 * (1 + 2 + 2 + 2)  # both ways, stencil and hand, two for each later one
