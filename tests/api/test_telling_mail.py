"""Mail: what is sent, to whom, and that nothing from a wall gets into its headers."""

import email
import email.policy
import smtplib
import socket
import ssl
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from aiosmtpd.smtp import AuthResult
from pydantic import ValidationError

from api.telling.items import Item
from api.telling.letters import letter, payload
from api.telling.mail import MailAddressRefused, MailDomainRefused, build, mail_address, send
from api.telling.outcome import FateUnknown, NotTaken
from api.telling.settings import TellingSettings
from tests.api.receivers import Mailbox
from tests.api.test_telling_targets import certificate  # noqa: F401 - a fixture

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ROW = SimpleNamespace(id="s" * 32, label="<b>мой</b> район", about="address.new")
NAUGHTY = "x\r\nBcc: somebody@qz-tuman-77.kz\n\n<script>alert(1)</script>"


def item(kind="domain", value="qz-tuman-77.biz", **values):
    return Item(
        seq=values.pop("seq", 7), at=AT, kind=values.pop("about", "address.new"), address_id="a" * 32,
        address_kind=kind, value=value, tlp="amber", lat=54.87, lon=69.15, sighting_id="b" * 32,
        facts=values.pop("facts", {"kind": kind, "value": value, "photo": "c" * 64}),
    )  # fmt: skip


def message(**values):
    return SimpleNamespace(**{"is_test": False, "is_digest": False, "notice_count": 1, "made_at": AT} | values)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "@qz-tuman-77.kz", "x@", "x@localhost", "x y@qz-tuman-77.kz", "x@qz-tuman-77.kz, y@qz-tuman-77.kz",
        "x@qz-tuman-77.kz\r\nBcc: y@qz-tuman-77.kz", "x\n@qz-tuman-77.kz", "<x@qz-tuman-77.kz>", '"x y"@qz-tuman-77.kz',
        "иван@qz-tuman-77.kz", "x@[127.0.0.1]", "x@-a.kz", "x@a..kz", ".x@qz-tuman-77.kz", "x" * 65 + "@qz-tuman-77.kz",
        "x@y@qz-tuman-77.kz", "x@" + "a." * 130 + "kz", "x@qz-tuman-77.kz\x00",
    ],
)  # fmt: skip
def test_what_is_no_mail_address_is_refused(text):
    with pytest.raises(MailAddressRefused):
        mail_address(text, TellingSettings())


def test_a_mail_address_has_one_spelling_and_may_be_held_to_domains():
    ours = TellingSettings(mail_domains=("Qz-Tuman-77.kz",))
    assert mail_address(" i.lisov+walls@QZ-tuman-77.KZ ", ours) == "i.lisov+walls@qz-tuman-77.kz"
    assert mail_address("x@туман.рф", TellingSettings()) == "x@xn--80axerf.xn--p1ai"
    with pytest.raises(MailDomainRefused, match=r"qz-tuman-77\.kz only"):
        mail_address("x@sub.qz-tuman-77.kz", ours)


def test_a_password_never_goes_over_the_network_as_it_is():
    mail = {"smtp_host": "mail.example", "smtp_from": "walls@qz-tuman-77.kz"}
    with pytest.raises(ValidationError, match="must not go over the network"):
        TellingSettings(**mail, smtp_tls="none", smtp_user="x")
    with pytest.raises(ValidationError, match="smtp_from is not"):
        TellingSettings(smtp_host="mail.example")
    assert "hunter2" not in repr(TellingSettings(**mail, smtp_user="x", smtp_password="hunter2"))


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_a_mail_says_it_in_the_language_of_its_reader_and_links_nothing(language):
    said = letter(
        ROW, message(), [item(), item("telegram", "qz_tuman_lis_77"), item("email", "x@qz-tuman-77.kz")], language
    )
    for body in (said.subject, said.text, said.html):
        assert "qz-tuman-77.biz" not in body
        assert "t.me/" not in body
        assert "x@" not in body
        assert "://" not in body
    assert "qz-tuman-77[.]biz" in said.subject
    assert "t[.]me/qz_tuman_lis_77" in said.html
    assert "<b>" not in said.html
    assert "&lt;b&gt;мой&lt;/b&gt;" in said.html
    assert f'lang="{language}"' in said.html
    assert {"ru": "Новый адрес", "kk": "Жаңа мекенжай", "en": "New address"}[language] in said.text + said.subject


def test_a_digest_names_some_and_counts_all():
    said = letter(ROW, message(is_digest=True, notice_count=1000), [item(seq=n) for n in range(50)], "en")
    assert "(1000)" in said.subject
    assert "and more: 950" in said.text


