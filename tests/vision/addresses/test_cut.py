"""Names whose paint goes on: a person must look."""

import pytest

from tests.vision.addresses.test_decoded import line
from vision.addresses import extract, extract_text
from vision.types import Kind


@pytest.mark.parametrize(
    "text", ["@kuropatkin veter_5323", "@kuropatkin VETER", "t.me/yagelny[ny_2285_lis", "@sopkaveter77#bulak"]
)
def test_a_name_behind_which_the_paint_goes_on_waits_for_a_person(text):
    (first, *_) = extract_text(text)
    assert first.kind is Kind.TELEGRAM
    assert not first.accepted


@pytest.mark.parametrize(
    "text",
    [
        "@sopka_veter77",
        "@sopka_veter77 24/7",
        "@sopka_veter77, пишите",
        "@sopka_veter77 РАБОТА",
        "@sopka_veter77 | @metel_bulak93",
        "t.me/sopka_veter77/123",
        "@sopka_veter77 (соль)",
        "@sopka_veter77 бот",
    ],
)
def test_what_usually_stands_behind_a_name_is_no_part_of_it(text):
    found = {made.value: made for made in extract_text(text)}
    assert found["sopka_veter77"].accepted


def test_a_letter_read_as_a_bracket_is_found_again_in_the_lattice():
    (found, *_) = extract([line("t.me/yage", {"[": 0.8, "l": 0.2}, "ny_2285_lis")])
    assert found.value == "yagelny_2285_lis"
    assert "letter as sign" in {step.rule for step in found.trail}
    assert not found.accepted


@pytest.mark.parametrize("host", ["lelegram.me", "tedegram.me", "telearam.me", "telegran.me"])
def test_telegrams_own_host_with_a_letter_or_two_misread_is_no_site(host):
    (found, *_) = extract_text(f"{host}/sopka_veter77")
    assert (found.kind, found.value) == (Kind.TELEGRAM, "sopka_veter77")
    assert "host read nearly" in {step.rule for step in found.trail}
    assert not found.accepted
    assert not any(made.kind is Kind.DOMAIN for made in extract_text(f"{host}/sopka_veter77"))


def test_another_site_under_the_same_ending_stays_a_site():
    (found, *_) = extract_text("zimorodok24.me/sopka")
    assert (found.kind, found.value) == (Kind.DOMAIN, "zimorodok24.me")
