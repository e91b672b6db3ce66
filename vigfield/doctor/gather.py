"""Gathers the facts, in one place: reads, changes nothing, and needs no passphrase."""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from vigfield import clock
from vigfield.doctor.facts import Facts, Protection, VaultState
from vigfield.doctor.linux import Linux
from vigfield.errors import NewerVault, NotAVault, UnreadableVault, VigfieldError
from vigfield.loopback import find_browser
from vigfield.store import Empty, Present, look
from vigfield.store.media import is_a_films

VERSION_SECONDS = 10.0
_LEFT = re.compile(r"vault\.new|.*\.tmp|.*\.new|data-.*\.db\.[A-Za-z0-9.-]+")
_ROOT = Path("/")


def gather(folder: Path, *, root: Path = _ROOT) -> Facts:
    """The facts of this machine and of a vault's folder. Blocking, up to some seconds."""
    linux = Linux(root)
    here = sys.platform == "linux"
    entries = list(_entries(folder))
    owned = [entry for _, entry in entries] if os.name == "posix" else None
    browser = find_browser(sys.platform, os.environ)
    return Facts(
        root=os.geteuid() == 0 if os.name == "posix" else None,
        swaps=linux.swaps() if here else None,
        hibernates=linux.hibernates() if here else None,
        disk=_under(linux, folder) if here else Protection.UNKNOWN,
        core_pattern=linux.word("proc/sys/kernel/core_pattern") if here else None,
        ptrace_scope=linux.number("proc/sys/kernel/yama/ptrace_scope") if here else None,
        browser=_version(browser),
        browser_found=browser is not None,
        sandbox=_sandbox(linux, browser) if here else None,
        vault=_vault(folder),
        open_to_others=None if owned is None else sum(map(_is_open, owned)),
        not_ours=None if owned is None else sum(one.st_uid != os.geteuid() for one in owned),
        leftovers=sum(_LEFT.fullmatch(path.name) is not None for path, _ in entries),
        others=sum(path.parent == folder / "media" and not is_a_films(path.name) for path, _ in entries),
        free=_free(folder),
        now=clock.now().timestamp(),
        newest=max((one.st_mtime for _, one in entries), default=None),
    )


def _entries(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """The vault's folder and everything in it, links not followed; what vanishes meanwhile is left out."""
    walked = [Path(top, name) for top, folders, names in os.walk(folder) for name in (*folders, *names)]
    for path in (folder, *walked):
        try:
            yield path, path.lstat()
        except OSError:
            continue


def _is_open(entry: os.stat_result) -> bool:
    return not stat.S_ISLNK(entry.st_mode) and bool(stat.S_IMODE(entry.st_mode) & 0o077)


def _vault(folder: Path) -> VaultState:
    try:
        match look(folder):
            case Empty():
                return VaultState.NONE
            case Present(header):
                whole = (folder / f"data-{header.id}.db").is_file()
                return VaultState.WHOLE if whole else VaultState.DAMAGED
    except NewerVault:
        return VaultState.NEWER
    except UnreadableVault:
        return VaultState.UNREADABLE
    except NotAVault:
        return VaultState.OTHER
    except VigfieldError:
        return VaultState.DAMAGED


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path())


def _under(linux: Linux, folder: Path) -> Protection:
    try:
        return linux.under(_nearest(folder).stat().st_dev)
    except OSError:
        return Protection.UNKNOWN


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(_nearest(folder)).free
    except OSError:
        return None


def _version(browser: Path | None) -> str | None:
    """What the browser says of itself; on Windows asking would open a window."""
    if browser is None or sys.platform == "win32":
        return None
    try:
        done = subprocess.run(  # noqa: S603  the browser that is going to be started anyway
            [browser, "--version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    return found[0] if found else None


def _sandbox(linux: Linux, browser: Path | None) -> bool | None:
    if os.geteuid() == 0:
        return False
    helper = browser.resolve().with_name("chrome-sandbox") if browser is not None else None
    if helper is not None and helper.is_file() and helper.stat().st_mode & stat.S_ISUID:
        return True
    return linux.namespaces()
