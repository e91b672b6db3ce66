"""What can be said of a tablet's safety without a passphrase: facts, gathered once, and what they mean."""

from vigfield.doctor.checks import LEVELS, Finding, Level, Said, examine
from vigfield.doctor.facts import Facts, Protection, VaultState
from vigfield.doctor.gather import gather
from vigfield.doctor.network import network, routes

__all__ = [
    "LEVELS",
    "Facts",
    "Finding",
    "Level",
    "Protection",
    "Said",
    "VaultState",
    "examine",
    "gather",
    "network",
    "routes",
]
