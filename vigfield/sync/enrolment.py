"""The file by which a service takes a tablet in: where it is, how to be let in, and whose word counts. Pure.

It is signed with one of the policy keys that it brings. That proves that it is whole, not whose it is: a
person compares its number with the service, aloud or on paper, once.
"""

import hashlib
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from vigfield.sync import jws
from vigfield.sync.address import Unsafe, checked
from vigfield.sync.shape import Misshapen, Shape

TYPE = "vigfield-enrolment+jws"
FORMAT = 1

_MEMBERS = {
    "vigfield",
    "format",
    "service",
    "issued",
    "expires",
    "fhir",
    "auth",
    "policy",
    "recovery",
    "video",
    "tls",
}
_ID = r"[A-Za-z0-9.-]{1,64}"
_NAME = r"[^\n]{1,80}"
_PIN = re.compile(r"[0-9a-f]{64}")
_PEM = re.compile(
    r"(-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,76}\n)+-----END CERTIFICATE-----\n?){1,8}"
)


class Why(StrEnum):
    """Why an enrolment is not taken."""

    UNREADABLE = "unreadable"
    FORGED = "forged"
    EXPIRED = "expired"
    NOT_YET = "not-yet"
    OTHER_SERVICE = "other-service"  # another one than this vault's
    UNSAFE = "unsafe"  # an address that must not be used


@dataclass(frozen=True, slots=True)
class NotEnrolled:
    """A text that is no enrolment for this tablet; `where` names what is wrong with it."""

    why: Why
    where: str = ""


@dataclass(frozen=True, slots=True)
class Smart:
    """SMART Backend Services: a token in return for an assertion that this tablet's own key signed."""

    token_endpoint: str
    client_id: str
    scope: str


@dataclass(frozen=True, slots=True, repr=False)
class Bearer:
    """A token that the service gave. Its repr shows nothing."""

    token: str

    def __repr__(self) -> str:
        return "Bearer(...)"


@dataclass(frozen=True, slots=True)
class Anyone:
    """No credential; the demonstration's own service on 127.0.0.1 only."""


@dataclass(frozen=True, slots=True, repr=False)
class VideoTo:
    """Where sealed films may go: the tus server, and the X25519 key that their keys are sealed to.

    `token` lets this tablet in there. Where it is empty, the token of `auth` does if `tus` is of the FHIR
    base's origin, and nothing is shown otherwise. Its repr shows nothing.
    """

    tus: str
    recipient: bytes
    kid: str
    token: str = ""

    def __repr__(self) -> str:
        return "VideoTo(...)"


