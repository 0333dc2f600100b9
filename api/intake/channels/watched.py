"""The channel of a watched folder: pictures that are put into it become arrivals; nothing goes out.

Each picture is somebody of its own (`sender` is the arrival's name): what lies in a folder has no sender, and two
pictures side by side are not one conversation, as two messages of one person would be; nor are there limits by sender.
"""

from __future__ import annotations

from typing import BinaryIO

from api.intake.channels import kept
from api.intake.channels.base import ChannelError, Media, Message
from api.intake.channels.folder.rounds import NAME, FolderRounds
from api.intake.channels.loop import Loop
from api.services import Services


class FolderChannel:
    """A folder that pictures are put into."""

    name = NAME
    talks = False

    def __init__(self, services: Services) -> None:
        self._services = services

    def fetch(self, media: Media, into: BinaryIO, *, limit_bytes: int) -> None:
        """Write a picture into a file. ChannelError as `Channel.fetch` and `kept.fetch` say."""
        kept.fetch(self._services.blobs, media, into, limit_bytes=limit_bytes)

    def send(self, chat: str, message: Message, *, picture: bytes | None = None) -> str:  # noqa: ARG002 - the Protocol's
        """Never: nobody reads in a folder. ChannelError `folder_is_silent`, final."""
        raise ChannelError("folder_is_silent", "A folder takes no messages.", is_final=True)

    def pressed(self, press: str) -> None:
        """Nothing: there are no buttons."""


def folder_channel(services: Services) -> FolderChannel | None:
    """The channel; None where no folder is watched."""
    return FolderChannel(services) if services.settings.watched.path else None


def folder_loop(services: Services, worker: str) -> Loop | None:
    """What a worker starts and stops to watch the folder; None where there is none."""
    settings = services.settings.watched
    if settings.path is None:
        return None
    rounds = FolderRounds(services, settings.path, worker)
    return Loop(NAME, rounds.go, every_s=settings.every_s, closing=rounds.close)
