"""What leaves the house: signed, defanged, once or as often as it must; digests, floods, tries, and giving up."""

import email
import email.policy
import json

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from models import Account, Address, Subscription
from tests.api.telling import ONE_DATABASE, Worker, here, make
from tests.api.words import refused

NAME = "qz_tuman_lis_77"
PLACE = {"lat": 54.871, "lon": 69.151}


@pytest.fixture
def services(make_services, hooks, mailbox):
    return make_services(telling=here(hooks.port, 80, smtp_port=mailbox.port))


@pytest.fixture
def ways(hooks, mailbox):
    return hooks, mailbox


def inbox(http, **params):
    return http.get("/v1/inbox", params=params).json()


def subjects(mailbox):
    return [
        email.message_from_bytes(content, policy=email.policy.default)["subject"] for _, _, content in mailbox.mails
    ]


def test_mail_and_webhook_tell_it_once_signed_and_defanged(client, spot, worker, ways, clock):
    hooks, mailbox = ways
    http = client("investigator")
    made = make(http, channel="webhook", url=hooks.url)
    make(http, channel="mail", mail_to="x@qz-77.kz", language="kk")
    spot(NAME)
    assert worker.go() == ["sent", "sent"]
    assert worker.go() == []
    ((path, headers, body),) = hooks.posts
    assert path == "/hook?key=x"
    said = verified(made["secret"], headers, body, clock)
    assert (said["type"], said["data"]["address"]["value"]) == ("address.new", NAME)
    assert said["data"]["place"] == PLACE
    with pytest.raises(WebhookVerificationError):
        verified(made["secret"], headers, body.replace(b"new", b"old"), clock)
    assert subjects(mailbox) == [f"WallWatch: Жаңа мекенжай: t[.]me/{NAME}"]
    (message,) = http.get(f"/v1/subscriptions/{made['id']}/messages").json()["messages"]
    assert (message["state"], message["tries"], message["error_code"]) == ("sent", 1, None)
    assert headers["webhook-id"] == f"msg_{message['id']}"


def verified(secret, headers, body, clock):
    """What the receiver reads, by the public library; it looks at the clock, so the signature is made again for now."""
    signature = headers["webhook-signature"].split()
    ours = Webhook(secret).sign(headers["webhook-id"], clock.now(), body.decode())
    if ours not in signature:
        raise WebhookVerificationError
    assert headers["webhook-timestamp"] == str(int(clock.now().timestamp()))
    return json.loads(body)


@ONE_DATABASE
def test_while_secrets_overlap_both_sign_and_afterwards_only_the_new_one(client, worker, hooks, clock):
    http = client("investigator")
    made = make(http, channel="webhook", url=hooks.url)
    path = f"/v1/subscriptions/{made['id']}"
    new = http.post(f"{path}/secret", json={"version": 1, "overlap_h": 1}).json()["secret"]
    http.post(f"{path}/test")
    assert worker.go() == ["sent"]
    for secret in (made["secret"], new):
        assert verified(secret, *hooks.posts[0][1:], clock)["type"] == "test"
    clock.move(hours=1)
    http.post(f"{path}/test")
    assert worker.go() == ["sent"]
    verified(new, *hooks.posts[1][1:], clock)
    with pytest.raises(WebhookVerificationError):
        verified(made["secret"], *hooks.posts[1][1:], clock)


def test_a_flood_becomes_one_message_and_then_one_in_ten_minutes(client, spot, worker, mailbox, clock):
    http = client("investigator")
    make(http, channel="mail", mail_to="x@qz-77.kz", language="en")
    spot(*(f"qz_flood_{n}x" for n in range(12)))
    worker.go()
    assert subjects(mailbox) == ["WallWatch: Digest: New address (12)"]
    for n in range(3):
        spot(*(f"qz_flood_{n}_{m}y" for m in range(4)), photo=f"more-{n}")
        worker.go()
        clock.move(minutes=2)
    assert len(mailbox.mails) == 1
    clock.move(minutes=5)
    worker.go()
    assert subjects(mailbox)[1:] == ["WallWatch: Digest: New address (12)"]
    clock.move(minutes=11)
    spot("qz_after_1", photo="after")
    worker.go()
    assert subjects(mailbox)[2:] == ["WallWatch: New address: t[.]me/qz_after_1"]


def test_digests_wait_for_their_hour_and_empty_ones_are_not_sent(client, spot, worker, ways, clock):
    hooks, mailbox = ways
    http = client("investigator")
    make(http, channel="mail", mail_to="x@qz-77.kz", pace="daily", hour=18, language="en")
    make(http, channel="webhook", url=hooks.url, pace="hourly")
    for n in range(2):
        spot(f"qz_tuman_{n}", photo=str(n))
    assert worker.go() == []
    clock.move(minutes=60)
    assert worker.go() == ["sent"]
    assert json.loads(hooks.posts[0][2])["data"]["count"] == 2
    clock.move(hours=3)  # 18:00 in Almaty
    assert worker.go() == ["sent"]
    assert subjects(mailbox) == ["WallWatch: Digest: New address (2)"]
    clock.move(hours=24)
    assert worker.go() == []
    assert all(row.digest_at > clock.now() for row in worker.rows(Subscription))


