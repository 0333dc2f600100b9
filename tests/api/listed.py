"""A watchlist with an address of every kind, seen on walls, and what an export of it says."""

from api.exchange.service import Format, export
from api.watchlist.filters import Filters
from tests.api.seen import see, wall
from vision.types import Kind

ONION = "tumanqz" * 7 + "tumanqz"
VALUES = [
    (Kind.TELEGRAM, "qz_tuman_lis_77"),
    (Kind.TELEGRAM, "qz_tuman_lis_bot"),
    (Kind.TELEGRAM_INVITE, "qzTumanLIS77xx"),
    (Kind.TELEGRAM_INVITE, "c/1234567890"),
    (Kind.DOMAIN, "qz-tuman-77.biz"),
    (Kind.DOMAIN, "соль-туман-24.рф"),
    (Kind.DOMAIN, "telegra.ph/Qz-Tuman-12-31"),
    (Kind.PHONE, "+77075009665"),
    (Kind.WHATSAPP, "QzTumanLis77AbCdEf"),
    (Kind.INSTAGRAM, "qz.tuman_lis"),
    (Kind.VK, "qz_tuman_lis"),
    (Kind.EMAIL, "lis.77@qz-tuman-77.kz"),
]
FACTS = {"соль-туман-24.рф": {"registrable": "соль-туман-24.рф", "punycode": "xn----24-53d8dije3aom8i.xn--p1ai"}}


def list_all(services, account):
    """Every value on walls of its own, the first on two of them and once from a code."""
    for n, (kind, value) in enumerate(VALUES):
        found = wall(value, kind=kind, facts=FACTS.get(value, {}), text=f'\'="{value}" \\ ұлы')
        see(services, account, found, photo=f"wall-{n}", lat=54.8 + n / 100, hours=n)
    code = wall("qz_tuman_lis_77", kind=Kind.TELEGRAM, source="QRCode", text="https://t.me/qz_tuman_lis_77")
    see(services, account, code, photo="code", lat=53.3, lon=69.4, hours=30)


def written(services, form, **narrowed):
    """The bytes of an export."""
    return b"".join(export(services, Format(form), Filters(**narrowed)))
