"""Where every font in assets/fonts comes from, and the means to fetch them again and compare.

    python3 build/fonts.py check     the files are the ones listed in SHA256SUMS (no network)
    python3 build/fonts.py compare   fetch every package again and compare with what is here
    python3 build/fonts.py fetch     fetch every package and write the files and SHA256SUMS anew

`fetch` and `compare` need npm, and for Noto Sans, which no package ships whole as woff2, Python's
fonttools 4.68 and brotli 1.2. Everything else is copied from its package byte for byte.

The engine of Flet asks for a fallback font by an address that ends in
`<family>/<version>/<hash>.woff2`, or `<hash>.<part>.woff2` for the large families. The answers are
`fallback/<family>.woff2` and `fallback/<family>/<part>.woff2`: see assets/fonts/README.md.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FONTS = Path(__file__).resolve().parent.parent / "assets" / "fonts"
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package; `take` says, as pattern and place, which of its files go where."""

    name: str
    version: str
    sha256: str
    take: tuple[tuple[str, str], ...]


def script(family: str, subset: str, sha256: str, package: str = "", version: str = "5.3.0") -> Package:
    """A family whose one file holds one script."""
    package = package or f"noto-sans-{subset}"
    file = rf"files/{package}-{subset}-400-normal\.woff2"
    licence = (r"LICENSE", f"licences/{package}.txt")
    return Package(f"@fontsource/{package}", version, sha256, ((file, f"fallback/{family}.woff2"), licence))


def parts(script: str, sha256: str) -> Package:
    """A large family in the parts that the engine asks for by number."""
    package = f"noto-sans-{script}"
    file = rf"files/{package}-(\d+)-400-normal\.woff2"
    licence = (r"LICENSE", f"licences/{package}.txt")
    taken = ((file, rf"fallback/notosans{script}/\1.woff2"), licence)
    return Package(f"@fontsource/{package}", "5.3.0", sha256, taken)


