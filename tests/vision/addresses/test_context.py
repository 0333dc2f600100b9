"""What the words around an address say, through what reading does to them."""

import pytest

from vision.addresses.context import LEAST_SHARE, NOTHING_KNOWN, context, meaning
from vision.types import Line


def at(text, top=0.0, left=0.0, height=20.0):
    right, low = left + 200.0, top + height
    return Line(text, 0.9, ((left, top), (right, top), (right, low), (left, low)))


def score(*texts):
    return context([at(text) for text in texts]).score


@pytest.mark.parametrize(
    "texts",
    [
        ("СОЛЬ МЯУ ГАШ",), ("шишки бошки",), ("КЛАДЫ 24/7",), ("работа курьер",), ("ЖҰМЫС БАР", "курьер керек"),
        ("РАБОТА КУРЬЕРОМ", "@qz_tuman_lis_77"), ("закладки", "телеграм"), ("есірткі",), ("MEF SHOP", "weed"),
        ("тәулік бойы", "жалақы"), ("СК МЕФ",), ("МЯУ @qz_tuman_lis_77",),
    ],
)  # fmt: skip
def test_words_of_the_trade_and_of_couriers_raise_it(texts):
    assert score(*texts) > 0.6


@pytest.mark.parametrize(
    "texts",
    [
        ("ОКНА опт и розница", "ремонт"), ("ТАКСИ", "8-707-000-11-22"), ("шаштараз",), ("жиһаз жөндеу",),
        ("ШИНОМОНТАЖ",),
        ("дүкен", "нан сүт"), ("НЕ СТАВИТЬ МАШИНЫ",), ("Алия сені сүйемін",), ("СДАМ КЛАДОВКУ",), ("ХЛЕБ 150 ТГ",),
    ],
)  # fmt: skip
def test_shop_signs_and_the_talk_of_the_street_lower_it(texts):
    assert score(*texts) < 0.4


@pytest.mark.parametrize(
    "texts",
    [(), ("",), ("@qz_tuman_lis_77",), ("t.me/qz_mef_shop_77",), ("ZEON",), ("12.05.2024",), ("мед",), ("RAW",),
     ("https://qz-remont.biz/okna",), ("склад",), ("🙂 🙂",)],
)  # fmt: skip
def test_what_says_nothing_leaves_it_in_the_middle_and_addresses_are_no_words(texts):
    found = context([at(text) for text in texts])
    assert (found.score, found.words) == (NOTHING_KNOWN, ())


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("МЯУ", "мяу"), ("MЯY", "мяу"), ("зaклaдки", "закладк"), ("3акладки", "закладк"), ("ЗАКПАДКИ", "закладк"),
        ("КУPЬEP", "курьер"), ("курьеpом", "курьер"), ("КУРЬЁР", "курьер"), ("рабoта", "работа"), ("PАБОТА", "работа"),
        ("шишкн", "шишк"), ("РЕМOНТ", "ремонт"), ("шинoмонтажа", "шиномонтаж"), ("ЖҰMЫC", "жумыс"),
        ("тeлегрaм", "telegram"),         ("ТЕЛЕГРАМЫ", "telegram"), ("сoль", "соль"), ("TAКCИ", "такси"),
    ],
)  # fmt: skip
def test_look_alikes_and_a_wrong_letter_do_not_hide_a_word(read, meant):
    found = meaning(read)
    assert found is not None
    assert found[0] == meant


@pytest.mark.parametrize(
    "word",
    ["мяч", "меч", "соло", "гала", "склад", "укладка", "расклад", "работяга", "план2024", "ок", "солист", "марка",
     "шоколад", "опыт", "магазин", "крот"],
)  # fmt: skip
def test_words_that_are_only_alike_are_not_taken_for_them(word):
    assert meaning(word) is None


def test_the_nearer_word_decides():
    address = at("@qz_tuman_lis_77", top=1000)
    drugs, sign = "МЯУ ШИШКИ", "РЕМОНТ ОБУВИ"
    near_drugs = context([address, at(drugs, top=1030), at(sign, top=100)], address.box)
    near_sign = context([address, at(sign, top=1030), at(drugs, top=100)], address.box)
    assert near_drugs.score > 0.8
    assert near_sign.score < 0.2
    far = context([address, at(drugs, top=100_000)], address.box)
    assert far.words[0].weight == pytest.approx(LEAST_SHARE * context([at(drugs)]).words[0].weight)


def test_a_word_counts_once_and_the_score_does_not_depend_on_the_order():
    once = context([at("мяу"), at("ремонт")])
    assert context([at("ремонт"), at("мяу мяу"), at("МЯУ")]).score == once.score
    assert [word.meant for word in once.words] == ["мяу", "ремонт"]
    assert once.words[0].text == "мяу"


def test_much_text_and_odd_text_take_no_time_and_no_harm():
    page = [at("слово " * 2000), *(at(f"строка {n} \u202e \ud800 {'я' * 5000}") for n in range(50))]
    assert 0 <= context(page).score <= 1
    flat = Line("мяу", 0.9, ((5.0, 5.0),) * 4)
    assert context([flat], flat.box).score > 0.8