def test_what_is_not_taken_is_tried_again_ever_more_slowly_then_given_up_and_sent_again_by_a_person(
    client, spot, make_services, hooks, clock
):
    services = make_services(telling=here(hooks.port, max_tries=3))
    worker, http = Worker(services), client("investigator")
    hooks._statuses = [500]
    made = make(http, channel="webhook", url=hooks.url)
    path = f"/v1/subscriptions/{made['id']}"
    spot(NAME)
    spot("qz_second_1", photo="2")
    assert worker.go() == ["failed", "settled"]  # where nothing gets through only the foremost is tried
    first, second = worker.rows()
    assert 24 <= (first.due_at - clock.now()).total_seconds() <= 36
    assert (first.tries, second.tries, second.state) == (1, 0, "waiting")
    assert worker.go() == []
    for _ in range(2):
        clock.move(minutes=3)
        assert worker.go() == ["failed"]
    (dead,) = http.get(f"{path}/messages", params={"state": "dead"}).json()["messages"]
    assert (dead["error_code"], dead["error_message"]) == ("webhook_refused", "The receiver answered 500.")
    assert http.get(path).json()["dead_messages"] == 1
    hooks._statuses = [204]
    assert worker.go() == ["sent"]  # the second one
    assert worker.row(made["id"]).failing_since is None
    again = http.post(f"{path}/messages/{dead['id']}/send")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    assert worker.go() == ["sent"]
    ids = [headers["webhook-id"] for _, headers, _ in hooks.posts]
    assert ids.count(f"msg_{dead['id']}") == 4  # the same every time
    refused(http.post(f"{path}/messages/{dead['id']}/send"), 409, "message_not_dead")
    refused(http.post(f"{path}/messages/{'0' * 32}/send"), 404, "not_found")


def test_a_webhook_that_fails_for_days_or_is_gone_is_switched_off_with_a_word_about_it(
    client, spot, worker, hooks, clock
):
    http = client("investigator")
    hooks._statuses = [500]
    failing = make(http, channel="webhook", url=hooks.url)
    spot(NAME)
    assert worker.go() == ["failed"]
    clock.move(hours=73)
    assert worker.go() == ["failed"]
    assert worker.row(failing["id"]).off_reason == "failing"
    hooks._statuses = [410]
    gone = make(http, channel="webhook", url=hooks.url)
    http.post(f"/v1/subscriptions/{gone['id']}/test")
    assert worker.go() == ["failed"]
    assert worker.row(gone["id"]).off_reason == "gone"
    assert {message.state for message in worker.rows()} == {"dead"}
    told = [(entry["kind"], entry["facts"]["reason"]) for entry in inbox(http)["entries"]]
    assert sorted(told) == [("subscription.turned_off", "failing"), ("subscription.turned_off", "gone")]


def test_a_mail_of_which_nobody_knows_whether_it_arrived_is_sent_twice_at_most(client, spot, worker, mailbox, clock):
    http = client("investigator")
    made = make(http, channel="mail", mail_to="x@qz-77.kz")
    spot(NAME)

    class Killed(BaseException):
        pass

    def die():
        raise Killed

    worker.prepare()
    (message,) = worker.rows()
    delivery = worker._delivery
    for _ in range(2):  # killed between sending and marking
        real, delivery._mail = delivery._mail, lambda *given: (type(delivery)._mail(delivery, *given), die())
        with pytest.raises(Killed):
            delivery.attempt(f"{message.id}:1")
        delivery._mail = real
    assert delivery.attempt(f"{message.id}:1") == "settled"
    assert len(mailbox.mails) == 2
    assert len({email.message_from_bytes(content)["message-id"] for _, _, content in mailbox.mails}) == 1
    (dead,) = http.get(f"/v1/subscriptions/{made['id']}/messages").json()["messages"]
    assert (dead["state"], dead["error_code"]) == ("dead", "mail_fate_unknown")


@ONE_DATABASE
def test_nothing_is_sent_to_whoever_may_no_longer_hear_it_or_beyond_its_tlp(client, spot, worker, ways, clock):
    services, (_, mailbox) = worker.services, ways
    http = client("investigator")
    mail = make(http, channel="mail", mail_to="x@qz-77.kz")
    feed = make(http, channel="feed")
    spot(NAME)
    worker.prepare()
    with services.unit() as unit:
        unit.session.scalars(select(Address)).one().tlp = "red"
    assert worker.go() == ["failed"]
    (message,) = worker.rows()
    assert (message.state, message.error_code) == ("dead", "tlp_too_strict")
    assert NAME not in client().get(feed["feed"]).text
    assert worker.row(mail["id"]).failing_since is None
    clock.move(minutes=1)
    spot("qz_second_1", photo="2")
    worker.prepare()
    with services.unit() as unit:
        unit.session.scalars(select(Account).where(Account.name == "investigator")).one().disabled_at = unit.clock.now()
    assert worker.go() == ["failed"]
    assert worker.rows()[-1].error_code == "account_may_not"
    refused(client().get(feed["feed"]), 404, "not_found")
    assert mailbox.mails == []


@ONE_DATABASE
def test_a_webhook_whose_secret_no_longer_follows_is_not_sent_with_a_wrong_signature(
    client, make_services, hooks, services, worker
):
    http = client("investigator")
    made = make(http, channel="webhook", url=hooks.url)
    http.post(f"/v1/subscriptions/{made['id']}/test")
    other = make_services(telling=here(hooks.port), secret="another-secret-of-this-installation-0123456789")
    assert Worker(other).go() == ["failed"]
    assert worker.rows()[0].error_code == "webhook_secret_lost"
    assert hooks.posts == []
