"""What `vigfield doctor` and the card "This tablet" say of each finding: what was found, and what to do."""

from vigfield.app import Finding, Level, Said

TITLE = "This tablet"
LOOKING = "Looking at this tablet."
ALL_WELL = "All well: nothing here needs your attention."
LEVELS = {
    Level.OK: "ok",
    Level.WARNING: "warning",
    Level.PROBLEM: "problem",
    Level.UNKNOWN: "cannot tell",
}
SAID = {
    Said.SWAP_NONE: "There is no swap: memory is not written to the disk.",
    Said.SWAP_SAFE: "Swap is encrypted or stays in memory.",
    Said.SWAP_PLAIN: (
        "Swap is not encrypted, so parts of a film or a key can reach the disk. "
        "Ask for encrypted swap, or for none."
    ),
    Said.SWAP_UNKNOWN: "Whether swap is encrypted could not be found out. Ask who looks after this tablet.",
    Said.HIBERNATION_OFF: "Hibernation is off: memory is not written to the disk when the lid is closed.",
    Said.HIBERNATION_SAFE: "Hibernation writes to encrypted swap.",
    Said.HIBERNATION_ON: (
        "This tablet can hibernate, which writes all of memory to the disk. "
        "Ask to have hibernation turned off."
    ),
    Said.HIBERNATION_UNKNOWN: "Whether this tablet hibernates could not be found out.",
    Said.DISK_ENCRYPTED: "The disk under the vault is encrypted as a whole.",
    Said.DISK_MEMORY: "The vault's folder is in memory: it is gone when the tablet is switched off.",
    Said.DISK_PLAIN: (
        "No encryption was found under the vault. Films and names are sealed all the same, but sizes, times "
        "and traces of the system are not. Ask for full-disk encryption."
    ),
    Said.DISK_UNKNOWN: "Whether the disk under the vault is encrypted could not be found out.",
    Said.DUMPS_OFF: "No program collects the memory of programs that crash.",
    Said.DUMPS_COLLECTED: (
        "This tablet collects the memory of programs that crash. vigfield takes no part in it, "
        "but its browser could. Ask to have crash collection turned off."
    ),
    Said.DUMPS_UNKNOWN: "Whether this tablet collects the memory of crashed programs could not be found out.",
    Said.ATTACH_REFUSED: "Programs may not look into each other's memory.",
    Said.ATTACH_ALLOWED: (
        "Programs of the same person may look into the browser's memory. Ask to have that turned off "
        "(kernel.yama.ptrace_scope = 1)."
    ),
    Said.ATTACH_UNKNOWN: "Whether programs may look into each other's memory could not be found out.",
    Said.USER_ORDINARY: "vigfield runs without an administrator's rights.",
    Said.USER_ROOT: "This runs as an administrator. Please film as an ordinary user only.",
    Said.USER_UNKNOWN: "Whose rights vigfield has could not be found out.",
    Said.BROWSER_FOUND: "A browser that keeps nothing was found (version {version}).",
    Said.BROWSER_MISSING: "No Chromium, Chrome or Edge was found. Please install one; others may keep films.",
    Said.SANDBOX_POSSIBLE: "The browser can shut itself in.",
    Said.SANDBOX_IMPOSSIBLE: (
        "The browser cannot shut itself in for this user. Use an ordinary user, and allow user namespaces."
    ),
    Said.SANDBOX_UNKNOWN: "Whether the browser can shut itself in could not be found out.",
    Said.VAULT_NONE: "There is no vault here yet.",
    Said.VAULT_WHOLE: "There is a vault here, and its header can be read.",
    Said.VAULT_NEWER: "The vault was made by a newer vigfield. Please update; nothing was changed.",
    Said.VAULT_DAMAGED: (
        "The vault's header or database is missing or damaged. Leave everything as it is, and ask for help."
    ),
    Said.VAULT_UNREADABLE: "The vault's folder may not be read by you. Ask for the rights to it.",
    Said.VAULT_OTHER: "The folder holds other things and no vault.",
    Said.FILES_PRIVATE: "The vault's files are yours, and nobody else's to read.",
    Said.FILES_OPEN: (
        "Others may read or list some of the vault's files or folders ({count}). They are sealed anyway. "
        "Take the rights of others away."
    ),
    Said.FILES_NOT_OURS: (
        "Some of the vault's files or folders ({count}) are another user's, so films may not open. "
        "Ask to have them given back to you."
    ),
    Said.FILES_UNKNOWN: "Who may read the vault's files cannot be found out on this kind of tablet.",
    Said.LEFTOVERS_NONE: "Nothing unexpected lies in the vault's folder.",
    Said.LEFTOVERS: "Something that was cut short left files ({count}). They do no harm; leave them.",
    Said.OTHERS: "There are files among the films that are not vigfield's ({count}). They were left alone.",
    Said.SPACE_ENOUGH: "There is room for films ({megabytes} MB).",
    Said.SPACE_LOW: "Room for films is getting low ({megabytes} MB). Free some space soon.",
    Said.SPACE_FULL: "There is too little room to film ({megabytes} MB). Free some space first.",
    Said.SPACE_UNKNOWN: "How much room there is could not be found out.",
    Said.CLOCK_PLAUSIBLE: "The clock fits the vault's files.",
    Said.CLOCK_BEHIND: "The clock is earlier than the vault's newest file. Please check date and time.",
    Said.CLOCK_FAR_AHEAD: (
        "The vault's newest file is more than a year old. If that is not so, check date and time."
    ),
}


def sentence(finding: Finding) -> str:
    """What a finding says."""
    return SAID[finding.said].format(**finding.values)


def as_json(finding: Finding) -> dict[str, str | int]:
    """A finding for a program: its name, how much it matters, its figures, its sentence."""
    name, level = finding.said.value, finding.level.value
    return {"finding": name, "level": level, **finding.values, "says": sentence(finding)}


def line(finding: Finding) -> str:
    """A finding on one line, for the command."""
    return f"{LEVELS[finding.level]:<12} {sentence(finding)}"