@pytest.mark.parametrize("field", ["subject", "text", "html"])
def test_nothing_can_add_a_header_or_a_recipient(field):
    values = {"subject": "s", "text": "t", "html": "h"} | {field: NAUGHTY}
    built = build(sender="walls@qz-tuman-77.kz", to="i.lisov@qz-tuman-77.kz", message_id="m" * 32, made_at=AT, **values)
    parsed = email.message_from_bytes(built.as_bytes(), policy=email.policy.default)
    assert "bcc" not in parsed
    assert [each.addr_spec for each in parsed["to"].addresses] == ["i.lisov@qz-tuman-77.kz"]
    assert parsed["message-id"] == f"<{'m' * 32}@qz-tuman-77.kz>"
    assert parsed["auto-submitted"] == "auto-generated"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


def test_a_label_or_an_address_with_line_breaks_stays_one_subject():
    said = letter(ROW, message(), [item(value="qz-tuman\r\nBcc: x.biz")], "ru")
    built = build(sender="a@b.kz", to="c@d.kz", subject=said.subject, text="t", html="h", message_id="m", made_at=AT)
    parsed = email.message_from_bytes(built.as_bytes(), policy=email.policy.default)
    assert "bcc" not in parsed
    assert "Bcc: x[.]biz" in parsed["subject"]


def test_a_webhooks_body_is_the_same_every_time():
    once = payload(ROW, message(), [item()])
    assert once == payload(ROW, message(), [item()])
    assert '"type":"address.new"' in once
    assert '"defanged":"qz-tuman-77[.]biz"' in once


def settings(mailbox, **more):
    values = {"smtp_host": "127.0.0.1", "smtp_tls": "none", "smtp_from": "walls@qz-tuman-77.kz", "smtp_timeout_s": 5}
    return TellingSettings(smtp_port=mailbox.port, **values | more)


def post(mailbox, **more):
    built = build(
        sender="walls@qz-tuman-77.kz", to="c@d.kz", subject="тема", text="t\n.\nt", html="h", message_id="m", made_at=AT
    )
    send(built, to="c@d.kz", settings=settings(mailbox, **more))


def test_a_mail_arrives_as_it_was_written():
    with Mailbox().open() as mailbox:
        post(mailbox)
    ((sender, to, content),) = mailbox.mails
    assert (sender, to) == ("walls@qz-tuman-77.kz", ["c@d.kz"])
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert parsed["subject"] == "тема"
    assert parsed.get_body(("plain",)).get_content().replace("\r\n", "\n") == "t\n.\nt\n"


@pytest.mark.parametrize(
    ("mailbox", "is_final"),
    [
        (Mailbox("451 later"), False),
        (Mailbox("554 never"), True),
        (Mailbox(rcpt="450 later"), False),
        (Mailbox(rcpt="550 nobody"), True),
    ],
)
def test_a_server_that_refuses_is_asked_again_unless_it_says_never(mailbox, is_final):
    with mailbox.open(), pytest.raises(NotTaken) as refused:
        post(mailbox)
    assert (refused.value.code, refused.value.is_final) == ("mail_refused", is_final)
    assert not isinstance(refused.value, FateUnknown)


def test_a_server_that_falls_silent_when_it_has_the_mail_leaves_its_fate_unknown():
    class Hangs(Mailbox):
        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
            await super().handle_DATA(server, session, envelope)
            server.transport.abort()
            return "250 OK"

    with Hangs().open() as mailbox, pytest.raises(FateUnknown):
        post(mailbox)
    assert len(mailbox.mails) == 1


def test_nobody_there_is_said_so():
    with Mailbox().open() as mailbox:
        pass
    with pytest.raises(NotTaken) as refused:
        post(mailbox)
    assert refused.value.code == "mail_unreachable"


def test_name_and_password_go_over_tls_to_a_server_whose_name_is_checked(certificate, monkeypatch):  # noqa: F811
    both, public = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    seen = []

    def sign_in(_server, _session, _envelope, _mechanism, data):
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"hunter2", handled=False)

    options = {"tls_context": context, "require_starttls": True, "authenticator": sign_in, "auth_require_tls": True}
    with Mailbox().open(**options) as mailbox:
        ask = {"smtp_tls": "starttls", "smtp_user": "walls", "smtp_password": "hunter2"}
        with pytest.raises(NotTaken) as refused:
            post(mailbox, **ask)
        assert (refused.value.code, seen) == ("mail_tls", [])  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        with pytest.raises(NotTaken) as refused:
            post(mailbox, **ask)
        assert (refused.value.code, seen) == ("mail_tls", [])  # vouched for, but it is hook.example's
        monkeypatch.setattr(smtplib.SMTP, "_get_socket", _to_here(mailbox))
        there = ask | {"smtp_host": "hook.example"}
        with pytest.raises(NotTaken) as refused:
            post(mailbox, **there | {"smtp_password": "wrong"})
        assert refused.value.code == "mail_sign_in"
        post(mailbox, **there)
    assert set(seen[:-1]) == {(b"walls", b"wrong")}  # once for each way to say it
    assert seen[-1] == (b"walls", b"hunter2")
    assert len(mailbox.mails) == 1


def _to_here(mailbox):
    """The name hook.example leads here; the library's own place for it."""
    return lambda _self, _host, _port, timeout: socket.create_connection(("127.0.0.1", mailbox.port), timeout)
