"""Every change of a film's files and every commit, numbered; the one that is asked for goes wrong."""

import errno
import os
import signal
from collections.abc import Callable
from enum import StrEnum
from threading import Lock
from typing import Any

from vigfield.seal import disk
from vigfield.seal.disk import Disk
from vigfield.store import Tx

CHANGES = ("create", "write", "truncate", "sync_data", "sync", "sync_folder", "rename", "remove")
COMMIT = "commit"


class Fault(StrEnum):
    """What happens at the operation."""

    NONE = "none"
    KILL = "killed before it"
    TEAR = "killed half way through it"
    IO = "EIO"
    FULL = "ENOSPC from then on"
    SHORT = "short write"
    IDLE = "syncs that do nothing"  # what must not be survived: shows that the tests would see it


def faults_of(operation: str) -> tuple[Fault, ...]:
    """Which faults an operation can have."""
    match operation:
        case "commit":
            return (Fault.KILL,)
        case "write":
            return (Fault.KILL, Fault.TEAR, Fault.IO, Fault.FULL, Fault.SHORT)
        case _:
            return (Fault.KILL, Fault.IO, Fault.FULL)


class _Os:
    """The module `os` as vigfield.seal.disk sees it; one write after `short` was set takes only half."""

    def __init__(self) -> None:
        self.short = False

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, handle: int, data: memoryview) -> int:
        if self.short and len(data) > 1:
            self.short = False
            data = data[: len(data) // 2]
        return os.write(handle, data)


class Operations:
    """Counts this process's operations from 1 and spoils number `at`. One per process, for good."""

    def __init__(self, fault: Fault, at: int, say: Callable[[str], None]) -> None:
        self._fault, self._at, self._say = fault, at, say
        self._count = 0
        self._lock = Lock()
        self._os = _Os()

    def interpose(self) -> None:
        """From now on everything that this process does to films and database is counted."""
        disk.os = self._os  # type: ignore[assignment]
        for name in CHANGES:
            setattr(Disk, name, self._counted(name, getattr(Disk, name)))
        Tx.execute = self._counted_commit(Tx.execute)  # type: ignore[method-assign]

    def _counted(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(one: Disk, *arguments: Any) -> Any:
            if self._due(name):
                self._spoil(name, lambda: real(one, *_half(arguments)))
            if self._fault is Fault.IDLE and name.startswith("sync"):
                return None
            return real(one, *arguments)

        return operation

    def _counted_commit(self, real: Callable[..., int]) -> Callable[..., int]:
        def execute(tx: Tx, sql: str, *values: Any) -> int:
            if sql == "COMMIT" and self._due(COMMIT):
                die()
            return real(tx, sql, *values)

        return execute

    def _due(self, name: str) -> bool:
        with self._lock:
            self._count += 1
            if self._fault is Fault.NONE:
                self._say(f"operation {name}")
            full = self._fault is Fault.FULL and self._count > self._at and name in ("create", "write")
            return full or self._count == self._at

    def _spoil(self, name: str, half: Callable[[], object]) -> None:
        match self._fault:
            case Fault.KILL:
                die()
            case Fault.TEAR:
                half()
                die()
            case Fault.IO:
                raise OSError(errno.EIO, "as asked")
            case Fault.FULL:
                if name == "write":
                    half()
                raise OSError(errno.ENOSPC, "as asked")
            case Fault.SHORT:
                self._os.short = True
            case Fault.NONE | Fault.IDLE:
                return


def _half(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of a write of the first half."""
    handle, offset, data = arguments
    return handle, offset, data[: len(data) // 2]


def die() -> None:
    """End as if the process had been killed: nothing of it runs any more."""
    os.kill(os.getpid(), signal.SIGKILL)
