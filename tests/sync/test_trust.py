"""Whose certificate counts: the enrolled authority's, with the enrolled key, in time; and being let in."""

import asyncio
import json
import ssl
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest

from tests.servers.certificates import DAY, NOW, Authority
from tests.sync.examples import patient_put
from tests.sync.servers import Proxy, Say, proxy
from vigfield.seal import DeviceKey, public_key_digest
from vigfield.sync import FhirClient, Limits, Why
from vigfield.sync.enrolment import Smart, Tls
from vigfield.sync.line import Line
from vigfield.sync.login import Backend, Fixed
from vigfield.sync.reply import Failure, Stored
from vigfield.sync.trust import trust

QUICK = Limits(connect=1, silence=1, whole=2, reply=20_000)
STORED = b'{"resourceType":"Bundle","entry":[{"response":{"status":"200","etag":"1"}}]}'


OURS, ANOTHER = Authority.make(), Authority.make()


def pushed(server: ssl.SSLContext, tls: Tls) -> tuple[object, Proxy]:
    async def go() -> tuple[object, Proxy]:
        async with proxy(0, Say("200 OK", STORED), tls=server) as one:
            base = one.base.replace("http:", "https:")
            context = trust(tls, public_key_digest)
            async with FhirClient(base, "t0k3n", limits=QUICK, trust=context) as client:
                return await client.push((patient_put(1),)), one

    return asyncio.run(go())


def test_the_enrolled_authority_and_key_are_taken(tmp_path: Path) -> None:
    server, number = OURS.server(tmp_path)
    for tls in (
        Tls(OURS.pem),
        Tls(OURS.pem, frozenset({number})),
        Tls(OURS.pem, frozenset({number, "ab" * 32})),
    ):
        reply, _ = pushed(server, tls)
        assert reply == (Stored("1"),)


@pytest.mark.parametrize(
    "case", ["public", "another authority", "another key", "expired", "another host", "old"]
)
def test_any_other_certificate_is_untrusted_and_gets_no_byte(tmp_path: Path, case: str) -> None:
    until = NOW - DAY if case == "expired" else NOW + DAY
    server, number = OURS.server(tmp_path, until, "127.0.0.9" if case == "another host" else "127.0.0.1")
    tls = {
        "public": Tls(),
        "another authority": Tls(ANOTHER.pem),
        "another key": Tls(OURS.pem, frozenset({"ab" * 32})),
    }.get(case, Tls(OURS.pem, frozenset({number})))
    if case == "old":
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            server.minimum_version = server.maximum_version = ssl.TLSVersion.TLSv1_1
        server.set_ciphers("ALL:@SECLEVEL=0")
    reply, one = pushed(server, tls)
    assert reply == Failure({"old": Why.AWAY, "expired": Why.DATE}.get(case, Why.UNTRUSTED))
    assert one.seen == []


def test_the_number_of_what_is_no_certificate_is_nothing() -> None:
    assert public_key_digest(b"rubbish") == ""


# Being let in.

KEY = DeviceKey.make()
GIVEN = json.dumps({"access_token": "t0k3n", "token_type": "Bearer", "expires_in": 60}).encode()


def asked(answer: Say) -> tuple[object, Proxy]:
    async def go() -> tuple[object, Proxy]:
        async with proxy(0, answer) as one, Line(QUICK) as line:
            smart = Smart(one.base + "/token", "tablet-7", "system/*.rs")
            return await Backend(smart, KEY.pem, KEY.public["kid"], lambda: "once").token(line), one

    return asyncio.run(go())


def test_the_assertion_is_what_smart_backend_services_asks_for() -> None:
    token, one = asked(Say("200 OK", GIVEN))
    assert token == "t0k3n"
    head, _, body = one.seen[0].partition(b"\r\n\r\n")
    assert head.lower().startswith(b"post /fhir/token ")
    assert b"authorization" not in head.lower()
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    assert form["grant_type"] == "client_credentials"
    assert form["scope"] == "system/*.rs"
    assertion = form["client_assertion"]
    claims = jwt.decode(
        assertion,
        jwt.PyJWK(KEY.public),
        algorithms=["ES384"],
        audience=one.base + "/token",
        issuer="tablet-7",
    )
    assert (claims["sub"], claims["jti"]) == ("tablet-7", "once")
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert jwt.get_unverified_header(assertion)["kid"] == KEY.public["kid"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Say("400 Bad", b'{"error":"invalid_client"}'), Why.NOT_ALLOWED),
        (Say("401 No", b""), Why.NOT_ALLOWED),
        (Say("302 Found", b""), Why.NOT_ALLOWED),
        (Say("503 Busy", b""), Why.SERVER_ERROR),
        (Say("200 OK", b"<html>"), Why.RUBBISH),
        (Say("200 OK", b"{}"), Why.RUBBISH),
        (Say("200 OK", b'{"access_token":"a\\nb","token_type":"bearer"}'), Why.RUBBISH),
        (Say("200 OK", b'{"access_token":"a","token_type":"mac"}'), Why.RUBBISH),
        (Say("200 OK", b"[" * 10_000), Why.RUBBISH),
    ],
)
def test_any_other_answer_lets_nobody_in(answer: Say, why: Why) -> None:
    assert asked(answer)[0] == Failure(why)


def test_no_secret_is_in_a_repr() -> None:
    smart = Smart("https://a.example/token", "c", "s")
    shown = repr([KEY, Fixed("t0k3n"), Backend(smart, KEY.pem, "kid", lambda: "j")])
    assert "PRIVATE" not in shown
    assert "t0k3n" not in shown
