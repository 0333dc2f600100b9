"""The board counts, judges and draws what it says, and its contestants answer from processes of their own."""

import json

import pytest
from PIL import Image

from vision.lab.board import kept, misses, plots, split
from vision.lab.board.contestants import OURS, PLACES, PLAIN, WithoutLattice
from vision.lab.board.figures import Bar, all_figures, bars, calibration_error, figures, thresholds, top_share
from vision.lab.board.page import Run, page
from vision.lab.board.race import Race, Results
from vision.lab.board.tesseract import lines_of
from vision.lab.evaluate import load_cases
from vision.lab.score import Answer, Case, Found
from vision.recognise.base import Recognised
from vision.types import Card, Kind

BOX = ((10.0, 10.0), (90.0, 10.0), (90.0, 30.0), (10.0, 30.0))
TSV = """level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext
5\t1\t1\t1\t1\t1\t10\t20\t30\t10\t90\t@qworplx
5\t1\t1\t1\t1\t2\t50\t18\t20\t14\t70\t_82
4\t1\t2\t1\t1\t0\t0\t0\t10\t10\t-1\t
5\t1\t2\t1\t1\t1\t5\t60\t20\t10\t50\t"wall
"""


def case(*values, name="a.jpg", kind=Kind.TELEGRAM, difficulty="easy", data=b"", lines=()):
    record = {"wall": "brick", "seed": 2100, "lines": [{"text": text} for text in lines], "addresses": []}
    return Case(name, data, frozenset((kind, value) for value in values), "spray", difficulty, record)


def found(value, confidence=0.9, *, kind=Kind.TELEGRAM, accepted=True, others=(), coded=False):
    return Found(kind, value, confidence, accepted, others, BOX, coded)


def test_a_true_value_counts_among_the_first_three_and_not_behind_them():
    one = case("qworplx_82")
    third = Answer(one, (found("qworplx_8z", others=("qworplx-82", "qworplx_82")),), 1.0)
    fourth = Answer(one, (found("qworplx_8z", others=("a", "b", "qworplx_82")),), 1.0)
    other_kind = Answer(one, (found("qworplx_82", kind=Kind.VK),), 1.0)
    assert top_share([third]) == 1
    assert top_share([fourth]) == 0
    assert top_share([other_kind]) == 0
    assert top_share([third, fourth]) == 0.5


def test_calibration_is_judged_on_paint_alone():
    one = case("qworplx_82")
    sure_and_wrong = Answer(one, (found("qworplx_8z", 0.8), found("qworplx_82", 1.0, coded=True)), 1.0)
    assert calibration_error([sure_and_wrong]) == pytest.approx(0.8)


def test_expressions_that_know_no_doubt_have_no_calibration():
    assert calibration_error([Answer(case("qworplx_82"), (found("qworplx_82", 1.0),), 1.0)]) is None


def test_only_accepted_findings_on_bare_walls_are_false_alarms():
    answers = [
        Answer(case(), (found("qworplx_82", accepted=False),), 1.0),
        Answer(case(), (found("qworplx_82"),), 1.0),
        Answer(case("qworplx_82"), (found("qworplx_83"),), 1.0),
    ]
    each = figures(answers)
    assert (each.false_alarms, each.empty) == (1, 2)
    assert each.false_alarms_per_100 == 50


def test_a_cyrillic_domain_is_counted_by_itself():
    answers = [
        Answer(case("пихта-кот-6071.рф", kind=Kind.DOMAIN), (found("пихта-кот-6071.рф", kind=Kind.DOMAIN),), 1.0),
        Answer(case("pihta-kot-6071.biz", kind=Kind.DOMAIN), (), 1.0),
    ]
    each = figures(answers)
    assert (each.cyrillic_domains.true, each.cyrillic_domains.f1) == (1, 1.0)
    assert each.groups["script of the value"]["latin"].recall == 0
    assert each.groups["wall"]["brick"].true == 2


def test_precision_and_recall_follow_the_confidence_asked_for():
    answers = [Answer(case("qworplx_82"), (found("qworplx_82", 0.9), found("qworplx_8z", 0.4)), 1.0)]
    rows = {round(least, 2): (precision, recall) for least, precision, recall in thresholds(answers)}
    assert rows[0.3] == (0.5, 1.0)
    assert rows[0.5] == (1.0, 1.0)
    assert 0.95 not in rows


def test_bars_are_met_without_rounding():
    assert Bar("F1", 0.9, 0.8999).is_met is False
    assert Bar("F1", 0.9, 0.9).is_met is True
    assert Bar("time", 0.5, 0.5001, at_most=True).is_met is False
    assert Bar("F1", 0.9, None).is_met is None


def test_bars_set_our_reader_beside_the_others_of_the_same_run():
    ours = figures([Answer(case("qworplx_82", lines=["@qworplx_82"]), (found("qworplx_82"),), 0.2, ("@qworplx_82",))])
    plain = figures([Answer(case("qworplx_82"), (), 0.9)])
    reached = {bar.what: bar for bar in bars({OURS: ours, PLAIN: plain}, [0.8, 0.8])}
    assert reached["the same above RapidOCR + expressions"].reached == 1
    assert reached["median time / RapidOCR's call"].reached == pytest.approx(0.25)
    assert reached["real Cyrillic lines read"].is_met is None
    assert bars({OURS: ours}, [])[1].is_met is None


