"""What is in a mail: the same from Python's parser as from the server's BODYSTRUCTURE, and never more than it holds."""

import time
from datetime import UTC, datetime

import idna
import pytest

from api.intake.channels.mailbox import letters, text
from api.intake.channels.mailbox.connection import opened
from api.intake.channels.mailbox.decoding import decoded
from api.intake.channels.mailbox.parts import DEEPEST, MOST_PARTS, header_of, of_message, of_structure, whole
from api.intake.channels.settings import MailboxSettings
from tests.api.channels import mails
from tests.api.pictures import jpeg

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def seen(parts, data, *, is_answer=False):
    """What a person would call the mail's content."""
    content = letters.content_of(parts)
    return {
        "text": letters.written(content, header_of(data), is_answer=is_answer),
        "pictures": [
            (letters.file_name(p), p.media_type, b"".join(p.pieces()), p.is_forwarded) for p in content.pictures
        ],
        "others": [(letters.file_name(p), why) for p, why in content.others],
        "is_cut": content.is_cut,
    }


@pytest.fixture
def both(imap, mail_settings):
    """A mail's content by both ways, which must agree; answers it once."""

    def read(data, **options):
        uid = imap.put(data)
        data = imap.mail(uid).data
        with opened(MailboxSettings(**mail_settings)) as mailbox:
            structure = mailbox.structure(uid)
            there, numbered = (
                seen(of_structure(structure, lambda at: mailbox.pieces(uid, at), whole_bytes=size), data, **options)
                for size in (2**20, 0)
            )
        assert there == numbered
        assert seen(of_message(whole(data)), data, **options) == there
        return there

    return read


