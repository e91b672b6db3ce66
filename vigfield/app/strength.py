"""How good a new passphrase is, said honestly."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from zxcvbn import zxcvbn

SHORTEST = 12
_JUDGED = 72  # zxcvbn's own limit; what follows can only make a passphrase better
_OURS = ("vigfield", "video", "interaction", "guidance", "practitioner", "family", "tablet")
_DENIED = frozenset(
    {
        "videointeractionguidance",
        "vigfieldvigfield",
        "passwordpassword",
        "passphrasepassphrase",
        "correcthorsebatterystaple",
        "qwertyuiopasdfghjklzxcvbnm",
        "letmeinletmein",
        "changemechangeme",
        "mypassphrase",
        "thisismypassphrase",
        "thisismypassword",
    }
)


class Verdict(StrEnum):
    """What to say of a new passphrase; only `FAIR` and `STRONG` are accepted."""

    TOO_SHORT = "too-short"
    DENIED = "denied"
    WEAK = "weak"
    FAIR = "fair"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Strength:
    """A verdict, and how full to draw the meter (0 to 4)."""

    verdict: Verdict
    score: int

    @property
    def accepted(self) -> bool:
        """Whether a vault may be made with it."""
        return self.verdict in (Verdict.FAIR, Verdict.STRONG)


def normal(passphrase: str) -> str:
    """The one form in which a passphrase is used, however a keyboard composed its letters (NFKC)."""
    return unicodedata.normalize("NFKC", passphrase)


def judge(passphrase: str) -> Strength:
    """The strength of a new passphrase by length, deny-list and zxcvbn's estimate of guesses."""
    text, typed = normal(passphrase), unicodedata.normalize("NFC", passphrase)
    letters = "".join(c for c in text.casefold() if c.isalnum())
    # One sign may unfold into a whole phrase, and spaces make any two known words look new to zxcvbn.
    score = min(map(_score, {text, typed, "".join(text.split())}))
    if min(len(text), len(typed)) < SHORTEST:
        return Strength(Verdict.TOO_SHORT, min(score, 1))
    if letters in _DENIED or letters.rstrip("0123456789") in _DENIED:
        return Strength(Verdict.DENIED, 0)
    if score < 3:
        return Strength(Verdict.WEAK, min(score, 2))
    return Strength(Verdict.STRONG if score == 4 else Verdict.FAIR, score)


def _score(text: str) -> int:
    return int(zxcvbn(text[:_JUDGED], user_inputs=list(_OURS))["score"]) if text else 0