def test_the_worst_misses_come_first():
    sure = Answer(case("qworplx_82", name="sure"), (found("qworplx_8z", 0.8, accepted=False),), 1.0)
    accepted = Answer(case("qworplx_82", name="accepted"), (found("qworplx_8z", 0.7),), 1.0)
    hard = Answer(case("qworplx_82", name="hard", difficulty="hard"), (), 1.0)
    easy = Answer(case("qworplx_82", name="easy"), (found("x_y_z", 0.1, accepted=False),), 1.0)
    right = Answer(case("qworplx_82", name="right"), (found("qworplx_82"),), 1.0)
    ranked = misses.worst([hard, right, easy, sure, accepted])
    assert [miss.answer.case.name for miss in ranked] == ["accepted", "sure", "easy", "hard"]
    assert [miss.why for miss in ranked[:3]] == ["accepted and wrong", "sure and wrong", "missed"]


def test_answers_are_read_again_as_they_were_written(tmp_path):
    one = case("qworplx_82")
    answer = Answer(one, (found("qworplx_82", others=("a",)), Found(Kind.PHONE, "+70000000000")), 0.5, ("@x",))
    results = Results({OURS: [answer]}, {OURS: 7}, 3, {"embedded": "1"}, {"easyocr": "missing"}, [0.1])
    kept.save(tmp_path / "a.json", {"drawn": results}, {"machine": {"cores": "2"}})
    races, facts = kept.load(tmp_path / "a.json", {"drawn": [one]})
    assert races == {"drawn": results}
    assert facts == {"machine": {"cores": "2"}}
    with pytest.raises(ValueError, match="other photos"):
        kept.load(tmp_path / "a.json", {"drawn": [case(name="b.jpg")]})


def test_words_of_tesseract_become_lines_with_boxes():
    first, second = lines_of(TSV)
    assert (first.text, second.text) == ("@qworplx _82", '"wall')
    assert first.box == ((10, 18), (70, 18), (70, 32), (10, 32))
    assert first.confidence == pytest.approx(0.8)


def test_without_grammar_a_recogniser_gives_no_lattice():
    class Inner:
        card = Card("inner", "1")

        def recognise(self, crops):
            return tuple(Recognised("x", 0.5, object()) for _ in crops)

    wrapped = WithoutLattice(Inner())
    assert [answer.lattice for answer in wrapped.recognise([None, None])] == [None, None]
    assert wrapped.card.name != "inner"


def test_the_split_is_240_test_photos_and_its_fonts_are_the_pinned_ones():
    written = split.load()
    assert written.seeds == tuple(range(2_100, 2_340))
    assert dict(written.fonts) == split.locked_fonts()
    assert len({each.photo for each in written.hashes.values()}) == 240


def test_photos_that_changed_are_named():
    written = split.load()
    record = {"photo": "wall-02100.jpg", "seed": 2100}
    checked = split.check(written, [split.Drawn("wall-02100.jpg", b"other", record)])
    assert checked.truth_differs == ("wall-02100.jpg",)
    assert not checked.same


def test_the_lock_of_the_fonts_names_no_registry():
    assert "resolved" not in split.LOCK_FILE.read_text("utf-8")
    packages = json.loads(split.LOCK_FILE.read_text("utf-8"))["packages"]
    assert all(entry.get("integrity") for path, entry in packages.items() if path)


def test_two_contestants_race_over_samples_and_the_page_is_made(tmp_path):
    cases = load_cases(split.HERE.parents[2] / "samples", split="test", limit=2)
    with Race(["embedded", "rapidocr"]) as race:
        told = []
        results = race.run(cases, lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    assert set(results.answers) >= {OURS, PLAIN, "rapidocr + our extraction"}
    assert {answer.case.name for answer in results.answers[OURS]} == {one.name for one in cases}
    assert len(results.call_s) == 2
    assert all(peak > 0 for peak in results.peak_bytes.values())
    assert results.absent == {}
    entries = all_figures(results, None)
    assert entries[OURS].whole.true == sum(len(one.truth) for one in cases)
    drawn = plots.draw_all(tmp_path, entries, results.answers)
    for name in drawn:
        with Image.open(tmp_path / name) as plot:
            assert min(plot.size) > 200
    wrong = misses.worst([Answer(one, (), 1.0) for one in cases])
    shown = dict(zip(misses.draw_all(tmp_path, wrong), wrong, strict=True))
    checked = split.Checked(2, ("wall-02000.jpg",), (), {"numpy": "3, was 2"})
    run = Run("2026-01-01", "c", {}, (1, 2), checked, results, entries, bars(entries, results.call_s), drawn, shown)
    text = page(run)
    assert all(f"({name})" in text.replace("pictures/board/", "") for name in (*drawn, *shown))
    assert "same truth, other bytes in 1 photos (wall-02000.jpg)" in text
    assert "not measured" in text


def test_a_contestant_that_cannot_be_built_is_left_out_with_a_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))  # no tesseract there
    with Race(["tesseract"]) as race:
        assert race.names == []
        assert "apt install tesseract-ocr" in race.absent["tesseract"]


def test_every_entry_of_the_board_is_somebodys_alone():
    entries = [entry for place in PLACES.values() for entry in place.entries]
    assert len(entries) == len(set(entries))
    assert {OURS, PLAIN, "no grammar", "no fine-tuning", "no extra looks"} <= set(entries)
