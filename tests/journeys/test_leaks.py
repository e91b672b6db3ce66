"""Nothing of a film, a picture, a name or a key lies anywhere in plain, whatever is killed or crashes."""

import http.server
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.app import kit
from tests.film.kit import Source, make_source, new_seed
from tests.journeys import leaks, scan, serverside, traces
from tests.journeys.app import Tablet
from tests.journeys.browser import chromium as start_chromium
from tests.journeys.leaks import Day
from tests.journeys.places import Copies
from tests.journeys.window import ROOT, TRACED, Manner, strace

pytestmark = [pytest.mark.browser, pytest.mark.films]

LEAST = {
    "film": 3000,
    "picture file": 1000,
    "picture, unpacked": 500,
    "camera": 500,
    "decoded film": 500,
    "names and notes": 12,
    "passphrase": 3,
    "key": 16,
}


@dataclass(frozen=True, slots=True)
class Size:
    """What the camera gives, and for how long it is filmed."""

    width: int
    height: int
    seconds: int


@contextmanager
def day_on(
    machine: Tablet, chromium: str, source: Source, seconds: int, trace: bool, normal: bool = False
) -> Iterator[Day]:
    """A day whose copies and traces lie outside of everything that is looked through."""
    with tempfile.TemporaryDirectory(prefix="leaks-", dir=machine.root.parent) as aside:
        copies, traced = Path(aside) / "copies", Path(aside) / "trace"
        copies.mkdir()
        traced.mkdir()
        manner = Manner(source, traced if trace else None, normal)
        kept = Copies(copies, machine.root, leaks.since(), (source.video, source.sound))
        yield Day(machine, chromium, manner, kept, seconds)


def look(day: Day) -> tuple[scan.Needles, scan.Looked]:
    """Everything that was copied, and the sealed files where they lie."""
    leaks.open_by_hand(day)
    wanted = leaks.needles(day)
    paths = [*day.copies.names, *day.copies.sealed()]
    return wanted, scan.scan(paths, wanted, day.copies.names)


@contextmanager
def planted(day: Day, data: bytes) -> Iterator[dict[str, Path]]:
    """The same plain file in each kind of place that is looked through, one of them open and deleted."""
    with ExitStack() as stack:
        root = day.machine.root
        inside = [day.machine.data / "media", day.machine.temp, root / "home", root / "here"]
        profile = day.machine.temp / "vigfield-control" / "profile" / "Default" / "Cache"
        profile.mkdir(parents=True)
        outside = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vigfield-", dir=folder)))
            for folder in ("/tmp", "/var/tmp", "/dev/shm")
        ]
        places = {str(folder): folder / "control.bin" for folder in (*inside, profile, *outside)}
        for path in places.values():
            path.write_bytes(data)
            stack.callback(path.unlink, missing_ok=True)
        yield places


def control(day: Day, wanted: scan.Needles) -> dict[str, int]:
    """The hits of the same scanner on a plain file, by place; every kind must be among them."""
    data = leaks.control_file(day)
    with planted(day, data) as places, _held_open(data) as holder:
        day.copies.take("control", [holder])
        copied = {copy: name for copy, name in day.copies.names.items() if name.startswith("control: ")}
    looked = scan.scan(copied, wanted, copied)
    found = {}
    for place in [*(str(path) for path in places.values()), "(deleted)"]:
        kinds = [hit.what for hit in looked.hits if place in hit.path]
        assert set(kinds) == set(wanted.counts()), place
        found[place] = len(kinds)
    return found


@contextmanager
def _held_open(data: bytes) -> Iterator[int]:
    """A process that holds a file open that was deleted; its process id."""
    code = "import sys,tempfile; f=tempfile.TemporaryFile(); f.write(sys.stdin.buffer.read()); f.flush()"
    wait = "; sys.stdout.write('.'); sys.stdout.flush(); import time; time.sleep(600)"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code + wait], stdin=pipe, stdout=pipe) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(data)
            process.stdin.close()
            process.stdout.read(1)
            yield process.pid
        finally:
            process.kill()


def judge(day: Day) -> str:
    """Assert that nothing leaked and that the scanner would have seen it; a row for docs/verification.md."""
    wanted, looked = look(day)
    counts = wanted.counts()
    assert {kind: counts[kind] for kind, least in LEAST.items() if counts[kind] < least} == {}
    leaked = looked.leaks(day.machine.root)
    assert leaked == []
    assert day.copies.dumps() == []
    assert [name for name in day.copies.too_large if str(day.machine.root) in name] == []
    written = judge_trace(day, wanted) if day.manner.trace else "not traced"
    found = control(day, wanted)
    size = f"{day.manner.source.height}p"
    profile = "normal profile" if day.manner.normal_profile else "as shipped"
    filmed = sum(film.recording.bytes for film in day.films)
    return (
        f"| {size}, {profile} | {day.films[0].recording.seconds:.0f} s, {filmed:,} "
        f"| {len(day.films[0].stills)} | {sum(counts.values()):,} "
        f"| {looked.files:,} | {looked.bytes:,} | {written} "
        f"| {len(leaked)} | {min(found.values()):,} to {max(found.values()):,} in {len(found)} places |"
    )


