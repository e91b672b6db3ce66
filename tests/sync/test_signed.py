"""The enrolment and the policy of a service: read when all is right, refused with a reason for each fault."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

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
Path = tuple[str, ...]


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


def _forged_with_the_public_key(text: str) -> str:
    """HS256 with the public key as its secret: what a verifier takes that believes the header."""
    head = b64(json.dumps({"alg": "HS256", "kid": KEY.kid, "typ": policy.TYPE}).encode())
    signed = f"{head}.{text.split('.')[1]}"
    return f"{signed}.{b64(hmac.digest(KEY.public, signed.encode(), sha256))}"


def _header(text: str, **changed: object) -> str:
    first, *rest = text.split(".")
    head = json.loads(base64.urlsafe_b64decode(first + "==")) | changed
    return ".".join([b64(json.dumps(head).encode()), *rest])


def _without_end(text: str) -> str:
    return text.rpartition(".")[0] + "."


def _malleable(text: str) -> str:
    """The same signature with the order of the group added to its second half."""
    order = 2**252 + 27742317777372353535851937790883648493
    signed, _, last = text.rpartition(".")
    signature = base64.urlsafe_b64decode(last + "==")
    shifted = int.from_bytes(signature[32:], "little") + order
    return f"{signed}.{b64(signature[:32] + shifted.to_bytes(32, 'little'))}"


def _other_spelling(text: str) -> str:
    """The last character of the signature with its unused bits set: the same bytes to a lax decoder."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) ^ 1]


def _own_key(**header: object) -> str:
    return OTHER.sign(policy_claims(), policy.TYPE, **header)


_RIGHT = policy_text()
_JWK = {"kty": "OKP", "crv": "Ed25519", "x": b64(OTHER.public)}
ATTACKS: dict[str, str] = {
    "none": _without_end(_header(_RIGHT, alg="none")),
    "None": _without_end(_header(_RIGHT, alg="None")),
    "none-with-signature": _header(_RIGHT, alg="none"),
    "no-signature": _without_end(_RIGHT),
    "hmac-with-public-key": _forged_with_the_public_key(_RIGHT),
    "other-algorithm": KEY.sign(policy_claims(), policy.TYPE, alg="ES256"),
    "ed25519-by-another-name": KEY.sign(policy_claims(), policy.TYPE, alg="Ed25519"),
    "no-algorithm": KEY.sign(policy_claims(), policy.TYPE, alg=None),
    "another-key-under-the-same-name": _own_key(),
    "key-in-the-header": _own_key(jwk=_JWK),
    "key-at-an-address": _own_key(jku="https://attacker.example/keys"),
    "certificate-in-the-header": _own_key(x5c=["MIIB"]),
    "certificate-at-an-address": _own_key(x5u="https://attacker.example/c.pem"),
    "kid-of-nobody": KEY.sign(policy_claims(), policy.TYPE, kid="policy-2"),
    "kid-that-is-a-path": KEY.sign(policy_claims(), policy.TYPE, kid="../../dev/null"),
    "kid-that-is-a-query": KEY.sign(policy_claims(), policy.TYPE, kid="x' UNION SELECT 'k"),
    "kid-that-is-no-text": KEY.sign(policy_claims(), policy.TYPE, kid=[KEY.kid]),
    "no-kid": KEY.sign(policy_claims(), policy.TYPE, kid=None),
    "critical-member": KEY.sign(policy_claims(), policy.TYPE, crit=["b64"], b64=False),
    "detached": ".".join([_RIGHT.split(".")[0], "", _RIGHT.split(".")[2]]),
    "compressed": KEY.sign(policy_claims(), policy.TYPE, zip="DEF"),
    "another-type": KEY.sign(policy_claims(), enrolment.TYPE),
    "no-type": KEY.sign(policy_claims(), policy.TYPE, typ=None),
    "changed-content": ".".join([_RIGHT.split(".")[0], policy_text(9).split(".")[1], _RIGHT.split(".")[2]]),
    "changed-header": _header(_RIGHT, kid=KEY.kid, extra=1),
    "signature-of-another-text": ".".join([*_RIGHT.split(".")[:2], policy_text(9).split(".")[2]]),
    "signature-of-zeros": ".".join([*_RIGHT.split(".")[:2], b64(bytes(64))]),
    "short-signature": _RIGHT[:-4],
    "malleable-signature": _malleable(_RIGHT),
    "another-spelling-of-base64": _other_spelling(_RIGHT),
    "padded-base64": _RIGHT + "==",
    "standard-base64": _RIGHT.replace("-", "+").replace("_", "/") + "+",
    "white-space-within": _RIGHT[:40] + "\n" + _RIGHT[40:],
    "json-serialization": json.dumps(
        dict(zip(("protected", "payload", "signature"), _RIGHT.split("."), strict=True))
    ),
    "encrypted": _RIGHT + ".e.e",
    "member-twice": KEY.sign(json.dumps(policy_claims())[:-1] + ', "version": 99}', policy.TYPE),
    "not-a-number": KEY.sign(
        json.dumps(policy_claims()).replace('"version": 3', '"version": NaN'), policy.TYPE
    ),
    "a-list": KEY.sign("[]", policy.TYPE),
    "nested-too-deep": KEY.sign("[" * 5000 + "]" * 5000, policy.TYPE),
    "nothing": "",
    "too-large": _RIGHT + " " * jws.MOST_BYTES,
}


