"""Files that were made to hurt: each ends in a clear refusal, and none takes more memory than an honest one."""

import contextlib
import io
import json
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.exchange.incoming.claims import ImportRefused, ImportTooLarge
from api.exchange.incoming.formats import read
from api.exchange.incoming.service import take_in
from api.exchange.service import Format
from api.unit import SYSTEM
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture

MIB = 2**20
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<row><c t="inlineStr"><is><t>value</t></is></c></row>'


def workbook(sheet="", **parts):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(SHEET, sheet)
        for name, data in parts.items():
            book.writestr(name, data)
    return made.getvalue()


def sheet(rows):
    return f"<worksheet><sheetData>{HEAD}{rows}</sheetData></worksheet>"


def cell(text, **attributes):
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<row><c t="inlineStr"{told}><is><t>{text}</t></is></c></row>'


def everything(data, form):
    return list(read(io.BytesIO(data), Format(form), kind=None))


def peak_of(data, form):
    tracemalloc.start()
    try:
        with pytest.raises(ImportRefused) as refused:
            for _ in read(io.BytesIO(data), Format(form), kind=None):
                pass
        return refused.value.message, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_sheet_by_hand_is_read_and_a_formula_refused(services):
    rows = cell("@qz_tuman_lis") + "<row><c><f>1+1</f><v>2</v></c></row>" + cell("+77075009665") + cell("=1+1")
    good, formula, phone, text = everything(workbook(sheet(rows)), "xlsx")
    assert (good.value, phone.value) == ("qz_tuman_lis", "+77075009665")
    assert [formula.reason, text.reason] == ["Column value holds a formula."] * 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04 not really", "not a whole XLSX"),
        (b"", "not a whole XLSX"),
        (workbook(sheet(""))[:-30], "not a whole XLSX"),
        (workbook(sheet(""), **{"../../../../tmp/evil.xml": "x"}), "leads out of it"),
        (workbook(sheet(""), **{"/etc/passwd": "x"}), "leads out of it"),
        (workbook(sheet(""), **{"..\\evil.xml": "x"}), "leads out of it"),
        (workbook(sheet(""), **{"xl/x.bin": b"\0" * (257 * MIB)}), "unpacks to more than 256 MiB"),
        (workbook("<!DOCTYPE a [<!ENTITY b 'c'>]>" + sheet(cell("&b;"))), "document type or entities"),
        (workbook("<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" + sheet("")), "document type or entities"),
        (workbook(sheet(""), **{"xl/sharedStrings.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><sst/>"}), "document type"),
        (workbook(sheet("<row>")), "not well-formed"),
        (workbook("\ufffe\0"), "not well-formed"),
        (workbook(sheet(cell("a" * 40_000))), "more than 32767 characters"),
        (workbook(sheet("").replace("value", "name")), "names no column 'value'"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_hostile_workbook_is_refused_in_words(data, said):
    with pytest.raises(ImportRefused, match=said):
        everything(data, "xlsx")


def test_a_bomb_in_a_bomb_is_never_unpacked():
    inner = workbook(sheet(""), zeros=b"\0" * (64 * MIB))
    assert len(inner) < 100_000
    message, peak = peak_of(workbook(**{"inner.xlsx": inner}), "xlsx")
    assert message == "Nothing was imported: it is empty."
    assert peak < 8 * MIB


@pytest.mark.parametrize(
    ("form", "data"),
    [
        ("xlsx", workbook('<worksheet a="' + "x" * (100 * MIB) + '"/>')),
        ("xlsx", workbook(sheet("<row>" + "<c/>" * 10_000_000 + "</row>").replace("value", "a"))),
        ("csv", b"value\n" + b"x" * (100 * MIB)),
        ("csv", b'value\n"' + b"x\n" * (10 * MIB)),
        ("json", b"[" * (20 * MIB)),
        ("json", b'[{"value": "' + b"x" * (60 * MIB) + b'"}]'),
        ("json", b'[{"value": [' + b"1," * (10 * MIB) + b"1]}]"),
        ("stix", b'{"objects": [{"a":' * 100),
        ("json", b"[{" + b'"a":{' * 100),
    ],
    ids=["one tag", "many cells", "a line of 100 MB", "an open quote", "brackets", "a text", "a record", "x", "y"],
)
def test_what_is_long_or_deep_beyond_reason_takes_bounded_memory(form, data):
    message, peak = peak_of(data, form)
    assert message.startswith("Nothing was imported: ")
    assert peak < 48 * MIB, (message, peak)


def test_a_line_of_100_mb_is_one_refused_line():
    file = io.BytesIO(b"x" * (100 * MIB) + b"\n@qz_tuman_lis\n")
    tracemalloc.start()
    try:
        found = list(read(file, Format.TEXT, kind=None))
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()
    assert [each.where for each in found] == ["line 1", "line 2"]
    assert found[0].reason == "It is longer than 1 MiB."


@pytest.mark.parametrize(
    "data", [b'[{"value": "\xff"}]', b"[1e999999, {]", b"[" + b"9" * 5000 + b"]", b"nul", b"[1] 2", b""]
)
@pytest.mark.parametrize("form", ["json", "geojson", "stix", "misp"])
def test_what_is_not_json_is_refused(form, data):
    with pytest.raises(ImportRefused, match="it is not JSON that can be read"):
        everything(data, form)


def test_a_row_that_is_not_utf_8_hides_no_other():
    bad, good = everything(b"value,kind\n\xff\xfeabc,telegram\n@qz_tuman_lis,\n", "csv")
    assert (bad.where, "is not UTF-8" in bad.reason, good.value) == ("row 2", True, "qz_tuman_lis")


def test_a_file_over_the_limit_is_not_looked_at(make_services):
    services = make_services(exchange={"import_bytes": 1024})
    with pytest.raises(ImportTooLarge):
        take_in(services, SYSTEM, io.BytesIO(b"@a\n" * 1000), name="a.txt", is_dry_run=True, tell=print)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "id",
                    "objects",
                    "value",
                    "kind",
                    "properties",
                    "geometry",
                    "coordinates",
                    "features",
                    "pattern",
                    "object_refs",
                    "sighting_of_ref",
                    "where_sighted_refs",
                    "labels",
                    "external_references",
                    "object_marking_refs",
                    "Event",
                    "Attribute",
                    "Object",
                    "Tag",
                    "name",
                    "object_relation",
                    "ObjectReference",
                    "latitude",
                    "longitude",
                    "account_type",
                    "account_login",
                    "first_seen",
                ]
            ),
            inner
            | st.sampled_from(
                ["Point", "sighting", "indicator", "location", "url", "user-account", "geolocation", "domain"]
            ),
            max_size=6,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=ANYTHING, form=st.sampled_from(["json", "geojson", "stix", "misp"]))
