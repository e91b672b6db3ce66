"""The facts about a tablet and a vault's folder: values only, so that checks can be tried on made-up ones."""

from dataclasses import dataclass
from enum import StrEnum


class Protection(StrEnum):
    """What becomes of bytes on a disk or in swap once the power is off."""

    ENCRYPTED = "encrypted"
    MEMORY = "memory"
    PLAIN = "plain"
    UNKNOWN = "unknown"


class VaultState(StrEnum):
    """What is in the vault's folder, as far as can be said without a passphrase."""

    NONE = "none"
    WHOLE = "whole"
    NEWER = "newer"
    DAMAGED = "damaged"
    UNREADABLE = "unreadable"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found. None is "could not be asked here". Sizes in bytes, times in seconds since 1970.

    `core_pattern` is Linux's. `open_to_others` and `not_ours` count what is in the vault, `leftovers` the
    files of a step that was cut short, `others` files in the films' folder whose names are no film's.
    """

    root: bool | None
    swaps: tuple[Protection, ...] | None
    hibernates: bool | None
    disk: Protection
    core_pattern: str | None
    ptrace_scope: int | None
    browser: str | None
    browser_found: bool
    sandbox: bool | None
    vault: VaultState
    open_to_others: int | None
    not_ours: int | None
    leftovers: int
    others: int
    free: int | None
    now: float
    newest: float | None
