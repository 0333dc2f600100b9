"""From a mailbox on a real server to arrivals: each mail once, whatever happens in between."""

import ssl
import tracemalloc

import pytest
import structlog
from pydantic import ValidationError

from api.intake.channels.base import ChannelError
from api.intake.channels.lease import LeaseLost
from api.intake.channels.looking import looking, loops
from api.intake.channels.mail import MailChannel, mail_channel, mail_loop
from api.intake.channels.mailbox.taking import MOST_PICTURES, MOST_TRIES, MailRounds
from api.intake.channels.settings import MailboxSettings
from tests.api.channels import mails
from tests.api.channels.imap_server import ImapServer
from tests.api.channels.looks import arrivals, fetched
from tests.api.pictures import WALL, jpeg
from tests.api.telling import ONE_DATABASE

SEEN, STAR = r"\Seen", r"\Flagged"


def test_a_mail_becomes_one_arrival_and_is_marked(imap, mail_services):
    uid = imap.put(mails.gmail())
    rounds = MailRounds(mail_services, "w")
    assert rounds.go() == 1
    (arrival,) = arrivals(mail_services)
    assert (arrival.chat, arrival.sender) == ("asel.t@qz-tuman-77.kz",) * 2
    assert arrival.provider_id.startswith("<a1@qz-tuman-77.kz> ")
    assert arrival.text == "Стена\nНадпись у подъезда\n54.8702, 69.1503"
    assert arrival.sent_at.isoformat() == "2026-03-01T07:30:00+00:00"
    (media,) = arrival.media
    assert (media.kind, media.media_type, media.file_name) == ("document", "image/jpeg", "IMG_20260301_123000.jpg")
    assert fetched(MailChannel(mail_services), media) == jpeg(1)
    assert imap.mail(uid).flags == {SEEN}
    assert rounds.go() == 0
    assert len(arrivals(mail_services)) == 1
    assert not any("BODY[" in command for command in imap.commands), "only PEEK: we must not mark what we did not take"


@ONE_DATABASE
def test_what_was_attached_is_there_when_the_mail_is_gone_and_says_so_when_it_is_not(imap, mail_services):
    imap.put(mails.with_others())
    uid = imap.put(mails.mail_ru())
    MailRounds(mail_services, "w").go()
    imap.folders["INBOX"].remove(imap.mail(uid))
    channel = mail_channel(mail_services)
    others, photos = (arrival.media for arrival in arrivals(mail_services))
    assert [fetched(channel, media) for media in photos] == [jpeg(4), jpeg(5)]
    assert [media.file_name for media in photos] == ["фото стены у третьего подъезда.jpg", "двор.jpg"]
    assert [media.kind for media in others] == ["other", "other", "other", "video", "contact"]
    for media, code in zip(others, ["archive", "winmail", "no_picture", "no_picture", "no_picture"], strict=True):
        with pytest.raises(ChannelError) as refused:
            fetched(channel, media)
        assert (refused.value.code, refused.value.is_final) == (code, True)
    with pytest.raises(ChannelError, match="larger") as refused:
        fetched(channel, photos[0], limit_bytes=100)
    assert refused.value.code == "media_too_large"
    mail_services.blobs._path(photos[0].ref.partition(":")[2]).unlink()
    with pytest.raises(ChannelError) as refused:
        fetched(channel, photos[0])
    assert (refused.value.code, refused.value.is_final) == ("media_gone", True)


@ONE_DATABASE
def test_the_first_time_unseen_mails_are_taken_and_then_all_that_come(imap, mail_services):
    old = imap.put(mails.plain("старое", mid="<old@x.kz>"), flags={SEEN})
    imap.put(mails.plain("новое", mid="<new@x.kz>"))
    rounds = MailRounds(mail_services, "w")
    assert rounds.go() == 1
    imap.put(mails.plain("прочитали раньше нас", mid="<read@x.kz>"), flags={SEEN})
    assert rounds.go() == 1
    assert [each.text.splitlines()[1] for each in arrivals(mail_services)] == ["новое", "прочитали раньше нас"]
    assert imap.mail(old).flags == {SEEN}


