"""docs/enrolment.md shows an enrolment and a policy that are taken, with every member that there is."""

import json
import re
from pathlib import Path

from tests.sync.signed import KEY, enrolment_claims, policy_claims
from vigfield.model import Policy
from vigfield.sync import enrolment, policy

PAGE = Path(__file__).resolve().parents[2] / "docs" / "enrolment.md"
MOMENTS = {"issued", "expires", "not_before"}


def test_the_examples_are_taken() -> None:
    text = PAGE.read_text(encoding="utf-8")
    first, second = map(json.loads, re.findall(r"```json\n(.*?)```", text, re.DOTALL))
    for shown, claims in ((first, enrolment_claims()), (second, policy_claims())):
        assert {name: shown[name] for name in shown if name not in MOMENTS} == {
            name: claims[name] for name in claims if name not in MOMENTS
        }
        assert [
            name for name in shown if f"`{name}`" not in text and name not in ("vigfield", "format")
        ] == []
    assert isinstance(enrolment.kept(KEY.sign(first, enrolment.TYPE)), enrolment.Enrolment)
    found = policy.read(KEY.sign(second, policy.TYPE), "leith.example", {KEY.kid: KEY.public})
    assert isinstance(found, Policy)
