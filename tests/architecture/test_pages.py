"""What no template and no script of ours may contain, so that nothing that was read on a wall can run or load."""

import re
from pathlib import Path

import pytest

WEB = Path("api/web")
TEMPLATES = sorted(WEB.glob("templates/**/*.html"))
SCRIPTS = sorted(WEB.glob("static/*.js"))
STYLES = sorted(WEB.glob("static/*.css"))

IN_TEMPLATES = {
    "a script of its own": r"<script(?![^>]*\bsrc=)[^>]*>",
    "a handler": r"<[^>]*\son\w+\s*=",
    "htmx's handlers": r"hx-on|hx-vals=['\"]js:|hx-headers=['\"]js:",
    "a style of its own": r"<style|<[^>]*\sstyle\s*=",
    "text that is not escaped": r"\|\s*safe\b|autoescape\s+false|Markup\(",
    "something from elsewhere": r"(?:src|href|action)\s*=\s*['\"](?:https?:)?//",
}
IN_SCRIPTS = {
    "text parsed as HTML": r"\.(?:inner|outer)HTML|insertAdjacentHTML|document\.write|ContextualFragment|DOMParser",
    "text run as script": r"\beval\(|new Function\(|setTimeout\(\s*['\"]|setInterval\(\s*['\"]",
    "something from elsewhere": r"(?:fetch|open|importScripts)\(\s*['\"`](?:https?:)?//",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_holds_no_script_no_style_and_nothing_unescaped(path):
    text = path.read_text("utf-8")
    assert [what for what, pattern in IN_TEMPLATES.items() if re.search(pattern, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
def test_a_script_parses_no_text_and_asks_nobody_else(path):
    text = path.read_text("utf-8")
    assert [what for what, pattern in IN_SCRIPTS.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("path", STYLES, ids=str)
def test_colours_come_from_the_tokens(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    found = re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgba?\(|hsla?\(", text)
    allowed = path.name == "tokens.css" or (path.name == "app.css" and found == ["rgb("])  # what lies behind a dialog
    assert allowed or found == []


def test_there_are_pages():
    assert len(TEMPLATES) > 20
    assert len(SCRIPTS) > 5
