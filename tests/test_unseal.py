"""The service's side of a film: `vigfield unseal`, and Tink doing the same without us."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest

from tests.app.kit import film
from tests.commands import command
from tests.seal import oracle
from tests.sync import examples
from tests.test_cli import says_one_sentence
from vigfield import keyholder
from vigfield.app.opened import film_context, handover_context
from vigfield.model import Part, RecordingId, RecordingState, Upload, UploadPart, UploadState
from vigfield.seal import Key, PublicKey, Writer, decode
from vigfield.sync.document import document as written
from vigfield.unseal import Film, Trouble, open_film, record

POLICY, KID = 7, "video-1"
FRAMES = 12


@dataclass(frozen=True)
class Arrived:
    """A film of two parts as it is at the service, and the private key's file."""

    document: dict[str, object]
    files: tuple[Path, ...]
    key: Path
    plain: tuple[bytes, ...]

    def to(self, out: Path, **other: object) -> Film | Trouble:
        given = {"document": self.document, "files": self.files, "key": self.key} | other
        return open_film(json.dumps(given["document"]).encode(), given["key"], given["files"], out)  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        return json.dumps(self.document)


@pytest.fixture
def arrived(tmp_path: Path) -> Arrived:
    secret = Key.random()
    public = keyholder.make_video_pair(tmp_path / "video.key")
    assert not isinstance(public, keyholder.Trouble)
    recipient = PublicKey(base64.urlsafe_b64decode(public + "="))
    head, fragments = film(FRAMES)
    plain = (b"".join((head, *fragments[:6])), b"".join((head, *fragments[6:])))
    parts, files = [], []
    for number, data in enumerate(plain, 1):
        path = tmp_path / f"from-the-server-{number}"
        writer = Writer.create(tmp_path / f"{number}.part", secret, film_context(ID, number))
        writer.append(data)
        sealed = writer.finish(path)
        parts.append(
            Part(ID, number, RecordingState.WHOLE, sealed.bytes, sealed.sealed_bytes, sealed.sha256, 1.0, 6)
        )
        files.append(path)
    recording = replace(examples.recording, parts=tuple(parts))
    sealed_key = recipient.seal(secret, handover_context(ID, POLICY, KID))
    places = tuple(
        UploadPart(part.number, f"https://films.example/{part.number}", part.sealed_bytes, True)
        for part in parts
    )
    now = datetime(2026, 3, 3, tzinfo=UTC)
    upload = Upload(
        ID,
        UploadState.WHOLE,
        POLICY,
        KID,
        sealed_key,
        "https://films.example",
        now,
        now,
        parts=places,
    )
    document = written(recording, examples.family, upload)
    return Arrived(document, tuple(files), tmp_path / "video.key", plain)


