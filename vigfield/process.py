"""What the process does for its own safety: no core files, no readable memory, no loose permissions."""

import ctypes
import gc
import logging
import os
import sys
import threading
from logging import Formatter, LogRecord
from types import TracebackType

if sys.platform != "win32":
    import resource

logger = logging.getLogger(__name__)

_PR_SET_DUMPABLE = 4
_QUIET = (
    "flet",
    "flet_web",
    "flet_transport",
    "flet_object_patch",
    "httpx",
    "httpcore",
    "uvicorn",
    "websockets",
)


class _Discreet(Formatter):
    """Log lines without exception texts: a type and a place say enough, and hold no name."""

    def formatException(  # noqa: N802 - the name is logging's
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """The type of the exception and where it was raised."""
        kind, _, trace = ei
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace is not None else "nowhere"
        return f"{kind.__name__ if kind else 'error'} in {where}"

    def format(self, record: LogRecord) -> str:
        """One line; whatever another logger cached as exception text is left out.

        asyncio writes the exception's text into the lines after its first one.
        """
        record.exc_text = None
        if record.name == "asyncio":
            record.msg, record.args = record.getMessage().partition("\n")[0], None
        return super().format(record)


def harden() -> None:
    """Files only for their owner, no core dumps, and no other process may look into this one's memory."""
    os.umask(0o077)
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def run_smoothly() -> None:
    """Leave what is there now out of every later search for garbage, which else stops the app for 0.1 s."""
    gc.collect()
    gc.freeze()


def log_discreetly() -> None:
    """Log to standard error: ids, kinds, counts and durations only, and errors without their text."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    sys.excepthook = lambda kind, error, trace: _tell("nobody caught", (kind, error, trace))
    threading.excepthook = lambda lost: _tell(
        "a thread failed", (lost.exc_type, lost.exc_value, lost.exc_traceback)
    )
    sys.unraisablehook = lambda lost: _tell(
        "an error that could not be raised", (lost.exc_type, lost.exc_value, lost.exc_traceback)
    )


def _tell(what: str, error: tuple[type[BaseException], BaseException | None, TracebackType | None]) -> None:
    """Log an error that Python itself would print with its text."""
    kind, value, trace = error
    logger.error(what, exc_info=(kind, value or kind(), trace))