def test_how_many_attacks_there_are() -> None:
    assert len(ATTACKS) == 41
    assert isinstance(read_policy(_RIGHT), Policy)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_the_signature_is_refused(name: str) -> None:
    found = read_policy(ATTACKS[name])
    assert isinstance(found, policy.Unfit)
    assert found.why in (policy.NoPolicy.FORGED, policy.NoPolicy.UNREADABLE)


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
    forged = f"{_RIGHT.rpartition('.')[0]}.{b64(neutral + bytes(32))}"
    assert isinstance(policy.read(forged, SERVICE, {KEY.kid: weak}), policy.Unfit)
    keys = {"binary": "policy", "keys": [{"kid": KEY.kid, "x": b64(weak)}]}
    text = enrolment_text(policy=keys).rpartition(".")[0]
    assert isinstance(enrolment.read(f"{text}.{b64(neutral + bytes(32))}", NOW), enrolment.NotEnrolled)


# Every member missing, wrong or huge.


def members(value: object, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            yield from members(inner, (*path, name))


def changed(
    claims: dict[str, object], path: Path, change: Callable[[dict[str, object], str], None]
) -> object:
    found = deepcopy(claims)
    inner: dict[str, object] = found
    for name in path[:-1]:
        inner = inner[name]  # type: ignore[assignment]
    change(inner, path[-1])
    return found


def _gone(inner: dict[str, object], name: str) -> None:
    del inner[name]


def _put(value: object) -> Callable[[dict[str, object], str], None]:
    def change(inner: dict[str, object], name: str) -> None:
        inner[name] = value

    return change


FAULTS: dict[str, Callable[[dict[str, object], str], None]] = {
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
POLICY_CASES = [(path, fault) for path in members(policy_claims()) for fault in FAULTS]
ENROLMENT_CASES = [(path, fault) for path in members(enrolment_claims()) for fault in FAULTS]


def test_how_many_faults_of_members_there_are() -> None:
    assert (len(POLICY_CASES), len(ENROLMENT_CASES)) == (33 * 9, 26 * 9)


@pytest.mark.parametrize(("path", "fault"), POLICY_CASES, ids=str)
def test_a_policy_with_one_member_wrong_is_refused(path: Path, fault: str) -> None:
    found = read_policy(KEY.sign(changed(policy_claims(), path, FAULTS[fault]), policy.TYPE))
    assert isinstance(found, policy.Unfit)


@pytest.mark.parametrize(("path", "fault"), ENROLMENT_CASES, ids=str)
def test_an_enrolment_with_one_member_wrong_is_refused(path: Path, fault: str) -> None:
    found = enrolment.read(KEY.sign(changed(enrolment_claims(), path, FAULTS[fault]), enrolment.TYPE), NOW)
    assert isinstance(found, enrolment.NotEnrolled)


@pytest.mark.parametrize("claims", [policy_claims, enrolment_claims])
def test_a_member_that_we_do_not_know_is_refused(claims: Callable[[], dict[str, object]]) -> None:
    more = claims() | {"upload": "always"}
    assert isinstance(read_policy(KEY.sign(more, policy.TYPE)), policy.Unfit)
    assert isinstance(enrolment.read(KEY.sign(more, enrolment.TYPE), NOW), enrolment.NotEnrolled)


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
def nearly(draw: st.DrawFn, claims: dict[str, object]) -> object:
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