PACKAGES = (
    Package(
        "@expo-google-fonts/nunito-sans",
        "0.4.2",
        "0bbaf45fb0e175f5f152c6a0cfabdbd57e0eb0f8d36e2e2b2bf7aae545f02ec0",
        (
            (r"400Regular/NunitoSans_400Regular\.ttf", "NunitoSans-Regular.ttf"),
            (r"600SemiBold/NunitoSans_600SemiBold\.ttf", "NunitoSans-SemiBold.ttf"),
            (r"LICENSE_FONT", "licences/nunito-sans.txt"),
        ),
    ),
    Package(
        "@expo-google-fonts/noto-sans",
        "0.4.2",
        "98cf14a19b8e67a0e76bfd4d5df98937b9734e6dde570bd750f2259042042548",
        (
            (r"400Regular/NotoSans_400Regular\.ttf", "fallback/notosans.woff2"),
            (r"LICENSE_FONT", "licences/noto-sans.txt"),
        ),
    ),
    script("notosansadlam", "adlam", "3305d02802345803b4a10946cef11ae5daa8c9116496c4ec721d4789742e71b1"),
    script("notosansarabic", "arabic", "e0a81ade67ce507c9b91546ca3d91332d184a8277fc683440b00896b430856bb"),
    script(
        "notosansarmenian", "armenian", "ce3b746119f1e728f0b9902287654a8828dd67cc6520139e8745f74779a92713"
    ),
    script("notosansbengali", "bengali", "710bd3da800c7cacd1ee68c92b296ebc925d75e81cdb49a60ecf707d74c7e2b1"),
    script(
        "notosanscanadianaboriginal",
        "canadian-aboriginal",
        "a957e6e3a46ceaef411c180a0458d35adbac2ac725bb9c1258628446c8a0487f",
    ),
    script("notosanscham", "cham", "cf5272b8b44c98dee54865590ef0a22c368ef47446795c03d899c117823a6d37"),
    script(
        "notosanscherokee", "cherokee", "ba943abbd37306ffaca3cfe38e1afa33231120e5585e5ebc68c927a70d8771f1"
    ),
    script(
        "notosansdevanagari", "devanagari", "8d42be0e944481b61e68c7702037d4143e96bf48dbb72d19ea05d0cacc1323d5"
    ),
    script(
        "notosansethiopic", "ethiopic", "3ac837b13068cbef711c7779d48e4b08291b037dac7d4520c49f3494409da048"
    ),
    script(
        "notosansgeorgian", "georgian", "9aa744e7482a6a7eb8ed8139208d6e430c62c20637c8eff0ce15358f3b5c3e9c"
    ),
    script(
        "notosansgujarati", "gujarati", "9c583f906240ffc1c84b77ce259909fe56a5ea41d15c23d94a9eabab85a2ccc6"
    ),
    script(
        "notosansgurmukhi", "gurmukhi", "8f16b2ccaad328f5d6cb4595f517db88f91d40a513d452d035a04cf03b7e8625"
    ),
    script("notosanshebrew", "hebrew", "16a70f001f739cbcdaecdf3b164bdee8bb84cb35a8569d6dd9ec82dfcd74c78c"),
    script(
        "notosansjavanese", "javanese", "be0874fd98d1d06b835679c162d20705903276cb14411fb67b59bdb6650304d7"
    ),
    script("notosanskannada", "kannada", "628593afcffb70cb37242995a1d6bfb7ffdeddb3c96cb5a2f693af5d4ab56f8f"),
    script("notosanskhmer", "khmer", "aa26ae5e1d6ed84e55c329071d4233f29fa4209b77c55af7adaa8f09607a3c20"),
    script("notosanslao", "lao", "a3cd7efc1c2eec42d39557d49fb52c3ac8bf81a14610180033052b1f134bf892"),
    script(
        "notosansmalayalam", "malayalam", "38371823a31f2e1ea2d24a62daa3e75cf53eac3c223491aa8e4efc157f9450e4"
    ),
    script(
        "notosansmongolian", "mongolian", "7b1532b7c59ddf7fcdac3a99b81c898f332fdb6a9598b9abf565eca1ee897af2"
    ),
    script("notosansmyanmar", "myanmar", "cb5c432a74f37366a53d30a324085ff8748b70c17424f8aef297d32705641bd7"),
    script(
        "notosansnewtailue", "new-tai-lue", "cc4bfe89d75bfdabbd58e8b102c63c9a4cf268ff48c1ac4170188420eef7c7ac"
    ),
    script("notosansnko", "nko", "8a7467561a5a59f249fd3663bacccb2fd868c241807354ec7fc140ec091b35c0"),
    script("notosansolchiki", "ol-chiki", "506aadf7509cfe4272e6a4d70be440caa2715eb65455ef0b6748b5444b285e04"),
    script("notosansoriya", "oriya", "4ef968971f73facbd556115766897aa62a50ff973812259cdb97b453b01cb26e"),
    script("notosanssinhala", "sinhala", "a109c4d5898e4402e00f9dee78d1b324d64fececc269929dbf55b9f8d72035c5"),
    script("notosanssymbols", "symbols", "f38047dcf42fcf90e7e9fcd3cb07f6900186d30137b173aa6f63f17d86b30db9"),
    script("notosanssyriac", "syriac", "1cd844025d9351faeb24ac74b7d2afde492c5a1875948e3ff8d320b85e0a9d0d"),
    script("notosanstamil", "tamil", "5cc0572ac50413ae1083a8cc5fe939ed2a287887decb54e1ca7c06cc82dcb312"),
    script("notosanstelugu", "telugu", "06b19c2d1fb3dba3c1dac01392885c63ffde8c97674518226d63b4373bed139c"),
    script("notosansthaana", "thaana", "0933b5df5720ea5277f9bc17c3c237fb03f4edea224c66243e68298566b7ff20"),
    script("notosansthai", "thai", "263b3705d8dd9e3a24d267b2a2832d2252c81737f7aa45eec2ae57f87e8ad7aa"),
    script(
        "notosanstifinagh", "tifinagh", "7e8ae56fbf4e31e72fbdfe2f70e8e7b677eb54c2b04e0edaaa2d81fa49298279"
    ),
    script(
        "notosansmath",
        "latin",
        "8f6894fffd5863699e279c669d6eae9d3a1218cc9e20aed84efb64a98aee03d8",
        "noto-sans-math",
    ),
    script(
        "notosanssymbols2",
        "symbols",
        "dd714f47e1ba768274c25d14ac95610ca32e416d70c5455cd11d8995042a4552",
        "noto-sans-symbols-2",
    ),
    script(
        "notoseriftibetan",
        "tibetan",
        "4a92594ce8e178e0e9f096d3d6ae7a7359c287a190b6dce7e4aff683ae13a976",
        "noto-serif-tibetan",
    ),
    # In one colour: the coloured one came out blank.
    script(
        "notocoloremoji",
        "emoji",
        "1fe49bb2cf7c2d78f93c0a69b6a431dcfd0d585b7831eba87fae6888ccf8d373",
        "noto-emoji",
        "5.3.2",
    ),
    parts("sc", "05a7abac78a6cac4bd1361e7b24c680ee820fcc2f22cf5cc92673f4cd12771c5"),
    parts("tc", "90f236faabce7fac6e7ec8d9dc55339394243432cf106f8925f5780a4d95c4a8"),
    parts("hk", "2ce9a14f2094cba0f0800349f2828d321e244e71d72a38f0184e20e6d8d5e1ff"),
    parts("jp", "e4fac0fb8e03e21d10e1bdfd6f09e04c12a0f3bd61463bfa41c53a5603c39524"),
    parts("kr", "36277539698ccda64b110855eaa890d2a4737e403d225da1cbe3c90123fff602"),
)


