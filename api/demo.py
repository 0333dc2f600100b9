"""What development starts with: one account per role and the samples as reports. Production refuses it."""

from __future__ import annotations

import csv
import secrets
from datetime import datetime
from pathlib import Path

from sqlalchemy import exists, select

from api.accounts.service import add_account
from api.errors import Problem
from api.services import Services
from api.unit import Actor
from models import Account, Report, Role

SAMPLES = Path(__file__).parents[1] / "samples"


class DemoDataInProduction(Problem):
    """Demo accounts or reports in a production database: their passwords were once printed on a screen."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "This database was filled in the development stage (demo accounts or sample reports): point"
            " WALLWATCH_DATA_DIR or WALLWATCH_DATABASE__URL at an empty one."
        )


def refuse_demo_in_production(services: Services) -> None:
    """Nothing, unless the stage is production and the database holds demo data: DemoDataInProduction."""
    if services.settings.stage == "production" and _holds_demo(services):
        raise DemoDataInProduction


def prepare_development(services: Services) -> None:
    """Fill an empty development database, printing each password once; nothing in production."""
    if services.settings.stage == "production":
        return
    with services.reading_unit() as unit:
        is_empty = not unit.session.scalar(select(exists().where(Account.id.is_not(None))))
    if is_empty:
        _make_accounts(services)
    if is_empty or _holds_demo(services):
        _send_samples(services)


def _holds_demo(services: Services) -> bool:
    with services.reading_unit() as unit:
        return any(unit.session.scalar(select(exists().where(table.is_demo))) for table in (Account, Report))


def _make_accounts(services: Services) -> None:
    passwords = {role: secrets.token_urlsafe(9) for role in Role}
    with services.unit(Actor(name="demo")) as unit:
        for role, password in passwords.items():
            add_account(unit, f"demo-{role}", role=role, password=password).is_demo = True
    print("Demo accounts (development only; shown this once):")  # noqa: T201 - the one place a password is shown
    for role, password in passwords.items():
        print(f"    demo-{role:13} {password}")  # noqa: T201


def _send_samples(services: Services) -> None:
    """Send the samples as an officer would; each is sent under its own key, so a start that was cut off goes on."""
    from api.intake.folder import Placed, send_file  # noqa: PLC0415 - who only asks for demo data needs no pictures

    places = SAMPLES / "places.csv"
    if not places.is_file():
        return
    with services.reading_unit() as unit:
        account = unit.session.scalar(select(Account).where(Account.name == "demo-officer"))
    if account is None:
        return
    actor = Actor(name=account.name, account_id=account.id, role=account.role)
    with places.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            seen_at = datetime.fromisoformat(row["seen_at"]) if row.get("seen_at") else None
            placed = Placed(SAMPLES / row["photo"], lat=float(row["lat"]), lon=float(row["lon"]), seen_at=seen_at)
            send_file(services, actor, placed, channel="demo", is_demo=True)
