"""Where webhooks may go, and how they get there: never into our own network, whatever a name says the second time."""

import ipaddress
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from api.telling.outcome import NotTaken
from api.telling.settings import TellingSettings
from api.telling.targets import (
    Target,
    WebhookTargetRefused,
    WebhookUnresolved,
    WebhookUrlRefused,
    addresses,
    is_public,
    parse,
    resolve_here,
)
from api.telling.wire import post
from tests.api.receivers import Hooks

OURS = TellingSettings()
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.9.9", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "192.0.0.192", "168.63.129.16", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "198.18.0.1", "192.0.2.7", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:53aa:64c::1", "2001:db8::1", "fec0::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_on_the_open_internet_is_refused(address):
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(WebhookTargetRefused):
        addresses(Target(True, "hook.example", 443, "/"), OURS, lambda *_: [PUBLIC[0], address])


@pytest.mark.parametrize("address", [*PUBLIC, "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
def test_what_is_on_the_open_internet_may_be_reached(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/", "file:///etc/passwd", "gopher://hook.example/", "//hook.example/", "hook.example", "",
        "https://", "https:///x", "https://user@hook.example/", "https://user:pass@hook.example/", "https://@hook.example/",
        "https://hook.example:22/", "https://hook.example:0/", "https://hook.example:99999/", "https://hook.example:x/",
        "https://hook.example/#part", "https://hook.example/a b", "https://hook.example/\r\nX: y", "https://[fe80::1%25eth0]/",
        "https://[::1/", "https://hook.example\\@10.0.0.1/", "https://хук.example/", "https://a..b/", "https://-a.example/",
        "https://hook.example/" + "x" * 1000, "javascript:alert(1)", "https://hook%2eexample/",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_with_a_reason(url):
    with pytest.raises(WebhookUrlRefused) as refused:
        parse(url, OURS)
    assert refused.value.message.startswith("This webhook address cannot be used: ")


def test_an_address_is_taken_apart_and_names_are_kept_in_ascii():
    assert parse("https://HOOK.Example./a?b=c", OURS) == Target(True, "hook.example", 443, "/a?b=c")
    assert parse("https://xn--e1afmkfd.example:8443", OURS).port == 8443
    assert parse("https://[2606:2800::1]/", OURS).host == "2606:2800::1"
    allowed = TellingSettings(webhook_http=True, webhook_ports=(80,))
    assert parse("http://hook.example", allowed) == Target(False, "hook.example", 80, "/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_other_spellings_of_this_machine_are_resolved_before_they_are_judged(host):
    with pytest.raises((WebhookTargetRefused, WebhookUnresolved)):
        addresses(parse(f"https://{host}/", OURS), OURS, resolve_here)


def test_a_name_that_nobody_knows_is_said_so():
    def unknown(*_):
        raise socket.gaierror

    for resolve in (unknown, lambda *_: []):
        with pytest.raises(WebhookUnresolved, match=r"hook\.example cannot be resolved"):
            addresses(Target(True, "hook.example", 443, "/"), OURS, resolve)


def test_a_setting_allows_hosts_and_networks_and_nothing_beside_them():
    allowed = TellingSettings(webhook_allow=("10.20.0.0/16", "Chat.Police.Internal"))
    host = Target(True, "hook.example", 443, "/")
    assert addresses(host, allowed, lambda *_: ["10.20.3.4"]) == ["10.20.3.4"]
    assert addresses(Target(True, "chat.police.internal", 443, "/"), allowed, lambda *_: ["10.9.9.9"]) == ["10.9.9.9"]
    for other in ("10.21.0.1", "127.0.0.1"):
        with pytest.raises(WebhookTargetRefused):
            addresses(host, allowed, lambda *_, other=other: ["10.20.3.4", other])
    with pytest.raises(ValidationError, match="neither a host name nor a network"):
        TellingSettings(webhook_allow=("10.0.0.0/33",))


HERE = {"webhook_http": True, "webhook_timeout_s": 10}


def here(hooks, **more):
    return TellingSettings(**HERE, webhook_ports=(hooks.port,), webhook_allow=("127.0.0.1/32",), **more)


def hook(hooks, scheme="http", path="/in"):
    return f"{scheme}://hook.example:{hooks.port}{path}"


def test_a_name_is_resolved_once_and_the_connection_goes_to_what_was_looked_at():
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    with Hooks(204).open() as hooks:
        post(hook(hooks), b"{}", {"webhook-id": "a"}, settings=here(hooks), resolve=lambda *_: answers.pop(0))
    (path, headers, body) = hooks.posts[0]
    assert (path, body, headers["Host"], headers["webhook-id"]) == ("/in", b"{}", f"hook.example:{hooks.port}", "a")
    assert answers == [["10.0.0.1"]]


def test_a_name_that_was_public_when_it_was_entered_is_looked_at_again_when_it_is_used():
    with Hooks(204).open() as hooks:
        settings = TellingSettings(**HERE, webhook_ports=(hooks.port,))
        with pytest.raises(WebhookTargetRefused):
            post(hook(hooks), b"{}", {}, settings=settings, resolve=lambda *_: ["127.0.0.1"])
    assert hooks.posts == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status):
    with Hooks(204).open() as elsewhere:
        away = [("Location", f"http://127.0.0.1:{elsewhere.port}/taken")]
        with Hooks(status, headers=away).open() as hooks, pytest.raises(NotTaken, match="redirects") as refused:
            post(hook(hooks), b"{}", {}, settings=here(hooks), resolve=lambda *_: ["127.0.0.1"])
    assert (refused.value.code, elsewhere.posts) == ("webhook_redirect", [])


@pytest.mark.parametrize(
    ("hooks", "code"),
    [
        (Hooks(500), "webhook_refused"),
        (Hooks(204, headers=[(f"x-{n}", "y" * 60_000) for n in range(150)]), "webhook_unreachable"),
        (Hooks(204, trickle_s=0.3), "webhook_timeout"),
    ],
    ids=["error", "endless headers", "trickle"],
)
def test_a_receiver_that_misbehaves_is_given_up_in_bounded_time_and_space(hooks, code):
    settings = here(hooks).model_copy(update={"webhook_timeout_s": 1.0} if code == "webhook_timeout" else {})
    with hooks.open(), pytest.raises(NotTaken) as refused:
        post(hook(hooks), b"{}", {}, settings=settings, resolve=lambda *_: ["127.0.0.1"])
    assert refused.value.code == code


def test_nobody_there_is_said_so():
    with Hooks().open() as hooks:
        settings, url = here(hooks), hook(hooks)
    with pytest.raises(NotTaken) as refused:
        post(url, b"{}", {}, settings=settings, resolve=lambda *_: ["127.0.0.1"])
    assert refused.value.code == "webhook_unreachable"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for hook.example that is its own authority: (its file with the key, its file without)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "both.pem").write_bytes(secret + pem)
    (folder / "public.pem").write_bytes(pem)
    return folder / "both.pem", folder / "public.pem"


def test_the_certificate_is_asked_for_the_name_although_the_connection_goes_to_a_number(certificate, monkeypatch):
    both, public = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    with Hooks(204).open(context) as hooks:
        ask = {"settings": here(hooks), "resolve": lambda *_: ["127.0.0.1"]}
        with pytest.raises(NotTaken) as refused:
            post(hook(hooks, "https"), b"{}", {}, **ask)
        assert refused.value.code == "webhook_tls"  # nobody vouches for it yet
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        post(hook(hooks, "https"), b"{}", {}, **ask)
        with pytest.raises(NotTaken) as refused:
            post(f"https://other.example:{hooks.port}/", b"{}", {}, **ask)
    assert (refused.value.code, len(hooks.posts)) == ("webhook_tls", 1)
