"""A whole application per test: its own folder, its own database (SQLite or PostgreSQL), a clock that can be moved."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from starlette.testclient import TestClient

from api.accounts.service import hasher, make_key
from api.app import create_app
from api.services import build
from api.settings import Settings
from models import Account, Role
from tests.api.words import PASSWORD

ROOT = Path(__file__).parents[2]
WALLWATCH = [sys.executable, "-m", "api.cli.main"]
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class MovableClock:
    """Stands still until a test moves it."""

    def __init__(self):
        self._now = START

    def now(self):
        return self._now

    def move(self, **by):
        self._now += timedelta(**by)


@pytest.fixture(scope="session", autouse=True)
def plain_logs():
    """Log lines beside a failed test, but not structlog's pages of local variables."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock():
    return MovableClock()


@pytest.fixture
def settings(tmp_path):
    """Development stage in a folder of the test's own, on SQLite."""
    return Settings(stage="development", data_dir=tmp_path / "data")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database of either kind, already migrated; empty text: the SQLite file in the data folder."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_url_factory")()
        return
    (tmp_path / "data").mkdir(exist_ok=True)
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "data" / "wallwatch.sqlite")
    yield ""


@pytest.fixture
def make_services(settings, database_url, clock):
    """Builds services on the test's database: `make_services(web={"origin": …})` overrides groups of settings."""
    made = []

    def make(**overrides):
        values = {"database": {"url": database_url}} | overrides
        services = build(Settings(**(settings.model_dump() | _merged(settings, values))), clock=clock)
        made.append(services)
        return services

    yield make
    for services in made:
        services.close()


def _merged(settings, values):
    """A group given in part keeps the rest of what it was."""
    return {
        name: settings.model_dump()[name] | value if isinstance(value, dict) else value
        for name, value in values.items()
    }


@pytest.fixture
def services(make_services):
    return make_services()


@pytest.fixture
def app(services):
    return create_app(services)


@pytest.fixture(scope="session")
def password_hash():
    """One slow hash for all accounts of all tests."""
    return hasher().hash(PASSWORD)


@pytest.fixture
def accounts(services, password_hash):
    """An account per role, by role name; each is named for its role and signs in with PASSWORD."""
    with services.unit() as unit:
        now = unit.clock.now()
        made = {
            str(role): Account(
                name=str(role), role=role, password_hash=password_hash, created_at=now, password_changed_at=now
            )
            for role in Role
        }
        unit.session.add_all(made.values())
        unit.session.flush()
    return made


@pytest.fixture
def key(services, accounts):
    """Makes the secret of a new API key: `key("officer")`, `key("officer", scopes=["reports:read"])`."""

    def make(role, *, scopes=None, days=30):
        with services.unit() as unit:
            expires_at = unit.clock.now() + timedelta(days=days)
            return make_key(unit, role, label="test", scopes=scopes, expires_at=expires_at)[1]

    return make


@pytest.fixture
def client(app, accounts, key):
    """Makes HTTP clients: `client()` is anonymous, `client("officer")` sends an API key of that role's account."""
    opened = []

    def make(role=None, **options):
        headers = {"Authorization": f"Bearer {key(role, **options)}"} if role else {}
        made = TestClient(app, raise_server_exceptions=False, headers=headers, follow_redirects=False)
        opened.append(made)
        return made

    yield make
    for made in opened:
        made.close()


@pytest.fixture
def browser(app, accounts):
    """Makes signed-in browsers: cookie, `Origin` and the CSRF token as a page of ours would send them."""
    opened = []

    def make(role):
        made = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
        opened.append(made)
        answer = made.post("/v1/session", json={"name": role, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        made.headers |= {"X-CSRF-Token": answer.json()["csrf_token"], "Origin": "http://testserver"}
        return made

    yield make
    for made in opened:
        made.close()


@pytest.fixture
def run(tmp_path):
    """Runs a command in a folder of its own, in the development stage."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WALLWATCH_")}
    data_dir = str(tmp_path / "data")
    environment |= {"WALLWATCH_STAGE": "development", "WALLWATCH_DATA_DIR": data_dir, "PYTHONPATH": str(ROOT)}

    def call(*arguments, stdin=b"", **settings):
        return subprocess.run(
            [*WALLWATCH, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            check=False,
            timeout=300,
            env=environment | settings,
        )

    return call


@pytest.fixture
def hooks():
    """A receiver of webhooks on this machine."""
    from tests.api.receivers import Hooks

    with Hooks().open() as opened:
        yield opened


@pytest.fixture
def mailbox():
    """A mail server on this machine."""
    from tests.api.receivers import Mailbox

    with Mailbox().open() as opened:
        yield opened


@pytest.fixture
def provider():
    """A messenger's server on this machine."""
    from tests.api.talking import opened_provider

    with opened_provider() as opened:
        yield opened


@pytest.fixture
def chat(services, provider, password_hash):
    """Somebody who writes by messenger; the channel's account is there already, for its password is slow to make."""
    from tests.api.talking import Chat, HttpChannel

    with services.unit() as unit:
        at = unit.clock.now()
        times = {"created_at": at, "password_changed_at": at, "disabled_at": at}
        unit.session.add(Account(name="channel-telegram", role=Role.OFFICER, password_hash=password_hash, **times))
    return Chat(services, provider, HttpChannel(provider.port))


@pytest.fixture
def worker(services):
    """Does a worker's rounds for telling people, when it is told to."""
    from tests.api.telling import Worker

    return Worker(services)


@pytest.fixture
def spot(services, accounts):
    """Sees Telegram names on a photo: `spot("name", photo="1", lat=…)`."""
    from tests.api.seen import see, wall

    def see_them(*names, photo="1", **where):
        place = {"lat": 54.871, "lon": 69.151, **where}
        return see(services, accounts["officer"], *(wall(name) for name in names), photo=photo, **place)

    return see_them


@pytest.fixture
def order(services, accounts):
    """Makes work orders of walls with a read photo: `order()`, `order(state="sent", north_m=40)`; answers the row."""
    from tests.api.orders import order_of_wall

    return lambda **wanted: order_of_wall(services, accounts["officer"], **wanted)


@pytest.fixture
def city(client):
    """A city system's client, with a key for what it needs."""
    return client("officer", scopes=["reports:write", "orders:read"], days=365)


@pytest.fixture
def telegram():
    """A Telegram on this machine, and a bot that talks to it."""
    from tests.api.channels import messengers, telegram_server

    with messengers.talking(telegram_server.TelegramServer(), messengers.telegram_at) as both:
        yield both


@pytest.fixture
def whatsapp():
    """A WhatsApp on this machine, and a number that talks to it."""
    from tests.api.channels import messengers, whatsapp_server

    with messengers.talking(whatsapp_server.WhatsAppServer(), messengers.whatsapp_at) as both:
        yield both
