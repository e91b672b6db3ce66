"""The command line: run, demo, status, doctor, and the commands for the service's own machine."""

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from vigfield import __version__
from vigfield.app import Doors
from vigfield.doctor import Finding, Level, examine, gather
from vigfield.errors import VigfieldError
from vigfield.keyholder import Trouble, asked, make_pair, make_video_pair, number_of, reply
from vigfield.process import harden, log_discreetly
from vigfield.serve import Options, serve
from vigfield.status import status
from vigfield.ui import doctorwords, doorwords, keywords, unsealwords, words
from vigfield.unseal import LARGEST, open_film
from vigfield.unseal import Trouble as Unopened

logger = logging.getLogger(__name__)

LONGEST_REQUEST = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it worked, 1 when a person has to do something first."""
    harden()
    log_discreetly()
    options = _parser().parse_args(arguments)
    try:
        return _do(options)
    except VigfieldError as error:
        print(f"vigfield: {words.sorry(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001  the edge: a sentence, and never a traceback that may hold a name
        logger.error("unexpected: %s", type(error).__name__)
        print(f"vigfield: {words.sorry(error)}", file=sys.stderr)
        return 1


def _do(options: argparse.Namespace) -> int:
    if options.command == "recovery-key":
        return _recovery_key(options.out)
    if options.command == "recover":
        return _recover(options.key, options.check)
    if options.command == "video-key":
        return _video_key(options.out)
    if options.command == "unseal":
        return _unseal(options.document, options.key, options.parts, options.out)
    if options.command in ("status", "doctor"):
        return _look(options)
    return _serve(options)


def _look(options: argparse.Namespace) -> int:
    """At one vault, or at what is here."""
    given = options.vaults if options.command == "doctor" else None
    if options.data and given:
        return _said(doorwords.DATA_OR_VAULTS)
    first = given / "vault-1" if given else _default_folder(demo=False)
    folders = [options.data] if options.data else _vaults_here(given or _beside(first), first)
    if options.command == "doctor":
        return _doctor(folders, as_json=options.json)
    if len(folders) > 1:
        return _said(doorwords.SEVERAL)
    passphrase = sys.stdin.readline().rstrip("\r\n")
    outcome = asyncio.run(status(folders[0], passphrase))
    print(json.dumps(outcome.value, indent=None if options.json else 2))
    return 0 if outcome.opened else 1


def _serve(options: argparse.Namespace) -> int:
    demo = options.command == "demo"
    service, given = (options.service, None) if demo else (None, options.vaults)
    if options.data and given:
        return _said(doorwords.DATA_OR_VAULTS)
    folder = given / "vault-1" if given else options.data or _default_folder(demo=demo)
    vaults = None if demo or options.data else given or _beside(folder)
    asked = Options(folder, options.port, not options.no_browser, demo, options.no_sandbox, service, vaults)
    return asyncio.run(serve(asked))


def _said(sentence: str) -> int:
    print(f"vigfield: {sentence}", file=sys.stderr)
    return 1


def _doctor(folders: Sequence[Path], *, as_json: bool) -> int:
    """Say what is found, the same once for all vaults; 1 when something is a problem."""
    findings: list[Finding] = []
    for folder in folders:
        findings += [one for one in examine(gather(folder)) if one not in findings]
    if as_json:
        print(json.dumps({"findings": [doctorwords.as_json(one) for one in findings]}))
    else:
        print("\n".join(map(doctorwords.line, findings)))
    return 1 if any(one.level is Level.PROBLEM for one in findings) else 0


def _recovery_key(path: Path) -> int:
    """Make a pair of keys for the holder."""
    public = make_pair(path)
    if isinstance(public, Trouble):
        return _holder_said(public)
    print(keywords.made(public, number_of(public)))
    return 0


def _video_key(path: Path) -> int:
    """Make a pair of keys for films."""
    public = make_video_pair(path)
    if isinstance(public, Trouble):
        return _holder_said(public)
    print(unsealwords.made(public))
    return 0


def _unseal(document: Path, key: Path, parts: Sequence[Path], out: Path) -> int:
    """Open a film that arrived at the service."""
    try:
        with document.open("rb") as file:
            text = file.read(LARGEST)
    except OSError:
        return _said(unsealwords.TROUBLE[Unopened.FILE.value])
    film = open_film(text, key, parts, out)
    if isinstance(film, Unopened):
        return _said(unsealwords.TROUBLE[film.value])
    print(unsealwords.opened(film.seconds, film.parts))
    return 0


def _recover(path: Path, check: str | None) -> int:
    """Answer a request on standard input, once its number was compared."""
    request = asked(sys.stdin.read(LONGEST_REQUEST))
    if isinstance(request, Trouble):
        return _holder_said(request)
    if check is None:
        print(keywords.compare(request.number), file=sys.stderr)
        return 1
    answered = reply(request, check, path)
    if isinstance(answered, Trouble):
        return _holder_said(answered)
    print(answered)
    return 0


def _holder_said(trouble: Trouble) -> int:
    return _said(keywords.HOLDER[trouble.value])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vigfield", description="Film, seal, review and report, offline first."
    )
    parser.add_argument("--version", action="version", version=f"vigfield {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("run", "open the app"),
        ("demo", "open the app with made-up families and a service on this machine"),
    ):
        command = commands.add_parser(name, help=what)
        _data(command)
        command.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
        command.add_argument(
            "--no-browser", action="store_true", help='print {"url": …} and serve until stopped'
        )
        command.add_argument(
            "--no-sandbox", action="store_true", help="start the browser without its sandbox (as root only)"
        )
        if name == "run":
            command.add_argument("--vaults", type=Path, help="a folder of vaults, one for each practitioner")
        if name == "demo":
            command.add_argument("--service", help="another FHIR service on 127.0.0.1 instead of our own")
    state = commands.add_parser("status", help="films, consents and outbox, without names")
    _data(state)
    state.add_argument("--json", action="store_true", help="on one line")
    doctor = commands.add_parser("doctor", help="whether this tablet is fit for it; changes nothing")
    _data(doctor)
    doctor.add_argument("--vaults", type=Path, help="a folder of vaults, one for each practitioner")
    doctor.add_argument("--json", action="store_true", help="on one line")
    pair = commands.add_parser("recovery-key", help="for the key holder: make a pair of recovery keys")
    pair.add_argument("--out", type=Path, required=True, help="a new file for the private key")
    recover = commands.add_parser("recover", help="for the key holder: answer a request on standard input")
    recover.add_argument("--key", type=Path, required=True, help="the file with the private key")
    recover.add_argument("--check", help="the request's check number, after it was compared aloud")
    films = commands.add_parser("video-key", help="for the service: make a pair of keys for films")
    films.add_argument("--out", type=Path, required=True, help="a new file for the private key")
    film = commands.add_parser("unseal", help="for the service: open a film that arrived there")
    film.add_argument("--document", type=Path, required=True, help="its DocumentReference, as JSON")
    film.add_argument("--key", type=Path, required=True, help="the file with the private key for films")
    film.add_argument("--out", type=Path, required=True, help="a new file for the film, which is not sealed")
    film.add_argument("parts", type=Path, nargs="+", help="its sealed parts, in any order")
    return parser


def _data(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, help="the vault's folder")


def _default_folder(*, demo: bool) -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "vigfield" / ("demo" if demo else "vault")


def _vaults_here(folder: Path, first: Path) -> list[Path]:
    """The vaults of this tablet; where there is none, where the first one would be."""
    return [entry.path for entry in Doors(folder, first).entries()] or [first]


def _beside(first: Path) -> Path:
    return first.with_name("vaults")


if __name__ == "__main__":
    sys.exit(main())
