"""What the tests of telling have in common: settings for this machine, subscriptions, rounds without DBOS."""

import pytest
from sqlalchemy import select

from api.telling.delivery import Delivery
from api.telling.rounds import Telling, due
from models import Message, Subscription

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is no business of the database."""

SMTP = {"smtp_host": "127.0.0.1", "smtp_tls": "none", "smtp_from": "walls@qz-tuman-77.kz", "smtp_timeout_s": 5}
HOOK = "https://hook.example/in?key=of-somebody-else"
PETROPAVL = {"circle": {"lat": 54.87, "lon": 69.15, "radius_m": 5000}}


def here(*ports, **more):
    """Settings with which webhooks may go to this machine."""
    allowed = {"webhook_http": True, "webhook_ports": (443, *ports), "webhook_allow": ("127.0.0.1", "hook.example")}
    return SMTP | allowed | {"webhook_timeout_s": 5} | more


def make(http, **body):
    """A subscription; its answer."""
    wish = {"label": "проверка", "about": "address.new", "channel": "inbox"} | body
    answer = http.post("/v1/subscriptions", json=wish)
    assert answer.status_code == 201, answer.text
    return answer.json()


class Worker:
    """Prepares messages and tries those that are due, once each; names lead to this machine."""

    def __init__(self, services):
        self.services = services
        self._delivery = Delivery(services, worker="test", resolve=lambda *_: ["127.0.0.1"])
        self._telling = Telling(services, "test", delivery=self._delivery)

    def prepare(self):
        self._telling.prepare()

    def go(self):
        """One round; how the tries ended."""
        self.prepare()
        with self.services.reading_unit() as unit:
            asked = due(unit, begun_for_s=0)
        return [str(self._delivery.attempt(each)) for each in asked]

    def rows(self, table=Message):
        with self.services.reading_unit() as unit:
            order = (table.made_at, table.id) if table is Message else (table.id,)
            return list(unit.session.scalars(select(table).order_by(*order)))

    def row(self, subscription_id):
        with self.services.reading_unit() as unit:
            return unit.session.get_one(Subscription, subscription_id)
