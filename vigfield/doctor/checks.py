"""The checks: from facts to findings, each a pure function; what a person reads for them is in `ui`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from vigfield import rules
from vigfield.doctor.facts import Facts, Protection, VaultState

TOLERANCE = 300.0
YEAR = 366 * 86400.0


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "cannot-tell"


class Said(StrEnum):
    """Everything that a check can say."""

    SWAP_NONE = "swap-none"
    SWAP_SAFE = "swap-safe"
    SWAP_PLAIN = "swap-plain"
    SWAP_UNKNOWN = "swap-unknown"
    HIBERNATION_OFF = "hibernation-off"
    HIBERNATION_SAFE = "hibernation-safe"
    HIBERNATION_ON = "hibernation-on"
    HIBERNATION_UNKNOWN = "hibernation-unknown"
    DISK_ENCRYPTED = "disk-encrypted"
    DISK_PLAIN = "disk-plain"
    DISK_MEMORY = "disk-memory"
    DISK_UNKNOWN = "disk-unknown"
    DUMPS_OFF = "dumps-off"
    DUMPS_COLLECTED = "dumps-collected"
    DUMPS_UNKNOWN = "dumps-unknown"
    ATTACH_REFUSED = "attach-refused"
    ATTACH_ALLOWED = "attach-allowed"
    ATTACH_UNKNOWN = "attach-unknown"
    USER_ORDINARY = "user-ordinary"
    USER_ROOT = "user-root"
    USER_UNKNOWN = "user-unknown"
    BROWSER_FOUND = "browser-found"
    BROWSER_MISSING = "browser-missing"
    SANDBOX_POSSIBLE = "sandbox-possible"
    SANDBOX_IMPOSSIBLE = "sandbox-impossible"
    SANDBOX_UNKNOWN = "sandbox-unknown"
    VAULT_NONE = "vault-none"
    VAULT_WHOLE = "vault-whole"
    VAULT_NEWER = "vault-newer"
    VAULT_DAMAGED = "vault-damaged"
    VAULT_UNREADABLE = "vault-unreadable"
    VAULT_OTHER = "vault-other"
    FILES_PRIVATE = "files-private"
    FILES_OPEN = "files-open"
    FILES_NOT_OURS = "files-not-ours"
    FILES_UNKNOWN = "files-unknown"
    LEFTOVERS_NONE = "leftovers-none"
    LEFTOVERS = "leftovers"
    OTHERS = "others"
    SPACE_ENOUGH = "space-enough"
    SPACE_LOW = "space-low"
    SPACE_FULL = "space-full"
    SPACE_UNKNOWN = "space-unknown"
    CLOCK_PLAUSIBLE = "clock-plausible"
    CLOCK_BEHIND = "clock-behind"
    CLOCK_FAR_AHEAD = "clock-far-ahead"


_NOT_OK = {
    Level.WARNING: {
        Said.DISK_PLAIN,
        Said.DUMPS_COLLECTED,
        Said.ATTACH_ALLOWED,
        Said.USER_ROOT,
        Said.LEFTOVERS,
        Said.OTHERS,
        Said.SPACE_LOW,
        Said.CLOCK_FAR_AHEAD,
    },
    Level.PROBLEM: {
        Said.SWAP_PLAIN,
        Said.HIBERNATION_ON,
        Said.BROWSER_MISSING,
        Said.SANDBOX_IMPOSSIBLE,
        Said.VAULT_NEWER,
        Said.VAULT_DAMAGED,
        Said.VAULT_UNREADABLE,
        Said.VAULT_OTHER,
        Said.FILES_OPEN,
        Said.FILES_NOT_OURS,
        Said.SPACE_FULL,
        Said.CLOCK_BEHIND,
    },
    Level.UNKNOWN: {
        Said.SWAP_UNKNOWN,
        Said.HIBERNATION_UNKNOWN,
        Said.DISK_UNKNOWN,
        Said.DUMPS_UNKNOWN,
        Said.ATTACH_UNKNOWN,
        Said.USER_UNKNOWN,
        Said.SANDBOX_UNKNOWN,
        Said.FILES_UNKNOWN,
        Said.SPACE_UNKNOWN,
    },
}
LEVELS = dict.fromkeys(Said, Level.OK) | {said: level for level, all_ in _NOT_OK.items() for said in all_}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to; `values` are counts and versions for its sentence, never a name or a path."""

    said: Said
    values: dict[str, str | int] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """How much it matters."""
        return LEVELS[self.said]


def examine(facts: Facts) -> list[Finding]:
    """Every check, in the order in which a person reads them."""
    return [check(facts) for check in CHECKS]


def swap(facts: Facts) -> Finding:
    """Whether memory can reach the disk in the clear while the tablet runs."""
    match facts.swaps:
        case None:
            return Finding(Said.SWAP_UNKNOWN)
        case ():
            return Finding(Said.SWAP_NONE)
        case kinds if Protection.PLAIN in kinds:
            return Finding(Said.SWAP_PLAIN)
        case kinds if Protection.UNKNOWN in kinds:
            return Finding(Said.SWAP_UNKNOWN)
        case _:
            return Finding(Said.SWAP_SAFE)


