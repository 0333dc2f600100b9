"""Templates of letters: ours, theirs, and those that no letter can be made from."""

import io
import zipfile

import pytest
from docx import Document
from starlette.testclient import TestClient

from api.app import create_app
from api.evidence.words import Language
from api.requests.defaults import KK, RU, template, write
from api.requests.letters import OURS, TemplateUnusable, docx_letter
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.packs import SHOP, id_of, three_walls

SAID = {
    "addresses": [
        {
            "number": 1,
            "kind": "Telegram",
            "value": SHOP,
            "punycode": "",
            "sightings": 2,
            "first_seen": "a",
            "last_seen": "b",
        }
    ],
    "places": [],
    "attachments": [],
} | dict.fromkeys(
    [
        "recipient",
        "reference",
        "date",
        "legal_basis",
        "grounds",
        "contact",
        "signatory_position",
        "signatory_name",
        "made_at",
        "zone",
    ],
    "x",
)


@pytest.fixture
def theirs(tmp_path):
    """Puts a template into a department's folder: paragraphs, and changed parts of the file."""

    def put(*paragraphs, parts=None):
        folder = tmp_path / "templates"
        folder.mkdir(exist_ok=True)
        document = Document()
        for text in paragraphs:
            document.add_paragraph(text)
        made = io.BytesIO()
        document.save(made)
        with zipfile.ZipFile(made, "a") as archive:
            for name, data in (parts or {}).items():
                archive.writestr(name, data)
        (folder / "blocking-ru.docx").write_bytes(made.getvalue())
        return folder

    return put


def body(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("word/document.xml")


@pytest.mark.parametrize(("language", "words"), [("ru", RU), ("kk", KK)])
def test_what_is_shipped_is_what_is_drawn_and_says_the_same_in_both_languages(tmp_path, language, words):
    write(tmp_path)
    name = f"blocking-{language}.docx"
    assert body((tmp_path / name).read_bytes()) == body((OURS / name).read_bytes())
    assert words.keys() == RU.keys()
    assert len(template(words).tables) == 3


def test_a_departments_template_is_used_and_ours_where_there_is_none(services, accounts, make_services, client, theirs):
    three_walls(services, accounts)
    folder = theirs("Наш бланк {{ reference }}", "{%p for a in addresses %}", "{{ a.value }}", "{%p endfor %}")
    headers = {"Authorization": client("investigator").headers["Authorization"]}
    app = create_app(make_services(requests={"templates": folder, "grounds": "обход 1 марта"}))
    with TestClient(app, headers=headers) as http:
        asked = {"addresses": [{"id": id_of(http, SHOP)}], "recipient": "КНБ", "reference": "7"}
        for language, expected in (("ru", "Наш бланк 7"), ("kk", "обход 1 марта")):
            made = http.post("/v1/requests", json=asked | {"language": language}).json()
            letter = http.get(made["files"][0]["link"]).content
            assert expected in "\n".join(each.text for each in Document(io.BytesIO(letter)).paragraphs)
        theirs("{{ a.value }}")
        answer = http.post("/v1/requests", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (409, "template_unusable")
    assert answer.json()["template"] == "blocking-ru.docx"


VALUES = "{% for a in addresses %}{{ a.value }}{% endfor %}"


@pytest.mark.parametrize(
    ("paragraphs", "parts", "said"),
    [
        (["{% for a in addresses %}"], None, "cannot be used"),
        (["{{ recipient }}"], None, "does not print the addresses"),
        ([VALUES, "{{ no_such_word }}"], None, "no_such_word"),
        ([VALUES, "{{ ''.__class__.__mro__[1].__subclasses__() }}"], None, "unsafe"),
        ([VALUES, "{{ 1 // 0 }}"], None, "cannot be computed"),
        ([VALUES, "{% include '/etc/passwd' %}"], None, "cannot be used"),
        ([VALUES], {"word/vbaProject.bin": b"x"}, "macros"),
        ([VALUES], {"word/_rels/settings.xml.rels": b'<R Target="http://x" TargetMode="External"/>'}, "outside of it"),
        ([VALUES], {"word/zeros.bin": b"\0" * (31 * 2**20)}, "MiB"),
    ],
    ids=range(9),
)
def test_a_template_that_makes_no_letter_is_named_with_the_reason(theirs, paragraphs, parts, said):
    with pytest.raises(TemplateUnusable, match=said):
        docx_letter(theirs(*paragraphs, parts=parts), Language.RU, SAID)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"text", b"\0" * (6 * 2**20)])
def test_a_file_that_is_no_docx_is_refused(tmp_path, data):
    (tmp_path / "blocking-ru.docx").write_bytes(data)
    with pytest.raises(TemplateUnusable):
        docx_letter(tmp_path, Language.RU, SAID)


def test_the_command_writes_templates_and_never_over_others(run, tmp_path):
    from typer.testing import CliRunner

    from api.cli.main import app

    done = CliRunner().invoke(app, ["templates", str(tmp_path / "ours")])
    assert (done.exit_code, sorted(path.name for path in (tmp_path / "ours").iterdir())) == (
        0,
        ["blocking-kk.docx", "blocking-ru.docx", "press-en.txt", "press-kk.txt", "press-ru.txt"],
    )
    assert docx_letter(tmp_path / "ours", Language.KK, SAID)
    assert CliRunner().invoke(app, ["templates", str(tmp_path / "ours")]).exit_code == 2