@ONE_DATABASE
def test_an_empty_mailbox_with_old_mails_stays_untaken(imap, mail_services):
    imap.put(mails.plain("старое"), flags={SEEN})
    rounds = MailRounds(mail_services, "w")
    assert [rounds.go(), rounds.go()] == [0, 0]


@ONE_DATABASE
def test_new_numbers_for_all_mails_lose_nothing_and_double_nothing(imap, mail_services, clock):
    imap.put(mails.plain("первое", mid="<one@x.kz>"))
    imap.put(mails.plain("второе", mid=None))
    rounds = MailRounds(mail_services, "w")
    assert rounds.go() == 2
    imap.folders["INBOX"].insert(
        0, imap.mail(imap.put(mails.plain("третье", mid="<three@x.kz>"), flags={SEEN}, at=clock.now()))
    )
    del imap.folders["INBOX"][-1]
    imap.number_anew()
    rounds.go()
    assert [each.text.splitlines()[1] for each in arrivals(mail_services)] == ["первое", "второе", "третье"]
    assert rounds.go() == 0


@ONE_DATABASE
def test_taken_mails_move_where_the_setting_says(imap, make_services, mail_settings):
    services = make_services(mailbox=mail_settings | {"done_folder": "Принято"})
    imap.put(mails.gmail())
    MailRounds(services, "w").go()
    (name,) = set(imap.folders) - {"INBOX"}
    assert [mail.flags for mail in imap.folders[name]] == [{SEEN}]
    assert name.encode().isascii()  # modified UTF-7, as RFC 3501 has it
    assert imap.folders["INBOX"] == []


@ONE_DATABASE
@pytest.mark.parametrize("capabilities", [(), ("UIDPLUS",)])
def test_without_move_a_mail_is_copied_and_nobody_elses_is_expunged(capabilities, imap, make_services, mail_settings):
    imap.capabilities = list(capabilities)
    services = make_services(mailbox=mail_settings | {"done_folder": "done"})
    theirs = imap.put(mails.plain("чужое", Auto_Submitted="auto-replied"), flags={r"\Deleted"})
    uid = imap.put(mails.gmail())
    MailRounds(services, "w").go()
    assert len(imap.folders["done"]) == 1
    assert imap.mail(theirs) is not None
    if capabilities:
        assert imap.mail(uid) is None
    else:
        assert imap.mail(uid).flags == {SEEN, r"\Deleted"}


@ONE_DATABASE
def test_programs_strangers_and_we_ourselves_are_left_unseen(imap, make_services, mail_settings):
    services = make_services(mailbox=mail_settings | {"senders": ("qz-tuman-77.kz",)})
    left = [
        imap.put(mails.plain("x", sender="x@qz-zloy-13.kz")),
        imap.put(mails.plain("x", sender=imap.user)),
        imap.put(mails.plain("x", Auto_Submitted="auto-replied")),
        imap.put(mails.plain("x", Return_Path="<>")),
    ]
    imap.put(mails.gmail())
    assert MailRounds(services, "w").go() == 1
    assert [imap.mail(uid).flags for uid in left] == [set()] * 4
    assert len(arrivals(services)) == 1


@ONE_DATABASE
def test_sixty_attachments_and_a_mail_without_any(imap, mail_services):
    photos = [mails.photo(jpeg(seed, size=(16, 16)), f"{seed}.jpg") for seed in range(60)]
    imap.put(mails.letter(*photos, mails.photo(jpeg(0, size=(16, 16)), "again.jpg"), sender=None))
    imap.put(mails.head(subject=None, mid="<empty@x.kz>"))
    assert MailRounds(mail_services, "w").go() == 2
    many, empty = arrivals(mail_services)
    kept = [media for media in many.media if media.ref.startswith("kept:")]
    assert len(kept) == MOST_PICTURES
    assert {media.ref for media in many.media if media not in kept} == {"left:too_many"}
    assert many.chat == "nobody"
    assert (empty.text, empty.media) == (None, ())


