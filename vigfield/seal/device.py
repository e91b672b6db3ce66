"""The tablet's own key towards its service (ECDSA on P-384), and the number of a certificate's key."""

import base64
import hashlib
import json
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from vigfield.errors import Damaged

_COORDINATE = 48  # bytes


@dataclass(frozen=True, slots=True, repr=False)
class DeviceKey:
    """A private key as PEM (PKCS #8), to be kept sealed; its repr shows nothing."""

    pem: str

    @classmethod
    def make(cls) -> "DeviceKey":
        """A new one."""
        key = ec.generate_private_key(ec.SECP384R1())
        return cls(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())

    @property
    def public(self) -> dict[str, str]:
        """The public half as a JSON Web Key, named by its thumbprint (RFC 7638)."""
        key = load_pem_private_key(self.pem.encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Damaged("the tablet's own key is not one")
        numbers = key.public_key().public_numbers()
        x, y = (_spelled(number.to_bytes(_COORDINATE)) for number in (numbers.x, numbers.y))
        named = {"crv": "P-384", "kty": "EC", "x": x, "y": y}
        text = json.dumps(named, sort_keys=True, separators=(",", ":"))
        kid = _spelled(hashlib.sha256(text.encode()).digest())
        return {**named, "use": "sig", "alg": "ES384", "kid": kid}

    def __repr__(self) -> str:
        return "DeviceKey(...)"


def public_key_digest(certificate: bytes) -> str:
    """SHA-256, in hexadecimal, of a certificate's SubjectPublicKeyInfo; of nothing for one that is none."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError:
        return ""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _spelled(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
