"""What holds for any text."""

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from vision.addresses import defang, extract_text
from vision.addresses.passage import passage
from vision.types import Kind, Line

POSITIVES = [json.loads(line) for line in (Path(__file__).parent / "positives.jsonl").read_text("utf-8").splitlines()]
PAINTED = st.sampled_from([row["text"] for row in POSITIVES])
ALPHABET = st.sampled_from("abcz019 _-./\\:@+?=©оаеТМЕсвҚө\n\u200b\ud800\x00") | st.characters()
ANYTHING = st.text(ALPHABET, max_size=80) | st.builds(
    lambda a, b, c: a + b + c, st.text(max_size=9), PAINTED, st.text(max_size=9)
)
BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
AS_PAINTED = {
    Kind.TELEGRAM: "t.me/{}",
    Kind.TELEGRAM_INVITE: "t.me/+{}",
    Kind.DOMAIN: "https://{}",
    Kind.ONION: "{}",
    Kind.PHONE: "{}",
    Kind.WHATSAPP: "chat.whatsapp.com/{}",
    Kind.INSTAGRAM: "instagram.com/{}",
    Kind.VK: "vk.com/{}",
    Kind.EMAIL: "{}",
}


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_no_text_makes_it_raise_and_every_answer_is_well_formed(text):
    for finding in extract_text(text):
        assert 0 <= finding.confidence <= 1
        assert finding.value
        assert finding.value not in [other.value for other in finding.alternatives]
        assert defang(finding.kind, finding.value)


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_the_text_as_read_stands_in_the_text(text):
    lines = text.splitlines()
    for finding in extract_text(text):
        assert all(any(part in line for line in lines) for part in finding.text.split("\n"))


@settings(deadline=None, max_examples=300)
@given(PAINTED)
def test_what_was_found_is_found_again_in_its_canonical_form(text):
    for finding in extract_text(text):
        if finding.kind is Kind.TELEGRAM_INVITE and finding.value.startswith("c/"):
            continue
        again = extract_text(AS_PAINTED[finding.kind].format(finding.value))
        assert [(each.kind, each.value) for each in again] == [(finding.kind, finding.value)]


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_the_letters_and_digits_of_a_name_come_from_the_paint_in_its_order(text):
    for finding in extract_text(text):
        changes = {"first digit", "no look-alike letters", "capital I"} & {step.rule for step in finding.trail}
        if finding.kind is Kind.TELEGRAM and not changes:
            painted = iter(passage([Line(finding.text.replace("\n", " "), 1.0, BOX)]).latin)
            assert all(char in painted for char in finding.value.replace("_", ""))


@settings(deadline=None, max_examples=200)
@given(st.text(ALPHABET, max_size=60))
def test_folding_keeps_one_place_for_each_character(text):
    where = passage([Line(text, 1.0, ((0, 0), (1, 0), (1, 1), (0, 1)))])
    assert len(where.text) == len(where.latin) == len(where.lower) == len(where.origin)
