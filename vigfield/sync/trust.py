"""Whose word a connection is taken for: TLS 1.2 or later, the enrolled authority, and the enrolled pins."""

import ssl
from collections.abc import Callable

import certifi

from vigfield.sync.enrolment import Tls

Digest = Callable[[bytes], str]


def trust(tls: Tls, digest: Digest) -> ssl.SSLContext:
    """A context that verifies as the enrolment says; `digest` tells the number of a certificate's key.

    Pins are looked at within the handshake, so nothing is sent to a server that does not have them.
    """
    context = ssl.create_default_context(cafile=None if tls.authority else certifi.where())
    if tls.authority:
        context = ssl.create_default_context(cadata=tls.authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.pins:
        context.sslobject_class = _pinned(tls.pins, digest)
    return context


def _pinned(pins: frozenset[str], digest: Digest) -> type[ssl.SSLObject]:
    class Pinned(ssl.SSLObject):
        """A connection whose certificate must have a known key."""

        def do_handshake(self) -> None:
            super().do_handshake()
            shown = self.getpeercert(binary_form=True)
            if shown is None or digest(shown) not in pins:
                raise ssl.SSLCertVerificationError("the certificate has another key than the enrolled ones")

    return Pinned
