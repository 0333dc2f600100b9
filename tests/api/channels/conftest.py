"""A mailbox on this machine, and services that read it."""

import pytest

from tests.api.channels.imap_server import ImapServer
from tests.api.test_telling_targets import certificate

__all__ = ["certificate"]

HERE = {"host": "127.0.0.1", "tls": "none", "timeout_s": 5.0, "every_s": 60.0}


@pytest.fixture
def imap():
    with ImapServer().open() as opened:
        yield opened


@pytest.fixture
def mail_settings(imap):
    """Settings of the mailbox, for `make_services(mailbox=…)`."""
    return HERE | {"port": imap.port, "user": imap.user, "password": imap.password}


@pytest.fixture
def mail_services(make_services, mail_settings):
    return make_services(mailbox=mail_settings)
