"""The enrolment and the policy of a service: read when all is right, refused with a reason for each fault."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers.certificates import Authority
from tests.sync.signed import (
    BEGINS,
    ENDS,
    KEY,
    NOW,
    OTHER,
    Key,
    b64,
    enrolment_claims,
    enrolment_text,
    instant,
    policy_claims,
    policy_text,
)
from vigfield.model import Field, Networks, Policy, Video
from vigfield.sync import enrolment, jws, policy

SERVICE = "leith.example"
KEYS = {KEY.kid: KEY.public}
Path = tuple[str | int, ...]


def read_policy(text: str) -> Policy | policy.Unfit:
    return policy.read(text, SERVICE, KEYS)


def test_a_right_policy_says_what_the_service_wrote() -> None:
    found = read_policy(policy_text())
    assert isinstance(found, Policy)
    assert (found.version, found.idle_seconds, found.tries, found.longest_seconds) == (3, 120, 5, 900)
    assert found.retention.after_withdrawal == 14
    assert found.fields == {Field.BIRTH_DATE}
    assert (found.video, found.video_networks) == (Video.WITH_CONSENT, Networks.UNMETERED)
    assert (found.papers_may_leave, found.names_may_leave) == (True, False)
    assert found.minimum_app == (0, 1, 0)


def test_a_right_enrolment_says_what_the_service_wrote() -> None:
    found = enrolment.read(enrolment_text(), NOW)
    assert isinstance(found, enrolment.Enrolment)
    assert found.fhir == "https://fhir.leith.example/r4"
    assert isinstance(found.auth, enrolment.Smart)
    assert found.video is not None
    assert found.video.recipient == b"v" * 32
    assert found.video.token == ""
    assert found.tls.pins == {"ab" * 32}
    assert len(found.number.replace(" ", "")) == 20


def test_the_token_for_films_is_read_and_not_shown() -> None:
    video = enrolment_claims()["video"] | {"token": "let-me-in"}  # type: ignore[operator]
    found = enrolment.read(enrolment_text(video=video), NOW)
    assert isinstance(found, enrolment.Enrolment)
    assert found.video is not None
    assert found.video.token == "let-me-in"
    assert "let-me-in" not in repr(found)


# Attacks on the signature.

Claims = dict[str, object]
ORDER = 2**252 + 27742317777372353535851937790883648493
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _hmac(text: str, secret: bytes) -> str:
    """HS256 with what everybody knows as its secret: what a verifier takes that believes the header."""
    signed = _header(text, alg="HS256").rpartition(".")[0]
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), sha256))}"


def _header(text: str, **changed: object) -> str:
    first, *rest = text.split(".")
    head = json.loads(base64.urlsafe_b64decode(first + "==")) | changed
    return ".".join([b64(json.dumps(head).encode()), *rest])


def _with_header(text: str, head: str) -> str:
    """A header letter by letter, signed by the right key."""
    signed = f"{b64(head.encode())}.{text.split('.')[1]}"
    return f"{signed}.{b64(KEY.private.sign(signed.encode()))}"


def _signature(text: str, change: Callable[[bytes], bytes]) -> str:
    signed, _, last = text.rpartition(".")
    return f"{signed}.{b64(change(base64.urlsafe_b64decode(last + '==')))}"


def _more(signature: bytes, what: int) -> bytes:
    """The same R, and more in the second half."""
    shifted = int.from_bytes(signature[32:], "little") + what
    return signature[:32] + shifted.to_bytes(32, "little")


def _other_spelling(text: str) -> str:
    """The last character of the signature with its unused bits set: the same bytes to a lax decoder."""
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) ^ 1]


def _unencoded(claims: Claims, type_: str) -> str:
    """RFC 7797, rightly signed: the content is not in Base64."""
    head = {"alg": "EdDSA", "kid": KEY.kid, "typ": type_, "b64": False, "crit": ["b64"]}
    first, content = b64(json.dumps(head).encode()), json.dumps(claims).replace(".", "")
    return f"{first}.{content}.{b64(KEY.private.sign(f'{first}.{content}'.encode()))}"


def attacks(claims: Claims, changed: Claims, type_: str, other_type: str) -> dict[str, str]:
    """Texts that no tablet may take, by what is wrong with them."""

    def ours(**header: object) -> str:
        return KEY.sign(claims, type_, **header)

    def theirs(**header: object) -> str:
        return OTHER.sign(claims, type_, **header)

    right, another = ours(), KEY.sign(changed, type_)
    head, content, signature = right.split(".")
    unsigned, text = f"{head}.{content}.", json.dumps(claims)
    plain = json.dumps({"alg": "EdDSA", "kid": KEY.kid, "typ": type_})
    pem = KEY.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    pieces = {"protected": head, "signature": signature}
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": b64(OTHER.public)}
    return {
        # The algorithm is the attacker's choice.
        "none": _header(unsigned, alg="none"),
        "None": _header(unsigned, alg="None"),
        "NONE": _header(unsigned, alg="NONE"),
        "none-with-signature": _header(right, alg="none"),
        "no-algorithm": ours(alg=None),
        "algorithm-that-is-no-text": ours(alg=["EdDSA"]),
        "algorithm-in-small-letters": ours(alg="eddsa"),
        "algorithm-with-a-space": ours(alg="EdDSA "),
        "ed25519-by-another-name": ours(alg="Ed25519"),
        "another-curve": ours(alg="Ed448"),
        "other-algorithm": ours(alg="ES256"),
        "all-zeros-for-another-algorithm": _header(_signature(right, lambda _: bytes(64)), alg="ES256"),
        "hmac-with-public-key": _hmac(right, KEY.public),
        "hmac-with-public-key-as-text": _hmac(right, b64(KEY.public).encode()),
        "hmac-with-public-key-as-pem": _hmac(right, pem),
        "hmac-with-nothing": _hmac(right, b""),
        # The key is the attacker's choice.
        "another-key-under-the-same-name": theirs(),
        "key-in-the-header": theirs(jwk=jwk),
        "our-key-in-the-header": ours(jwk=jwk | {"x": b64(KEY.public)}),
        "key-at-an-address": theirs(jku="https://attacker.example/keys"),
        "certificate-in-the-header": theirs(x5c=["MIIB"]),
        "certificate-at-an-address": theirs(x5u="https://attacker.example/c.pem"),
        "digest-of-a-certificate": theirs(**{"x5t#S256": b64(bytes(32))}),
        "kid-of-nobody": ours(kid="policy-2"),
        "kid-that-is-a-path": ours(kid="../../dev/null"),
        "kid-that-is-a-query": ours(kid="x' UNION SELECT 'k"),
        "kid-that-is-an-address": ours(kid="https://attacker.example/key"),
        "kid-that-is-no-text": ours(kid=[KEY.kid]),
        "kid-with-a-nought": ours(kid=f"{KEY.kid}\0"),
        "kid-with-a-line-end": ours(kid=f"{KEY.kid}\n"),
        "kid-in-wide-letters": ours(kid="ｐolicy-1"),
        "no-kid": ours(kid=None),
        # The header asks for something.
        "critical-member": ours(crit=["b64"], b64=False),
        "critical-member-that-nobody-knows": ours(crit=["x"], x=1),
        "no-critical-member": ours(crit=[]),
        "not-in-base64": _unencoded(claims, type_),
        "said-not-to-be-in-base64": ours(b64=False),
        "compressed": ours(zip="DEF"),
        "content-type": ours(cty="JWT"),
        "another-type": ours(typ=other_type),
        "type-in-capitals": ours(typ=type_.upper()),
        "type-with-its-family": ours(typ=f"application/{type_}"),
        "usual-type": ours(typ="JWT"),
        "no-type": ours(typ=None),
        "member-in-capitals": _with_header(right, plain.replace("alg", "ALG")),
        "algorithm-twice": _with_header(right, plain.replace("{", '{"alg": "none", ', 1)),
        "kid-twice": _with_header(right, plain[:-1] + ', "kid": "policy-2"}'),
        "header-with-a-byte-order-mark": _with_header(right, "\ufeff" + plain),
        "header-that-is-a-list": _with_header(right, "[]"),
        "header-that-is-a-text": _with_header(right, '"EdDSA"'),
        # The signature is of something else, or is not quite one.
        "no-signature": unsigned,
        "no-third-piece": f"{head}.{content}",
        "detached": f"{head}..{signature}",
        "changed-content": f"{head}.{another.split('.')[1]}.{signature}",
        "changed-header": _header(right, extra=1),
        "signature-of-another-text": f"{unsigned}{another.split('.')[2]}",
        "signature-of-zeros": _signature(right, lambda _: bytes(64)),
        "signature-of-ones": _signature(right, lambda _: b"\xff" * 64),
        "short-signature": _signature(right, lambda whole: whole[:-1]),
        "half-a-signature": _signature(right, lambda whole: whole[:32]),
        "long-signature": _signature(right, lambda whole: whole + b"\0"),
        "double-signature": _signature(right, lambda whole: whole * 2),
        "halves-exchanged": _signature(right, lambda whole: whole[32:] + whole[:32]),
        "malleable-signature": _signature(right, lambda whole: _more(whole, ORDER)),
        "more-malleable-signature": _signature(right, lambda whole: _more(whole, 7 * ORDER)),
        # Other spellings of the same.
        "another-spelling-of-base64": _other_spelling(right),
        "padded-base64": f"{right}==",
        "standard-base64": right.replace("-", "+").replace("_", "/") + "+",
        "white-space-within": f"{right[:40]}\n{right[40:]}",
        "white-space-at-a-dot": f"{head} .{content}.{signature}",
        "a-space-without-width": f"{head}.\u200b{content}.{signature}",
        "wide-dots": "．".join((head, content, signature)),
        "a-byte-order-mark": f"\ufeff{right}",
        "a-nought-at-the-end": f"{right}\0",
        "a-fourth-piece": f"{right}.x",
        "encrypted": f"{right}.e.e",
        "two-texts": f"{right} {right}",
        "json-serialization": json.dumps({**pieces, "payload": content}),
        "general-json-serialization": json.dumps({"payload": content, "signatures": [pieces]}),
        "json-and-compact-at-once": f"{json.dumps({**pieces, 'payload': content})}.{content}.{signature}",
        "unprotected-header": json.dumps(
            {"header": json.loads(plain), "payload": content, "signature": signature}
        ),
        # What is signed is not one object, once.
        "member-twice": KEY.sign(f'{text[:-1]}, "format": 1}}', type_),
        "not-a-number": KEY.sign(text.replace('"format": 1', '"format": NaN'), type_),
        "without-end": KEY.sign(text.replace('"format": 1', '"format": Infinity'), type_),
        "a-list": KEY.sign("[]", type_),
        "nested": KEY.sign(json.dumps(right), type_),
        "nested-as-it-is": KEY.sign(right, type_),
        "nested-too-deep": KEY.sign("[" * 5000 + "]" * 5000, type_),
        "in-utf-16": KEY.sign(text.encode("utf-16"), type_),
        "with-a-byte-order-mark": KEY.sign(f"\ufeff{text}", type_),
        "with-half-a-character": KEY.sign(
            text.replace('"format"', '"\ud800"').encode("utf-8", "surrogatepass"), type_
        ),
        "with-something-behind": KEY.sign(f"{text} {{}}", type_),
        "nothing": "",
        "dots": "..",
        "too-large": right + " " * jws.MOST_BYTES,
    }


POLICY_ATTACKS = attacks(policy_claims(), policy_claims(9), policy.TYPE, enrolment.TYPE)
ENROLMENT_ATTACKS = attacks(
    enrolment_claims(), enrolment_claims() | {"recovery": None}, enrolment.TYPE, policy.TYPE
)


def test_how_many_attacks_there_are() -> None:
    assert len(POLICY_ATTACKS) == len(ENROLMENT_ATTACKS) == 95
    assert len(set(POLICY_ATTACKS.values())) == 95
    assert isinstance(read_policy(policy_text()), Policy)
    assert isinstance(enrolment.read(enrolment_text(), NOW), enrolment.Enrolment)


@pytest.mark.parametrize("name", POLICY_ATTACKS)
def test_an_attack_on_the_signature_of_a_policy_is_refused(name: str) -> None:
    found = read_policy(POLICY_ATTACKS[name])
    assert isinstance(found, policy.Unfit)
    assert found.why in (policy.NoPolicy.FORGED, policy.NoPolicy.UNREADABLE)


def test_of_two_enrolled_keys_each_signs_under_its_own_name_only() -> None:
    keys = {"policy-1": KEY.public, "policy-2": OTHER.public}
    for key, kid, right in ((KEY, "policy-1", True), (OTHER, "policy-2", True), (KEY, "policy-2", False)):
        found = policy.read(key.sign(policy_claims(), policy.TYPE, kid=kid), SERVICE, keys)
        assert isinstance(found, Policy) is right


@pytest.mark.parametrize("name", ENROLMENT_ATTACKS)
def test_an_attack_on_the_signature_of_an_enrolment_is_refused(name: str) -> None:
    found = enrolment.read(ENROLMENT_ATTACKS[name], NOW)
    assert isinstance(found, enrolment.NotEnrolled)
    assert found.why in (enrolment.Why.FORGED, enrolment.Why.UNREADABLE)


# The eight points of small order, in every spelling that a decoder may take.
WEAK = [
    bytes([*point[:-1], point[-1] | sign])
    for point in (
        bytes(32),
        bytes([1]) + bytes(31),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        *(bytes([low]) + b"\xff" * 30 + b"\x7f" for low in (0xEC, 0xED, 0xEE)),
    )
    for sign in (0, 0x80)
]


@pytest.mark.parametrize("weak", WEAK, ids=bytes.hex)
def test_a_key_that_anybody_can_sign_for_is_no_key(weak: bytes) -> None:
    neutral = bytes([1]) + bytes(31)  # as R, with S = 0: a lax verifier agrees to any text
    forged = f"{policy_text().rpartition('.')[0]}.{b64(neutral + bytes(32))}"
    assert isinstance(policy.read(forged, SERVICE, {KEY.kid: weak}), policy.Unfit)
    keys = {"binary": "policy", "keys": [{"kid": KEY.kid, "x": b64(weak)}]}
    text = enrolment_text(policy=keys).rpartition(".")[0]
    assert isinstance(enrolment.read(f"{text}.{b64(neutral + bytes(32))}", NOW), enrolment.NotEnrolled)


# Every member missing, wrong or huge.


def members(value: object, path: Path = ()) -> Iterator[Path]:
    """Where everything stands: members of objects by name, members of lists by place."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in inside:
        yield (*path, name)
        yield from members(inner, (*path, name))


