"""The Cloud API's wire format (developers.facebook.com), with numbers, names and tokens that are nobody's."""

import hashlib
import hmac
import json

from tests.api.channels.wire import Provider

PHONE_ID = "106540352249999"
TOKEN = "EAAnobodys0token"
APP_SECRET = "0123456789abcdefapp"
VERIFY = "verify-me-0123456789"
WRITER = "77790001234567"
STAMP = "1772355600"  # 2026-03-01 09:00 UTC


def wamid(number=1):
    return f"wamid.HBgLNzc3OTAwMDEyMzQ1NjcVAgASGBQzQTRBNjU5OUFFRTAzODEw{number:06d}RgA="


def text(body="Стена у гаражей", number=1, **more):
    return message("text", {"body": body}, number, **more)


def message(kind, content, number=1, *, sender=WRITER, **more):
    """A message of a webhook."""
    return {"from": sender, "id": wamid(number), "timestamp": STAMP, "type": kind, kind: content, **more}


def image(number=2, caption=None, **more):
    content = {"mime_type": "image/jpeg", "sha256": "4SbmA/KVRl0=", "id": f"{2754859441498128 + number}"}
    return message("image", content | ({"caption": caption} if caption else {}), number, **more)


def status(state="failed", number=7, code=131026):
    """A webhook's word on a message of ours."""
    errors = [{"code": code, "title": "Message undeliverable", "error_data": {"details": "Message Undeliverable."}}]
    return {
        "id": wamid(number),
        "status": state,
        "timestamp": STAMP,
        "recipient_id": WRITER,
        **({"errors": errors} if state == "failed" else {}),
    }


def body(*messages, statuses=(), phone_id=PHONE_ID, field="messages"):
    """A webhook's body."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "77790009999999", "phone_number_id": phone_id},
        "contacts": [{"profile": {"name": "Bota"}, "wa_id": WRITER, "user_id": "KZ.990011223344556677"}],
    }
    if messages:
        value["messages"] = list(messages)
    if statuses:
        value["statuses"] = list(statuses)
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": field}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def signed(data, secret=APP_SECRET):
    """A body as it goes over the wire, and the headers that sign it."""
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {"content": raw, "headers": {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}}


def refusal(code, said, status=400, **more):
    """An error of the Graph API."""
    error = {"message": said, "type": "OAuthException", "code": code, "fbtrace_id": "AbC", **more}
    return status, {"error": error}


class WhatsAppServer(Provider):
    """Knows one number. `files` are what can be downloaded, by media id."""

    def __init__(self):
        super().__init__()
        self.files, self.sent, self.number = {}, [], 500

    def name_of(self, request):
        return request.path.split("?")[0].rsplit("/", 1)[-1]

    def handle(self, request, body):
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.answers = {self.name_of(request): [refusal(190, "Error validating access token", 401)]}
        super().handle(request, body)

    def usual(self, name, body):
        if name == "messages":
            sent = json.loads(body)
            self.sent.append(sent)
            self.number += 1
            return 200, {
                "messaging_product": "whatsapp",
                "contacts": [
                    {"input": sent["to"], "wa_id": sent["to"]}
                    if "to" in sent
                    else {"input": "", "user_id": sent["recipient"]}
                ],
                "messages": [{"id": wamid(self.number)}],
            }
        if name == "media":
            return 200, {"id": "4490709327384033"}
        if name == PHONE_ID:
            return 200, {
                "verified_name": "Walls",
                "display_phone_number": "+7 779 000 99 99999",
                "quality_rating": "GREEN",
            }
        if name.startswith("file-") and name[5:] in self.files:
            return 200, self.files[name[5:]]
        if name in self.files:
            return 200, {
                "messaging_product": "whatsapp",
                "url": f"{self.url}/file-{name}",
                "mime_type": "image/jpeg",
                "sha256": "72a1",
                "file_size": len(self.files[name]),
                "id": name,
            }
        return refusal(100, "Unsupported get request. Object with ID does not exist", error_subcode=33)
