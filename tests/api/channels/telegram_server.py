"""The Bot API's wire format (core.telegram.org/bots/api), with people, chats and a token that are nobody's."""

import json
from urllib.parse import parse_qs, unquote

from tests.api.channels.wire import Provider

TOKEN = "7700112233:AAF-nobodys_token_of_wall_watch_tests0"
SECRET = "hook-Secret_0123456789"
DATE = 1_772_355_600  # 2026-03-01 09:00 UTC
ANNA = {"id": 5550001234567, "is_bot": False, "first_name": "Anna", "language_code": "kk"}
PRIVATE = {"id": ANNA["id"], "type": "private", "first_name": "Anna"}
GROUP = {"id": -1009990001112, "type": "supergroup", "title": "ОСИ Тұман 7"}
PHOTO = [
    {"file_id": "AgACAgIAAx-small", "file_unique_id": "AQADs", "width": 90, "height": 67, "file_size": 1200},
    {"file_id": "AgACAgIAAx-large", "file_unique_id": "AQADx", "width": 1280, "height": 960, "file_size": 142_310},
    {"file_id": "AgACAgIAAx-middle", "file_unique_id": "AQADm", "width": 320, "height": 240, "file_size": 18_020},
]
DOCUMENT = {
    "file_id": "BQACAgIAAx-doc",
    "file_unique_id": "AgADd",
    "file_name": "IMG_20260301.HEIC",
    "mime_type": "image/heic",
    "file_size": 2_345_678,
}
VOICE = {"file_id": "AwACAgI", "file_unique_id": "AgADv", "duration": 4, "mime_type": "audio/ogg", "file_size": 9000}
VIDEO = {"file_id": "BAACAgI", "file_unique_id": "AgADV", "width": 640, "height": 480, "duration": 9}
NOTE = {"file_id": "DQACAgI", "file_unique_id": "AgADn", "length": 240, "duration": 9, "file_size": 70_000}
ANIMATION = {"file_id": "CgACAgI", "file_unique_id": "AgADa", "width": 320, "height": 240, "duration": 2}
STICKER = {
    "file_id": "CAACAgI",
    "file_unique_id": "AgADS",
    "type": "regular",
    "width": 512,
    "height": 512,
    "is_animated": False,
    "is_video": False,
}
POLL = {
    "id": "5551",
    "question": "?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
}


def message(number=41, *, chat=None, sender=ANNA, **content):
    """A Message."""
    return {"message_id": number, "from": sender, "chat": chat or PRIVATE, "date": DATE, **content}


def update(number=887_700, *, message_id=41, chat=None, sender=ANNA, **content):
    """An Update with a message."""
    return {"update_id": number, "message": message(message_id, chat=chat, sender=sender, **content)}


def press(number=887_800, *, message_id=50, data="ok:77", chat=None, query="4382bfdwdsb323b2d9"):
    """An Update with a press of a button below a message of the bot's."""
    bot = {"id": 7_700_112_233, "is_bot": True, "first_name": "Walls", "username": "walls_nobodys_bot"}
    below = message(message_id, chat=chat, sender=bot, text="?")
    asked = {"id": query, "from": ANNA, "message": below, "chat_instance": "-77", "data": data}
    return {"update_id": number, "callback_query": asked}


class TelegramServer(Provider):
    """Knows one bot. `updates` wait to be asked for; `files` are what can be downloaded, by file_id."""

    def __init__(self):
        super().__init__()
        self.updates, self.files, self.hook, self.sent = [], {}, "", []
        self.number = 900

    def name_of(self, request):
        return unquote(request.path.split("?")[0]).rsplit("/", 1)[-1]

    def usual(self, name, body):
        if name in self.files:
            return 200, self.files[name]
        known = getattr(self, f"on_{name}", None)
        return known(body) if known else (404, {"ok": False, "error_code": 404, "description": "Not Found"})

    def handle(self, request, body):
        if TOKEN not in request.path:
            self.answers = {self.name_of(request): [refusal(401, "Unauthorized")]}
        super().handle(request, body)

    def on_getMe(self, _body):  # noqa: N802 - the method's name
        return ok(
            {
                "id": 7_700_112_233,
                "is_bot": True,
                "first_name": "Walls",
                "username": "walls_nobodys_bot",
                "can_read_all_group_messages": False,
            }
        )

    def on_getWebhookInfo(self, _body):  # noqa: N802 - as above
        return ok({"url": self.hook, "has_custom_certificate": False, "pending_update_count": len(self.updates)})

    def on_setWebhook(self, body):  # noqa: N802 - as above
        self.hook = fields(body)["url"]
        return ok(True)

    def on_deleteWebhook(self, _body):  # noqa: N802 - as above
        self.hook = ""
        return ok(True)

    def on_getUpdates(self, body):  # noqa: N802 - as above
        if self.hook:
            said = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
            return refusal(409, said)
        offset = int(fields(body).get("offset", 0))
        self.updates = [each for each in self.updates if each.get("update_id", 0) >= offset]
        return ok(self.updates[:100])

    def on_getFile(self, body):  # noqa: N802 - as above
        file_id = fields(body)["file_id"]
        if file_id not in self.files:
            return refusal(400, "Bad Request: invalid file_id")
        size = len(self.files[file_id])
        return ok({"file_id": file_id, "file_unique_id": "AQ", "file_size": size, "file_path": f"photos/{file_id}"})

    def on_sendMessage(self, body):  # noqa: N802 - as above
        self.sent.append(fields(body))
        self.number += 1
        chat = {"id": int(fields(body)["chat_id"]), "type": "private"}
        return ok(message(self.number, chat=chat, text=fields(body).get("text", "")))

    def on_sendPhoto(self, body):  # noqa: N802 - as above
        self.number += 1
        chat_id = int(body.split(b'name="chat_id"')[1].split(b"\r\n\r\n")[1].split(b"\r\n")[0])
        return ok(message(self.number, chat={"id": chat_id, "type": "private"}, photo=PHOTO))

    def on_answerCallbackQuery(self, _body):  # noqa: N802 - as above
        return ok(True)


def ok(result):
    return 200, {"ok": True, "result": result}


def refusal(status, said, **parameters):
    more = {"parameters": parameters} if parameters else {}
    return status, {"ok": False, "error_code": status, "description": said, **more}


def fields(body):
    """A form's fields, those that are JSON as what they say."""
    found = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return {name: json.loads(value) if value[:1] in '{["' else value for name, value in found.items()}
