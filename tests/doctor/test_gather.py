"""Gathering: from made-up /sys and /proc trees, from vaults in every state, and once from this machine."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.app.kit import tree
from tests.commands import command
from vigfield.doctor import Protection, VaultState, gather
from vigfield.doctor.linux import Linux
from vigfield.store import Header, VaultFolder

P = Protection
HEADER = Header(1, "0" * 32, False, "2026-01-01T00:00:00+00:00", ({"kind": "x"},))
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="/proc and /sys are Linux's")


def write(root: Path, **texts: str) -> None:
    """Files of a made-up machine; `__` is a slash."""
    for name, text in texts.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def device(root: Path, name: str, number: str, *slaves: str, uuid: str = "") -> None:
    """A block device of a made-up machine."""
    folder = root / "sys/class/block" / name
    (folder / "slaves").mkdir(parents=True)
    for slave in slaves:
        (folder / "slaves" / slave).symlink_to(root / "sys/class/block" / slave)
    if uuid:
        (folder / "dm").mkdir()
        (folder / "dm/uuid").write_text(uuid)
    (root / "sys/dev/block").mkdir(parents=True, exist_ok=True)
    (root / "sys/dev/block" / number).symlink_to(folder)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    root = tmp_path / "machine"
    device(root, "sda1", "8:1")
    device(root, "sdb1", "8:17")
    device(root, "dm-0", "253:0", "sda1", uuid="CRYPT-LUKS2-abc")
    device(root, "dm-1", "253:1", "dm-0", uuid="LVM-abc")
    device(root, "dm-2", "253:2", "dm-0", "sdb1", uuid="LVM-def")
    device(root, "loop0", "7:0")
    (root / "sys/class/block/loop0/loop").mkdir()
    write(
        root,
        proc__self__mountinfo="\n".join(
            f"1 0 {number} / /x rw - {kind} {source} rw"
            for number, kind, source in (
                ("8:1", "ext4", "/dev/sda1"),
                ("253:0", "ext4", "/dev/mapper/x"),
                ("253:1", "xfs", "/dev/mapper/y"),
                ("253:2", "ext4", "/dev/mapper/z"),
                ("7:0", "ext4", "/dev/loop0"),
                ("0:40", "btrfs", "/dev/dm-1"),
                ("0:41", "btrfs", "/dev/nowhere"),
                ("0:42", "tmpfs", "tmpfs"),
                ("0:43", "ecryptfs", "/home/.x"),
                ("0:44", "overlay", "overlay"),
            )
        ),
    )
    return root


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ((8, 1), P.PLAIN),
        ((253, 0), P.ENCRYPTED),
        ((253, 1), P.ENCRYPTED),
        ((253, 2), P.PLAIN),
        ((7, 0), P.UNKNOWN),
        ((0, 40), P.ENCRYPTED),
        ((0, 41), P.UNKNOWN),
        ((0, 42), P.MEMORY),
        ((0, 43), P.UNKNOWN),
        ((0, 44), P.UNKNOWN),
        ((9, 9), P.UNKNOWN),
    ],
)
@linux_only
def test_what_is_under_a_file_system(machine: Path, number: tuple[int, int], expected: Protection) -> None:
    assert Linux(machine).under(os.makedev(*number)) is expected


@linux_only
def test_each_kind_of_swap(machine: Path) -> None:
    assert Linux(machine).swaps() is None
    names = ("/dev/zram0", "/dev/zram1", "/dev/dm-0", "/dev/sda1", "/dev/dm-9")
    lines = "\n".join(f"{name} partition 1024 0 -2" for name in names)
    write(
        machine,
        proc__swaps=f"Filename Type Size Used Priority\n{lines}\n/nowhere/swapfile file 1 0 -3\n",
        sys__block__zram0__backing_dev="none\n",
        sys__block__zram1__backing_dev="/dev/sda1\n",
    )
    assert Linux(machine).swaps() == (P.MEMORY, P.UNKNOWN, P.ENCRYPTED, P.PLAIN, P.UNKNOWN, P.UNKNOWN)
    write(machine, proc__swaps="Filename Type Size Used Priority\n")
    assert Linux(machine).swaps() == ()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({}, None),
        ({"sys__power__state": "freeze mem"}, False),
        ({"sys__power__state": "mem disk", "sys__power__disk": "[disabled]"}, False),
        ({"sys__power__state": "mem disk", "sys__power__disk": "[platform] shutdown"}, False),
        (
            {
                "sys__power__state": "mem disk",
                "sys__power__disk": "[platform]",
                "proc__cmdline": "quiet resume=UUID=1",
            },
            True,
        ),
        (
            {
                "sys__power__state": "mem disk",
                "sys__power__disk": "[platform]",
                "sys__power__resume": "8:2\n",
            },
            True,
        ),
    ],
)
def test_hibernation(tmp_path: Path, texts: dict[str, str], expected: bool | None) -> None:
    write(tmp_path, **texts)
    assert Linux(tmp_path).hibernates() is expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({}, None),
        ({"proc__sys__user__max_user_namespaces": "0"}, False),
        ({"proc__sys__user__max_user_namespaces": "10"}, True),
        ({"proc__sys__user__max_user_namespaces": "rubbish"}, None),
        (
            {
                "proc__sys__user__max_user_namespaces": "10",
                "proc__sys__kernel__unprivileged_userns_clone": "0",
            },
            False,
        ),
        (
            {
                "proc__sys__user__max_user_namespaces": "10",
                "proc__sys__kernel__apparmor_restrict_unprivileged_userns": "1",
            },
            None,
        ),
    ],
)
def test_namespaces(tmp_path: Path, texts: dict[str, str], expected: bool | None) -> None:
    write(tmp_path, **texts)
    assert Linux(tmp_path).namespaces() is expected


# The vault's folder


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A folder with all that the doctor looks at; nothing in it opens."""
    folder = tmp_path / "vault"
    held = VaultFolder.hold(folder)
    (folder / f"data-{HEADER.id}.db").touch(0o600)
    held.write(HEADER)
    held.release()
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


