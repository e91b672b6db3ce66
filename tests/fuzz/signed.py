"""Signed texts of a service: right signatures over altered words, and altered signatures."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.alter import altering, any_bytes, value
from tests.fuzz.run import Target, Wrong
from tests.sync.signed import KEY, NOW, enrolment_claims, policy_claims, policy_text
from vigfield.model import Networks
from vigfield.seal import public_key_digest
from vigfield.sync import enrolment, jws, policy
from vigfield.sync.login import TOKEN
from vigfield.sync.trust import trust

AUTHORITY = (Path(__file__).parent / "authority.pem").read_text("ascii")
SERVICE, KEYS = "leith.example", {KEY.kid: KEY.public}


def judge_policy(data: bytes) -> str:
    """A policy within its bounds, or a reason."""
    found = policy.read(KEY.sign(data, policy.TYPE), SERVICE, KEYS)
    if isinstance(found, policy.Unfit):
        return f"{found.why}: {found.where[:30]}"
    kept = found.retention
    days = (kept.after_filming, kept.after_ending, kept.after_withdrawal)
    if not (
        30 <= found.idle_seconds <= 1800 and 3 <= found.tries <= 10 and all(1 <= d <= 3650 for d in days)
    ):
        raise Wrong("a policy out of bounds")
    if found.version < 1 or found.expires is None or found.not_before is None:
        raise Wrong("a policy without a version or a time")
    if {found.networks, found.video_networks} - set(Networks):
        raise Wrong("a network that is none")
    return "Policy"


def judge_enrolment(data: bytes) -> str:
    """An enrolment whose addresses are safe and whose keys are keys, or a reason."""
    found = enrolment.read(KEY.sign(data, enrolment.TYPE), NOW)
    if isinstance(found, enrolment.NotEnrolled):
        return f"{found.why}: {found.where[:30]}"
    if not found.fhir.startswith(("https://", "http://127.0.0.1")) or not found.policy_keys:
        raise Wrong("an enrolment that is not safe")
    if isinstance(found.auth, enrolment.Smart) and not found.auth.token_endpoint.startswith("http"):
        raise Wrong("a token's address that is none")
    _judge_video(found.video)
    trust(found.tls, public_key_digest)  # an error here would be one at every unlock
    return "Enrolment"


def _judge_video(video: enrolment.VideoTo | None) -> None:
    if video is None:
        return
    if not video.tus.startswith(("https://", "http://127.0.0.1")) or len(video.recipient) != 32:
        raise Wrong("films would go where they must not")
    if video.token and not TOKEN.fullmatch(video.token):
        raise Wrong("a token that cannot stand in a header")
    if repr(video) != "VideoTo(...)":
        raise Wrong("a token that is shown")


def judge_jws(data: bytes) -> str:
    """What was signed, or a fault: nothing else comes out of a text that was altered."""
    found = jws.opened(data.decode("utf-8", "surrogateescape"), policy.TYPE, KEYS)
    if isinstance(found, jws.Fault):
        return found.value
    if found.content not in (policy_claims(), policy_claims(9)):
        raise Wrong("words that nobody signed")
    return "Claims"


def _claims(name: str, judge: Callable[[bytes], str], *texts: object) -> Target:
    pool = {f"right {number}": json.dumps(text).encode() for number, text in enumerate(texts)}
    return Target(name, (pool,), altering([*[value] * 60, *any_bytes(pool)]), judge)


_VIDEO = enrolment_claims()["video"]
_WITH_TOKENS = enrolment_claims() | {
    "auth": {"kind": "bearer", "token": "let-me-in"},
    "video": {**(_VIDEO if isinstance(_VIDEO, dict) else {}), "token": "let-them-in"},
    "tls": {"authority": AUTHORITY, "pins": []},
}
_TEXTS = {str(version): policy_text(version).encode() for version in (3, 9)}
_DOTS = tuple(place for place, byte in enumerate(_TEXTS["3"]) if byte == ord("."))

SIGNED = (
    _claims("policy", judge_policy, policy_claims()),
    _claims("enrolment", judge_enrolment, enrolment_claims(), _WITH_TOKENS),
    Target("jws", (_TEXTS,), altering(any_bytes(_TEXTS, _DOTS)), judge_jws),
)
