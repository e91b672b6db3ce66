"""Who is let in: a launch link that works once, the cookie it is exchanged for, one client at a time."""

import hashlib
import secrets
from dataclasses import dataclass

from vigfield import clock

LAUNCH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Launch:
    digest: bytes
    until: float


class Entrance:
    """Exchanges a launch token for a cookie. Holds both only as hashes, and only the newest of each."""

    def __init__(self) -> None:
        # A cookie is sent to every port of the host: a name of our own keeps other programs' cookies apart.
        self.cookie_name = f"vig_{secrets.token_hex(4)}"
        self._launch: _Launch | None = None
        self._client: bytes | None = None

    def new_launch(self, seconds: float = LAUNCH_SECONDS) -> str:
        """A token for one launch within `seconds`; the one before it no longer works."""
        token = clock.new_token()
        self._launch = _Launch(_digest(token), clock.monotonic() + seconds)
        return token

    def redeem(self, token: str) -> str | None:
        """Use the launch token up for a cookie, which replaces the one before; None for any other token."""
        launch = self._launch
        if launch is None or not secrets.compare_digest(launch.digest, _digest(token)):
            return None
        self._launch = None
        if launch.until <= clock.monotonic():
            return None
        value = clock.new_token()
        self._client = _digest(value)
        return value

    def client(self, cookie_header: str) -> bytes | None:
        """Who a request's Cookie header says it is; None if it is not the client that was let in."""
        values = [value for name, value in _cookies(cookie_header) if name == self.cookie_name]
        if len(values) != 1 or self._client is None:
            return None
        digest = _digest(values[0])
        return digest if secrets.compare_digest(digest, self._client) else None

    def is_in(self, client: bytes) -> bool:
        """Whether this is still the client that is let in."""
        return client == self._client

    def revoke(self) -> None:
        """Let nobody in until the next launch."""
        self._launch = None
        self._client = None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _cookies(header: str) -> list[tuple[str, str]]:
    pairs = (item.partition("=") for item in header.split(";"))
    return [(name.strip(), value.strip()) for name, _, value in pairs]