Change = Callable[[Any, str | int], None]


def changed(claims: Claims, path: Path, change: Change) -> object:
    found: Any = deepcopy(claims)
    inner = found
    for name in path[:-1]:
        inner = inner[name]
    change(inner, path[-1])
    return found


def _gone(inner: Any, name: str | int) -> None:
    del inner[name]


def _put(value: object) -> Change:
    def change(inner: Any, name: str | int) -> None:
        inner[name] = value

    return change


FAULTS: dict[str, Change] = {
    "missing": _gone,
    "a float": _put(1.5),
    "below": _put(-(10**30)),
    "huge": _put(10**30),
    "a long text": _put("x" * 50_000),
    "an empty text": _put(""),
    "control characters": _put("a\x00\u202eb"),
    "a list of lists": _put([[], []]),
    "an object": _put({"unexpected": 1}),
}


def cases(claims: Claims) -> list[tuple[Path, str]]:
    """Each fault in each place; but a shorter list is none."""
    found = [(path, fault) for path in members(claims) for fault in FAULTS]
    return [(path, fault) for path, fault in found if fault != "missing" or isinstance(path[-1], str)]


POLICY_CASES, ENROLMENT_CASES = cases(policy_claims()), cases(enrolment_claims())


def test_how_many_faults_of_members_there_are() -> None:
    assert (len(POLICY_CASES), len(ENROLMENT_CASES)) == (33 * 9 + 2 * 8, 28 * 9 + 2 * 8)


