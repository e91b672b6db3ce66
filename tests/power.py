"""A disk of its own whose power can be cut: a loop-mounted ext4 filesystem. Needs root."""

import array
import fcntl
import os
import subprocess
from pathlib import Path

import pytest

SHUT_DOWN = 0x8004587D  # FS_IOC_SHUTDOWN: the filesystem stops as if the power went
WITHOUT_FLUSHING = 2


def make_disk(folder: Path, size: int) -> None:
    """Mount a new filesystem of this many bytes at `folder`; the image beside it takes room as it fills."""
    folder.mkdir()
    with image(folder).open("wb") as empty:
        empty.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", image(folder)], check=True)
    mount(folder)


def image(folder: Path) -> Path:
    return folder.with_name("image")


def mount(folder: Path) -> None:
    """Mount the disk; the test is skipped where that cannot be done."""
    command = ["mount", "-o", "loop", image(folder), folder]
    if subprocess.run(command, check=False).returncode:
        pytest.skip("no loop devices here")


def unmount(folder: Path) -> None:
    subprocess.run(["umount", folder], check=False)


def cut_power(folder: Path) -> None:
    """Stop the filesystem as it is, with nothing more written out."""
    handle = os.open(folder, os.O_RDONLY)
    fcntl.ioctl(handle, SHUT_DOWN, array.array("i", [WITHOUT_FLUSHING]))
    os.close(handle)


def restart(folder: Path) -> None:
    """Mount the disk again, with what reached it."""
    subprocess.run(["umount", folder], check=True)
    mount(folder)
