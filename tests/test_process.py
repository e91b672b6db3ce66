"""The process's own safety, seen from a process of its own; and logs that hold no names."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HARDENED = """
import json, os, resource
from pathlib import Path
from vigfield.process import harden
harden()
Path("made").write_text("x")
os.mkdir("folder")
print(json.dumps({
    "umask": os.umask(0),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "owner": Path("/proc/self/environ").stat().st_uid,
    "dumpable": __import__("ctypes").CDLL(None).prctl(3, 0, 0, 0, 0),
    "modes": [oct(Path(name).stat().st_mode & 0o777) for name in ("made", "folder")],
}))
"""
LOGGING = """
import asyncio, logging
from vigfield.process import log_discreetly
log_discreetly()
logger = logging.getLogger("vigfield.test")
try:
    {}["Quillfeather"]
except KeyError:
    logger.exception("a lookup failed")
    logger.error("twice", exc_info=True)
logger.info("counted 3")
logging.getLogger("httpx").info("GET http://127.0.0.1/Quillfeather")
logging.getLogger("flet").warning("Quillfeather")

async def forgotten():
    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

async def fail():
    raise ValueError("Quillfeather")

asyncio.run(forgotten())
__import__("gc").collect()

import threading
threading.Thread(target=lambda: {}["Quillfeather"]).start()

class Falls:
    def __del__(self):
        raise RuntimeError("Quillfeather")

Falls()
raise LookupError("Quillfeather")
"""


def run(code: str, folder: Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    line = [sys.executable, "-c", code]
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return done


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_nothing_of_the_process_is_left_lying_about(tmp_path: Path) -> None:
    found = json.loads(run(HARDENED, tmp_path).stdout)
    assert found["umask"] == 0o077
    assert found["core"] == [0, 0]
    assert found["dumpable"] == 0
    assert found["modes"] == ["0o600", "0o700"]


def test_logs_say_what_failed_and_where_and_no_more(tmp_path: Path) -> None:
    logged = run(LOGGING, tmp_path, status=1).stderr
    assert "Quillfeather" not in logged
    assert "Traceback" not in logged
    assert logged.count("KeyError in <module>:7") == 2
    assert "counted 3" in logged
    assert "Task exception was never retrieved" in logged
    assert "ValueError in fail:" in logged
    assert "a thread failed\nKeyError in <lambda>:" in logged
    assert "an error that could not be raised\nRuntimeError in __del__:" in logged
    assert "nobody caught\nLookupError in <module>:" in logged
