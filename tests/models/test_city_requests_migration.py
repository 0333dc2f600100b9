"""City requests come and go with work orders in the database, which stay as they are."""

from datetime import UTC, datetime

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from api.db import downgrade, upgrade
from models import Account, CityRequest, Inscription, WorkOrder, WorkOrderStep, new_id

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)
PHOTO = """
INSERT INTO photos (sha256, size_bytes, media_type, received_at, state, want, failures, losses)
VALUES (:photo, 9, 'image/jpeg', '2026-03-01 10:00:00', 'read', 1, 0, 0)
"""


def test_city_requests_go_and_steps_of_orders_stay(engine):
    upgrade(engine)
    with Session(engine) as session, session.begin():
        session.execute(text(PHOTO), {"photo": "a" * 64})
        account = Account(
            id=new_id(), name="city", role="officer", password_hash="x", created_at=AT, password_changed_at=AT
        )
        wall = Inscription(id=new_id(), lat=54.9, lon=69.1, created_at=AT)
        session.add_all([account, wall])
        session.flush()
        order = WorkOrder(
            number=1, inscription_id=wall.id, photo_sha256="a" * 64, lat=54.9, lon=69.1, opened_at=AT, state_at=AT
        )
        session.add(order)
        session.flush()
        session.add(WorkOrderStep(order_id=order.id, number=1, action="open", to_state="open", at=AT, facts={}))
        session.add(
            CityRequest(
                account_id=account.id,
                content_sha256="b" * 64,
                received_at=AT,
                service_code="drug-ad-graffiti",
                inscription_id=wall.id,
                state="attached",
            )
        )
    downgrade(engine, "0015")
    assert "city_requests" not in inspect(engine).get_table_names()
    assert "ix_work_order_steps_at" not in {index["name"] for index in inspect(engine).get_indexes("work_order_steps")}
    upgrade(engine)
    with Session(engine) as session:
        assert session.scalars(select(CityRequest)).all() == []
        assert session.scalars(select(WorkOrderStep.action)).all() == ["open"]
