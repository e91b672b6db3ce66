"""Keeps the one vendored browser library honest: the pinned npm package, byte by byte.

    python3 build/vendor.py --check     fetch the pinned package again and compare
    python3 build/vendor.py --update    fetch it and write the vendored files anew

The pin is PACKAGE below: its version, and npm's integrity of the archive. To take a new version, change both
and run --update. Needs `npm`; ends with 1 when anything differs.
"""

import argparse
import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "assets" / "vendor"


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package: which files of it we keep, and under what names."""

    name: str
    version: str
    integrity: str
    about: str
    files: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """Where our copy lies."""
        return VENDOR / self.name


PACKAGE = Package(
    name="mediabunny",
    version="1.61.0",
    integrity="sha512-WciPOYwKZwgYkoBKcEK6JzzIf+w5whypPzFdOihOylZ/5Qv19FmNfRnTcaprH+jD136YpEASU30Eb6VNCJiz3A==",
    about="mediabunny, MPL-2.0, as published on npm; its source is in the same package under src/.",
    files={
        "mediabunny.min.mjs": "package/dist/bundles/mediabunny.min.mjs",
        "LICENSE": "package/LICENSE",
    },
)


class Differs(Exception):
    """Something is not what the pin says."""


def fetch(package: Package, into: Path) -> Path:
    """The package's archive, fetched by npm into a folder."""
    npm = shutil.which("npm")
    if npm is None:
        raise Differs("npm is not installed")
    wanted = f"{package.name}@{package.version}"
    command = [npm, "pack", wanted, "--silent", "--ignore-scripts", "--pack-destination", str(into)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [archive] = into.glob("*.tgz")
    return archive


def integrity(archive: bytes) -> str:
    """npm's way to write a SHA-512."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()


def unpack(package: Package, archive: Path) -> dict[str, bytes]:
    """The files that we keep, by our names, from an archive that is what the pin says."""
    found = integrity(archive.read_bytes())
    if found != package.integrity:
        raise Differs(f"integrity is {found}")
    with tarfile.open(archive) as tar:
        return {ours: _member(tar, theirs) for ours, theirs in package.files.items()}


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    if member is None:
        raise Differs(f"{name} is not a file")
    return member.read()


def checksum(package: Package, files: Mapping[str, bytes]) -> bytes:
    """The text of CHECKSUM."""
    lines = [
        f"# {package.about}",
        "# Checked and renewed by build/vendor.py.",
        f"package {package.name} {package.version}",
        f"integrity {package.integrity}",
        *(f"sha256 {hashlib.sha256(data).hexdigest()} {name}" for name, data in files.items()),
    ]
    return ("\n".join(lines) + "\n").encode()


def differences(package: Package, files: Mapping[str, bytes]) -> list[str]:
    """The names in our folder that are missing, other than they should be, or too many."""
    there = {path.name: path.read_bytes() for path in package.folder.iterdir()}
    return sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))


def main() -> int:
    """Check or update; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("--check", action="store_true", help="compare with the pinned package")
    choice.add_argument("--update", action="store_true", help="write the vendored files anew")
    update = parser.parse_args().update
    try:
        with tempfile.TemporaryDirectory() as folder:
            files = unpack(PACKAGE, fetch(PACKAGE, Path(folder)))
    except (Differs, subprocess.CalledProcessError, KeyError, tarfile.TarError) as error:
        print(f"{PACKAGE.name} {PACKAGE.version}: {error}", file=sys.stderr)
        return 1
    files["CHECKSUM"] = checksum(PACKAGE, files)
    if update:
        PACKAGE.folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (PACKAGE.folder / name).write_bytes(data)
    wrong = differences(PACKAGE, files)
    print(
        f"{PACKAGE.name} {PACKAGE.version}: "
        + (f"differs in {', '.join(wrong)}" if wrong else "as published")
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