def main(arguments: list[str]) -> int:
    """Carry out one command; the answer is the exit code."""
    match arguments:
        case ["check"]:
            return report(check())
        case ["compare"]:
            with tempfile.TemporaryDirectory() as scratch:
                fetch(Path(scratch))
                return report(differences(Path(scratch), FONTS))
        case ["fetch"]:
            fetch(FONTS)
            (FONTS / SUMS).write_text(sums(FONTS))
            return 0
        case _:
            print(__doc__)
            return 2


def report(faults: list[str]) -> int:
    print("\n".join(faults) or "Every font is as it was taken from its package.")
    return 1 if faults else 0


def check() -> list[str]:
    """What differs between SHA256SUMS and the files that are here."""
    return [] if (FONTS / SUMS).read_text() == sums(FONTS) else [f"The files are not those of {SUMS}."]


def sums(folder: Path) -> str:
    """The text of SHA256SUMS for a folder, in the form that `sha256sum -c` reads."""
    return "".join(f"{digest(folder / name)}  {name}\n" for name in files(folder))


def differences(fresh: Path, here: Path) -> list[str]:
    missing = [f"not fetched: {name}" for name in sorted(set(files(here)) - set(files(fresh)))]
    changed = [f"differs: {name}" for name in files(fresh) if digest(fresh / name) != digest(here / name)]
    return missing + changed


def files(folder: Path) -> list[str]:
    """The fonts and licences below a folder; the list and the explanation are ours and not counted."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in found if name not in {SUMS, "README.md"})


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def fetch(target: Path) -> None:
    """Write the files of every package below `target`."""
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as scratch:
            unpack(package, download(package, Path(scratch)), target)


def download(package: Package, scratch: Path) -> Path:
    """Fetch one package with npm; a tarball other than the pinned one is refused."""
    npm = shutil.which("npm") or sys.exit("This needs npm.")
    subprocess.run([npm, "pack", "--silent", f"{package.name}@{package.version}"], cwd=scratch, check=True)
    tarball = next(scratch.glob("*.tgz"))
    if digest(tarball) != package.sha256:
        sys.exit(f"{package.name}@{package.version} is not the pinned one.")
    return tarball


def unpack(package: Package, tarball: Path, target: Path) -> None:
    """Copy what is wanted from a tarball; every pattern has to find something."""
    found = list(wanted(package, tarball))
    if len({pattern for pattern, _, _ in found}) != len(package.take):
        sys.exit(f"{package.name}@{package.version} lacks a file.")
    for _, place, content in found:
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if path.suffix == ".woff2" and content[:4] != b"wOF2":
            compress(path)


def wanted(package: Package, tarball: Path) -> Iterator[tuple[str, str, bytes]]:
    """(pattern, place, content) of each file that a pattern of the package names."""
    with tarfile.open(tarball) as archive:
        for member in archive.getmembers():
            for pattern, place in package.take:
                named = re.fullmatch(f"package/{pattern}", member.name)
                opened = archive.extractfile(member) if named else None
                if named and opened:
                    yield pattern, named.expand(place), opened.read()


def compress(path: Path) -> None:
    """Turn a TrueType file into woff2 in place."""
    plain = path.with_suffix(".ttf")
    path.rename(plain)
    subprocess.run([sys.executable, "-m", "fontTools.ttLib.woff2", "compress", "-o", path, plain], check=True)
    plain.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
