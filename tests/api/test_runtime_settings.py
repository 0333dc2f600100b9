"""Settings that are changed while the program runs: who may, what is taken, and that every process hears of it."""

from types import SimpleNamespace

from sqlalchemy import insert

from api.readings.reader import at_threshold
from api.runtime.closed import CHANGEABLE
from models import AuditEntry, RuntimeSetting
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.words import refused
from vision import ReaderOptions


def put(http, name, value, version=0):
    return http.put(f"/v1/settings/{name}", json={"value": value, "version": version})


def test_a_setting_is_changed_heard_of_everywhere_and_goes_back(services, make_services, client, clock):
    other = make_services()
    with client("admin") as http:
        said = put(http, "intake.doubtful_m", 750).json()
        assert (said["value"], said["default"], said["is_set"], said["version"]) == (750.0, 500.0, True, 1)
        assert said["changed_by"] == "admin"
        other.running.forget()
        with other.unit():
            assert other.settings.intake.doubtful_m == 750.0
        refused(put(http, "intake.doubtful_m", 800), 409, "setting_changed")
        assert http.delete("/v1/settings/intake.doubtful_m", params={"version": 1}).json()["value"] == 500.0
        assert put(http, "intake.doubtful_m", 800, version=2).json()["version"] == 3
        refused(http.delete("/v1/settings/intake.doubtful_m", params={"version": 2}), 409, "setting_changed")
        http.get("/v1/session")
    assert services.settings.intake.doubtful_m == 800.0
    assert services.running.started.intake.doubtful_m == 500.0
    started_anew = make_services()
    with started_anew.unit() as unit:
        assert started_anew.settings.intake.doubtful_m == 800.0
        entries = unit.session.query(AuditEntry).filter(AuditEntry.subject == "setting:intake.doubtful_m").all()
    assert [(each.action, each.facts["before"], each.facts["after"]) for each in entries] == [
        ("setting.change", 500.0, 750.0),
        ("setting.default", 750.0, 500.0),
        ("setting.change", 500.0, 800.0),
    ]


REFUSED = [
    ("limits.requests_per_minute", 1, "setting_out_of_range"),
    ("limits.sign_in_per_minute", "ten", "setting_out_of_range"),
    ("vision.threshold", True, "setting_out_of_range"),
    ("web.session_hours", 1.5, "setting_refused"),
    ("intake.region", [90, 0, 10, 0], "setting_refused"),
    ("intake.region", [40, 50, 60], "setting_refused"),
    ("watchlist.half_life_days", {"pigeon": 3}, "setting_refused"),
    ("watchlist.half_life_days", {"phone": 0}, "setting_refused"),
    ("log_level", "loud", "setting_refused"),
    ("log_level", ["info"], "setting_refused"),
    ("requests.grounds", "x" * 4001, "setting_refused"),
    ("requests.grounds", 5, "setting_refused"),
    ("secret", "x" * 40, "not_found"),
    ("exchange.tlp", "red", "not_found"),
]
"""A setting, a value that it does not take, and the refusal's code."""


def test_what_a_setting_does_not_take_is_refused_and_what_is_not_in_the_list_is_not_there(client):
    with client("admin") as http:
        for name, value, code in REFUSED:
            refused(put(http, name, value), 404 if code == "not_found" else 422, code)
        assert [each["name"] for each in http.get("/v1/settings").json() if each["is_set"]] == []
        assert len(http.get("/v1/settings").json()) == len(CHANGEABLE)


def test_everywhere_is_a_region_and_is_not_the_default(services, client):
    with client("admin") as http:
        assert put(http, "intake.region", None).json()["is_set"] is True
        assert http.get("/v1/settings/intake.region").json()["value"] is None
        http.get("/v1/session")
    assert services.settings.intake.region is None


def test_a_kept_value_that_is_no_longer_taken_leaves_the_default(services, clock, client):
    with services.unit() as unit:
        made = {"is_set": True, "version": 1, "changed_at": clock.now(), "changed_by": "admin"}
        rows = [{"name": "vision.threshold", "value": "much"}, {"name": "gone.setting", "value": 5}]
        unit.session.execute(insert(RuntimeSetting), [row | made for row in rows])
    services.running.forget()
    with client("admin") as http:
        said = http.get("/v1/settings/vision.threshold").json()
    assert (said["value"], said["is_usable"]) == (0.75, False)
    assert services.settings == services.running.started


def test_a_limit_holds_for_the_next_request(client):
    with client("admin") as http:
        put(http, "limits.sign_in_per_minute", 3)
    wrong = {"name": "officer", "password": "wrong, and long enough"}
    with client() as http:
        assert [http.post("/v1/session", json=wrong).status_code for _ in range(5)][-2:] == [401, 429]


def test_a_reader_with_another_threshold_is_the_same_engines_with_another_card():
    plain = SimpleNamespace()
    assert at_threshold(plain, 0.6) is plain
    from vision.pipeline import Reader

    engine = SimpleNamespace(card=SimpleNamespace(name="e", version="1", weights={}))
    reader = Reader(engine, engine, ReaderOptions())
    assert at_threshold(reader, 0.75) is reader
    other = at_threshold(reader, 0.6)
    assert other.detector is engine
    assert other.card.version != reader.card.version


def test_without_its_table_the_program_runs_on_what_it_was_started_with(make_services, tmp_path):
    services = make_services(database={"url": f"sqlite:///{tmp_path / 'bare.sqlite'}"})
    with services.unit():
        assert services.settings is services.running.started
