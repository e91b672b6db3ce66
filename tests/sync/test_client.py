"""The client goes nowhere it must not, waits and reads within its limits, and keeps its mouth shut."""

import asyncio
import datetime
import ipaddress
import logging
import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sync.examples import patient_put
from tests.sync.servers import Cut, Drip, Fault, Proxy, Say, Stall, proxy
from vigfield.errors import VigfieldError
from vigfield.sync import FhirClient, Limits, UnsafeService, Why
from vigfield.sync.reply import Failure, Stored

QUICK = Limits(connect=0.5, silence=0.3, whole=0.8, reply=20_000)
ONE = (patient_put(1),)
STORED = b'{"resourceType":"Bundle","entry":[{"response":{"status":"200","etag":"1"}}]}'


@pytest.mark.parametrize(
    "base",
    [
        "",
        "fhir.example/r4",
        "http://fhir.example/r4",
        "http://localhost:8080/fhir",
        "http://127.0.0.1.example.org/fhir",
        "http://127.0.0.2/fhir",
        "http://127.1/fhir",
        "http://[::1]/fhir",
        "http://0.0.0.0/fhir",
        "ftp://127.0.0.1/fhir",
        "file:///etc/passwd",
        "https:///fhir",
        "https://user:secret@fhir.example/r4",
        "https://fhir.example/r4?x=1",
        "https://fhir.example/r4#x",
        "https://fhir.example:99999999/r4",
        "https://" + "a" * 64 + ".example/r4",
    ],
)
def test_an_unsafe_address_is_refused_before_anything_is_sent(base: str) -> None:
    with pytest.raises(UnsafeService) as caught:
        FhirClient(base)
    assert isinstance(caught.value, VigfieldError)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "base", ["https://fhir.example/r4", "http://127.0.0.1:8080/fhir", "HTTPS://A.example/"]
)
def test_a_safe_address_is_taken(base: str) -> None:
    asyncio.run(FhirClient(base).close())


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX: y", "ключ"])
def test_a_token_that_cannot_stand_in_a_header_is_refused(token: str) -> None:
    with pytest.raises(UnsafeService) as caught:
        FhirClient("https://fhir.example/r4", token)
    assert not token or token not in str(caught.value)


def pushed(fault: Fault, token: str | None = None) -> tuple[object, Proxy]:
    async def go() -> tuple[object, Proxy]:
        async with proxy(0, fault) as one, FhirClient(one.base, token, QUICK) as client:
            return await client.push(ONE), one

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Cut(), Why.AWAY),
        (Stall(), Why.SLOW),
        (Drip(), Why.SLOW),
        (Say("200 OK", b"<html>Welcome to the guest network</html>"), Why.RUBBISH),
        (Say("200 OK", STORED + b" " * 20_000), Why.RUBBISH),
        (Say("200 OK", b"\x1f\x8b\x08\x00", ("Content-Encoding: gzip",)), Why.RUBBISH),
        (Say("302 Found", b"", ("Location: http://127.0.0.1:1/login",)), Why.RUBBISH),
        (Say("307 Temporary Redirect", b"", ("Location: https://elsewhere.example/",)), Why.RUBBISH),
        (Say("500 Oh no", b"Traceback"), Why.SERVER_ERROR),
        (Say("401 Who", b""), Why.NOT_ALLOWED),
    ],
    ids=lambda value: value.value if isinstance(value, Why) else type(value).__name__,
)
def test_every_fault_has_one_reason(fault: Fault, why: Why) -> None:
    reply, one = pushed(fault)
    assert reply == Failure(why)
    assert len(one.seen) == 1


def test_a_reply_just_within_the_limit_is_read() -> None:
    assert pushed(Say("200 OK", STORED + b" " * (20_000 - len(STORED))))[0] == (Stored("1"),)


def test_nobody_listening_is_away() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}/fhir"

        async def go() -> object:
            async with FhirClient(base, limits=QUICK) as client:
                return await client.push(ONE)

        assert asyncio.run(go()) == Failure(Why.AWAY)


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert pushed(Say("500 Oh no"))[0] == Failure(Why.SERVER_ERROR)


def test_the_request_asks_for_plain_small_replies_and_carries_the_token_once() -> None:
    _, one = pushed(Say("500 Oh no"), token="t0k3n")
    head = one.seen[0].partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"post /fhir http/1.1\r\n")
    assert b"accept-encoding: identity" in head
    assert b"prefer: return=minimal" in head
    assert b"content-type: application/fhir+json" in head
    assert b"content-encoding" not in head
    assert one.seen[0].count(b"t0k3n") == 1


def test_neither_address_nor_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        pushed(Say("500 Oh no", b"the server's words"), token="t0k3n")
    assert any("pushed 1" in line for line in caplog.messages)
    for secret in ("127.0.0.1", "t0k3n", "infant-1", "the server's words"):
        assert secret not in caplog.text


def test_a_certificate_that_does_not_verify_is_untrusted(tmp_path: Path) -> None:
    async def go() -> object:
        async with proxy(0, tls=self_signed(tmp_path)) as one:
            base = one.base.replace("http:", "https:")
            async with FhirClient(base, limits=QUICK) as client:
                return await client.push(ONE)

    assert asyncio.run(go()) == Failure(Why.UNTRUSTED)


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = builder.add_extension(here, critical=False).sign(key, hashes.SHA256())
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