EXPECTED = {
    "gmail": ("Стена\nНадпись у подъезда\n54.8702, 69.1503", [("IMG_20260301_123000.jpg", 1)], []),
    "iphone": ("Стена\nГаражи\n\nОтправлено с iPhone", [("IMG_0007.jpeg", 2)], []),
    "outlook": (
        "Стена\nПодъезд 4\nместо https://yandex.kz/maps/?pt=69.1503,54.8702&z=18", [("image002.jpg", None)], [],
    ),
    "mail.ru": (
        "Стена\nЗдесь две надписи", [("фото стены у третьего подъезда.jpg", 4), ("двор.jpg", 5)], [],
    ),
    "forwarded": (
        "Fwd: Двор\nпереслал\nДвор\nСмотрите 54.8702, 69.1503\nПервое\nсамое первое\nОдин снимок",
        [("middle.jpg", 6), ("inmost.jpg", 7), ("single.jpg", 8)], [],
    ),
    "only_photo": (None, [("scan.jpg", 9)], []),
    "with_others": (
        "Стена\nвот", [],
        [("photos.zip", "archive"), ("winmail.dat", "winmail"), ("letter.pdf", "no_picture"), ("v.mp4", "no_picture"),
         ("c.vcf", "no_picture")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", mails.WELL_MADE)
def test_a_mail_says_the_same_whole_and_in_parts(name, both):
    words, pictures, others = EXPECTED[name]
    there = both(mails.WELL_MADE[name]())
    assert there["text"] == words
    assert [each[0] for each in there["pictures"]] == [each[0] for each in pictures]
    for (_name, kind, data, is_forwarded), (_, seed) in zip(there["pictures"], pictures, strict=True):
        assert kind in {"image/jpeg", "application/octet-stream"}
        assert is_forwarded == (name == "forwarded")
        assert data == (jpeg(seed) if seed else jpeg(3, size=(1600, 1200)))
    assert there["others"] == others


def test_only_what_somebody_wrote_themselves_counts_in_an_answer(both):
    quoted = (
        "Да.\n\nВс, 1 мар. 2026 г. в 12:30, Стены <walls@qz-tuman-77.kz>:\n\n> Это место? 54.1111, 69.2222\n> Да · Нет"
    )
    assert both(mails.plain(quoted), is_answer=True)["text"] == "Да."
    outlook = "54.8702, 69.1503\n\nОт: Стены <walls@qz-tuman-77.kz>\nОтправлено: 1 марта 2026 г.\nЭто место? 54.1, 69.2"
    assert both(mails.plain(outlook), is_answer=True)["text"] == "54.8702, 69.1503"
    page = "<p>Нет</p><blockquote type=cite>54.1111, 69.2222</blockquote><div>-- <br>Асель, 54.2, 69.3</div>"
    answer = mails.letter(mails.text(page, kind="html"))
    assert both(answer, is_answer=True)["text"] == "Нет\n--\nАсель, 54.2, 69.3"
    assert both(mails.plain("Двор\n-- \nАсель, 54.2222, 69.3333"))["text"] == "Стена\nДвор"
    assert text.own_words("54.8702, 69.1503 от:\nдом") == "54.8702, 69.1503 от:\nдом"


@pytest.mark.parametrize("charset", ["utf-8", "no-such-charset", "us-ascii", "windows-1251"])
def test_a_charset_that_is_wrong_or_unknown_loses_no_words(charset, both):
    for spelled in ("utf-8", "windows-1251"):
        body = mails.part(f"text/plain; charset={charset}", "Подъезд 4".encode(spelled))
        said = both(mails.letter(body))["text"]
        assert said == "Стена\nПодъезд 4" or (charset, spelled) == ("windows-1251", "utf-8")


def test_broken_mime_gives_what_can_be_had(both):
    cut = mails.gmail()[:-400]
    content = letters.content_of(of_message(whole(cut)))
    assert [letters.file_name(part) for part in content.pictures] == ["IMG_20260301_123000.jpg"]
    assert jpeg(1).startswith(b"".join(content.pictures[0].pieces())[:1000])
    no_edge = mails.head() + b"Content-Type: multipart/mixed\r\n\r\n--e1\r\n\r\nx\r\n"
    assert letters.content_of(of_message(whole(no_edge))).pictures == ()
    assert letters.content_of(of_message(whole(b"\x00\xff\xfe\r\n\r\n\x00"))).pictures == ()
    assert letters.content_of(of_message(whole(b""))).pictures == ()


def test_mails_made_to_keep_us_busy_do_not():
    begun = time.monotonic()
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(DEEPEST * 2)
    )
    assert letters.content_of(of_message(whole(deep))).is_cut
    many = mails.letter(*[b"\r\n\r\nx"] * (MOST_PARTS + 50))
    content = letters.content_of(of_message(whole(many)))
    assert content.is_cut
    assert len(content.texts) == MOST_PARTS
    assert whole(b"Content-Type: text/plain" + b"; a=b" * 300_000) is None
    assert whole(b"Content-Type: text/plain" + b";\r\n a=b" * 100_000) is None
    assert whole(b"Content-Type: " + b"(" * 8000 + b"\r\n\r\nx") is None
    for bad in (b"From: " + b"(" * 200_000, b"From: " + b"a@b.kz, " * 30_000, b"Subject: " + b"=?utf-8?q?" * 20_000):
        assert letters.sender_of(header_of(bad + b"\r\n\r\n")) in {"a@b.kz", letters.NOBODY}
    for page in ("<a " * 80_000, "<!--" * 60_000, "<div>" * 50_000 + "x", "<a b='" * 40_000):
        text.of_html(page)
    assert time.monotonic() - begun < 20  # seconds, of which hardly any are needed; hours without the limits


def test_a_server_that_gives_dispositions_as_they_stand_is_understood():
    word = "=?utf-8?B?0LTQstC+0YAuanBn?="
    for said in (f'attachment; filename="{word}"', 'attachment; filename="двор.jpg"'):
        leaf = (b"image", b"jpeg", None, None, None, b"base64", 8, None, said.encode(), None, None)
        (part,) = of_structure(leaf, lambda _at: iter([b"QUJD"]))
        assert (letters.file_name(part), part.is_attached, b"".join(part.pieces())) == ("двор.jpg", True, b"ABC")


def test_structures_that_make_no_sense_are_told():
    for structure in (None, (), (b"text",), ([None], b"mixed"), (b"text", b"plain", None, None, None, b"7bit", b"x")):
        with pytest.raises(ValueError):
            list(of_structure(structure, lambda _at: iter([b""])))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64, 4096])
def test_content_is_decoded_alike_however_it_is_cut(size):
    data = jpeg(1)
    for encoding, sent in (
        ("base64", mails.encoded(data)),
        ("quoted-printable", b"a=20b=\r\nc=D0=B0\r\n"),
        ("8BIT", b"x"),
    ):
        pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
        expected = {"base64": data, "quoted-printable": "a bcа\r\n".encode(), "8BIT": b"x"}[encoding]
        assert b"".join(decoded(iter(pieces), encoding)) == expected
    assert b"".join(decoded(iter([b"QUJD!*\n REQ=", b"=trailing"]), "base64")) == b"ABCDD"
    assert b"".join(decoded(iter([b"QUJDR"]), "base64")) == b"ABC"
    with pytest.raises(ValueError):
        decoded(iter([]), "x-uuencode")


