"""A correct photo is never turned wrong: shown on every sample that shows text."""


def test_no_sample_that_stands_upright_is_turned(records, see):
    upright = [record["photo"] for record in records if record["lines"] and not record["quarter_turns"]]
    assert len(upright) > 50
    assert [name for name in upright if see(name).quarter_turns] == []
