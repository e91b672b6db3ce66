"""The sentences for erasing a film: what will be gone, why, and what the certificate says of it."""

from vigfield import clock
from vigfield.app import Erasable, Erasure
from vigfield.model import Certificate, Ground, Part

ERASE = "Erase this film"
NO_WAY_BACK = (
    "Its key is destroyed first, and then its files are removed from this tablet. After that nobody can "
    "bring it back: not you, not the service, not the people who made vigfield."
)
STAYS = (
    "What stays: that there was a film, when and how long, the consent, and a certificate of the erasure. "
    "The service is told that it was erased, and on what ground."
)
GROUND = "Why is it erased?"
GROUNDS = {
    Ground.CAREGIVER_ASKED: "A caregiver asked for it",
    Ground.CONSENT_WITHDRAWN: "The consent was withdrawn",
    Ground.TIME_OVER: "The time for keeping it is over",
    Ground.BY_MISTAKE: "It was filmed by mistake",
    Ground.SERVICE_POLICY: "Another reason in the service's policy",
}
UNDERSTOOD = "I understand that nobody can bring it back"
FIRST = "Choose a reason and tick the box first."
ERASE_NOW = "Erase it for good"
ERASING_NOW = "Erasing. This takes a moment."
KEEP = "Keep the film"

CERTIFICATE = "Certificate of erasure"
CERTIFICATES = "Erased films"
CERTIFICATES_WHAT = "Every film that was erased from this vault, with its certificate."
NO_CERTIFICATES = "No film was erased."
SEE_CERTIFICATE = "See the certificate"
WHICH_FILM = "The film"
NOT_COVERED = "What this does not cover"
NOT_COVERED_WHAT = (
    "Copies of the whole vault that somebody made before, and old blocks that a disk keeps for a while "
    "after something is deleted. Without the vault's passphrase neither can be read. Full-disk encryption "
    "of the tablet covers the old blocks too."
)
TRY_AGAIN = "Try again now"
ERASED_CHIP = "Erased"
ERASING_CHIP = "Not finished"


def subject(erasable: Erasable) -> str:
    """The film, its parts and its pictures, in one sentence."""
    parts = len(erasable.recording.parts)
    things = ["the film" if parts < 2 else f"the film with its {parts} parts"]
    if erasable.pictures:
        things.append(f"the {_count(erasable.pictures, 'picture')} kept from it")
    return f"This erases {' and '.join(things)}, for ever."


def status(erasure: Erasure) -> str:
    """How far it has come; "erased" only when nothing is left."""
    certificate = erasure.certificate
    if certificate.key_gone is None:
        return (
            "The erasure has begun, and the film cannot be played any more. Copies of its sealed key may "
            "still be left in this vault. vigfield tries again at every unlock."
        )
    if certificate.completed is None:
        files = f"{_count(erasure.left, 'file')} of it still to be removed."
        left = files if erasure.left else "Whether all its files are gone could not be checked yet."
        return (
            f"The key is destroyed, so nobody can read the film. {left} vigfield tries again at every unlock."
        )
    return f"The key is destroyed and no file of the film is left. Finished on {moment(certificate)}."


def facts(erasure: Erasure) -> list[str]:
    """What the certificate says, one line each, without its digests."""
    certificate, recording = erasure.certificate, erasure.recording
    filmed, begun = clock.local(recording.started), clock.local(certificate.begun)
    size = sum(size for _, size in certificate.files)
    found = _count(len(certificate.files), "sealed file")
    return [
        f"Family {erasure.family.code}, filmed on {filmed.day} {filmed:%B %Y, %H:%M}",
        f"Ground: {GROUNDS[certificate.ground]}",
        f"Decided on {begun.day} {begun:%B %Y, %H:%M:%S}",
        f"{found}, {size:,} bytes in all" if certificate.files else "No file of it was found in this vault",
        f"Film {certificate.recording}",
    ]


def part(one: Part) -> str:
    """One part of the film as it was: its length, size and digest."""
    what = f"Part {one.number}: {one.seconds:.1f} seconds, {one.sealed_bytes:,} bytes"
    return f"{what}, SHA-256 {one.sha256}" if one.sha256 else what


def moment(certificate: Certificate) -> str:
    """When the last of it was gone."""
    local = clock.local(certificate.completed or certificate.begun)
    return f"{local.day} {local:%B %Y, %H:%M:%S}"


def line(erasure: Erasure) -> str:
    """A certificate in the list: whose film, filmed when."""
    filmed = clock.local(erasure.recording.started)
    return f"{erasure.family.code} · filmed on {filmed.day} {filmed:%B %Y, %H:%M}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
