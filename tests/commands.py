"""The command line in a process of its own, forked from one that has imported everything already."""

import io
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from vigfield import __main__ as main

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload([__name__])


def command(*arguments: str, typed: str = "", home: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What `vigfield` with these arguments says, having read what is typed."""
    with tempfile.TemporaryDirectory(prefix="said") as folder:
        said = Path(folder)
        (said / "in").write_text(typed)
        process = _FORKED.Process(target=_run, args=(arguments, said, home))
        process.start()
        process.join(60)
        assert process.exitcode is not None, "it did not end"
        out, err = ((said / name).read_text() for name in ("out", "err"))
    return subprocess.CompletedProcess(arguments, process.exitcode, out, err)


def _run(arguments: tuple[str, ...], said: Path, home: Path | None) -> None:
    with (said / "in").open() as typed, (said / "out").open("w") as out, (said / "err").open("w") as err:
        for stream, number in ((typed, 0), (out, 1), (err, 2)):
            os.dup2(stream.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(number, mode, closefd=False), write_through=True)
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    if home is not None:
        os.environ["HOME"] = str(home)
    try:
        code = main.main(arguments)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    sys.stdout.flush()
    os._exit(code)
