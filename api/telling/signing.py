"""Secrets and signatures of webhooks, by the rules of Standard Webhooks (https://www.standardwebhooks.com).

A secret is not kept: it follows from the installation's secret, the subscription and the secret's number. Neither the
tables nor a backup of them can sign for us.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from standardwebhooks import Webhook

from models import Subscription

PREFIX = "whsec_"
LONGEST_OVERLAP = timedelta(hours=72)


class SecretLost(Exception):
    """The installation's secret is another one than when the webhook's was shown."""


def secret_of(installation: str, subscription_id: str, number: int) -> str:
    """The webhook's secret of this number: `whsec_` and 32 bytes in base64."""
    said = f"webhook\0{subscription_id}\0{number}".encode()
    return PREFIX + base64.b64encode(hmac.new(installation.encode(), said, hashlib.sha256).digest()).decode()


def check_of(secret: str) -> str:
    """What is kept of a secret, to notice that it is no longer the one that was shown."""
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def headers(row: Subscription, body: str, *, message_id: str, now: datetime, installation: str) -> dict[str, str]:
    """The three headers of a signed message. While an old secret still counts there is a signature of each.

    Raises:
        SecretLost: the receiver would not know the signature.
    """
    secret = secret_of(installation, row.id, row.secret_number)
    if check_of(secret) != row.secret_check:
        raise SecretLost
    secrets = [secret]
    if row.old_secret_until is not None and now < row.old_secret_until:
        secrets.append(secret_of(installation, row.id, row.secret_number - 1))
    signatures = [Webhook(each).sign(msg_id=message_id, timestamp=now, data=body) for each in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