@pytest.mark.parametrize(
    ("sender", "found"),
    [
        (mails.FROM, "asel.t@qz-tuman-77.kz"),
        ("ASEL.T@QZ-Tuman-77.KZ", "asel.t@qz-tuman-77.kz"),
        ("x@туман-77.рф", "x@" + idna.encode("туман-77.рф").decode()),
        ('"walls@qz-tuman-77.kz" <other@qz-buran-11.kz>', "other@qz-buran-11.kz"),
        ("a@qz-tuman-77.kz, b@qz-buran-11.kz", "a@qz-tuman-77.kz"),
        ("Асель", "nobody"), ("", "nobody"), (None, "nobody"), ("<>", "nobody"), ("undisclosed:;", "nobody"),
    ],
)  # fmt: skip
def test_who_wrote_is_what_from_says(sender, found):
    headers = header_of(mails.plain("x", sender=sender, Reply_To="somebody@qz-buran-11.kz"))
    assert letters.sender_of(headers) == found


@pytest.mark.parametrize(
    ("reason", "values"),
    [
        ("automatic", {"Auto_Submitted": "auto-replied"}),
        ("automatic", {"Auto_Submitted": "auto-generated (rejected)"}),
        ("automatic", {"Precedence": "Bulk"}),
        ("automatic", {"List_Id": "<news.qz-buran-11.kz>"}),
        ("automatic", {"X_Autoreply": "yes"}),
        ("bounce", {"Return_Path": "<>"}),
        ("bounce", {"sender": "MAILER-DAEMON@qz-buran-11.kz"}),
        ("bounce", {"Content_Type": "multipart/report; report-type=delivery-status"}),
        ("ours", {"sender": "Стены <walls@qz-tuman-77.kz>"}),
        ("not_allowed", {"sender": "x@qz-buran-11.kz.qz-zloy-13.kz"}),
        ("not_allowed", {"sender": None}),
        (None, {"Auto_Submitted": "no", "Return_Path": "<asel.t@qz-tuman-77.kz>"}),
        (None, {"sender": "x@dvor.qz-buran-11.kz"}),
    ],
)  # fmt: skip
def test_what_no_person_on_the_list_wrote_is_left_alone(reason, values):
    headers = header_of(mails.head(**values) + b"\r\n")
    allowed = ("asel.t@qz-tuman-77.kz", "@QZ-buran-11.kz", "mailer-daemon@qz-buran-11.kz")
    ours = frozenset({"walls@qz-tuman-77.kz"})
    assert letters.why_ignored(headers, ours=ours, allowed=allowed) == reason
    if reason == "not_allowed":
        assert letters.why_ignored(headers, ours=ours, allowed=()) is None


def test_a_mail_has_one_name_and_no_other_has_it():
    def name(**values):
        header = mails.head(**values)
        return letters.name_of(header_of(header), header)

    assert name() == name()
    assert letters.message_id_in(name()) == "<a1@qz-tuman-77.kz>"
    others = [
        name(),
        name(mid="<a2@qz-tuman-77.kz>"),
        name(sender="x@qz-buran-11.kz"),
        name(date="Sun, 01 Mar 2026 12:31:00 +0500"),
    ]
    others += [
        name(mid=None),
        name(mid=None, subject="Other"),
        name(mid="<" + "x" * 300 + "@y>"),
        name(mid="no id at all"),
    ]
    assert len(set(others)) == len(others)
    assert all(len(each) <= 255 for each in others)
    assert letters.message_id_in(name(mid=None)) is None


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        (mails.DATE, 7), ("Sun, 01 Mar 2026 08:00:00 -0000", 8), ("yesterday", 6), (None, 6),
        ("Sun, 01 Mar 2099 08:00:00 +0000", 6),
    ],
)  # fmt: skip
def test_when_it_was_sent_is_what_can_be(date, hour):
    received = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
    assert letters.sent_at(header_of(mails.head(date=date)), received, NOW).hour == hour
