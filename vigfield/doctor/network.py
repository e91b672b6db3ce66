"""What network this tablet is on, and whether it costs by use, as Linux and NetworkManager tell it.

NetworkManager guesses "not metered" for every Wi-Fi that does not say otherwise, a phone's hotspot among
them. So that guess counts as UNKNOWN, and only what somebody set as not metered is UNMETERED. Its guess that
a network is metered counts as METERED: there it saw a sign of it.
"""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

from vigfield.doctor.linux import Linux
from vigfield.model import Network

ASK_SECONDS = 2.0

_ROOT = Path("/")
_UP, _REJECT = 0x1, 0x200  # flags of a route
_NAME = "org.freedesktop.NetworkManager"
_PROPERTY = (_NAME, "/org/freedesktop/NetworkManager", _NAME, "Metered")
_ARGUMENTS = ("--system", "--auto-start=no", "--json=short", "get-property", *_PROPERTY)
_METERED = {1: Network.METERED, 2: Network.UNMETERED, 3: Network.METERED}

Routes = frozenset[tuple[str, str]]


async def network() -> Network:
    """What network this tablet is on; takes up to ASK_SECONDS, off the event loop."""
    return await asyncio.to_thread(_network)


def routes(root: Path = _ROOT) -> Routes | None:
    """Interface and gateway of each default route; None where that cannot be told. A quick read."""
    linux = Linux(root)
    first, second = linux.word("proc/net/route"), linux.word("proc/net/ipv6_route")
    if first is None:
        return None
    return routes_4(first) | routes_6(second or "")


def routes_4(text: str) -> Routes:
    """The default routes in /proc/net/route."""
    words = (line.split() for line in text.splitlines())
    found = [one for one in words if len(one) > 7 and one[1] == one[7] == "0" * 8]
    return frozenset((one[0], one[2]) for one in found if _leads_out(one[0], one[3]))


def routes_6(text: str) -> Routes:
    """The default routes in /proc/net/ipv6_route."""
    words = (line.split() for line in text.splitlines())
    found = [one for one in words if len(one) == 10 and one[:2] == ["0" * 32, "00"]]
    return frozenset((one[9], one[4]) for one in found if _leads_out(one[9], one[8]))


def said(reply: str) -> Network:
    """What NetworkManager's `Metered` says of the network, in busctl's JSON."""
    try:
        value = json.loads(reply)
    except (ValueError, RecursionError):
        return Network.UNKNOWN
    match value:
        case {"type": "u", "data": int(metered)}:
            return _METERED.get(metered, Network.UNKNOWN)
        case _:
            return Network.UNKNOWN


def _network() -> Network:
    found = routes() if sys.platform == "linux" else None
    if found is None:
        return Network.UNKNOWN
    return said(_asked()) if found else Network.NONE


def _asked() -> str:
    """NetworkManager's reply; nothing where it is not there, which is not started for this."""
    busctl = shutil.which("busctl")
    if busctl is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603  fixed arguments, and no shell
            [busctl, *_ARGUMENTS], capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _leads_out(name: str, flags: str) -> bool:
    try:
        bits = int(flags, 16)
    except ValueError:
        return False
    return name != "lo" and bool(bits & _UP) and not bits & _REJECT
