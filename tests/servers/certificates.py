"""Certificates for servers of the tests: an authority of their own, made anew in each run."""

import datetime
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from vigfield.seal import public_key_digest

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


@dataclass
class Authority:
    """Somebody who signs certificates."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls) -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an authority")])
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW - DAY, NOW + DAY)
        return cls(
            key,
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
                key, hashes.SHA256()
            ),
        )

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(
        self,
        folder: Path,
        until: datetime.datetime = NOW + DAY,
        host: str = "127.0.0.1",
        since: datetime.datetime = NOW - 2 * DAY,
    ) -> tuple[ssl.SSLContext, str]:
        """A server's context and the number of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a service")])
        issuer = self.certificate.subject
        builder = x509.CertificateBuilder(issuer, name, key.public_key(), 2, since, until)
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        made = builder.add_extension(here, critical=False).sign(self.key, hashes.SHA256())
        encoding, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        file = folder / "server.pem"
        file.write_bytes(
            key.private_bytes(encoding, private, serialization.NoEncryption()) + made.public_bytes(encoding)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context, public_key_digest(made.public_bytes(serialization.Encoding.DER))
