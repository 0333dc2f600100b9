"""Files and settings of an operator that cannot be used: refused at start, by name and with the reason."""

import json

import pytest

from api.warninglists import files
from api.warninglists.files import WarningListRefused
from api.warninglists.lists import WarningLists
from tests.api.listfiles import COME_ALONG, Asked, own, put, said


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON (line 1, column 1"),
        ("[1]", "not a JSON object"),
        ("null", "not a JSON object"),
        ('{"name": "a", "name": "b"}', "says 'name' twice"),
        (json.dumps(said("a.kz")).replace('"list"', '"list": [], "list"'), "says 'list' twice"),
        (json.dumps(said("a.kz", colour="red")), "'colour'"),
        (json.dumps(said("a.kz", name=7)), "name must be a text"),
        (json.dumps(said("a.kz", description="")), "description must be a text"),
        (json.dumps(said("a.kz", description="x" * 1001)), "description must be a text"),
        (json.dumps(said("a.kz", version="3")), "version must be a whole number"),
        (json.dumps(said("a.kz", version=True)), "version must be a whole number"),
        (json.dumps(said("a.kz", version=2**31)), "version must be a whole number"),
        (json.dumps(said("a.kz", version=-1)), "version must be a whole number"),
        (json.dumps(said("a.kz")).replace("3", "9" * 5000), "a number that is too long"),
        (json.dumps(said("a.kz", match="glob")), "type must be one of"),
        (json.dumps(said("a.kz", match=["hostname"])), "type must be one of"),
        (json.dumps(said("a.kz", category="good")), "category must be one of"),
        (json.dumps(said("a.kz", matching_attributes="domain")), "matching_attributes must be a list"),
        (json.dumps(said("a.kz", matching_attributes=[7])), "matching_attributes must be a list"),
        (json.dumps(said("a.kz", matching_attributes=["md5", "telegam"])), "none of its matching_attributes"),
        (json.dumps(said()), "at least one text"),
        (json.dumps(said() | {"list": "a.kz"}), "at least one text"),
        (json.dumps(said() | {"list": {"a.kz": 1}}), "at least one text"),
        (json.dumps(said("a.kz", 7)), "entry 2 must be a text"),
        (json.dumps(said("a.kz", None)), "entry 2 must be a text"),
        (json.dumps(said("a.kz", " ")), "entry 2 must be a text"),
        (json.dumps(said("x" * 501)), "entry 1 must be a text"),
        (json.dumps(said("a\0b")), "entry 1 must be a text"),
        (json.dumps(said("\ud800")), "entry 1 must be a text"),
        (json.dumps(said("203.0.113.0/99", match="cidr")), "entry 1 is no network"),
        (json.dumps(said("a.kz", match="cidr")), "entry 1 is no network"),
        (json.dumps(said("(", match="regex")), "entry 1 is no regular expression"),
        (json.dumps(said("/a/q", match="regex")), "has the flag q"),
        (json.dumps(said("x*", match="regex")), "entry 1 matches everything"),
        (json.dumps(said(r"^(a?){300}a{300}$", match="regex")), "entry 1 takes too long"),
        (json.dumps(said(r"(a{1,1000}){1,1000}b", match="regex")), "entry 1 takes too long"),
        (json.dumps(said(*map(str, range(201)), match="regex")), "at most 200"),
        (json.dumps(said(*map(str, range(5001)), match="substring")), "at most 5,000"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_list_is_refused_by_its_name_and_with_the_reason(tmp_path, text, reason):
    path = put(tmp_path / "lists", "night", text=text)
    with pytest.raises(WarningListRefused) as refused:
        WarningLists(Asked(folder=path.parent))
    assert reason in refused.value.message
    assert "night" in refused.value.message
    assert refused.value.message.endswith(".")


def test_text_that_is_not_utf_8_a_folder_in_its_place_and_a_strange_name_are_told(tmp_path):
    folder = tmp_path / "lists"
    path = put(folder, text="")
    path.write_bytes(b'{"name": "\xff"}')
    with pytest.raises(WarningListRefused, match="not UTF-8"):
        WarningLists(Asked(folder=folder))
    path.unlink()
    path.mkdir()
    with pytest.raises(WarningListRefused, match="directory"):
        WarningLists(Asked(folder=folder))
    path.rmdir()
    put(folder, "список", **said("a.kz"))
    with pytest.raises(WarningListRefused, match="its name"):
        WarningLists(Asked(folder=folder))


def test_a_byte_order_mark_is_no_harm(tmp_path):
    path = put(tmp_path / "lists", text="")
    path.write_text(json.dumps(said("qzbank.kz")), "utf-8-sig")
    assert WarningLists(Asked(folder=path.parent, left_out=COME_ALONG)).check("domain", "qzbank.kz")


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    path = put(tmp_path / "lists", text="")
    with path.open("wb") as file:
        file.truncate(files.LARGEST_BYTES + 1)
    with pytest.raises(WarningListRefused, match="at most"):
        WarningLists(Asked(folder=path.parent))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"folder": "nowhere"}, "No such file"),
        ({"folder": "empty"}, "no file that ends in .json"),
        ({"own_bots": ("x",)}, "OWN_BOTS"),
        ({"own_bots": ("https://qz-tuman.biz",)}, "OWN_BOTS"),
        ({"left_out": ("misp/gogle",)}, "the nearest is misp/google"),
        ({"left_out": ("x",)}, "there is no list x"),
    ],
)
def test_a_setting_that_names_nothing_is_told(tmp_path, asked, reason):
    (tmp_path / "empty").mkdir()
    if "folder" in asked:
        asked = {"folder": tmp_path / asked["folder"]}
    with pytest.raises(WarningListRefused, match=reason):
        WarningLists(Asked(**asked))


def test_a_bad_list_stops_every_command_with_one_line(run, tmp_path):
    path = put(tmp_path / "lists", "banks", **said("a.kz", version="x"))
    done = run("export", WALLWATCH_WARNINGLISTS__FOLDER=str(path.parent))
    assert (done.returncode, done.stdout) == (2, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"wallwatch: The warning list {path} cannot be used: version must be")


def test_entries_that_are_there_twice_count_once(tmp_path):
    (one,) = [each for each in own(tmp_path / "lists", "a.kz", "b.kz", "a.kz").all if each.id == "own/one"]
    assert one.entries == ("a.kz", "b.kz")
