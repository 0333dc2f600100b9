"""Signatures that others verify: by the public library, and by the ten lines of the docs."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api.telling.signing import SecretLost, check_of, headers, secret_of

DOCS = Path(__file__).parents[2] / "docs" / "telling.md"
OURS = "the-secret-of-this-installation-0123456789"
BODY = '{"type":"test","data":{"имя":"сол"}}'


def row(number=1, old_until=None):
    return SimpleNamespace(
        id="s" * 32,
        secret_number=number,
        old_secret_until=old_until,
        secret_check=check_of(secret_of(OURS, "s" * 32, number)),
    )


def signed(now, **values):
    return headers(row(**values), BODY, message_id="msg_1", now=now, installation=OURS)


@pytest.fixture(scope="module")
def is_ours():
    (block,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert len(block.splitlines()) <= 12
    known = {}
    exec(block, known)
    return known["is_ours"]


def test_the_docs_and_the_public_library_verify_what_we_sign(is_ours):
    now = datetime.now(UTC)
    secret = secret_of(OURS, "s" * 32, 1)
    assert Webhook(secret).verify(BODY, signed(now))["type"] == "test"
    assert is_ours(secret, signed(now), BODY.encode())
    for wrong in (
        (secret, signed(now), BODY.encode() + b" "),
        (secret, signed(now) | {"webhook-id": "msg_2"}, BODY.encode()),
        (secret_of(OURS, "s" * 32, 2), signed(now), BODY.encode()),
        (secret_of("another", "s" * 32, 1), signed(now), BODY.encode()),
        (secret, signed(now - timedelta(minutes=6)), BODY.encode()),
    ):
        assert not is_ours(*wrong)
        with pytest.raises(WebhookVerificationError):
            Webhook(wrong[0]).verify(wrong[2], wrong[1])


def test_two_secrets_sign_until_the_overlap_ends(is_ours):
    now = datetime.now(UTC)
    old, new = secret_of(OURS, "s" * 32, 1), secret_of(OURS, "s" * 32, 2)
    during, after = signed(now, number=2, old_until=now + timedelta(seconds=1)), signed(now, number=2, old_until=now)
    assert [is_ours(each, during, BODY.encode()) for each in (old, new)] == [True, True]
    assert [is_ours(each, after, BODY.encode()) for each in (old, new)] == [False, True]


def test_a_changed_secret_of_the_installation_is_noticed():
    with pytest.raises(SecretLost):
        headers(row(), BODY, message_id="msg_1", now=datetime.now(UTC), installation="another")
