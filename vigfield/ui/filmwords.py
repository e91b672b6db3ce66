"""The sentences for films and disks that are not as they should be: what it is, what is safe, what to do."""

from datetime import datetime

from vigfield import clock
from vigfield.rules import Reason

NOT_KNOWN = "How it ended is not known yet"
DISK_GONE = (
    "The disk or folder with the films is not here. vigfield deleted nothing. "
    "When it is back, lock and unlock vigfield."
)
DISK_FAILED = (
    "The tablet's disk could not be read or written just now. What was saved before was left as it is. "
    "Please try again; if it happens often, ask for help with the disk."
)
VAULT_GONE = (
    "The vault is not here any more: its disk or folder is away. Please bring it back and try again; "
    "nothing was changed."
)
TROUBLES = {
    Reason.WAITING: (
        "This film was interrupted and is not recovered yet. Its files are kept; every unlock tries again."
    ),
    Reason.MISSING: (
        "The film's file is missing from this tablet. vigfield did not delete it. "
        "When the file is back, the film is as before; if it was cut short, an unlock recovers it."
    ),
    Reason.NO_FILE: (
        "There is no file of this film: nothing was filmed, or its file was taken away. "
        "Every unlock looks for it."
    ),
    Reason.UNREADABLE: (
        "The film's file is here, but you may not read it. Ask for the rights to it; nothing was changed."
    ),
    Reason.DISK_FAILED: "The disk could not read this film just now. Its files are kept as they are.",
    Reason.DISK_GONE: DISK_GONE,
}


def strangers(count: int) -> str:
    """Of files in the films' folder that are no film's of this vault."""
    if count == 1:
        return "1 file among the films belongs to no film of this vault. It was left as it is."
    return f"{count} files among the films belong to no film of this vault. They were left as they are."


def clock_behind(newest: datetime) -> str:
    """Of a clock that is earlier than what was written down last."""
    local = clock.local(newest)
    last = f"{local.day} {local:%B %Y, %H:%M}"
    return (
        f"The tablet's clock is earlier than the last entry in this vault ({last}). "
        "Please check its date and time. Until it is right, consents are judged by the later of the two."
    )
