"""Which addresses may be used at all: https, or http to 127.0.0.1; and which two are of one origin. Pure."""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

from vigfield.errors import AskPerson

LOOPBACK = "127.0.0.1"
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_PORTS = {"https": 443, "http": 80}


class Unsafe(AskPerson):
    """The address, or the token for it, must not be used; nothing was sent."""


def checked(base: str) -> str:
    """The address without a slash at its end. Raises Unsafe for one that is not safe, or not an address."""
    parts = _parts(base)
    if parts is None or parts.hostname is None or not base.isascii() or not base.isprintable():
        raise Unsafe("the address is not one")
    if not _NAME.fullmatch(parts.hostname) or " " in base or "\\" in base:
        raise Unsafe("the address is not one")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname == LOOPBACK):
        raise Unsafe("the address must begin with https")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise Unsafe("the address must have no user, query or fragment")
    if "?" in base or "#" in base:
        raise Unsafe("the address must have no user, query or fragment")
    return base.rstrip("/")


def is_here(address: str) -> bool:
    """Whether it is on this machine itself."""
    parts = _parts(address)
    return parts is not None and parts.hostname == LOOPBACK


def origin(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None when it is no address."""
    parts = _parts(address)
    if parts is None or parts.hostname is None or parts.scheme not in _PORTS:
        return None
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def within(base: str, address: str) -> str | None:
    """An address that a server of `base` gave, made absolute; None if it is of another origin."""
    try:
        whole = urljoin(f"{base}/", address)
    except ValueError:
        return None
    safe = whole.isascii() and whole.isprintable() and not {" ", "\\", "#"} & set(whole)
    parts = _parts(whole)
    if not safe or parts is None or parts.username is not None:
        return None
    return whole if origin(whole) == origin(base) else None


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    return parts if port is None or 0 < port < 65536 else None