@ONE_DATABASE
def test_a_mail_of_30_megabytes_is_never_in_memory(imap, mail_services):
    photo = jpeg(1) + bytes(21 * 2**20)
    imap.put(mails.letter(mails.text("большое"), mails.photo(photo)))
    imap.warm()  # what the server itself unpacks is not counted
    tracemalloc.start()
    try:
        assert MailRounds(mail_services, "w").go() == 1
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    (arrival,) = arrivals(mail_services)
    assert arrival.media[0].size_bytes == len(photo)
    assert fetched(MailChannel(mail_services), arrival.media[0]) == photo
    assert imap.sent_bytes < 31 * 2**20
    assert peak < 16 * 2**20


@ONE_DATABASE
def test_a_picture_that_is_too_large_is_left_and_the_others_are_kept(imap, make_services, mail_settings):
    services = make_services(mailbox=mail_settings, limits={"photo_bytes": 2**20})
    large, larger = jpeg(2) + bytes(3 * 2**19), jpeg(2) + bytes(3 * 2**20)
    imap.put(mails.letter(mails.photo(large), mails.photo(larger), mails.photo(jpeg(3), "small.jpg")))
    MailRounds(services, "w").go()
    (arrival,) = arrivals(services)
    assert [media.ref for media in arrival.media][:2] == ["left:media_too_large"] * 2
    assert fetched(MailChannel(services), arrival.media[2]) == jpeg(3)
    assert imap.sent_bytes < 3 * 2**20  # what is said to be far too large is not even fetched


@ONE_DATABASE
def test_a_server_that_is_gone_in_the_middle_loses_nothing(imap, make_services, mail_settings):
    services = make_services(mailbox=mail_settings | {"done_folder": "done"})
    imap.put(mails.gmail())
    imap.put(mails.letter(mails.photo(jpeg(2) + bytes(3 * 2**20)), mid="<large@x.kz>"))
    rounds, troubles = MailRounds(services, "w"), []
    for at in range(1, 40):
        seen = len(imap.commands)
        imap.on_command = lambda _command, at=at, seen=seen: "drop" if len(imap.commands) - seen == at else None
        try:
            rounds.go()
        except ChannelError as trouble:
            troubles.append(trouble)
        else:
            break
    assert len(troubles) > 8
    assert not any(trouble.is_final for trouble in troubles)
    assert len(arrivals(services)) == 2
    assert len(imap.folders["done"]) == 2
    assert imap.folders["INBOX"] == []


@ONE_DATABASE
def test_a_mail_that_always_breaks_the_connection_is_passed_by_with_a_star(imap, mail_services):
    bad, good = imap.put(mails.gmail()), imap.put(mails.iphone())
    imap.on_command = lambda command: "drop" if command.startswith(f"UID FETCH {bad} (BODY") else None
    rounds = MailRounds(mail_services, "w")
    for _ in range(MOST_TRIES):
        with pytest.raises(ChannelError):
            rounds.go()
    assert rounds.go() == 1
    assert [imap.mail(uid).flags for uid in (bad, good)] == [{STAR}, {SEEN}]


@ONE_DATABASE
def test_what_nobody_can_take_apart_gets_a_star_and_the_next_is_taken(imap, mail_services):
    bad = imap.put(mails.head() + b"Content-Type: text/plain" + b"; a=b" * 20_000 + b"\r\n\r\nx")
    imap.structures[bad] = b"((((NIL)))"
    good = imap.put(mails.gmail())
    with structlog.testing.capture_logs() as logs:
        assert MailRounds(mail_services, "w").go() == 1
    assert [imap.mail(uid).flags for uid in (bad, good)] == [{STAR}, {SEEN}]
    assert any(line["event"] == "mail_left" for line in logs)


@ONE_DATABASE
def test_a_full_photo_store_takes_nothing_and_loses_nothing(imap, mail_services):
    uid = imap.put(mails.gmail())
    blobs = mail_services.settings.data_dir / "blobs"
    blobs.write_bytes(b"in the way")
    rounds = MailRounds(mail_services, "w")
    with pytest.raises(ChannelError) as trouble:
        rounds.go()
    assert trouble.value.code == "photo_store_unavailable"
    assert (arrivals(mail_services), imap.mail(uid).flags) == ([], set())
    blobs.unlink()
    assert rounds.go() == 1