ID = RecordingId("6f" * 16)


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_the_parts_in_any_order_become_one_film(arrived: Arrived, tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    opened = arrived.to(out, files=tuple(reversed(arrived.files)))
    assert isinstance(opened, Film), opened
    assert (opened.parts, opened.bytes) == (2, out.stat().st_size)
    assert frames(out) == FRAMES
    assert out.stat().st_mode & 0o777 == 0o600


def test_tink_alone_opens_every_part(arrived: Arrived) -> None:
    """As a program in Java would: the record, the private key, HPKE, then the streaming format."""
    found = record(arrived.text.encode())
    assert found is not None
    private = decode("video-private", arrived.key.read_text())
    public = PublicKey.of(Key(private)).data
    info = f"vigfield film for a service 1 {found.recording} {found.policy} {found.kid}".encode()
    secret = oracle.unsealed(private, public, info, found.sealed_key)
    assert secret is not None
    for number, file, plain in zip((1, 2), arrived.files, arrived.plain, strict=True):
        associated = f"vigfield film 1 {found.recording} {number}".encode()
        assert oracle.opens(secret, associated, file.read_bytes()) == plain
    assert oracle.unsealed(private, public, info + b" ", found.sealed_key) is None


def test_the_command_says_what_it_did_and_never_overwrites(arrived: Arrived, tmp_path: Path) -> None:
    (tmp_path / "document.json").write_text(arrived.text)
    line = ["unseal", "--document", str(tmp_path / "document.json"), "--key", str(arrived.key)]
    line += ["--out", str(tmp_path / "film.mp4"), *map(str, arrived.files)]
    done = command(*line)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 parts" in done.stdout
    assert frames(tmp_path / "film.mp4") == FRAMES
    before = (tmp_path / "film.mp4").read_bytes()
    says_one_sentence(command(*line), "never overwritten")
    assert (tmp_path / "film.mp4").read_bytes() == before


def test_a_pair_of_keys_is_made_once(tmp_path: Path) -> None:
    made = command("video-key", "--out", str(tmp_path / "key"))
    assert made.returncode == 0
    public = made.stdout.split()[0]
    private = Key(decode("video-private", (tmp_path / "key").read_text()))
    assert base64.urlsafe_b64decode(public + "=") == PublicKey.of(private).data
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    says_one_sentence(command("video-key", "--out", str(tmp_path / "key")), "")


def altered(path: Path, at: int) -> bytes:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    return bytes(data)


def _other_policy(document: dict[str, object]) -> dict[str, object]:
    text = json.dumps(document).replace('"valuePositiveInt": 7', '"valuePositiveInt": 8')
    found: dict[str, object] = json.loads(text)
    assert found != document
    return found


def _swapped(document: dict[str, object]) -> dict[str, object]:
    """The digests of the two parts under each other's number."""
    text = json.dumps(document)
    numbered = text.replace('{"url": "number", "valuePositiveInt": 1}', "ONE")
    numbered = numbered.replace('{"url": "number", "valuePositiveInt": 2}', "TWO")
    back = numbered.replace("ONE", '{"url": "number", "valuePositiveInt": 2}')
    found: dict[str, object] = json.loads(back.replace("TWO", '{"url": "number", "valuePositiveInt": 1}'))
    return found


FAULTS: dict[str, tuple[Trouble, Callable[[Arrived, Path], dict[str, object]]]] = {
    "another kind of record": (
        Trouble.DOCUMENT,
        lambda one, _: {"document": one.document | {"resourceType": "Media"}},
    ),
    "a record without the key": (
        Trouble.DOCUMENT,
        lambda one, _: {"document": one.document | {"extension": []}},
    ),
    "a record without the parts' digests": (
        Trouble.DOCUMENT,
        lambda one, _: {"document": one.document | {"content": [{"attachment": {}}]}},
    ),
    "a list": (Trouble.DOCUMENT, lambda *_: {"document": [1]}),
    "another policy's number": (
        Trouble.OTHER_KEY,
        lambda one, _: {"document": _other_policy(one.document)},
    ),
    "another film's record": (
        Trouble.OTHER_KEY,
        lambda one, _: {"document": one.document | {"id": "70" * 16}},
    ),
    "parts with their numbers swapped": (
        Trouble.DAMAGED,
        lambda one, _: {"document": _swapped(one.document)},
    ),
    "a part that is not there": (Trouble.MISSING_PART, lambda one, _: {"files": one.files[:1]}),
    "a part with one bit changed": (
        Trouble.MISSING_PART,
        lambda one, at: {"files": (one.files[0], _written(at, altered(one.files[1], -1)))},
    ),
    "a file that is not there": (Trouble.FILE, lambda _, at: {"files": (at / "nothing",)}),
    "no key file": (Trouble.FILE, lambda _, at: {"key": at / "nothing"}),
    "a recovery key": (Trouble.NO_KEY, lambda _, at: {"key": _recovery(at)}),
    "another pair's key": (Trouble.OTHER_KEY, lambda _, at: {"key": _other(at)}),
}


def _written(folder: Path, data: bytes) -> Path:
    (folder / "changed").write_bytes(data)
    return folder / "changed"


def _recovery(folder: Path) -> Path:
    keyholder.make_pair(folder / "recovery.key")
    return folder / "recovery.key"


def _other(folder: Path) -> Path:
    keyholder.make_video_pair(folder / "other.key")
    return folder / "other.key"


def test_there_are_thirteen_faults() -> None:
    assert len(FAULTS) == 13


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_and_nothing_is_written(arrived: Arrived, tmp_path: Path, fault: str) -> None:
    trouble, changed = FAULTS[fault]
    assert arrived.to(tmp_path / "film.mp4", **changed(arrived, tmp_path)) is trouble
    assert not (tmp_path / "film.mp4").exists()


def test_a_part_that_is_whole_and_does_not_open_is_damaged(arrived: Arrived, tmp_path: Path) -> None:
    """The record may name the digest of a file that was altered: the seal still refuses it."""
    changed = _written(tmp_path, altered(arrived.files[1], 60))
    text = arrived.text
    digests = record(text.encode())
    assert digests is not None
    other = hashlib.sha256(changed.read_bytes()).hexdigest()
    document = json.loads(text.replace(digests.parts[2], other))
    assert (
        arrived.to(tmp_path / "film.mp4", document=document, files=(arrived.files[0], changed))
        is Trouble.DAMAGED
    )
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null", b'{"resourceType": 1}'])
def test_no_text_is_taken_for_a_record(text: bytes) -> None:
    assert record(text) is None
