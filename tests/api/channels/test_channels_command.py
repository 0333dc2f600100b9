"""`wallwatch channels`, and the table of channels."""

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.intake.channels.table import channels
from tests.api.channels import telegram_server
from tests.api.channels.messengers import of_telegram, of_whatsapp
from tests.api.telling import ONE_DATABASE


@pytest.fixture
def wallwatch(monkeypatch, tmp_path, telegram, whatsapp):
    """Runs the command with both messengers set up; `telegram__mode=…` changes a setting."""
    groups = {"telegram": of_telegram(api=telegram[0].url), "whatsapp": of_whatsapp(api=whatsapp[0].url)}

    def run(*arguments, **more):
        said = {f"{group}__{name}": value for group, values in groups.items() for name, value in values.items()} | more
        environment = {f"WALLWATCH_{name}".upper(): str(value) for name, value in said.items()}
        known = {"WALLWATCH_STAGE": "development", "WALLWATCH_DATA_DIR": str(tmp_path)}
        answer = CliRunner().invoke(app, ["channels", *arguments], env=environment | known)
        return answer.exit_code, answer.output

    return run


def test_it_says_who_we_are(wallwatch):
    status, said = wallwatch("check")
    assert status == 0, said
    assert "telegram: the bot is @walls_nobodys_bot; 0 updates wait" in said
    assert "a worker asks for updates" in said
    assert "whatsapp: the number is +7 779 000 99 99999, Walls; quality GREEN" in said


def test_it_says_what_is_wrong_and_what_to_do(wallwatch):
    status, said = wallwatch("check", telegram__token="110022:AA-wrong", whatsapp__token="wrong")
    assert status == 1
    assert "telegram: WRONG  Telegram does not know the token" in said
    assert "whatsapp: WRONG  Meta refuses the access token" in said
    assert "AA-wrong" not in said


def test_a_webhook_is_set_looked_at_and_taken_away(wallwatch, telegram):
    server, _ = telegram
    webhook = {"telegram__mode": "webhook"}
    assert "WRONG  no webhook of ours is set" in wallwatch("check", **webhook)[1]
    status, said = wallwatch("set-webhook", "https://walls.example/", **webhook)
    assert (status, server.hook) == (0, "https://walls.example/hooks/telegram"), said
    sent = telegram_server.fields(server.bodies("setWebhook")[0])
    assert sent["secret_token"] == telegram_server.SECRET
    assert sent["allowed_updates"] == ["message", "callback_query"]
    assert wallwatch("check", **webhook)[0] == 0
    assert "WRONG  a webhook is set, so polling gets nothing" in wallwatch("check")[1]
    assert wallwatch("delete-webhook")[0] == 0
    assert server.hook == ""


@pytest.mark.parametrize(
    ("arguments", "more", "said"),
    [
        (("set-webhook", "https://walls.example"), {}, "WALLWATCH_TELEGRAM__MODE is polling"),
        (("set-webhook", "http://walls.example"), {"telegram__mode": "webhook"}, "https:// only"),
        (("delete-webhook",), {"telegram__token": ""}, "WALLWATCH_TELEGRAM__TOKEN is not set"),
        (("delete-webhook",), {"telegram__token": "110022:AA-wrong"}, "does not know the token"),
        (("check",), {"telegram__token": "", "whatsapp__phone_id": ""}, "no messenger is set up"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(wallwatch, arguments, more, said):
    status, output = wallwatch(*arguments, **more)
    assert status == 2
    assert said in output
    assert len(output.strip().splitlines()) == 1


@ONE_DATABASE
def test_the_table_has_what_the_settings_name_once_and_closes_it(make_services, telegram):
    assert dict(channels(make_services())) == {}
    services = make_services(telegram=of_telegram(api=telegram[0].url), whatsapp=of_whatsapp())
    found = channels(services)
    assert list(found) == ["telegram", "whatsapp"]
    assert channels(services)["telegram"] is found["telegram"]
    found["telegram"].pressed("1")  # opens a connection and a thread
    thread = found["telegram"]._client._thread
    services.close()
    assert not thread.is_alive()