def hibernation(facts: Facts) -> Finding:
    """Whether all of memory can be written to the disk when the lid is closed."""
    if facts.hibernates is None:
        return Finding(Said.HIBERNATION_UNKNOWN)
    if not facts.hibernates:
        return Finding(Said.HIBERNATION_OFF)
    swaps = set(facts.swaps or (Protection.UNKNOWN,)) - {Protection.MEMORY}
    return Finding(Said.HIBERNATION_SAFE if swaps == {Protection.ENCRYPTED} else Said.HIBERNATION_ON)


def disk(facts: Facts) -> Finding:
    """What protects the disk under the vault."""
    return Finding(
        {
            Protection.ENCRYPTED: Said.DISK_ENCRYPTED,
            Protection.MEMORY: Said.DISK_MEMORY,
            Protection.PLAIN: Said.DISK_PLAIN,
            Protection.UNKNOWN: Said.DISK_UNKNOWN,
        }[facts.disk]
    )


def dumps(facts: Facts) -> Finding:
    """Whether the memory of a crashed browser is collected; vigfield's own never is.

    A program that collects dumps over a pipe gets them whatever limit a process has set for itself.
    """
    if facts.core_pattern is None:
        return Finding(Said.DUMPS_UNKNOWN)
    return Finding(Said.DUMPS_COLLECTED if facts.core_pattern.startswith("|") else Said.DUMPS_OFF)


def attaching(facts: Facts) -> Finding:
    """Whether another program of the same person may look into the browser's memory."""
    if facts.ptrace_scope is None:
        return Finding(Said.ATTACH_UNKNOWN)
    return Finding(Said.ATTACH_REFUSED if facts.ptrace_scope > 0 else Said.ATTACH_ALLOWED)


def user(facts: Facts) -> Finding:
    """Who runs vigfield."""
    if facts.root is None:
        return Finding(Said.USER_UNKNOWN)
    return Finding(Said.USER_ROOT if facts.root else Said.USER_ORDINARY)


def browser(facts: Facts) -> Finding:
    """Whether there is a browser that keeps nothing."""
    if not facts.browser_found:
        return Finding(Said.BROWSER_MISSING)
    return Finding(Said.BROWSER_FOUND, {"version": facts.browser or "?"})


def sandbox(facts: Facts) -> Finding:
    """Whether that browser can shut itself in."""
    if facts.sandbox is None:
        return Finding(Said.SANDBOX_UNKNOWN)
    return Finding(Said.SANDBOX_POSSIBLE if facts.sandbox else Said.SANDBOX_IMPOSSIBLE)


def vault(facts: Facts) -> Finding:
    """What is in the vault's folder."""
    return Finding(
        {
            VaultState.NONE: Said.VAULT_NONE,
            VaultState.WHOLE: Said.VAULT_WHOLE,
            VaultState.NEWER: Said.VAULT_NEWER,
            VaultState.DAMAGED: Said.VAULT_DAMAGED,
            VaultState.UNREADABLE: Said.VAULT_UNREADABLE,
            VaultState.OTHER: Said.VAULT_OTHER,
        }[facts.vault]
    )


def files(facts: Facts) -> Finding:
    """Who owns the vault's files and who may read them."""
    if facts.open_to_others is None or facts.not_ours is None:
        return Finding(Said.FILES_UNKNOWN)
    if facts.not_ours:
        return Finding(Said.FILES_NOT_OURS, {"count": facts.not_ours})
    if facts.open_to_others:
        return Finding(Said.FILES_OPEN, {"count": facts.open_to_others})
    return Finding(Said.FILES_PRIVATE)


def leftovers(facts: Facts) -> Finding:
    """What a step that was cut short, or somebody else, left in the folder."""
    if facts.others:
        return Finding(Said.OTHERS, {"count": facts.others})
    if facts.leftovers:
        return Finding(Said.LEFTOVERS, {"count": facts.leftovers})
    return Finding(Said.LEFTOVERS_NONE)


def space(facts: Facts) -> Finding:
    """Room for films."""
    if facts.free is None:
        return Finding(Said.SPACE_UNKNOWN)
    values: dict[str, str | int] = {"megabytes": facts.free // 1_000_000}
    if not rules.has_room(facts.free):
        return Finding(Said.SPACE_FULL, values)
    return Finding(Said.SPACE_LOW if facts.free < rules.WARN_FREE_BYTES else Said.SPACE_ENOUGH, values)


def clock(facts: Facts) -> Finding:
    """Whether the tablet's clock fits the vault's files."""
    if facts.newest is not None and facts.newest > facts.now + TOLERANCE:
        return Finding(Said.CLOCK_BEHIND)
    if facts.newest is not None and facts.now > facts.newest + YEAR:
        return Finding(Said.CLOCK_FAR_AHEAD)
    return Finding(Said.CLOCK_PLAUSIBLE)


CHECKS: tuple[Callable[[Facts], Finding], ...] = (
    vault,
    files,
    leftovers,
    disk,
    swap,
    hibernation,
    dumps,
    attaching,
    user,
    browser,
    sandbox,
    space,
    clock,
)