def test_objects_of_any_shape_are_claims_or_refusals_and_never_an_error_of_ours(value, form):
    wrapped = {
        "json": [value], "geojson": {"features": [value]}, "stix": {"objects": [value]},
        "misp": {"Event": {"Attribute": [value], "Object": [value]}},
    }[form]  # fmt: skip
    with contextlib.suppress(ImportRefused):
        everything(json.dumps(wrapped).encode(), form)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300), form=st.sampled_from(["csv", "text", "xlsx", "json"]))
def test_bytes_of_any_kind_are_claims_or_refusals(data, form):
    with contextlib.suppress(ImportRefused):
        everything(b"value\n" + data if form == "csv" else data, form)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("stix", {"type": "bundle", "objects": 7}),
        ("stix", {"type": "bundle", "objects": {"type": "url"}}),
        ("stix", {"type": "bundle", "objects": ["url"]}),
        ("misp", {"Event": {"Attribute": "qz_tuman_lis_77"}}),
        ("misp", {"Event": {"Object": {"name": "telegram-account"}}}),
        ("geojson", {"type": "FeatureCollection", "features": "none"}),
    ],
)
def test_what_stands_where_a_list_belongs_is_refused_and_not_taken_for_an_empty_one(form, told):
    with pytest.raises(ImportRefused, match="no list of objects"):
        everything(json.dumps(told).encode(), form)


@pytest.mark.parametrize(
    ("form", "told"), [("stix", {"objects": None}), ("stix", {"objects": []}), ("misp", {"Event": {}})]
)
def test_a_file_that_holds_nothing_is_an_empty_one(form, told):
    assert everything(json.dumps(told).encode(), form) == []
