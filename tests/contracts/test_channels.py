"""What every channel keeps to, whatever it brings things from."""

import io

import pytest

from api.intake.channels.base import ChannelError, Media, Message
from api.intake.channels.mail import MailChannel
from api.intake.channels.watched import FolderChannel
from api.services import build
from api.settings import Settings

KINDS = {"mail": MailChannel, "folder": FolderChannel}


@pytest.fixture(params=KINDS)
def channel(request, tmp_path):
    services = build(Settings(stage="development", data_dir=tmp_path))
    yield KINDS[request.param](services)
    services.close()


def test_it_has_a_name_of_its_own(channel):
    assert KINDS[channel.name] is type(channel)
    assert channel.talks is False


def test_what_was_kept_is_fetched_whole_and_twice_alike(channel):
    data = bytes(range(256)) * 9000
    stored = channel._services.blobs.put(iter([data]), limit_bytes=len(data))
    for _ in range(2):
        into = io.BytesIO()
        channel.fetch(Media(f"kept:{stored.sha256}", "document"), into, limit_bytes=len(data))
        assert into.getvalue() == data


def test_what_is_too_large_or_gone_is_said_for_good(channel):
    stored = channel._services.blobs.put(iter([bytes(3 * 2**20)]), limit_bytes=2**24)
    into = io.BytesIO()
    with pytest.raises(ChannelError) as refused:
        channel.fetch(Media(f"kept:{stored.sha256}", "document"), into, limit_bytes=2**20)
    assert (refused.value.code, refused.value.is_final) == ("media_too_large", True)
    assert len(into.getvalue()) <= 2**20
    for ref in ("kept:" + "0" * 64, "kept:", "", "kept:../../secret", "http://127.0.0.1/"):
        with pytest.raises(ChannelError) as refused:
            channel.fetch(Media(ref, "document"), io.BytesIO(), limit_bytes=2**20)
        assert (refused.value.code, refused.value.is_final) == ("media_gone", True)


def test_one_that_does_not_talk_refuses_to(channel):
    with pytest.raises(ChannelError):
        channel.send("x@qz-tuman-77.kz", Message("x"))
    channel.pressed("x")
