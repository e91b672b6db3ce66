"""The machine a run was made on, without its name or any path."""

import os
import platform
import re
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def chromium() -> str:
    """The Chromium of this machine; LookupError where there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise LookupError("the benchmarks drive Chromium, and none is here")
    return found


def described() -> list[str]:
    """Processor, memory, disk, and the versions that matter."""
    parts = [
        f"Linux {platform.release().split('-')[0]}",
        f"Python {platform.python_version()}",
        f"cryptography {version('cryptography')}",
        _chromium(chromium()),
        "pictures encoded and drawn by the processor",
    ]
    machine = f"{_processor()}, {os.cpu_count()} cores, {_memory()} GiB of memory, {_disk()}"
    return [machine, ", ".join(parts)]


def load() -> str:
    """How busy the machine is: processes that run or wait for the disk, over the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _disk() -> str:
    """The file system that temporary files are on: the longest mount point that leads there."""
    here = Path(tempfile.gettempdir()).resolve()
    mounts = [line.split()[:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
    _, kind, device = max((len(point), kind, device) for device, point, kind in mounts if _holds(point, here))
    turning = _read(f"/sys/block/{Path(device).name}/queue/rotational")
    what = {"0": " on a solid-state disk", "1": " on a virtual or turning disk"}.get(turning, "")
    return f"{kind}{what}"


def _holds(point: str, path: Path) -> bool:
    return path.is_relative_to(point)


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _chromium(executable: str) -> str:
    said = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"[\d.]{5,}", said)
    return f"Chromium {found[0]}" if found else "a Chromium"
