"""What the tests of clean-up have in common: areas, contacts, walls and orders."""

import io
import json
from datetime import timedelta

from sqlalchemy import select

from api.cleanup import contacts
from api.cleanup.acting import Wish, act
from api.cleanup.geojson import read_areas
from api.cleanup.orders import open_order
from api.cleanup.states import Action
from api.cleanup.territories import import_areas
from api.intake.channels.outbox import message_of
from api.photos.service import Original, keep_photo
from api.unit import Actor
from models import Inscription, Outgoing, Territory
from tests.api.seen import see, wall

NAME = "qz_tuman_lis_77"
LAT, LON = 54.871, 69.151
GROUP = "-1009990001112"


def square(lat=LAT, lon=LON, size=0.002):
    """A square around a place, clockwise as it should not be."""
    south, north, west, east = lat - size, lat + size, lon - size, lon + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [west, north], [east, north], [east, south], [west, south]]],
    }


def feature(geometry, name="Двор 7", **more):
    properties = {"name": name} | more.pop("properties", {})
    return {"type": "Feature", "properties": properties, "geometry": geometry} | more


def collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features)} | more


def read(content, **more):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    options = {"limit_bytes": 2**20, "limit_points": 10_000} | more
    return read_areas(io.BytesIO(data), **options)


def who(account):
    """The account as somebody who acts."""
    return Actor(name=account.name, account_id=account.id, role=account.role)


class City:
    """One territory with a Telegram group, one wall in it, and somebody who sends the orders."""

    def __init__(self, services, account):
        self.services, self.account, self.actor = services, account, who(account)
        with services.unit(self.actor) as unit:
            import_areas(unit, read(collection(feature(square()))))
        with services.unit(self.actor) as unit:
            self.territory_id = unit.session.scalar(select(Territory.id))
            self.contact_id = contacts.add(
                unit, self.territory_id, name="Председатель", channel="telegram", chat=GROUP
            ).id

    def wall(self, number=0, photo=None, **where):
        """A wall with a name on it; its id."""
        place = {"lat": LAT + number / 10_000, "lon": LON} | where
        see(self.services, self.account, wall(f"{NAME}_{number}"), photo=photo or f"wall-{number}", **place)
        with self.services.reading_unit() as unit:
            rows = unit.session.scalars(select(Inscription).where(Inscription.merged_into_id.is_(None)))
            return min(rows, key=lambda row: abs(row.lat - place["lat"])).id

    def order(self, number=0, to=None, **more):
        """An order for a wall of its own, taken to a state by hand; its id."""
        wall_id = self.wall(number)
        with self.services.unit(self.actor) as unit:
            order_id = open_order(unit, self.services.settings, wall_id, **more)[0].id
        for action in PATHS[to or "open"]:
            self.act(order_id, action)
        return order_id

    def act(self, order_id, action, **more):
        with self.services.unit(self.actor) as unit:
            version = more.pop("version", None)
            wish = Wish(Action(action), **({"reason": "so says the test"} | more))
            return act(unit, self.services.settings, order_id, wish, version=version)

    def posted(self, chat=None):
        """The messages that are to be sent, the oldest first."""
        with self.services.reading_unit() as unit:
            return [message_of(row) for row in unit.session.scalars(select(Outgoing).order_by(Outgoing.seq))]


PATHS = {
    "open": (),
    "sent": ("send",),
    "accepted": ("send", "accept"),
    "painted": ("send", "accept", "paint"),
    "verified": ("send", "accept", "paint", "verify"),
    "closed": ("send", "accept", "paint", "verify", "close"),
}
LATER = timedelta(days=1)


def kept_photo(services, data, state="owed"):
    """A photo that came without a report; its SHA-256."""
    stored = services.blobs.put(iter([data]), limit_bytes=2**20)
    with services.unit() as unit:
        photo = keep_photo(unit, Original(stored.sha256, stored.size_bytes, "image/jpeg", None))
        photo.state = state
    return stored.sha256