@pytest.mark.parametrize(("path", "fault"), POLICY_CASES, ids=str)
def test_a_policy_with_one_member_wrong_is_refused(path: Path, fault: str) -> None:
    found = read_policy(KEY.sign(changed(policy_claims(), path, FAULTS[fault]), policy.TYPE))
    assert isinstance(found, policy.Unfit)


@pytest.mark.parametrize(("path", "fault"), ENROLMENT_CASES, ids=str)
def test_an_enrolment_with_one_member_wrong_is_refused(path: Path, fault: str) -> None:
    found = enrolment.read(KEY.sign(changed(enrolment_claims(), path, FAULTS[fault]), enrolment.TYPE), NOW)
    assert isinstance(found, enrolment.NotEnrolled)


@pytest.mark.parametrize("claims", [policy_claims, enrolment_claims])
def test_a_member_that_we_do_not_know_is_refused(claims: Callable[[], Claims]) -> None:
    more = claims() | {"upload": "always"}
    assert isinstance(read_policy(KEY.sign(more, policy.TYPE)), policy.Unfit)
    assert isinstance(enrolment.read(KEY.sign(more, enrolment.TYPE), NOW), enrolment.NotEnrolled)


BEGIN, END = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"
GOOD = Authority.make().pem


@pytest.mark.parametrize(
    "authority",
    [
        f"{BEGIN}AAAA\n{END}",
        f"{BEGIN}=\n{END}",
        f"{BEGIN}{'A' * 76}\n{END}",
        f"{GOOD}{BEGIN}AAAA\n{END}",
        GOOD.replace("CERTIFICATE", "PRIVATE KEY"),
        GOOD[:200] + GOOD[201:],
        GOOD + "more",
        GOOD * 9,
        "",
    ],
)
def test_an_authority_that_no_connection_can_be_checked_against_is_refused(authority: str) -> None:
    found = enrolment.read(enrolment_text(tls={"authority": authority, "pins": []}), NOW)
    assert found == enrolment.NotEnrolled(enrolment.Why.UNREADABLE, "tls.authority")
    right = enrolment.read(enrolment_text(tls={"authority": GOOD, "pins": []}), NOW)
    assert isinstance(right, enrolment.Enrolment)


