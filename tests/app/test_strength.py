"""The judge of passphrases: short, well known, weak, strong, and one form however it was typed."""

import unicodedata

import pytest

from vigfield.app import Verdict, judge
from vigfield.app.strength import normal


@pytest.mark.parametrize(
    ("passphrase", "verdict"),
    [
        ("", Verdict.TOO_SHORT),
        ("x7#Qm!9pLz2", Verdict.TOO_SHORT),  # 11 characters, however good
        ("passwordpassword", Verdict.DENIED),
        ("Password Password 2026", Verdict.DENIED),
        ("correct horse battery staple", Verdict.DENIED),
        ("Correct-Horse-Battery-Staple!", Verdict.DENIED),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", Verdict.WEAK),
        ("123456789012", Verdict.WEAK),
        ("qwertyuiop[]", Verdict.WEAK),
        ("vigfield video", Verdict.WEAK),
        ("            ", Verdict.WEAK),
        ("seven calm otters read maps", Verdict.STRONG),
        ("siebzehn müde Füchse lesen", Verdict.STRONG),
        ("لیمو ترش آبی کوه بلند", Verdict.STRONG),
    ],
)
def test_verdicts(passphrase: str, verdict: Verdict) -> None:
    assert judge(passphrase).verdict is verdict


def test_only_fair_and_strong_are_accepted_and_the_meter_agrees() -> None:
    for passphrase in ("", "passwordpassword", "aaaaaaaaaaaaaaaaaaaaaaaa"):
        found = judge(passphrase)
        assert not found.accepted
        assert found.score <= 2
    assert judge("seven calm otters read maps").accepted


def test_one_form_however_the_keyboard_composed_it() -> None:
    composed = "zwölf Käfer über Bäume"
    assert normal(unicodedata.normalize("NFD", composed)) == normal(composed)
    assert normal("ｓｅｖｅｎ calm otters") == "seven calm otters"


@pytest.mark.parametrize("passphrase", ["\ufdfa", "\ufdfa" * 3, "\ufdfa\ufdfb"])
def test_a_sign_that_unfolds_into_a_phrase_is_still_one_sign(passphrase: str) -> None:
    assert len(normal(passphrase)) >= 12
    assert judge(passphrase).verdict is Verdict.TOO_SHORT


def test_letters_taken_apart_do_not_make_it_longer() -> None:
    assert judge(unicodedata.normalize("NFD", "äöüäöü")).verdict is Verdict.TOO_SHORT


def test_a_very_long_passphrase_is_judged_in_time() -> None:
    assert judge("ab cd " * 5000).verdict is Verdict.WEAK
    assert judge("seven calm otters read maps " * 500).accepted
