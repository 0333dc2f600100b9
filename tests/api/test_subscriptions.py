"""Subscriptions over HTTP: made, changed, switched off, deleted; what is refused, and why."""

import socket
import threading

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from api.telling.signing import secret_of
from models import AuditEntry, Subscription
from tests.api.seen import see, wall
from tests.api.telling import HOOK, ONE_DATABASE, PETROPAVL, here, make
from tests.api.words import refused


@pytest.fixture
def services(make_services):
    return make_services(telling=here(subscriptions_per_account=6, watches_per_account=2, mail_domains=("qz-77.kz",)))


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """This machine's resolver knows two names; the rules that follow are the program's own."""
    known, real = {"hook.example": "127.0.0.1", "inside.example": "10.0.0.9"}, socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real(known.get(host, host), *rest, **more))


def audit(services, action):
    with services.reading_unit() as unit:
        return list(unit.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_a_subscription_is_made_shown_changed_and_deleted(client, services):
    http = client("investigator")
    made = make(http, **PETROPAVL, kind="telegram", channel="mail", mail_to="I.Lisov@qz-77.kz", pace="daily", hour=9)
    assert (made["account"], made["version"], made["tlp"], made["box"]) == ("investigator", 1, "amber", None)
    assert made["circle"] == PETROPAVL["circle"]
    assert made["digest_at"] == "2026-03-02T04:00:00Z"  # nine o'clock in Almaty has passed today
    path = f"/v1/subscriptions/{made['id']}"
    body = {"label": "иначе", "version": 1, "box": [54, 69, 55, 70], "mail_to": "x@qz-77.kz"}
    changed = http.put(path, json=body).json()
    assert (changed["label"], changed["version"], changed["pace"], changed["digest_at"]) == (
        "иначе",
        2,
        "at_once",
        None,
    )
    assert (changed["box"], changed["circle"], changed["kind"]) == ([54, 69, 55, 70], None, None)
    assert refused(http.put(path, json=body), 409, "subscription_changed")["version"] == 2
    assert http.get(path).json() == changed
    assert [row["id"] for row in http.get("/v1/subscriptions").json()["subscriptions"]] == [made["id"]]
    refused(http.delete(path, params={"version": 1}), 409, "subscription_changed")
    assert http.delete(path, params={"version": 2}).status_code == 204
    refused(http.get(path), 404, "not_found")
    actions = ["subscription.make", "subscription.change", "subscription.delete"]
    assert [len(audit(services, action)) for action in actions] == [1, 1, 1]


def test_a_webhooks_secret_is_shown_once_kept_nowhere_and_changed_with_an_overlap(client, services, settings):
    http = client("investigator")
    made = make(http, channel="webhook", url=HOOK)
    Webhook(made["secret"])
    assert "secret" not in http.get(f"/v1/subscriptions/{made['id']}").json()
    with services.reading_unit() as unit:
        row = unit.session.get_one(Subscription, made["id"])
        kept = [str(getattr(row, column.name)) for column in Subscription.__table__.columns]
    assert made["secret"] == secret_of(settings.secret.get_secret_value(), made["id"], 1)
    assert not any(made["secret"][6:30] in each for each in kept)
    again = http.post(f"/v1/subscriptions/{made['id']}/secret", json={"version": 1, "overlap_h": 2}).json()
    assert again["secret"] not in (None, made["secret"])
    assert (again["old_secret_until"], again["version"]) == ("2026-03-01T11:00:00Z", 2)
    double = http.post(f"/v1/subscriptions/{made['id']}/secret", json={"version": 1})
    refused(double, 409, "subscription_changed")  # a second click must not end the overlap
    inbox = make(http)
    refused(http.post(f"/v1/subscriptions/{inbox['id']}/secret", json={"version": 1}), 409, "not_a_webhook")
    facts = [entry.facts for entry in audit(services, "subscription.make")]
    assert facts[0]["to"] == "hook.example"  # the path of a webhook is often a secret
    assert "whsec_" not in str(facts)


@ONE_DATABASE
def test_a_feeds_address_is_shown_once_and_ends_with_a_new_one(client):
    http, anybody = client("investigator"), client()
    made = make(http, channel="feed")
    assert anybody.get(made["feed"]).status_code == 200
    again = http.post(f"/v1/subscriptions/{made['id']}/secret", json={"version": 1}).json()
    refused(anybody.get(made["feed"]), 404, "not_found")
    assert anybody.get(again["feed"]).status_code == 200


BAD = [
    ({"about": "address.sold"}, "notice_kind_unknown"),
    ({"channel": "pigeon"}, "request_not_understood"),
    ({"kind": "wechat"}, "request_not_understood"),
    ({"label": "\u200b\u202e"}, "label_empty"),
    ({"unknown": 1}, "request_not_understood"),
    ({"pace": "daily", "hour": 9}, "subscription_incomplete"),
    ({"channel": "mail", "mail_to": "x@qz-77.kz", "pace": "daily"}, "subscription_incomplete"),
    ({"channel": "mail", "mail_to": "x@qz-77.kz", "hour": 9}, "subscription_incomplete"),
    ({"channel": "mail", "mail_to": "x@qz-77.kz", "pace": "daily", "hour": 24}, "request_not_understood"),
    ({"channel": "mail"}, "subscription_incomplete"),
    ({"channel": "mail", "mail_to": "x@qz-77.kz\r\nBcc: y@qz-77.kz"}, "mail_address_refused"),
    ({"channel": "mail", "mail_to": "x@elsewhere.kz"}, "mail_domain_refused"),
    ({"mail_to": "x@qz-77.kz"}, "subscription_incomplete"),
    ({"channel": "webhook"}, "subscription_incomplete"),
    ({"url": HOOK}, "subscription_incomplete"),
    ({"channel": "webhook", "url": "file:///etc/passwd"}, "webhook_url_refused"),
    ({"channel": "webhook", "url": "https://name:pass@hook.example/"}, "webhook_url_refused"),
    ({"channel": "webhook", "url": "https://hook.example:22/"}, "webhook_url_refused"),
    ({"channel": "webhook", "url": "https://10.0.0.1/"}, "webhook_target_refused"),
    ({"channel": "webhook", "url": "https://inside.example/"}, "webhook_target_refused"),
    ({"circle": {"lat": 54, "lon": 69, "radius_m": 2_000_000}}, "region_refused"),
    ({"circle": {"lat": 89, "lon": 69, "radius_m": 20}}, "region_refused"),
    ({"box": [-90, -180, 90, 180]}, "region_too_wide"),
    ({"box": [55, 69, 54, 70]}, "region_refused"),
    ({"box": [54, 69, 55]}, "request_not_understood"),
    ({"box": [54, 69, 55, 70], **PETROPAVL}, "request_not_understood"),
    ({"channel": "feed", "tlp": "red"}, "feed_tlp_refused"),
    ({"channel": "feed", "tlp": "amber+strict"}, "feed_tlp_refused"),
]


@ONE_DATABASE
def test_what_cannot_be_is_refused_with_a_reason_and_nothing_is_made(client):
    http = client("investigator")
    for body, code in BAD:
        wish = {"label": "x", "about": "address.new", "channel": "inbox"} | body
        refused(http.post("/v1/subscriptions", json=wish), 422, code)
    gone = {"label": "x", "about": "address.new", "channel": "inbox", "address_id": "0" * 32}
    refused(http.post("/v1/subscriptions", json=gone), 404, "not_found")
    nan = b'{"label": "x", "about": "address.new", "channel": "inbox", "box": [NaN, 1, 2, 3]}'
    answer = http.post("/v1/subscriptions", content=nan, headers={"Content-Type": "application/json"})
    refused(answer, 422, "request_not_understood")
    assert http.get("/v1/subscriptions").json() == {"subscriptions": [], "next": None}


@ONE_DATABASE
def test_mail_is_refused_where_none_is_set_up(make_services, accounts, client, app):
    bare = make_services(telling=here(smtp_host=""))
    app.state.services = bare
    wish = {"label": "x", "about": "address.new", "channel": "mail", "mail_to": "x@qz-77.kz"}
    refused(client("investigator").post("/v1/subscriptions", json=wish), 409, "mail_not_set_up")


def test_others_do_not_see_it_and_those_who_oversee_see_all_and_switch_off_for_good(client, services):
    http, boss = client("investigator"), client("supervisor")
    made = make(http, channel="webhook", url=HOOK)
    path = f"/v1/subscriptions/{made['id']}"
    for method, where, body in [
        ("GET", path, None), ("DELETE", path + "?version=1", None), ("POST", path + "/test", None),
        ("PUT", path, {"label": "x", "version": 1}), ("POST", path + "/secret", {"version": 1}),
        ("GET", path + "/messages", None), ("POST", f"{path}/messages/x/send", None),
    ]:  # fmt: skip
        refused(boss.request(method, where, json=body), 404, "not_found")
    assert boss.get("/v1/subscriptions").json()["subscriptions"] == []
    (seen,) = boss.get("/v1/oversight/subscriptions").json()["subscriptions"]
    assert (seen["account"], seen["url"]) == ("investigator", "https://hook.example/…")
    off = f"/v1/oversight/subscriptions/{made['id']}/off"
    refused(boss.post(off, json={"version": 7}), 409, "subscription_changed")
    assert client("admin").post(off, json={"version": 1}).json()["off_reason"] == "overseer"
    row = http.get(path).json()
    body = {"label": "x", "url": HOOK, "version": row["version"]}
    refused(http.put(path, json=body), 403, "switched_off_by_others")
    refused(http.post(path + "/test"), 409, "subscription_is_off")
    (entry,) = http.get("/v1/inbox").json()["entries"]
    assert (entry["kind"], entry["facts"]["reason"]) == ("subscription.turned_off", "overseer")
    assert entry["title"] == "Подписка отключена: проверка"
    assert len(audit(services, "subscription.off")) == 1


@ONE_DATABASE
def test_ones_own_is_switched_off_and_on_again(client):
    http = client("investigator")
    made = make(http)
    path = f"/v1/subscriptions/{made['id']}"
    off = http.put(path, json={"label": "x", "version": 1, "is_on": False}).json()
    assert off["off_reason"] == "owner"
    on = http.put(path, json={"label": "x", "version": off["version"]}).json()
    assert (on["off_reason"], on["off_at"]) == ("", None)
    assert http.get("/v1/inbox").json()["entries"] == []


def test_an_account_has_a_limit_also_for_two_at_once(client, services):
    http = client("investigator")
    for _ in range(5):
        make(http)
    answers = []

    def ask():
        wish = {"label": "x", "about": "address.new", "channel": "inbox"}
        answers.append(client("investigator").post("/v1/subscriptions", json=wish).status_code)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [201, 409, 409]
    make(client("supervisor"))


def test_pages_of_subscriptions_follow_one_another(client, clock):
    http = client("investigator")
    made = []
    for _ in range(3):
        made.append(make(http)["id"])
        clock.move(seconds=1)
    first = http.get("/v1/subscriptions", params={"limit": 2}).json()
    rest = http.get("/v1/subscriptions", params={"limit": 2, "cursor": first["next"]}).json()
    assert [row["id"] for row in first["subscriptions"] + rest["subscriptions"]] == made[::-1]
    assert rest["next"] is None
    refused(http.get("/v1/subscriptions", params={"cursor": "x"}), 422, "cursor_not_understood")


def test_addresses_are_watched_up_to_a_limit(client, services, accounts, clock):
    for n in range(3):
        see(services, accounts["officer"], wall(f"qz_tuman_lis_{n}"), photo=str(n))
    http = client("investigator")
    ids = [row["id"] for row in http.get("/v1/watchlist").json()["addresses"]]
    for address_id in (ids[0], ids[0], ids[1]):
        assert http.put(f"/v1/watches/{address_id}").status_code == 204
        clock.move(seconds=1)
    assert refused(http.put(f"/v1/watches/{ids[2]}"), 409, "too_many_watches")["limit"] == 2
    refused(http.put(f"/v1/watches/{'0' * 32}"), 404, "not_found")
    assert [row["address_id"] for row in http.get("/v1/watches").json()["watched"]] == [ids[1], ids[0]]
    for _ in range(2):
        assert http.delete(f"/v1/watches/{ids[1]}").status_code == 204
    assert [row["address_id"] for row in http.get("/v1/watches").json()["watched"]] == [ids[0]]
    assert client("supervisor").get("/v1/watches").json()["watched"] == []
    assert [len(audit(services, f"address.{verb}")) for verb in ("watch", "unwatch")] == [2, 1]
