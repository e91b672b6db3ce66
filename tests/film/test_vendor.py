"""The vendored browser library is what its CHECKSUM says, and its script notices what is not."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "build" / "vendor.py"


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def our_files(vendor: ModuleType) -> dict[str, bytes]:
    return {name: (vendor.PACKAGE.folder / name).read_bytes() for name in vendor.PACKAGE.files}


def test_the_checksum_is_that_of_the_files(vendor: ModuleType) -> None:
    files = our_files(vendor)
    written = (vendor.PACKAGE.folder / "CHECKSUM").read_bytes()
    assert vendor.checksum(vendor.PACKAGE, files) == written
    assert vendor.differences(vendor.PACKAGE, {**files, "CHECKSUM": written}) == []


def test_every_difference_is_named(vendor: ModuleType) -> None:
    files = our_files(vendor)
    changed = {**files, "LICENSE": b"another", "MORE": b""}
    assert vendor.differences(vendor.PACKAGE, changed) == ["CHECKSUM", "LICENSE", "MORE"]


def test_an_archive_that_is_not_the_pinned_one_is_not_unpacked(vendor: ModuleType, tmp_path: Path) -> None:
    archive = tmp_path / "mediabunny-1.61.0.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(vendor.Differs, match="integrity is sha512-"):
        vendor.unpack(vendor.PACKAGE, archive)