def judge_trace(day: Day, wanted: scan.Needles) -> str:
    """What the browser wrote into files was not plain, and all of it where was looked."""
    assert day.manner.trace is not None
    traced = traces.read(day.manner.trace)
    hits = [
        (name, what) for (_, name), data in traced.written.items() for what in wanted.found_in(bytes(data))
    ]
    assert hits == []
    elsewhere = {name for name in traced.opened if not _within(name, day.copies.places)}
    assert elsewhere == set()
    assert traced.bytes > 100_000
    gone = [name for name in traced.opened if not any(name in copied for copied in day.copies.names.values())]
    return f"{traced.bytes:,} to {len(traced.opened):,} files, {len(gone)} of them never copied"


def _within(name: str, places: Sequence[Path] | set[Path]) -> bool:
    return any(Path(name).is_relative_to(place) for place in places)


def traced(folder: Path, *arguments: str) -> traces.Traced:
    """What a Python process and its threads write, by strace."""
    if strace() is None:
        pytest.skip("needs strace, and leave to use it")
    kept = folder / "trace"
    kept.mkdir()
    options = ["-ff", "--seccomp-bpf", "-qq", "-y", "-x", "-s", "4194304", "-e", f"trace={TRACED}"]
    line = [str(strace()), *options, "-o", str(kept / "t"), sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(line, cwd=folder, env=environment, check=True)
    return traces.read(kept)


def test_a_trace_shows_a_plain_file_that_came_and_went(tmp_path: Path) -> None:
    plain = bytes(range(33, 127)) * 400
    code = "import os; f=open('x','wb'); f.write(bytes(range(33,127))*400); f.close(); os.unlink('x')"
    seen = traced(tmp_path, "-c", code)
    [written] = [data for (_, name), data in seen.written.items() if name == str(tmp_path / "x")]
    assert bytes(written) == plain
    assert str(tmp_path / "x") in seen.opened


def test_every_byte_that_the_server_writes_is_sealed(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    seen = traced(tmp_path, "-m", "tests.journeys.serverside", str(vault))
    wanted = scan.Needles()
    wanted.add_windows("film", serverside.FILM)
    wanted.add_windows("picture file", serverside.PICTURE)
    wanted.add_texts("names and notes", [*kit.NAMES, kit.CODE])
    wanted.add_texts("passphrase", [kit.PASSPHRASE])
    assert wanted.counts()["film"] >= 80
    assert set(wanted.found_in(serverside.FILM + serverside.PICTURE)) >= {"film", "picture file"}
    assert {name for (_, name), data in seen.written.items() if wanted.found_in(bytes(data))} == set()
    assert {name for name in seen.opened if not Path(name).is_relative_to(vault)} == set()
    assert seen.bytes > len(serverside.FILM) + len(serverside.PICTURE)


class _Careless(http.server.BaseHTTPRequestHandler):
    """A server that lets what it sends be kept."""

    sent = os.urandom(300_000)

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in (
            ("ETag", '"1"'),
            ("Cache-Control", "max-age=3600"),
            ("Content-Type", "video/mp4"),
        ):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.sent)))
        self.end_headers()
        self.wfile.write(self.sent)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _careless() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Careless) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


def test_what_a_careless_server_leaves_in_a_browsers_cache_is_found(
    machine: Tablet, chromium: str, tmp_path: Path
) -> None:
    copies = Copies(tmp_path, machine.root, leaks.since())
    wanted = scan.Needles()
    wanted.add_windows("film", _Careless.sent)
    with (
        _careless() as url,
        start_chromium(chromium, machine.root / "profile", machine.environment) as context,
    ):
        page = context.new_page()
        page.goto(url + "gone")
        page.evaluate("url => fetch(url).then(answer => answer.arrayBuffer())", url)
    copies.take("closed")
    looked = scan.scan(copies.names, wanted, copies.names)
    assert looked.count("film") >= wanted.counts()["film"]
    assert any("Cache_Data" in hit.path for hit in looked.hits)


@pytest.fixture
def camera(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int, int], Source]]:
    """Makes a camera whose pictures no other program on this machine has; three seconds in a loop."""
    folder = tmp_path_factory.mktemp("camera")
    yield lambda width, height: make_source(folder, width, height, frames=75, seed=new_seed())
    shutil.rmtree(folder)


def test_a_short_film_with_pictures_and_a_crash_leaves_nothing(
    machine: Tablet, chromium: str, camera: Callable[[int, int], Source]
) -> None:
    with day_on(machine, chromium, camera(1280, 720), 8, trace=False) as day:
        leaks.first_film(day)
        leaks.crash_renderer(day, signal.SIGKILL)
        judge(day)
        assert day.crashed["renderer SIGKILL"] >= 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("size", "normal"),
    [(Size(1280, 720, 120), False), (Size(1920, 1080, 120), False), (Size(1280, 720, 120), True)],
    ids=["720p", "1080p", "720p-normal-profile"],
)
def test_a_long_film_and_a_bad_day_leave_nothing(
    machine: Tablet,
    chromium: str,
    camera: Callable[[int, int], Source],
    capsys: pytest.CaptureFixture[str],
    size: Size,
    normal: bool,
) -> None:
    source = camera(size.width, size.height)
    with day_on(machine, chromium, source, size.seconds, strace() is not None, normal) as day:
        leaks.first_film(day)
        leaks.crash_renderer(day, signal.SIGKILL)
        leaks.crash_renderer(day, signal.SIGSEGV)
        leaks.kill_browser(day)
        leaks.kill_server(day)
        leaks.play_recovered(day)
        row = judge(day)
        first = day.films[0].recording
        assert len(day.films) == 5
        assert (first.width, first.height) == (size.width, size.height)
        assert first.seconds >= size.seconds
    with capsys.disabled():
        print(f"\n{row}")
