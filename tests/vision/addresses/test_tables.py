"""What must be found, and what must not."""

import json
import time
from pathlib import Path

import pytest

from vision.addresses import AddressInvalid, canonical, defang, extract, extract_text, parse_code
from vision.addresses.onion import ALPHABET, is_onion
from vision.types import Kind, Line

HERE = Path(__file__).parent
POSITIVES = [json.loads(line) for line in (HERE / "positives.jsonl").read_text("utf-8").splitlines()]
NEGATIVES = (HERE / "negatives.txt").read_text("utf-8").splitlines()
BOX = ((0.0, 0.0), (100.0, 0.0), (100.0, 20.0), (0.0, 20.0))
ONION = next(row["addresses"][0][1] for row in POSITIVES if row["addresses"][0][0] == "onion")


@pytest.mark.parametrize("row", POSITIVES, ids=lambda row: row["text"][:40])
def test_a_painted_address_is_found_exactly(row):
    found = sorted([str(finding.kind), finding.value] for finding in extract_text(row["text"]))
    assert found == sorted(row["addresses"])


def test_the_tables_are_as_long_as_promised():
    assert len(POSITIVES) >= 200
    assert len(set(NEGATIVES)) >= 300


def test_street_text_yields_an_address_in_at_most_one_line_of_a_hundred():
    wrong = [line for line in NEGATIVES if extract_text(line)]
    assert len(wrong) <= len(NEGATIVES) // 100, wrong


def test_street_text_painted_line_under_line_yields_nothing():
    assert extract_text("\n".join(NEGATIVES)) == ()


@pytest.mark.parametrize(
    "text", ["@ShopZhuldyz24", "t.me/severny_lis_8812", "shop24tuman.biz", "+7 707 500 96 65", ONION]
)
def test_clean_paint_needs_no_person(text):
    (finding,) = extract_text(text)
    assert finding.accepted
    assert finding.trail == ()


@pytest.mark.parametrize(
    "text", ["Cshop_24tuman", "COMb24.PO", "shop24tuman biz", "tmeIseverny_lis_88", "severny_lis_88", "@север_сова"]
)
def test_a_guess_is_left_to_a_person(text):
    findings = extract_text(text)
    assert findings
    assert not any(finding.accepted for finding in findings)


def test_every_repair_is_on_the_trail():
    (finding,) = extract_text("Т.МЕ\\SHОP24TUMAN")
    assert {step.rule for step in finding.trail} >= {"look-alike letters", "separator"}
    assert finding.text == "Т.МЕ\\SHОP24TUMAN"


def test_every_misread_character_of_an_onion_address_is_seen_and_most_are_mended():
    label = ONION.removesuffix(".onion")
    for at in range(len(label)):
        wrong = label[:at] + ALPHABET[(ALPHABET.index(label[at]) + 1) % 32] + label[at + 1 :]
        assert not is_onion(wrong)
        (finding,) = extract_text(wrong + ".onion")
        assert finding.value == ONION or not finding.accepted


def test_lines_far_apart_are_not_joined():
    upper = Line("t.me/", 1.0, ((0.0, 0.0), (200.0, 0.0), (200.0, 30.0), (0.0, 30.0)))
    lower = Line("severny_lis", 1.0, ((0.0, 900.0), (300.0, 900.0), (300.0, 930.0), (0.0, 930.0)))
    assert all(finding.text != "t.me/\nseverny_lis" for finding in extract([upper, lower]))


def test_the_box_covers_only_the_part_of_the_line_that_is_the_address():
    line = Line("пиши t.me/severny_lis", 1.0, ((0.0, 0.0), (210.0, 0.0), (210.0, 20.0), (0.0, 20.0)))
    (finding,) = extract([line])
    assert finding.box[0] == (50.0, 0.0)
    assert finding.box[2] == (210.0, 20.0)


def test_a_less_certain_line_makes_a_less_certain_finding():
    sure, unsure = (extract([Line("@severny_lis", confidence, BOX)])[0] for confidence in (0.95, 0.6))
    assert sure.confidence > unsure.confidence
    assert not unsure.accepted


def test_a_code_is_exact_and_names_its_symbology():
    (finding,) = parse_code("https://t.me/severny_lis_8812?start=r7", "QRCode", BOX)
    assert (finding.kind, finding.value, finding.source) == (Kind.TELEGRAM, "severny_lis_8812", "QRCode")
    assert finding.facts["referral"] == "start=r7"


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Kind.TELEGRAM, "severny_lis", "t[.]me/severny_lis"),
        (Kind.DOMAIN, "shop24tuman.biz", "shop24tuman[.]biz"),
        (Kind.PHONE, "+77075009665", "+77075009665"),
        (Kind.EMAIL, "lis@tuman-pochta.kz", "lis[@]tuman-pochta[.]kz"),
    ],
)
def test_a_defanged_value_is_no_link(kind, value, shown):
    assert defang(kind, value) == shown


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (Kind.TELEGRAM, "@Severny_Lis", "severny_lis"),
        (Kind.TELEGRAM, "severnylis", "severnylis"),
        (Kind.TELEGRAM, "https://t.me/severny_lis", "severny_lis"),
        (Kind.DOMAIN, "Tuman-Gorod.BIZ", "tuman-gorod.biz"),
        (Kind.PHONE, "8 707 500 96 65", "+77075009665"),
        (Kind.TELEGRAM_INVITE, "AbCdEfGhIjKlMnOp", "AbCdEfGhIjKlMnOp"),
    ],
)
def test_what_a_person_types_becomes_canonical(kind, typed, value):
    assert canonical(kind, typed) == value


@pytest.mark.parametrize(
    ("kind", "typed"), [(Kind.TELEGRAM, "лиса"), (Kind.DOMAIN, "nothing"), (Kind.PHONE, "12"), (Kind.ONION, "a" * 56)]
)
def test_what_is_no_address_is_refused_with_the_rule(kind, typed):
    with pytest.raises(AddressInvalid, match="not a valid"):
        canonical(kind, typed)


@pytest.mark.parametrize(
    "unit", ["a.", "@", ".", "1", "t.me/", "a_", "8-7", "www.", "a@", "onion", " ", "t.me/\n", "tg ", "https://", "a-"]
)
def test_time_grows_with_the_text_and_no_faster(unit):
    def seconds(length):
        text = (unit * length)[:length]
        started = time.process_time()
        extract_text(text)
        return time.process_time() - started

    seconds(1000)
    short = min(seconds(20_000) for _ in range(2))
    assert seconds(80_000) < 12 * max(short, 0.02)