def header(folder: Path, text: str) -> None:
    (folder / "vault.json").write_text(text)


@pytest.mark.parametrize(
    ("spoil", "state"),
    [
        (lambda _: None, VaultState.WHOLE),
        (lambda folder: header(folder, "{"), VaultState.DAMAGED),
        (lambda folder: header(folder, '{"format": 99}'), VaultState.NEWER),
        (lambda folder: next(folder.glob("data-*")).unlink(), VaultState.DAMAGED),
        (lambda folder: (folder / "vault.json").unlink(), VaultState.DAMAGED),
        (lambda folder: folder.rename(folder.with_name("away")), VaultState.NONE),
    ],
)
def test_the_state_of_a_vault(vault: Path, spoil: Callable[[Path], object], state: VaultState) -> None:
    spoil(vault)
    before = tree(vault.parent)
    facts = gather(vault)
    assert facts.vault is state
    assert (facts.open_to_others, facts.not_ours, facts.leftovers, facts.others) == (0, 0, 0, 0)
    assert tree(vault.parent) == before


def test_other_folders(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    assert gather(tmp_path).vault is VaultState.OTHER
    assert gather(tmp_path / "letters.txt").vault is VaultState.OTHER


@pytest.mark.skipif(os.name != "posix", reason="modes are a Unix thing")
def test_modes_leftovers_and_strangers_are_counted(vault: Path) -> None:
    (vault / "media").chmod(0o755)
    next(vault.glob("data-*")).chmod(0o640)
    for name in ("vault.new", "vault.json.tmp", f"data-{HEADER.id}.db.schema-1"):
        (vault / name).touch(0o600)
    for name in (f"{'a' * 32}-001.film", "notes.txt", f"{'a' * 32}-001.index.new"):
        (vault / "media" / name).touch(0o600)
    facts = gather(vault)
    assert (facts.open_to_others, facts.leftovers, facts.others) == (2, 4, 1)


@pytest.mark.root
def test_another_owner_is_counted(vault: Path) -> None:
    os.chown(vault / "media", 65534, 65534)
    assert gather(vault).not_ours == 1


# The command


def run(*arguments: str) -> CompletedProcess[str]:
    return command("doctor", *arguments)


def test_the_command_tells_of_this_machine_and_changes_nothing(vault: Path) -> None:
    before = tree(vault)
    times = {path: path.stat().st_mtime_ns for path in vault.rglob("*")}
    done = run("--data", str(vault), "--json")
    findings = json.loads(done.stdout)["findings"]
    assert len(findings) == 13
    assert findings[0] == {
        "finding": "vault-whole",
        "level": "ok",
        "says": "There is a vault here, and its header can be read.",
    }
    assert done.returncode == int(any(one["level"] == "problem" for one in findings))
    assert str(vault) not in done.stdout + done.stderr
    assert done.stderr == ""
    lines = run("--data", str(vault)).stdout.splitlines()
    assert [line.split(maxsplit=1)[0] for line in lines][:1] == ["ok"]
    assert len(lines) == 13
    assert tree(vault) == before
    assert {path: path.stat().st_mtime_ns for path in vault.rglob("*")} == times


def test_the_command_makes_no_folder(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path / "none"), "--json")
    assert json.loads(done.stdout)["findings"][0]["finding"] == "vault-none"
    assert list(tmp_path.iterdir()) == []