def test_one_of_two_workers_reads_and_the_other_goes_on_when_it_is_killed(imap, mail_services, clock):
    one, two = MailRounds(mail_services, "one"), MailRounds(mail_services, "two")
    imap.put(mails.plain("1", mid="<1@x.kz>"))
    assert (one.go(), two.go()) == (1, 0)
    imap.put(mails.plain("2", mid="<2@x.kz>"))
    assert two.go() == 0
    clock.move(minutes=2)
    assert two.go() == 1
    imap.put(mails.plain("3", mid="<3@x.kz>"))
    assert one.go() == 0  # it wakes up, and it is not its turn any more
    two.close()
    assert one.go() == 1
    assert len(arrivals(mail_services)) == 3


@ONE_DATABASE
def test_who_lost_the_lease_in_the_middle_stops(imap, mail_services, clock):
    one, two = MailRounds(mail_services, "one"), MailRounds(mail_services, "two")
    imap.put(mails.gmail())
    imap.put(mails.iphone())

    def sleep(command):
        if command.startswith("UID STORE") and not two._lease._until:
            clock.move(minutes=2)
            assert two._lease.hold()

    imap.on_command = sleep
    with pytest.raises(LeaseLost):
        one.go()
    assert two.go() == 2
    assert len(arrivals(mail_services)) == 2


@ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "code", "is_final"),
    [
        ({"password": "wrong"}, "mail_sign_in", True),
        ({"folder": "Нет такой"}, "mail_folder", True),
        ({"port": 1}, "mail_unreachable", False),
        ({"tls": "tls"}, "mail_tls", False),
        ({"tls": "starttls"}, "mail_protocol", False),
        ({"host": "localhost", "port": 2}, "mail_unreachable", False),
    ],
)
def test_what_is_wrong_with_the_mailbox_is_said_and_tried_ever_more_seldom(
    change, code, is_final, make_services, mail_settings
):
    services = make_services(mailbox=mail_settings | {"timeout_s": 1.0} | change)
    loop = mail_loop(services, "w")
    with structlog.testing.capture_logs() as logs:
        pauses = [loop.go(), loop.go()]
    assert [line["code"] for line in logs if line["event"] == "intake_failed"] == [code, code]
    assert pauses == ([600.0, 600.0] if is_final else [120.0, 240.0])
    assert "wrong" not in str([line for line in logs if line["code"] == "mail_sign_in"]).replace("is wrong", "")


@ONE_DATABASE
@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_certificate_that_nobody_signed_is_refused_before_any_password(
    tls, make_services, mail_settings, certificate
):
    server = ImapServer()
    server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.tls.load_cert_chain(certificate[0])
    with server.open() as opened:
        services = make_services(mailbox=mail_settings | {"port": opened.port, "tls": tls, "timeout_s": 2.0})
        with pytest.raises(ChannelError) as refused:
            MailRounds(services, "w").go()
    assert refused.value.code == "mail_tls"
    assert not any("LOGIN" in command for command in server.commands)


def test_a_password_goes_over_no_network_as_it_is():
    with pytest.raises(ValidationError, match="as it is"):
        MailboxSettings(host="imap.qz-tuman-77.kz", tls="none", user="x", password="y")
    assert MailboxSettings(host="127.0.0.1", tls="none", user="x", password="y").tls == "none"


@ONE_DATABASE
def test_a_worker_looks_into_both_lets_go_at_the_end_and_does_nothing_where_nothing_is_set(
    imap, make_services, mail_settings, clock, tmp_path
):
    assert loops(make_services(), "w") == []
    assert mail_channel(make_services()) is None
    folder = tmp_path / "in"
    folder.mkdir()
    watched = {"path": folder, "quiet_s": 0.0, "every_s": 0.01}
    services = make_services(mailbox=mail_settings | {"every_s": 0.01}, watched=watched)
    imap.put(mails.gmail())
    (folder / "a.jpg").write_bytes(jpeg(1, gps=WALL))
    with looking(services, "one"):
        imap.wait_for(lambda: imap.folders["INBOX"][0].flags == {SEEN} and (folder / "taken/a.jpg").exists())
    clock.move(seconds=1)
    assert MailRounds(services, "other")._lease.hold()
    assert (len(arrivals(services)), len(arrivals(services, "folder"))) == (1, 1)
