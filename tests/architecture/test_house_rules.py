"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = [path for room in ("vision", "models", "api") for path in sorted((ROOT / room).rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MAY_COMMIT = {"api/services.py"}
MAY_ASK_THE_TIME = {"api/clock.py"}
CLIENTS = re.compile(
    r"(requests|urllib\.request|http\.client|httpx2?|aiohttp|urllib3|socket|ftplib|smtplib|imaplib|imapclient)(\.|$)"
)
MAY_LISTEN = {"api/web/server.py"}
MAY_CONNECT = {
    "api/telling/mail.py",
    "api/telling/targets.py",
    "api/telling/wire.py",
    "api/cleanup/geocoder.py",
    "api/intake/channels/mailbox/connection.py",
    "api/intake/channels/telegram_client.py",
    "api/intake/channels/trouble.py",
    "api/intake/channels/whatsapp.py",
}
"""To mail servers, the resolver, webhooks that people entered, the geocoder that was set, the mailbox, messengers."""
MAY_OPEN_WEIGHTS = {"vision/weights.py"}


def name(path):
    return path.relative_to(ROOT).as_posix()


def calls(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func)


@pytest.mark.parametrize("path", CODE + TESTS, ids=name)
def test_no_file_is_longer_than_400_lines(path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_only_the_edge_commits():
    guilty = {name(p) for p in CODE for attribute, _ in calls(p) if attribute == "commit"}
    assert guilty <= MAY_COMMIT


def test_only_the_clock_asks_the_time():
    guilty = {name(p) for p in CODE for _, text in calls(p) if re.search(r"\bdatetime\.(now|utcnow|today)$", text)}
    assert guilty <= MAY_ASK_THE_TIME


def test_only_weights_py_names_weights_files():
    code = [path for path in CODE if "lab" not in path.parts]
    named = {name(p) for p in code if re.search(r"""["'][^"']*\.(?:onnx|pth)["']""", p.read_text("utf-8"))}
    assert named <= MAY_OPEN_WEIGHTS | {"vision/engines.py"}


def imports(path):
    """Every module that a file imports, and every name that it imports from one, with dots."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_no_found_address_is_ever_fetched():
    guilty = {name(p) for p in CODE for module in imports(p) if CLIENTS.match(module)}
    assert guilty <= MAY_LISTEN | MAY_CONNECT


def test_the_layers_hold():
    """import-linter's contracts run in `make check`; here they run with the tests, too."""
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_every_command_and_setting_is_in_the_docs():
    from typer.main import get_command

    from api.cli.main import app
    from api.settings import Settings

    text = "\n".join(p.read_text("utf-8") for p in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
    missing = [f"wallwatch {verb}" for verb in get_command(app).commands if f"wallwatch {verb}" not in text]
    for group, field in Settings.model_fields.items():
        inner = getattr(type(field.default), "model_fields", {})
        names = [f"WALLWATCH_{group}__{key}".upper() for key in inner] or [f"WALLWATCH_{group}".upper()]
        missing += [setting for setting in names if setting not in text]
    assert missing == []
