"""Every branch of every check, with made-up facts; and a sentence for whatever can be said."""

from dataclasses import replace

import pytest

from vigfield.doctor import LEVELS, Facts, Level, Protection, Said, VaultState, examine
from vigfield.ui import doctorwords

P = Protection
GOOD = Facts(
    root=False,
    swaps=(),
    hibernates=False,
    disk=P.ENCRYPTED,
    core_pattern="core",
    ptrace_scope=1,
    browser="120.0.1",
    browser_found=True,
    sandbox=True,
    vault=VaultState.WHOLE,
    open_to_others=0,
    not_ours=0,
    leftovers=0,
    others=0,
    free=50_000_000_000,
    now=1_800_000_000.0,
    newest=1_799_999_000.0,
)
BRANCHES: list[tuple[dict[str, object], Said]] = [
    ({"vault": VaultState.NONE}, Said.VAULT_NONE),
    ({}, Said.VAULT_WHOLE),
    ({"vault": VaultState.NEWER}, Said.VAULT_NEWER),
    ({"vault": VaultState.DAMAGED}, Said.VAULT_DAMAGED),
    ({"vault": VaultState.UNREADABLE}, Said.VAULT_UNREADABLE),
    ({"vault": VaultState.OTHER}, Said.VAULT_OTHER),
    ({}, Said.FILES_PRIVATE),
    ({"open_to_others": 2}, Said.FILES_OPEN),
    ({"open_to_others": 2, "not_ours": 1}, Said.FILES_NOT_OURS),
    ({"open_to_others": None, "not_ours": None}, Said.FILES_UNKNOWN),
    ({}, Said.LEFTOVERS_NONE),
    ({"leftovers": 1}, Said.LEFTOVERS),
    ({"leftovers": 1, "others": 2}, Said.OTHERS),
    ({}, Said.DISK_ENCRYPTED),
    ({"disk": P.PLAIN}, Said.DISK_PLAIN),
    ({"disk": P.MEMORY}, Said.DISK_MEMORY),
    ({"disk": P.UNKNOWN}, Said.DISK_UNKNOWN),
    ({}, Said.SWAP_NONE),
    ({"swaps": None}, Said.SWAP_UNKNOWN),
    ({"swaps": (P.MEMORY, P.ENCRYPTED)}, Said.SWAP_SAFE),
    ({"swaps": (P.MEMORY, P.PLAIN, P.UNKNOWN)}, Said.SWAP_PLAIN),
    ({"swaps": (P.ENCRYPTED, P.UNKNOWN)}, Said.SWAP_UNKNOWN),
    ({}, Said.HIBERNATION_OFF),
    ({"hibernates": None}, Said.HIBERNATION_UNKNOWN),
    ({"hibernates": True, "swaps": (P.MEMORY, P.ENCRYPTED)}, Said.HIBERNATION_SAFE),
    ({"hibernates": True, "swaps": (P.PLAIN,)}, Said.HIBERNATION_ON),
    ({"hibernates": True, "swaps": ()}, Said.HIBERNATION_ON),
    ({"hibernates": True, "swaps": None}, Said.HIBERNATION_ON),
    ({}, Said.DUMPS_OFF),
    ({"core_pattern": "|/usr/lib/systemd/systemd-coredump %P"}, Said.DUMPS_COLLECTED),
    ({"core_pattern": None}, Said.DUMPS_UNKNOWN),
    ({}, Said.ATTACH_REFUSED),
    ({"ptrace_scope": 0}, Said.ATTACH_ALLOWED),
    ({"ptrace_scope": None}, Said.ATTACH_UNKNOWN),
    ({}, Said.USER_ORDINARY),
    ({"root": True}, Said.USER_ROOT),
    ({"root": None}, Said.USER_UNKNOWN),
    ({}, Said.BROWSER_FOUND),
    ({"browser": None}, Said.BROWSER_FOUND),
    ({"browser_found": False}, Said.BROWSER_MISSING),
    ({}, Said.SANDBOX_POSSIBLE),
    ({"sandbox": False}, Said.SANDBOX_IMPOSSIBLE),
    ({"sandbox": None}, Said.SANDBOX_UNKNOWN),
    ({}, Said.SPACE_ENOUGH),
    ({"free": 2_000_000_000}, Said.SPACE_ENOUGH),
    ({"free": 1_999_999_999}, Said.SPACE_LOW),
    ({"free": 199_999_999}, Said.SPACE_FULL),
    ({"free": None}, Said.SPACE_UNKNOWN),
    ({}, Said.CLOCK_PLAUSIBLE),
    ({"newest": None}, Said.CLOCK_PLAUSIBLE),
    ({"newest": GOOD.now + 299}, Said.CLOCK_PLAUSIBLE),
    ({"newest": GOOD.now + 301}, Said.CLOCK_BEHIND),
    ({"newest": GOOD.now - 400 * 86400}, Said.CLOCK_FAR_AHEAD),
]


def said(facts: Facts) -> list[Said]:
    return [finding.said for finding in examine(facts)]


@pytest.mark.parametrize(("changed", "expected"), BRANCHES)
def test_each_branch(changed: dict[str, object], expected: Said) -> None:
    assert expected in said(replace(GOOD, **changed))  # type: ignore[arg-type]


def test_every_thing_that_can_be_said_has_its_branch() -> None:
    assert {expected for _, expected in BRANCHES} == set(Said)


def test_a_good_tablet_is_all_well_and_an_unknown_one_is_not() -> None:
    assert {finding.level for finding in examine(GOOD)} == {Level.OK}
    nothing = replace(
        GOOD,
        root=None,
        swaps=None,
        hibernates=None,
        disk=P.UNKNOWN,
        core_pattern=None,
        ptrace_scope=None,
        sandbox=None,
        open_to_others=None,
        not_ours=None,
        free=None,
    )
    unknown = [one.said for one in examine(nothing) if one.level is Level.UNKNOWN]
    assert len(unknown) == 9


def test_each_thing_has_one_level_and_a_sentence_of_its_own() -> None:
    assert set(LEVELS) == set(Said) == set(doctorwords.SAID)
    assert len(set(doctorwords.SAID.values())) == len(Said)
    for changed, _ in BRANCHES:
        for finding in examine(replace(GOOD, **changed)):  # type: ignore[arg-type]
            sentence = doctorwords.sentence(finding)
            assert sentence.endswith(".")
            assert "{" not in sentence
            assert doctorwords.line(finding).startswith(doctorwords.LEVELS[finding.level])
