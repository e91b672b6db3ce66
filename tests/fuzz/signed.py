"""Signed texts of a service: right signatures over altered words, and altered signatures."""

import json
from collections.abc import Callable

from tests.fuzz.alter import altering, any_bytes, value
from tests.fuzz.run import Target, Wrong
from tests.sync.signed import KEY, NOW, enrolment_claims, policy_claims, policy_text
from vigfield.sync import enrolment, jws, policy

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
    return "Enrolment"


def judge_jws(data: bytes) -> str:
    """What was signed, or a fault: nothing else comes out of a text that was altered."""
    found = jws.opened(data.decode("utf-8", "surrogateescape"), policy.TYPE, KEYS)
    if isinstance(found, jws.Fault):
        return found.value
    if found.content not in (policy_claims(), policy_claims(9)):
        raise Wrong("words that nobody signed")
    return "Claims"


def _claims(name: str, judge: Callable[[bytes], str], text: object) -> Target:
    pool = {"right": json.dumps(text).encode()}
    return Target(name, (pool,), altering([*[value] * 60, *any_bytes(pool)]), judge)


_TEXTS = {str(version): policy_text(version).encode() for version in (3, 9)}
_DOTS = tuple(place for place, byte in enumerate(_TEXTS["3"]) if byte == ord("."))

SIGNED = (
    _claims("policy", judge_policy, policy_claims()),
    _claims("enrolment", judge_enrolment, enrolment_claims()),
    Target("jws", (_TEXTS,), altering(any_bytes(_TEXTS, _DOTS)), judge_jws),
)
