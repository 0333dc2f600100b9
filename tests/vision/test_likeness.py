"""Which addresses are near each other, how near, and why; and that those near share a key to be found by."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.addresses.likeness import LEAST, Why, alike, keys_of, likeness, outline
from vision.addresses.neighbours import one_confusion_away
from vision.addresses.outline import SAME
from vision.types import Kind

T, D, P = Kind.TELEGRAM, Kind.DOMAIN, Kind.PHONE
names = st.text("abcdeghiklmnoprstuvz0123456789_", min_size=5, max_size=20).filter(lambda n: outline(n) != "")
kinds = st.sampled_from([Kind.TELEGRAM, Kind.INSTAGRAM, Kind.VK, Kind.DOMAIN, Kind.PHONE, Kind.WHATSAPP])
values = st.one_of(names, names.map(lambda n: f"{n}.biz"), st.text(string.printable, max_size=40))


@pytest.mark.parametrize(
    ("one", "other", "least", "why"),
    [
        ((D, "qztuman24.biz"), (D, "qztuman24.cc"), 0.95, [Why.SAME_NAME, Why.OTHER_ENDING]),
        ((D, "qztuman24.biz"), (T, "qztuman24_bot"), 0.9, [Why.SAME_NAME, Why.BOT, Why.OTHER_PLATFORM]),
        ((T, "qztuman24"), (T, "qztuman24_bot"), 0.9, [Why.SAME_NAME, Why.BOT]),
        ((T, "qztuman24"), (T, "qz_tuman24kz"), 0.9, [Why.SAME_NAME, Why.OTHER_WORDS]),
        ((T, "qz_tum0n24"), (T, "qz_tumon24"), 1.0, [Why.MISREADING]),
        ((T, "qz_tum0n24"), (T, "qztum0n24"), 1.0, [Why.SAME_NAME]),
        ((T, "qz_barn_lis"), (T, "qz_bam_lis"), 1.0, [Why.MISREADING]),
        ((T, "zaysan_kot_7461"), (T, "zaysan_kot_1461"), 0.9, [Why.MISREADING]),
        ((D, "соль-туман.рф"), (T, "sol_tuman_bot"), 0.75, [Why.OTHER_LETTERS, Why.OTHER_PLATFORM]),
        ((P, "+77075009665"), (P, "+77015009665"), 0.9, [Why.MISREADING]),
        ((P, "+77075009665"), (T, "tuman_77075009665"), 0.8, [Why.SAME_DIGITS]),
        ((D, "telegra.ph/Qz-Tuman-12-31"), (T, "qz_tuman_1231"), 0.9, [Why.SAME_NAME, Why.OTHER_PLATFORM]),
        ((D, "kz.qztuman.biz"), (D, "qztuman.cc"), 0.85, [Why.SAME_NAME, Why.OTHER_WORDS, Why.OTHER_ENDING]),
    ],
)
def test_misreadings_and_mirrors_of_one_shop_are_near_and_it_says_why(one, other, least, why):
    found = likeness(one, other)
    assert found.score >= least
    assert [reason.why for reason in found.reasons] == why
    assert found.is_misreading == (set(why) <= {Why.MISREADING, Why.SAME_NAME})
    assert keys_of(*one) & keys_of(*other)


def test_a_misreading_says_with_which_characters():
    (reason,) = likeness((T, "qz_barn_7461"), (T, "qz_bam_7401")).reasons
    assert reason.characters == (("rn", "m"), ("6", "0"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((T, "qztuman24"), (T, "zimales99")),
        ((T, "shop24"), (T, "shop25")),
        ((T, "qztuman"), (P, "+77075009665")),
        ((Kind.WHATSAPP, "QzTumanLis77AbCdEf"), (T, "qztumanlis77abcdef")),
        ((T, "qz_12345_lis"), (T, "zima_11111_krot")),
    ],
)
def test_what_has_nothing_to_do_with_each_other_is_not_near(one, other):
    assert likeness(one, other) is None


def test_a_number_more_is_another_shop_sooner_than_a_letter_misread():
    numbered = likeness((T, "qz_tuman_lis_0011"), (T, "qz_tuman_lis_0012"))
    misread = likeness((T, "qz_tuman_lis_0011"), (T, "qz_tuman_lis_0o17"))
    assert misread.score > 0.85
    assert numbered.score < 0.7


@given(kinds, values, kinds, values)
def test_how_near_two_are_does_not_depend_on_which_comes_first(kind, value, other_kind, other):
    here, there = likeness((kind, value), (other_kind, other)), likeness((other_kind, other), (kind, value))
    assert (here is None) == (there is None)
    if here is not None:
        assert here.score == there.score
        assert LEAST <= here.score <= 1.0
        assert {reason.why for reason in here.reasons} == {reason.why for reason in there.reasons}


@given(names, st.randoms(use_true_random=False))
def test_names_with_the_same_outline_are_as_near_as_can_be_and_share_a_key(name, random):
    twins = {}
    for char in string.ascii_lowercase + string.digits:
        twins.setdefault(char.translate(SAME), []).append(char)
    other = "".join(random.choice(twins[char.translate(SAME)]) if char != "_" else "_" for char in name)
    assert outline(name) == outline(other)
    if name != other:
        assert likeness((T, name), (T, other)).score == 1.0
        assert keys_of(T, name) & keys_of(T, other)


@given(names, st.data())
def test_a_name_with_one_character_more_less_or_other_shares_a_key(name, data):
    at = data.draw(st.integers(0, len(name) - 1))
    char = data.draw(st.sampled_from("abdeghkmprstz34678"))
    for other in (name[:at] + char + name[at:], name[:at] + name[at + 1 :], name[:at] + char + name[at + 1 :]):
        # Where rn or vv comes to be, or is torn, more than one character of the outline changes.
        is_torn = any(pair in each for each in (name, other) for pair in ("rn", "vv", "r_n", "v_v", "bot"))
        if min(len(outline(name)), len(outline(other))) > 3 and not is_torn:
            assert keys_of(Kind.VK, name) & keys_of(Kind.VK, other), (name, other)


@given(st.text(max_size=30), st.text(max_size=30))
def test_outlines_are_alike_by_degrees(one, other):
    first, second = outline(one), outline(other)
    assert alike(first, first) == 1.0
    assert 0.0 <= alike(first, second) <= 1.0
    assert alike(first, second) == alike(second, first)
    assert outline(first) == first


@given(kinds, values)
def test_values_one_confusion_away_are_few_others_and_none_twice(kind, value):
    found = one_confusion_away(kind, value)
    assert value not in found
    assert len(found) == len(set(found)) <= 6 * max(1, len(value))


def test_what_a_reader_usually_confuses_is_one_confusion_away():
    assert {"qz_tuman_1is", "qz_turnan_lis", "qztuman_lis"} <= set(one_confusion_away(T, "qz_tuman_lis"))
    assert "qz-turnan.biz" in one_confusion_away(D, "qz-tuman.biz")
    assert "+77015009665" in one_confusion_away(P, "+77075009665")
    assert one_confusion_away(Kind.ONION, "tumanqz" * 8 + ".onion") == ()
