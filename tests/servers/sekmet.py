"""A FHIR server that we did not write, over TLS and with SMART Backend Services, in a process of its own."""

import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.servers.certificates import Authority

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-servers" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CLIENT = "vigfield-tablet"
SCOPE = "system/*.cruds"


@dataclass(frozen=True)
class Sekmet:
    """Where it listens, and who signed its certificate."""

    base: str
    token_endpoint: str
    authority: str


@contextmanager
def sekmet(folder: Path, tablet: dict[str, str]) -> Iterator[Sekmet]:
    """The server on a free port; `tablet` is the public key that it knows."""
    if not PYTHON.is_file():
        pytest.skip("the second FHIR server is missing: python3 build/dev.py test installs it")
    authority = Authority.make()
    authority.server(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = f"https://127.0.0.1:{port}"
    settings = {
        "base_url": f"{root}/fhir",
        "host": "127.0.0.1",
        "port": port,
        "data_dir": str(folder),
        "tls_certfile": str(folder / "server.pem"),
        "tls_keyfile": str(folder / "server.pem"),
        "simulator": {"enabled": False},
        "log_inbound": False,
        "server_auth": {
            "types": ["smart"],
            "smart_clients": [{"client_id": CLIENT, "jwks": {"keys": [tablet]}, "scopes": SCOPE}],
        },
    }
    (folder / "settings.yaml").write_text(json.dumps(settings))  # JSON is YAML
    command = [str(PYTHON), "-m", "sekmet.cli", "serve", "-c", str(folder / "settings.yaml")]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        try:
            _until_it_listens(process, root, authority)
            yield Sekmet(f"{root}/fhir", f"{root}/auth/token", authority.pem)
        finally:
            process.kill()  # it waits for open connections otherwise, and its data goes with the test
            process.wait(20)


def _until_it_listens(process: subprocess.Popen[bytes], root: str, authority: Authority) -> None:
    trust = ssl.create_default_context(cadata=authority.pem)
    with httpx.Client(verify=trust, trust_env=False) as client:
        while True:
            assert process.poll() is None, "the second FHIR server ended"
            try:
                client.get(f"{root}/fhir/metadata")
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
