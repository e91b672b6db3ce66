"""The tree of errors: one class per reaction that a caller can have.

    VigfieldError
    ├── Retry            nothing is wrong with the data: do it again later
    │   ├── VaultInUse       another vigfield has this vault open
    │   ├── PortTaken        another program listens on the port
    │   └── DiskFull         no room for what was to be written
    ├── AskPerson        a person has to decide or to do something
    │   ├── NotAVault        the folder holds no vault
    │   │   ├── RealVault        a demonstration was asked for, and this is no demonstration vault
    │   │   └── VaultGone        a vault was here a moment ago, and is not any more
    │   ├── NewerVault       made by a later vigfield than this one
    │   ├── UnreadableVault  the folder or a file in it may not be read
    │   └── Unknown          no record has this id
    └── KeepEvidence     stop, and leave everything as it is
        ├── Damaged          sealed bytes, a slot or the database do not verify
        │   └── DiskFailed       the disk could not read or write: the same bytes may verify later
        │       └── Missing          the file, or the disk that holds it, is not there now
        └── Broken           a writer failed earlier: every later call fails

Outcomes that are expected (a wrong passphrase, a refusal, a conflict) are values, not errors.
No message holds a name, a note, a key or a server's text: they end up in logs.
"""


class VigfieldError(Exception):
    """Every error that vigfield raises on purpose."""


class Retry(VigfieldError):
    """Nothing is wrong with the data: the same call may work later."""


class VaultInUse(Retry):
    """Another process has this vault open."""


class PortTaken(Retry):
    """Another program listens on the port."""


class DiskFull(Retry):
    """The disk has no room for what was to be written."""


class AskPerson(VigfieldError):
    """A person has to decide or to do something."""


class NotAVault(AskPerson):
    """The folder holds something, but not a vault."""


class RealVault(NotAVault):
    """A demonstration was asked for, and this vault is a real one."""


class VaultGone(NotAVault):
    """The vault was here, and its folder or its disk is not any more."""


class NewerVault(AskPerson):
    """The vault was made by a later version of vigfield."""


class UnreadableVault(AskPerson):
    """The folder or a file in it may not be read."""


class Unknown(AskPerson):
    """No record has this id."""


class KeepEvidence(VigfieldError):
    """Stop, change nothing, and keep everything for a person to look at."""


class Damaged(KeepEvidence):
    """Sealed bytes, a key slot or the database do not verify."""


class DiskFailed(Damaged):
    """The disk could not read or write; what it holds may verify at another time."""


class Missing(DiskFailed):
    """The file, or the disk that holds it, is not there now."""


class Broken(KeepEvidence):
    """A writer failed earlier; nothing it says afterwards can be trusted."""