# Addresses.

UNSAFE = (
    "http://fhir.leith.example/r4",
    "http://127.0.0.1.attacker.example/r4",
    "http://localhost/r4",
    "https://user:pass@fhir.leith.example/r4",
    "https://fhir.leith.example/r4?x=1",
    "https://fhir.leith.example/r4#x",
    "https://fhir.leith.example:99999/r4",
    "https:///r4",
    "ftp://fhir.leith.example/r4",
    "file:///etc/passwd",
    "https://fhir.leith.example\\@attacker.example/",
    "https://fhir.leïth.example/",
)


@pytest.mark.parametrize("address", UNSAFE)
def test_an_address_that_is_not_safe_is_refused(address: str) -> None:
    for changed_ in (
        {"fhir": {"base": address}},
        {"auth": enrolment_claims()["auth"] | {"token_endpoint": address}},  # type: ignore[operator]
        {"video": enrolment_claims()["video"] | {"tus": address}},  # type: ignore[operator]
    ):
        found = enrolment.read(enrolment_text(**changed_), NOW)
        assert isinstance(found, enrolment.NotEnrolled)
        assert found.why is enrolment.Why.UNSAFE


def test_nobody_is_let_in_without_a_credential_but_on_this_machine() -> None:
    anyone = {"auth": {"kind": "anyone"}}
    found = enrolment.read(enrolment_text(**anyone), NOW)
    assert found == enrolment.NotEnrolled(enrolment.Why.UNREADABLE, "auth")
    local = enrolment.read(enrolment_text(**anyone, fhir={"base": "http://127.0.0.1:8080/fhir"}), NOW)
    assert isinstance(local, enrolment.Enrolment)


