"""What processes use: memory and processor time, as Linux tells it."""

import os
import re
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
MB = 1e6


def resident(pid: int | None = None) -> float:
    """Megabytes of memory that a process has in use, shared ones counted whole; this one's own by default."""
    return _kilobytes(f"/proc/{pid or os.getpid()}/status", "VmRSS") / 1000


def own_share(pid: int) -> float:
    """Megabytes of memory of a process, what it shares divided among those that share it."""
    return _kilobytes(f"/proc/{pid}/smaps_rollup", "Pss") / 1000


def browsers(pids: list[int]) -> list[int]:
    """Those that are Chromium's, of whatever kind."""
    return [pid for pid in pids if b"--user-data-dir=" in _read(pid) or b"--type=" in _read(pid)]


def renderers(pids: list[int]) -> list[int]:
    """Those that draw pages and encode films."""
    return [pid for pid in pids if b"--type=renderer" in _read(pid)]


def family(pid: int) -> list[int]:
    """A process, its children, and theirs."""
    parents = {child: _parent(child) for child in _all()}
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def worked(pids: list[int]) -> float:
    """Seconds of processor time that these have used so far; those that have ended count as nothing."""
    return sum(_ticks(pid) for pid in pids) / TICKS


def _kilobytes(path: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path(path).read_text(), re.MULTILINE)
    assert found, name
    return int(found[1])


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields after the name, from the state on; none for a process that has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _read(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
