"""Mails as programs send them: Gmail, an iPhone, Outlook, mail.ru, and those that are broken. Nobody's names."""

import base64
import quopri

from tests.api.pictures import jpeg

PLACE = "54.8702, 69.1503"
FROM = "Асель Туманова <asel.t@qz-tuman-77.kz>"
DATE = "Sun, 01 Mar 2026 12:30:00 +0500"


def head(*, sender=FROM, subject="Стена", mid="<a1@qz-tuman-77.kz>", date=DATE, **more):
    """A header; `None` leaves a line out, and `_` in a name stands for `-`."""
    values = {"From": sender, "Subject": _word(subject), "Message-ID": mid, "Date": date, "To": "walls@qz-tuman-77.kz"}
    values |= {name.replace("_", "-"): value for name, value in more.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in values.items() if value is not None).encode()


def _word(text):
    if text is None or text.isascii():
        return text
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def encoded(data):
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def part(content, data, *lines):
    """A part in base64."""
    fields = [f"Content-Type: {content}", "Content-Transfer-Encoding: base64", *lines]
    return "\r\n".join(fields).encode() + b"\r\n\r\n" + encoded(data)


def photo(data=None, name="wall.jpg", disposition="attachment"):
    shown = f'Content-Disposition: {disposition}; filename="{name}"'
    return part(f'image/jpeg; name="{name}"', data or jpeg(1), shown)


def text(words, charset="utf-8", kind="plain"):
    return part(f"text/{kind}; charset={charset}", words.encode(charset))


def multipart(kind, *parts, edge="e1"):
    body = b"".join(b"--" + edge.encode() + b"\r\n" + each + b"\r\n" for each in parts)
    return f'Content-Type: multipart/{kind}; boundary="{edge}"\r\n\r\n'.encode() + body + f"--{edge}--\r\n".encode()


def letter(*parts, kind="mixed", edge="e1", **values):
    return head(**values) + b"MIME-Version: 1.0\r\n" + multipart(kind, *parts, edge=edge)


def plain(words, **values):
    body = quopri.encodestring(words.encode()).replace(b"\n", b"\r\n")
    fields = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head(**values) + b"MIME-Version: 1.0\r\n" + fields + body + b"\r\n"


def gmail():
    """Android: text twice, the photo beside it."""
    page = f"<div dir='auto'>Надпись у подъезда<br>{PLACE}</div>"
    both = multipart("alternative", text(f"Надпись у подъезда\n{PLACE}"), text(page, kind="html"), edge="e2")
    return letter(both, photo(name="IMG_20260301_123000.jpg"))


def iphone():
    """The photo stands between two pieces of HTML, within the alternative to the plain text."""
    inner = multipart(
        "mixed",
        text("<html><body>Гаражи<br></body></html>", kind="html"),
        photo(jpeg(2), "IMG_0007.jpeg", "inline"),
        text("<html><body><br>Отправлено с iPhone</body></html>", kind="html"),
        edge="e3",
    )
    return letter(text("Гаражи\n\nОтправлено с iPhone"), inner, kind="alternative", mid="<i1@qz-tuman-77.kz>")


def outlook():
    """Pictures in the text: a logo of two kilobytes, and a photo; no plain text at all; a place in a link."""
    logo = part("image/png; name=image001.png", b"\x89PNG\r\n\x1a\n" + bytes(2000), "Content-ID: <logo@x>")
    wall = jpeg(3, size=(1600, 1200))
    shown = part("image/jpeg; name=image002.jpg", wall, "Content-ID: <wall@x>", "Content-Disposition: inline")
    page = (
        "<html><head><style>p {color:red}</style></head><body><p>Подъезд 4<!-- x --></p><script>alert(1)</script>"
        "<a href='https://yandex.kz/maps/?pt=69.1503,54.8702&z=18'>место</a><img src=cid:wall@x></body></html>"
    )
    return letter(text(page, "windows-1251", "html"), logo, shown, kind="related", mid="<o1@qz-tuman-77.kz>")


def mail_ru():
    """KOI8-R, and names as RFC 2231 and RFC 2047 write them."""
    long = "фото стены у третьего подъезда.jpg".encode()
    pieces = [long[:30], long[30:]]
    named = "".join(
        f";\r\n filename*{at}*={('utf-8' + chr(39) * 2) if at == 0 else ''}" + "".join(f"%{byte:02X}" for byte in piece)
        for at, piece in enumerate(pieces)
    )
    first = part("image/jpeg", jpeg(4), f"Content-Disposition: attachment{named}")
    word = f"=?utf-8?B?{base64.b64encode('двор.jpg'.encode()).decode()}?="
    second = part(f'application/octet-stream; name="{word}"', jpeg(5), "Content-Disposition: attachment")
    return letter(text("Здесь две надписи", "koi8-r"), first, second, mid="<m1@qz-tuman-77.kz>")


def forwarded():
    """A mail in a mail in a mail, each with a picture."""
    inmost = letter(text("самое первое"), photo(jpeg(7), "inmost.jpg"), subject="Первое", mid="<f3@x>", edge="e6")
    middle = letter(
        text(f"Смотрите {PLACE}"), photo(jpeg(6), "middle.jpg"), b"Content-Type: message/rfc822\r\n\r\n" + inmost,
        subject="Двор", mid="<f2@x>", edge="e5",
    )  # fmt: skip
    single = head(subject="Один снимок", mid="<f4@x>") + photo(jpeg(8), "single.jpg")
    return letter(
        text("переслал"), b"Content-Type: message/rfc822\r\n\r\n" + middle,
        b"Content-Type: message/rfc822\r\n\r\n" + single, mid="<f1@qz-tuman-77.kz>", subject="Fwd: Двор",
    )  # fmt: skip


def only_photo():
    """No parts: the mail is the photo."""
    return head(mid="<s1@qz-tuman-77.kz>", subject=None) + b"MIME-Version: 1.0\r\n" + photo(jpeg(9), "scan.jpg")


def with_others():
    """A ZIP, winmail.dat, a PDF, a video, a card."""
    others = [
        part("application/zip; name=photos.zip", b"PK\x03\x04", "Content-Disposition: attachment; filename=photos.zip"),
        part("application/ms-tnef; name=winmail.dat", b'x\x9f>"', "Content-Disposition: attachment"),
        part("application/pdf; name=letter.pdf", b"%PDF-1.4", "Content-Disposition: attachment"),
        part("video/mp4; name=v.mp4", b"\0\0\0\x18ftyp", "Content-Disposition: attachment"),
        part("text/vcard; name=c.vcf", b"BEGIN:VCARD", "Content-Disposition: attachment"),
        part("application/pgp-signature", b"-----BEGIN"),
    ]
    return letter(text("вот"), *others, mid="<w1@qz-tuman-77.kz>")


WELL_MADE = {
    "gmail": gmail, "iphone": iphone, "outlook": outlook, "mail.ru": mail_ru, "forwarded": forwarded,
    "only_photo": only_photo, "with_others": with_others,
}  # fmt: skip
