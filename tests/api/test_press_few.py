"""What the press must not learn: addresses, places, senders, and sums that are about somebody; and the command."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api.press.service import FEW, OTHER, folded
from models import Account, Address, Report
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.seen import wall
from tests.api.test_painted import paint
from tests.api.test_press import NEW, TEXTS, Put
from tests.api.world import some_world


def test_no_address_place_or_sender_is_ever_in_it(services, accounts, client, clock):
    for seed in (7, 8):
        some_world(services, accounts["officer"], seed=seed, reports=40)
    clock.move(days=400)
    http = client("investigator")
    with services.reading_unit() as unit:
        values = set(unit.session.scalars(select(Address.value)))
        names = {row.name for row in unit.session.scalars(select(Account))} | set(
            unit.session.scalars(select(Account.id))
        )
        places = {f"{place:.3f}" for row in unit.session.scalars(select(Report)) for place in (row.lat, row.lon)}
    months = [f"2024-{month:02}" for month in range(2, 7)]
    told = [http.get(f"/v1/press/{month}") for month in months]
    told += [http.get(f"/v1/press/{month}/text?language={code}") for month in months for code in ("ru", "kk", "en")]
    assert [answer.status_code for answer in told] == [200] * 20
    assert sum(answer.json()["now"]["walls"] for answer in told[:5]) > 20
    whole = "\n".join(answer.text for answer in told)
    assert [each for each in values | names | places if each in whole] == []


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 12)))
def test_no_channel_with_few_reports_can_be_told_apart(counts):
    shown = folded(counts)
    assert all(count >= FEW for count in shown.values())
    assert all(counts[name] == count for name, count in shown.items() if name != OTHER)
    if shown:
        assert sum(shown.values()) == sum(counts.values())
        assert set(shown) - {OTHER}
    elif counts:
        most = max(counts.values())
        assert most < FEW or 0 < sum(counts.values()) - most < FEW


def test_how_channels_are_folded():
    assert folded({}) == {}
    assert folded({"telegram": 128}) == {"telegram": 128}
    assert folded({"telegram": 2}) == {}
    assert folded({"telegram": 9, "upload": 1, "mail": 2}) == {"telegram": 9, OTHER: 3}
    assert folded({"telegram": 9, "upload": 4, "mail": 1}) == {"telegram": 9, OTHER: 5}  # 14 - 9 - 4 would be mail's
    assert folded({"telegram": 9, "mail": 1}) == {}
    assert folded({"mail": 3, "telegram": 3}) == {"mail": 3, "telegram": 3}


def test_the_median_of_one_or_two_walls_is_not_told(services, accounts, client, clock):
    put, http = Put(services, accounts["officer"]), client("investigator")
    walls = [put(number, wall(NEW)) for number in range(2)]
    clock.move(hours=5)
    for each in walls:
        paint(http, each, clock)
    now = http.get("/v1/press/2026-03").json()["now"]
    assert (now["walls_painted"], now["walls_painted_share"], now["hours_to_painted_median"]) == (2, 1, None)
    for language in TEXTS:
        assert "5" not in http.get("/v1/press/2026-03/text", params={"language": language}).text


def test_the_command_says_it_and_refuses_in_one_line(services, run):
    done = run("press", "--language", "kk")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().startswith("Қабырғалардағы есірткі жарнамасы: ")
    assert "Ай әлі" not in done.stdout.decode()
    other = run("press", "--json", "--month", "2199-01")
    assert (other.returncode, other.stdout) == (2, b"")
    assert other.stderr.decode() == "wallwatch: 2199-01 has not begun: ask for this month or an earlier one.\n"