@dataclass(frozen=True, slots=True)
class Tls:
    """What the service's certificate must verify against: an authority of its own (PEM), or the public ones.

    With `pins` the certificate's public key (SHA-256 of its SubjectPublicKeyInfo, in hexadecimal) must be
    one of them besides.
    """

    authority: str = ""
    pins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One service, as this tablet knows it."""

    service: str
    name: str
    issued: datetime
    fhir: str
    auth: Smart | Bearer | Anyone
    policy_id: str
    policy_keys: Mapping[str, bytes]
    recovery: bytes | None
    video: VideoTo | None
    tls: Tls
    number: str
    signed_by: str


def kept(text: str) -> Enrolment | NotEnrolled:
    """The enrolment in a text that was taken in before: its time to be taken in may be over."""
    return read(text, None)


def read(text: str, now: datetime | None) -> Enrolment | NotEnrolled:
    """The enrolment in a signed text, checked in everything that can be checked without the service."""
    content = jws.unverified(text)
    keys = None if content is None else _keys_within(content)
    if keys is None:
        return NotEnrolled(Why.UNREADABLE)
    claims = jws.opened(text, TYPE, keys)
    if isinstance(claims, jws.Fault):
        return NotEnrolled(Why.FORGED if claims is not jws.Fault.TORN else Why.UNREADABLE, claims.value)
    try:
        return _enrolment(Shape.of(claims.content, _MEMBERS), keys, claims.kid, now)
    except Misshapen as misshapen:
        return NotEnrolled(Why.UNREADABLE, misshapen.where)
    except Unsafe as unsafe:
        return NotEnrolled(Why.UNSAFE, str(unsafe))


def may_replace(before: Enrolment, after: Enrolment) -> NotEnrolled | None:
    """Why a new enrolment may not take the place of the one in force; None when it may.

    It must be of the same service and be signed by a key that the tablet knows already.
    """
    if after.service != before.service:
        return NotEnrolled(Why.OTHER_SERVICE)
    known = before.policy_keys.get(after.signed_by)
    if known is None or known != after.policy_keys[after.signed_by]:
        return NotEnrolled(Why.FORGED, "unknown-key")
    return None if after.issued >= before.issued else NotEnrolled(Why.EXPIRED, "issued")


def _enrolment(
    shape: Shape, keys: Mapping[str, bytes], kid: str, now: datetime | None
) -> Enrolment | NotEnrolled:
    shape.text("vigfield", "enrolment")
    shape.number("format", FORMAT, FORMAT)
    issued, expires = shape.instant("issued"), shape.instant("expires")
    if now is not None and now >= expires:
        return NotEnrolled(Why.EXPIRED)
    if now is not None and now < issued:
        return NotEnrolled(Why.NOT_YET)
    service = shape.within("service", {"id", "name"})
    policy = shape.within("policy", {"binary", "keys"})
    fhir = checked(shape.within("fhir", {"base"}).text("base", ".{1,500}"))
    return Enrolment(
        service=service.text("id", _ID),
        name=service.text("name", _NAME),
        issued=issued,
        fhir=fhir,
        auth=_auth(shape, fhir),
        policy_id=policy.text("binary", _ID),
        policy_keys=MappingProxyType(dict(keys)),
        recovery=_recovery(shape),
        video=_video(shape.optional("video", {"tus", "recipient", "kid", "token"})),
        tls=_tls(shape.within("tls", {"authority", "pins"})),
        number=number(keys, service.text("id", _ID), fhir),
        signed_by=kid,
    )


def number(keys: Mapping[str, bytes], service: str, fhir: str) -> str:
    """Twenty digits that stand for a service, its address and its keys, in groups of four."""
    said = json.dumps([service, fhir, sorted((kid, key.hex()) for kid, key in keys.items())])
    digits = f"{int.from_bytes(hashlib.sha256(said.encode()).digest()) % 10**20:020d}"
    return " ".join(digits[place : place + 4] for place in range(0, 20, 4))


def _auth(shape: Shape, fhir: str) -> Smart | Bearer | Anyone:
    match shape.members["auth"]:
        case {"kind": "smart"}:
            auth = shape.within("auth", {"kind", "token_endpoint", "client_id", "scope"})
            endpoint = checked(auth.text("token_endpoint", ".{1,500}"))
            return Smart(
                endpoint, auth.text("client_id", r"[!-~]{1,200}"), auth.text("scope", r"[ -~]{1,500}")
            )
        case {"kind": "bearer"}:
            return Bearer(_token(shape.within("auth", {"kind", "token"})))
        case {"kind": "anyone"} if fhir.startswith("http://"):
            shape.within("auth", {"kind"})
            return Anyone()
        case _:
            raise shape.wrong("auth")


def _recovery(shape: Shape) -> bytes | None:
    return None if shape.members["recovery"] is None else _key(shape, "recovery")


def _video(shape: Shape | None) -> VideoTo | None:
    if shape is None:
        return None
    if not jws.is_kid(shape.members["kid"]):
        raise shape.wrong("kid")
    return VideoTo(
        checked(shape.text("tus", ".{1,500}")),
        _key(shape, "recipient"),
        str(shape.members["kid"]),
        "" if shape.members["token"] is None else _token(shape),
    )


def _token(shape: Shape) -> str:
    return shape.text("token", r"[!-~]{1,8192}", 8192)


def _tls(shape: Shape) -> Tls:
    pins = shape.many("pins", 8)
    if not all(isinstance(pin, str) and _PIN.fullmatch(pin) for pin in pins):
        raise shape.wrong("pins")
    authority = shape.members["authority"]
    if authority is None:
        return Tls("", frozenset(map(str, pins)))
    if not isinstance(authority, str) or not _is_authority(authority):
        raise shape.wrong("authority")
    return Tls(authority, frozenset(map(str, pins)))


def _is_authority(pem: str) -> bool:
    """Whether these are certificates that a connection can be checked against."""
    if len(pem) > 20_000 or not _PEM.fullmatch(pem):
        return False
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        return False
    return True


def _key(shape: Shape, name: str) -> bytes:
    data = jws.decoded(shape.members[name])
    if data is None or len(data) != jws.KEY_BYTES:
        raise shape.wrong(name)
    return data


def _keys_within(content: Mapping[str, object]) -> dict[str, bytes] | None:
    """The policy keys that an enrolment brings, by kid; None when there is none, or one is not one."""
    match content.get("policy"):
        case {"keys": [_, *_] as keys} if len(keys) <= 8:
            found = [_named_key(key) for key in keys]
        case _:
            return None
    named = {pair[0]: pair[1] for pair in found if pair is not None}
    return named if len(named) == len(found) else None


def _named_key(key: object) -> tuple[str, bytes] | None:
    match key:
        case {"kid": str(kid), "x": x, **more} if not more and jws.is_kid(kid):
            data = jws.decoded(x)
            return (kid, data) if data is not None and jws.is_key(data) else None
        case _:
            return None
