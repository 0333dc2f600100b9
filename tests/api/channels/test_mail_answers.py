"""Answers by mail: to the address in From alone, saying that a program wrote them and what they answer."""

import email
import email.policy
from contextlib import contextmanager

import pytest

from api.intake.channels.base import Button, ChannelError, Message
from api.intake.channels.mail import MailChannel
from api.intake.channels.mailbox import letters
from api.intake.channels.mailbox.parts import header_of
from api.intake.channels.mailbox.taking import MailRounds
from tests.api.channels import mails
from tests.api.channels.looks import arrivals
from tests.api.pictures import jpeg
from tests.api.receivers import Mailbox
from tests.api.telling import ONE_DATABASE, SMTP

pytestmark = ONE_DATABASE
CHAT = "asel.t@qz-tuman-77.kz"
LONG = "<" + "DB9PR08MB-" * 9 + "@EURPRD08.PROD.QZ-TUMAN-77.KZ>"


@pytest.fixture
def answering(make_services, mailbox, mail_settings):
    """A channel that answers by a mail server here."""
    return MailChannel(make_services(mailbox=mail_settings, telling=SMTP | {"smtp_port": mailbox.port}))


def received(mailbox):
    return [email.message_from_bytes(data, policy=email.policy.default) for _from, _to, data in mailbox.mails]


def test_an_answer_names_what_it_answers_and_shows_the_picture(imap, answering, mailbox):
    assert answering.talks
    imap.put(mails.plain("Стена", mid=LONG))
    MailRounds(answering._services, "w").go()
    (arrival,) = arrivals(answering._services)
    message = Message("Это здесь?\n<b>54.8702</b>", (Button("Да", "1"), Button("Нет", "0")), about=arrival.provider_id)
    provider_id = answering.send(arrival.chat, message, picture=jpeg(1))
    (answer,) = received(mailbox)
    assert mailbox.mails[0][:2] == (SMTP["smtp_from"], [CHAT])
    assert answer["Message-ID"] == provider_id
    assert (answer["In-Reply-To"], answer["References"]) == (LONG, LONG)
    assert f"In-Reply-To: {LONG}".encode() in mailbox.mails[0][2].replace(b"\r\n ", b" ")
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["Subject"] == "WallWatch"
    assert answer.get_body(("plain",)).get_content().split() == ["Это", "здесь?", "<b>54.8702</b>", "Да", "·", "Нет"]
    assert "&lt;b&gt;" in answer.get_body(("html",)).get_content()
    (picture,) = answer.iter_attachments()
    assert (picture.get_content_type(), picture.get_content()) == ("image/jpeg", jpeg(1))


def test_what_comes_back_to_an_answer_is_about_it_and_our_own_answer_is_no_report(imap, answering, mailbox):
    provider_id = answering.send(CHAT, Message("Это здесь?", subject="Принято"))
    imap.put(mails.plain("Да\n\n> Это здесь?", In_Reply_To=provider_id, subject="Re: Принято"))
    imap.put(mailbox.mails[0][2])
    assert MailRounds(answering._services, "w").go() == 1
    (arrival,) = arrivals(answering._services)
    assert (arrival.about, arrival.text) == (provider_id, "Да")
    assert letters.why_ignored(header_of(mailbox.mails[0][2]), ours=frozenset(), allowed=()) == "automatic"


def test_the_same_answer_on_the_same_day_has_the_same_name(answering, clock):
    first = answering.send(CHAT, Message("Спасибо"))
    assert answering.send(CHAT, Message("Спасибо")) == first
    others = [answering.send(CHAT, Message("Спасибо", about="<x@y>")), answering.send(CHAT, Message("Спасибо!"))]
    clock.move(days=1)
    others.append(answering.send(CHAT, Message("Спасибо")))
    assert len({first, *others}) == 4


@pytest.mark.parametrize("about", ["", "sha256:" + "0" * 64, "<a@b>\r\nBcc: x@qz-zloy-13.kz", "<a b@c>", "<a@b", "@"])
def test_nothing_gets_into_the_header_by_what_is_answered(about, answering, mailbox):
    answering.send(CHAT, Message("x", about=about, subject="a\r\nBcc: x@qz-zloy-13.kz"))
    (answer,) = received(mailbox)
    assert "Bcc" not in answer
    assert answer["In-Reply-To"] in {None, "<a@b>"}


@pytest.mark.parametrize("chat", ["nobody", "иван@qz-tuman-77.kz", "x@y@z.kz", "a@qz-tuman-77.kz\r\nBcc: b@c.kz", ""])
def test_who_has_no_address_gets_no_answer(chat, answering, mailbox):
    with pytest.raises(ChannelError) as refused:
        answering.send(chat, Message("x"))
    assert (refused.value.code, refused.value.is_final) == ("mail_address_refused", True)
    assert mailbox.mails == []


def test_mail_goes_only_where_the_settings_let_it(make_services, mail_settings, mailbox):
    telling = SMTP | {"smtp_port": mailbox.port, "mail_domains": ("qz-buran-11.kz",)}
    channel = MailChannel(make_services(mailbox=mail_settings, telling=telling))
    with pytest.raises(ChannelError) as refused:
        channel.send(CHAT, Message("x"))
    assert (refused.value.code, refused.value.is_final) == ("mail_domain_refused", True)


def test_without_a_mail_server_it_does_not_talk(mail_services):
    channel = MailChannel(mail_services)
    assert not channel.talks
    with pytest.raises(ChannelError) as refused:
        channel.send(CHAT, Message("x"))
    assert refused.value.code == "mail_not_set_up"
    channel.pressed("x")


@contextmanager
def taking(*replies, **options):
    with Mailbox(*replies, **options).open() as opened:
        yield opened


@pytest.mark.parametrize(
    ("said", "rcpt", "is_final"),
    [("451 later", "250 OK", False), ("554 never", "250 OK", True), ("250 OK", "550 nobody", True)],
)
def test_what_the_server_says_no_to_is_told(said, rcpt, is_final, make_services, mail_settings):
    with taking(said, rcpt=rcpt) as server:
        channel = MailChannel(make_services(mailbox=mail_settings, telling=SMTP | {"smtp_port": server.port}))
        with pytest.raises(ChannelError) as refused:
            channel.send(CHAT, Message("x"))
    assert (refused.value.code, refused.value.is_final, refused.value.is_unknown) == ("mail_refused", is_final, False)


def test_a_server_that_falls_silent_leaves_its_fate_unknown(make_services, mail_settings):
    def die():
        raise ConnectionResetError

    with taking("250 OK", on_mail=die) as server:
        telling = SMTP | {"smtp_port": server.port, "smtp_timeout_s": 1}
        channel = MailChannel(make_services(mailbox=mail_settings, telling=telling))
        with pytest.raises(ChannelError) as unknown:
            channel.send(CHAT, Message("x"))
    assert unknown.value.code in {"mail_fate_unknown", "mail_refused"}
