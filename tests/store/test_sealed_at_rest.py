"""No name, note or signature is in any byte on the disk, while the database is open or after it is closed."""

from dataclasses import replace
from pathlib import Path

from tests.store.examples import NOW, add_all, make_vault, new_consent, new_family, opened
from vigfield.model import Delivery, Kind, TypedSignature
from vigfield.store import VaultFolder, consents, families, outbox

PLANTED = (
    "Plantagenetta",
    "Ørjan-Fyrstikk",
    "Привидение",
    "HEATHER-12",
    "grandmother-present",
    "the server said",
)


def traces(folder: Path) -> dict[str, list[str]]:
    """Which planted words are in which files, as UTF-8 and UTF-16."""
    found: dict[str, list[str]] = {}
    for path in (p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        hits = [w for w in PLANTED if w.encode() in data or w.encode("utf-16-le") in data or w in path.name]
        if hits:
            found[path.name] = hits
    return found


def plant(folder: VaultFolder) -> None:
    with opened(folder.database(folder.header())) as store:
        family = new_family("HEATHER-12b", PLANTED[0], PLANTED[1], PLANTED[2])
        consent = replace(new_consent(family), also_present=PLANTED[4], signature=TypedSignature(PLANTED[1]))

        def add(tx: object) -> None:
            add_all(tx, PLANTED[3])
            families.add(tx, family, NOW)
            consents.add(tx, consent, NOW)
            outbox.refuse(tx, Kind.CONSENT, consent.id, 1, PLANTED[5])

        store.run_sync(add)
        names = {path.name.rpartition(".db")[2] for path in folder.path.iterdir() if ".db" in path.name}
        assert {"", "-wal"} <= names
        assert traces(folder.path) == {}
        assert store.run_sync(outbox.counts)[Delivery.REFUSED] == 1


def test_nothing_planted_is_on_the_disk(tmp_path: Path) -> None:
    make_vault(tmp_path)
    folder = VaultFolder.hold(tmp_path)
    plant(folder)
    assert traces(tmp_path) == {}
    folder.release()


def test_the_scan_would_find_it(tmp_path: Path) -> None:
    (tmp_path / "control").write_text(PLANTED[2])
    (tmp_path / "wide").write_bytes(PLANTED[0].encode("utf-16-le"))
    assert traces(tmp_path) == {"control": [PLANTED[2]], "wide": [PLANTED[0]]}
