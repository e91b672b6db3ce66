"""Texts as a service signs them, with everything right; a test then puts one thing wrong."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vigfield.sync import enrolment, policy


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


NOW = datetime.now(UTC).replace(microsecond=0)
BEGINS, ENDS = NOW - timedelta(days=300), NOW + timedelta(days=200)


def instant(moment: datetime) -> str:
    """As a service writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Key:
    """A service's key for signing policies."""

    kid: str = "policy-1"
    private: Ed25519PrivateKey = field(
        default_factory=lambda: Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    )

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, content: object, type_: str, **header: object) -> str:
        """A compact JWS of a value, or of a text that stands for one."""
        head = {"alg": "EdDSA", "kid": self.kid, "typ": type_, **header}
        head = {name: value for name, value in head.items() if value is not None}
        if isinstance(content, str):
            content = content.encode()
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        signed = f"{b64(json.dumps(head).encode())}.{b64(body)}"
        return f"{signed}.{b64(self.private.sign(signed.encode()))}"


KEY = Key()
OTHER = Key("policy-1", Ed25519PrivateKey.from_private_bytes(b"o" * 32))


def policy_claims(version: int = 3) -> dict[str, object]:
    """What a usual policy says."""
    return {
        "vigfield": "policy",
        "format": 1,
        "service": "leith.example",
        "version": version,
        "not_before": instant(BEGINS),
        "expires": instant(ENDS),
        "minimum_app": "0.1.0",
        "fields": ["birth-date"],
        "identifiers": ["family-code"],
        "video": {"upload": "with-consent"},
        "networks": {"metadata": "any", "video": "unmetered"},
        "recording": {
            "target_seconds": 300,
            "longest_seconds": 900,
            "width": 1280,
            "height": 720,
            "frames": 25,
            "bitrate": 2_000_000,
        },
        "retention": {"after_filming": 180, "after_ending": 30, "after_withdrawal": 14},
        "lock": {"idle_seconds": 120, "tries_in_five_minutes": 5},
        "papers": {"consents": True, "names_in_calendar_files": False},
        "sync": {"every_minutes": 10},
    }


def policy_text(version: int = 3, **changed: object) -> str:
    return KEY.sign(policy_claims(version) | changed, policy.TYPE)


def enrolment_claims() -> dict[str, object]:
    """What a usual enrolment says."""
    return {
        "vigfield": "enrolment",
        "format": 1,
        "service": {"id": "leith.example", "name": "Leith early years"},
        "issued": instant(BEGINS),
        "expires": instant(ENDS),
        "fhir": {"base": "https://fhir.leith.example/r4"},
        "auth": {
            "kind": "smart",
            "token_endpoint": "https://fhir.leith.example/auth/token",
            "client_id": "tablet-7",
            "scope": "system/*.rs system/*.cu",
        },
        "policy": {"binary": "policy", "keys": [{"kid": KEY.kid, "x": b64(KEY.public)}]},
        "recovery": b64(b"r" * 32),
        "video": {
            "tus": "https://films.leith.example/files",
            "recipient": b64(b"v" * 32),
            "kid": "video-1",
            "token": None,
        },
        "tls": {"authority": None, "pins": ["ab" * 32]},
    }


def enrolment_text(**changed: object) -> str:
    return KEY.sign(enrolment_claims() | changed, enrolment.TYPE)
