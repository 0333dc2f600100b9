"""Work orders of walls that have real photos behind them."""

from types import SimpleNamespace

from sqlalchemy import func, select

from api.cleanup.pictures_shown import prepare
from models import InscriptionPhoto, WorkOrder, WorkOrderStep
from tests.api.photographed import photographed
from tests.api.wall_pictures import LAT, LON, METRE, jpeg, plaster
from tests.api.walls import finding
from vision.types import Card, Reading

SHOP = "qz_tuman_lis_7731"


def order_of_wall(services, account, *, north_m=0.0, state="open", territory_id=None, place_text=None, due_at=None):
    """A wall with a name on it, photographed once, and its work order as it is in a state; without its history."""
    picture = plaster(int(north_m) % 1000, stencil=SHOP[:9], side=480)
    sha256 = photographed(services, account, finding(SHOP), data=jpeg(picture), lat=LAT + north_m * METRE, lon=LON)
    with services.unit() as unit:
        row = WorkOrder(
            number=(unit.session.scalar(select(func.max(WorkOrder.number))) or 0) + 1,
            inscription_id=unit.session.get_one(InscriptionPhoto, sha256).inscription_id,
            territory_id=territory_id,
            photo_sha256=sha256,
            lat=LAT + north_m * METRE,
            lon=LON,
            place_text=place_text,
            note=f"it says @{SHOP}",
            opened_at=unit.clock.now(),
            state=state,
            is_active=state != "closed",
            state_at=unit.clock.now(),
            due_at=due_at,
        )
        unit.session.add(row)
        unit.session.flush()
        for number, (before, after) in enumerate(steps_to(state), 1):
            step = WorkOrderStep(order_id=row.id, number=number, action=ACTIONS[after], from_state=before,
                                 to_state=after, at=unit.clock.now(), facts={})  # fmt: skip
            unit.session.add(step)
    return row


ACTIONS = {
    "open": "open", "sent": "send", "accepted": "accept", "painted": "paint", "verified": "verify", "closed": "close"
}  # fmt: skip


def steps_to(state):
    """(before, after) of each step from nothing to a state."""
    states = [None, *ACTIONS]
    return [(states[place - 1], states[place]) for place in range(1, states.index(state) + 1)]


class SeesNothing:
    """A reader that finds nothing on a picture that was covered; whatever was read before is covered all the same."""

    options = SimpleNamespace(working_side_px=1600)
    detector = SimpleNamespace(detect=lambda _picture: [])

    def read_photo(self, photo):
        return Reading(photo.facts, (), (), Card("sees-nothing", "1"), {})


def show(services, sha256):
    """Make the picture that people outside are shown of a photo."""
    assert prepare(services, sha256, SeesNothing())
