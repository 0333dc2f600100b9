"""From a mail or a file to a report, with what its sender is told: the channels, and the conversation behind them."""

import email
import email.policy

import pytest
from sqlalchemy import select

from api.intake.channels.folder.rounds import FolderRounds
from api.intake.channels.mail import MailChannel
from api.intake.channels.mailbox.taking import MailRounds
from api.intake.channels.watched import FolderChannel
from api.intake.talk.delivery import Delivery, due
from api.intake.talk.taking import Taking, senders_waiting
from models import Report
from tests.api.channels import mails
from tests.api.pictures import WALL, jpeg
from tests.api.telling import ONE_DATABASE, SMTP

pytestmark = ONE_DATABASE


class Through:
    """What a worker does with what came, step by step."""

    def __init__(self, services):
        self.services = services
        channels = {"mail": MailChannel(services), "folder": FolderChannel(services)}
        self.taking, self.delivery = Taking(services, channels), Delivery(services, channels, worker="w")

    def go(self):
        """Take everything and send what is to be said; the reports."""
        with self.services.reading_unit() as unit:
            waiting = senders_waiting(unit)
        for sender_id in waiting:
            self.taking.take_all(sender_id)
        with self.services.reading_unit() as unit:
            asked = due(unit, begun_for_s=0)
        for each in asked:
            assert self.delivery.attempt(each) == "sent"
        with self.services.reading_unit() as unit:
            return list(unit.session.scalars(select(Report).order_by(Report.received_at, Report.lat)))


@pytest.fixture
def by_mail(make_services, mail_settings, mailbox):
    return Through(make_services(mailbox=mail_settings, telling=SMTP | {"smtp_port": mailbox.port}))


def test_a_mail_with_photo_and_place_is_a_report_and_its_sender_hears_a_number(by_mail, imap, mailbox):
    imap.put(mails.gmail())
    MailRounds(by_mail.services, "w").go()
    (report,) = by_mail.go()
    assert (report.channel, report.lat, report.lon) == ("mail", *WALL)
    said = email.message_from_bytes(mailbox.mails[-1][2], policy=email.policy.default)
    assert said["In-Reply-To"] == "<a1@qz-tuman-77.kz>"
    assert mailbox.mails[-1][1] == ["asel.t@qz-tuman-77.kz"]


def test_a_photo_without_a_place_is_asked_for_it_and_the_answer_makes_the_report(by_mail, imap, mailbox):
    imap.put(mails.letter(mails.photo(jpeg(1))))
    MailRounds(by_mail.services, "w").go()
    assert by_mail.go() == []
    asked = email.message_from_bytes(mailbox.mails[-1][2], policy=email.policy.default)
    quoted = "".join(f"> {line}\n" for line in asked.get_body(("plain",)).get_content().splitlines())
    imap.put(
        mails.plain(f"54.8702, 69.1503\n\nStena wrote:\n{quoted}", subject="Re: " + asked["Subject"], mid="<a2@x.kz>",
                    In_Reply_To=asked["Message-ID"])
    )  # fmt: skip
    MailRounds(by_mail.services, "w").go()
    (report,) = by_mail.go()
    assert (report.lat, report.lon) == WALL


def test_pictures_in_a_folder_are_reports_each_at_its_own_place(make_services, clock, tmp_path):
    root = tmp_path / "in"
    root.mkdir()
    through = Through(make_services(watched={"path": root, "quiet_s": 0.0}))
    (root / "a.jpg").write_bytes(jpeg(1, gps=WALL))
    (root / "b.jpg").write_bytes(jpeg(2, gps=WALL))
    (root / "b.jpg.txt").write_text("54.9001, 69.2002\nу подъезда 4", "utf-8")
    (root / "c.jpg").write_bytes(jpeg(1, gps=WALL))
    assert FolderRounds(through.services, root, "w").go() == 3
    reports = through.go()
    assert [(report.channel, report.lat, report.lon, report.place_source) for report in reports] == [
        ("folder", *WALL, "exif"), ("folder", *WALL, "exif"), ("folder", 54.9001, 69.2002, "shared"),
    ]  # fmt: skip
    assert reports[-1].note == "у подъезда 4"