# Time, versions and other services.


def test_a_policy_holds_only_in_its_time_and_never_goes_back() -> None:
    found = read_policy(policy_text(3))
    assert isinstance(found, Policy)
    begins, ends = found.not_before, found.expires
    assert begins is not None
    assert ends is not None
    assert policy.holds(found, 3, NOW) is None
    assert policy.holds(found, 4, NOW) is policy.NoPolicy.OLDER
    assert policy.holds(found, 3, begins) is None
    assert policy.holds(found, 3, begins - timedelta(seconds=1)) is policy.NoPolicy.NOT_YET
    assert policy.holds(found, 3, ends) is policy.NoPolicy.EXPIRED
    assert policy.holds(Policy(), 0, NOW) is policy.NoPolicy.EXPIRED


def test_a_policy_of_another_service_is_refused() -> None:
    found = policy.read(policy_text(service="forth.example"), SERVICE, KEYS)
    assert found == policy.Unfit(policy.NoPolicy.OTHER_SERVICE)


def test_an_enrolment_counts_only_in_its_time() -> None:
    before = BEGINS - timedelta(seconds=1)
    assert enrolment.read(enrolment_text(), before) == enrolment.NotEnrolled(enrolment.Why.NOT_YET)
    assert isinstance(enrolment.kept(enrolment_text()), enrolment.Enrolment)
    assert enrolment.read(enrolment_text(), ENDS) == enrolment.NotEnrolled(enrolment.Why.EXPIRED)


