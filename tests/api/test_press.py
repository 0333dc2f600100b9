"""The month for the press: its sums against a count by hand, in three languages and as JSON, and never an address."""

import pytest
from sqlalchemy import select

from api.press.service import OTHER
from models import Address, AddressStep, Inscription
from tests.api.seen import see, wall
from tests.api.test_painted import paint
from vision.types import Kind

OLD, NEW, NEWER = "qz_tuman_lis_77", "wz_zaysan_kot_24", "zaysan-kot-24.biz"

MARCH = {
    "month": "2026-03",
    "reports_received": 8,
    "reports_by_channel": {"telegram": 5, OTHER: 3},
    "walls": 4,
    "walls_painted": 4,
    "walls_seen_and_painted": 3,
    "walls_painted_share": 0.75,
    "hours_to_painted_median": 43.25,
    "addresses_new": 2,
    "addresses_sent": 2,
    "addresses_blocked": 1,
    "addresses_reappeared": 0,
}
FEBRUARY = {
    "month": "2026-02",
    "reports_received": 1,
    "reports_by_channel": {},
    "walls": 2,
    "walls_painted": 0,
    "walls_seen_and_painted": 0,
    "walls_painted_share": 0.0,
    "hours_to_painted_median": None,
    "addresses_new": 1,
    "addresses_sent": 0,
    "addresses_blocked": 0,
    "addresses_reappeared": 0,
}

TEXTS = {
    "ru": """Реклама наркотиков на стенах: март 2026 года

За март 2026 года получено 8 сообщений о надписях на стенах (1). Здесь и далее в скобках — за февраль 2026 года.

Как поступили: Telegram — 5; другие способы — 3.

Надписи замечены на 4 стенах (2). За месяц закрашены 4 стены (0). Половину закрашенных за месяц стен закрасили не\
 позже чем через 43,2 часа после первого снимка. Из стен, о которых сообщили в этом месяце, до его конца закрашены 3,\
 или 75\xa0% (0\xa0%).

Впервые замечены 2 адреса продавцов: каналы, сайты, телефоны (1). Направлено на блокировку — 2 (0), заблокировано — 1\
 (0), появилось снова после блокировки — 0 (0).

Подсчитано 1 апреля 2026\xa0г. Сутки — по времени Asia/Almaty.
""",
    "kk": """Қабырғалардағы есірткі жарнамасы: 2026 жылғы наурыз

2026 жылғы наурыз айында қабырғадағы жазулар туралы 8 хабарлама түсті (1). Мұнда және әрі қарай жақшада — 2026 жылғы\
 ақпан айының деректері.

Қалай түсті: Telegram — 5; басқа жолмен — 3.

Жазулар 4 қабырғада байқалды (2). Ай ішінде 4 қабырға боялды (0). Ай ішінде боялған қабырғалардың жартысы алғашқы\
 фотосуреттен кейін 43,2 сағаттан кешіктірілмей боялды. Осы айда хабарланған қабырғалардың ай соңына дейін боялғаны —\
 3, яғни 75% (0%).

Сатушылардың арна, сайт немесе телефон түріндегі 2 мекенжайы алғаш рет байқалды (1). Бұғаттауға жіберілгені — 2 (0),\
 бұғатталғаны — 1 (0), бұғатталғаннан кейін қайта пайда болғаны — 0 (0).

Есептелген күні: 2026\xa0ж. 1 сәуір. Тәулік Asia/Almaty уақытымен саналады.
""",
    "en": """Drug advertising on walls: March 2026

In March 2026, 8 reports of writing on walls were received (1). Here and below, figures in brackets are for February\
 2026.

How they came: Telegram – 5; other ways – 3.

Writing was seen on 4 walls (2). During the month 4 walls were painted over (0). Half of the walls painted over during\
 the month were painted within 43.2 hours of their first photo. Of the walls reported in this month, 3 (75%) were\
 painted over by its end; a month earlier, 0%.

2 addresses of sellers – channels, sites, phone numbers – were seen for the first time (1). Sent for blocking: 2 (0);\
 blocked: 1 (0); back after blocking: 0 (0).

Counted on 1 April 2026. Days are those of Asia/Almaty.
""",
}


@pytest.fixture
def march(services, accounts, client, clock):
    """A small March: four walls in it, two from before, four painted over; the clock then stands in April."""
    put = Put(services, accounts["officer"])
    http = client("investigator")
    early = put(9, wall(OLD), hours=-120)  # in February
    put(8, wall(OLD), seen_hours=-140)  # a photo from February that came in March
    walls = [put(0, wall(OLD)), put(1, wall(NEW), hours=4), put(2, wall(NEWER, kind=Kind.DOMAIN), hours=9.5)]
    put(3, wall(NEW), hours=20)
    for number, channel in enumerate(("whatsapp", "mail", "mail"), 10):
        put(0, wall(OLD), hours=2, photo=f"again-{number}", channel=channel)
    put(3, wall(NEW), hours=30 * 24 + 10.5)  # half past midnight of April in the region, and still March in UTC
    clock.move(hours=24)
    for each in (early, *walls[:2]):
        paint(http, each, clock)  # after 144, 24 and 20 hours
    clock.move(hours=48)
    paint(http, walls[2], clock)  # after 62.5 hours
    _steps(services, {OLD: ["sent", "blocked"], NEW: ["sent"]}, clock.now())
    clock.move(hours=28 * 24)
    return services


class Put:
    """Sees something on a wall, each number a wall of its own; answers the wall's id."""

    def __init__(self, services, account):
        self._services, self._account, self._seen = services, account, 0

    def __call__(self, number, *found, channel="telegram", photo=None, **when):
        self._seen += 1
        lat = 54.8 + number / 100
        photo = photo or f"first-{self._seen}"
        see(self._services, self._account, *found, photo=photo, lat=lat, lon=69.1, channel=channel, **when)
        with self._services.reading_unit() as unit:
            rows = unit.session.scalars(select(Inscription))
            return next(row.id for row in rows if abs(row.lat - lat) < 0.001)


def _steps(services, ways, at):
    with services.unit() as unit:
        for value, way in ways.items():
            (row,) = unit.session.scalars(select(Address).where(Address.value == value))
            for number, (old, new) in enumerate(zip(["confirmed", *way], way, strict=False), 1):
                unit.session.add(
                    AddressStep(
                        address_id=row.id, number=number, at=at, is_automatic=False, from_status=old, to_status=new,
                        reason="x",
                    )
                )  # fmt: skip


def test_a_month_is_counted_as_by_hand_and_said_in_three_languages(march, client):
    http = client("supervisor")
    answer = http.get("/v1/press/2026-03")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["now"], body["before"]) == (MARCH, FEBRUARY)
    assert (body["timezone"], body["is_whole"]) == ("Asia/Almaty", True)
    for language, text in TEXTS.items():
        answer = http.get("/v1/press/2026-03/text", params={"language": language})
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["content-language"] == language
        assert answer.content.decode() == text
    assert http.get("/v1/press/2026-03/text").content.decode() == TEXTS["ru"]

    april = http.get("/v1/press/2026-04").json()
    assert (april["is_whole"], april["now"]["reports_received"], april["now"]["walls"]) == (False, 1, 1)
    assert april["before"] == MARCH
    text = http.get("/v1/press/2026-04/text", params={"language": "ru"}).text
    assert "Месяц ещё не закончился: данные на 1 апр. 2026, 14:00." in text
    assert "получено 1 сообщение о надписях" in text
    assert "на сегодня закрашено 0" in text
