"""The command line: run, demo, status, doctor, and the key holder's commands."""

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from vigfield import __version__
from vigfield.doctor import Level, examine, gather
from vigfield.errors import VigfieldError
from vigfield.keyholder import Trouble, asked, make_pair, number_of, reply
from vigfield.process import harden, log_discreetly
from vigfield.serve import Options, serve
from vigfield.status import status
from vigfield.ui import doctorwords, keywords, words

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
    demo = options.command == "demo"
    folder = options.data or _default_folder(demo)
    if options.command == "status":
        passphrase = sys.stdin.readline().rstrip("\r\n")
        outcome = asyncio.run(status(folder, passphrase))
        print(json.dumps(outcome.value, indent=None if options.json else 2))
        return 0 if outcome.opened else 1
    if options.command == "doctor":
        return _doctor(folder, as_json=options.json)
    service = options.service if demo else None
    asked = Options(folder, options.port, not options.no_browser, demo, options.no_sandbox, service)
    return asyncio.run(serve(asked))


def _doctor(folder: Path, *, as_json: bool) -> int:
    """Say what is found; 1 when something is a problem."""
    findings = examine(gather(folder))
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
    print(f"vigfield: {keywords.HOLDER[trouble.value]}", file=sys.stderr)
    return 1


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
        if name == "demo":
            command.add_argument("--service", help="another FHIR service on 127.0.0.1 instead of our own")
    state = commands.add_parser("status", help="films, consents and outbox, without names")
    _data(state)
    state.add_argument("--json", action="store_true", help="on one line")
    doctor = commands.add_parser("doctor", help="whether this tablet is fit for it; changes nothing")
    _data(doctor)
    doctor.add_argument("--json", action="store_true", help="on one line")
    pair = commands.add_parser("recovery-key", help="for the key holder: make a pair of recovery keys")
    pair.add_argument("--out", type=Path, required=True, help="a new file for the private key")
    recover = commands.add_parser("recover", help="for the key holder: answer a request on standard input")
    recover.add_argument("--key", type=Path, required=True, help="the file with the private key")
    recover.add_argument("--check", help="the request's check number, after it was compared aloud")
    return parser


def _data(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, help="the vault's folder")


def _default_folder(demo: bool) -> Path:
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "vigfield" / ("demo" if demo else "vault")


if __name__ == "__main__":
    sys.exit(main())