def test_an_enrolment_is_followed_only_by_one_that_a_known_key_signed() -> None:
    first = enrolment.read(enrolment_text(), NOW)
    later = enrolment.read(enrolment_text(issued=instant(BEGINS + timedelta(days=1))), NOW)
    keys = {"policy": {"binary": "policy", "keys": [{"kid": OTHER.kid, "x": b64(OTHER.public)}]}}
    forged = enrolment.read(OTHER.sign(enrolment_claims() | keys, enrolment.TYPE), NOW)
    elsewhere = enrolment.read(enrolment_text(service={"id": "forth.example", "name": "Forth"}), NOW)
    for one in (first, later, forged, elsewhere):
        assert isinstance(one, enrolment.Enrolment)
    assert enrolment.may_replace(first, later) is None  # type: ignore[arg-type]
    assert enrolment.may_replace(later, first) is not None  # type: ignore[arg-type]
    refused = enrolment.may_replace(first, forged)  # type: ignore[arg-type]
    assert refused == enrolment.NotEnrolled(enrolment.Why.FORGED, "unknown-key")
    refused = enrolment.may_replace(first, elsewhere)  # type: ignore[arg-type]
    assert refused == enrolment.NotEnrolled(enrolment.Why.OTHER_SERVICE)
    assert first.number != forged.number  # type: ignore[union-attr]


# Anything at all.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def nearly(draw: st.DrawFn, claims: Claims) -> object:
    """Right but for one member, which is anything."""
    path = draw(st.sampled_from(list(members(claims))))
    return changed(claims, path, _put(draw(JSON)))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300) | JSON.map(json.dumps).map(lambda text: KEY.sign(text, policy.TYPE)))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert not isinstance(read_policy(text), Policy)
    assert not isinstance(enrolment.read(text, NOW), enrolment.Enrolment)


@settings(max_examples=300, deadline=None)
@given(nearly(policy_claims()), nearly(enrolment_claims()))
def test_anything_in_one_place_is_read_without_an_error(policies: object, enrolments: object) -> None:
    assert isinstance(read_policy(KEY.sign(policies, policy.TYPE)), Policy | policy.Unfit)
    found = enrolment.read(KEY.sign(enrolments, enrolment.TYPE), NOW)
    assert isinstance(found, enrolment.Enrolment | enrolment.NotEnrolled)


def test_a_key_is_what_the_file_says() -> None:
    raw = Key().private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert raw == KEY.public != OTHER.public
