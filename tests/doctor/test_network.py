"""What network a tablet is on: from made-up route tables, a busctl of our own, and once from this machine."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.doctor.test_gather import write
from vigfield.doctor import network as ask
from vigfield.doctor import routes
from vigfield.doctor.network import routes_4, routes_6, said
from vigfield.model import Network

MODULE = sys.modules["vigfield.doctor.network"]  # whose name the function has in the package
HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
LINE_4 = "{name}\t{to}\t{gateway}\t{flags}\t0\t0\t600\t{mask}\t0\t0\t0\n"
LINE_6 = "{to} {size} {zero} 00 {gateway} 00000400 00000003 00000000 {flags} {name:>8}\n"
ZERO = "0" * 32
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


def line_4(name: str = "wlan0", **changed: str) -> str:
    usual = {"to": "00000000", "gateway": "0101A8C0", "flags": "0003", "mask": "00000000"}
    return LINE_4.format(name=name, **usual | changed)


def line_6(name: str = "wlan0", **changed: str) -> str:
    usual = {"to": ZERO, "size": "00", "gateway": "fe80" + "0" * 27 + "1", "flags": "00000003"}
    return LINE_6.format(name=name, zero=ZERO, **usual | changed)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", set()),
        (HEAD, set()),
        (HEAD + line_4(), {"wlan0"}),
        (HEAD + line_4() + line_4("wwan0"), {"wlan0", "wwan0"}),
        (HEAD + line_4("ppp0", gateway="00000000", flags="0001"), {"ppp0"}),
        (HEAD + line_4(to="0001A8C0", mask="00FFFFFF"), set()),
        (HEAD + line_4(mask="00000080"), set()),  # half of the world, as a private network has it
        (HEAD + line_4(flags="0002"), set()),  # down
        (HEAD + line_4("*", flags="0203"), set()),  # a route that refuses
        (HEAD + line_4("lo"), set()),
        (HEAD + line_4(flags="zz"), set()),
        (HEAD + "wlan0\t00000000\n", set()),
        ("\x00\x00 rubbish 00000000", set()),
    ],
)
def test_default_routes_of_the_older_kind(text: str, names: set[str]) -> None:
    assert {name for name, _ in routes_4(text)} == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", set()),
        (line_6(), {"wlan0"}),
        (line_6("lo", flags="00200200", gateway=ZERO), set()),
        (line_6(flags="00200200"), set()),  # what Linux has where there is none
        (line_6(flags="00000002"), set()),
        (line_6(to="2" + ZERO[1:], size="03"), set()),
        (line_6(size="01"), set()),
        (line_6(flags="what"), set()),
        (line_6()[:60], set()),
    ],
)
def test_default_routes_of_the_newer_kind(text: str, names: set[str]) -> None:
    assert {name for name, _ in routes_6(text)} == names


def test_a_gateway_makes_a_route_another_one() -> None:
    assert routes_4(line_4()) != routes_4(line_4(gateway="0102A8C0"))
    assert routes_6(line_6()) != routes_6(line_6(gateway=ZERO))


def test_both_tables_are_read_and_the_newer_one_may_be_missing(tmp_path: Path) -> None:
    assert routes(tmp_path) is None
    write(tmp_path, proc__net__route=HEAD)
    assert routes(tmp_path) == frozenset()
    write(tmp_path, proc__net__ipv6_route=line_6("usb0"))
    assert {name for name, _ in routes(tmp_path) or ()} == {"usb0"}
    write(tmp_path, proc__net__route=HEAD + line_4())
    assert {name for name, _ in routes(tmp_path) or ()} == {"usb0", "wlan0"}


SAYS = {0: "unknown", 1: "metered", 2: "unmetered", 3: "metered", 4: "unknown", 5: "unknown"}


@pytest.mark.parametrize(("number", "name"), SAYS.items())
def test_what_network_manager_says(number: int, name: str) -> None:
    assert said(f'{{"type":"u","data":{number}}}\n') is Network(name)


@pytest.mark.parametrize(
    "reply",
    ["", "{", "2", "[]", "null", '{"type":"u"}', '{"type":"s","data":"2"}', '{"data":2}', "[" * 100_000],
)
def test_anything_else_that_it_says_is_not_known(reply: str) -> None:
    assert said(reply) is Network.UNKNOWN


# With a busctl of our own


def busctl(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name, the only one there is; what it was asked is in the file that is returned."""
    asked = folder / "asked"
    program = folder / "busctl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n{script}\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(folder))
    return asked


def on(monkeypatch: pytest.MonkeyPatch, found: object) -> None:
    monkeypatch.setattr(MODULE, "routes", lambda: found)


SOME = frozenset({("wlan0", "0101A8C0")})


@linux_only
def test_network_manager_is_asked_once_and_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = busctl(tmp_path, """echo '{"type":"u","data":1}'""", monkeypatch)
    on(monkeypatch, SOME)
    assert asyncio.run(ask()) is Network.METERED
    manager = "org.freedesktop.NetworkManager"
    assert asked.read_text().split() == [
        *("--system", "--auto-start=no", "--json=short", "get-property"),
        *(manager, "/org/freedesktop/NetworkManager", manager, "Metered"),
    ]


@linux_only
@pytest.mark.parametrize(("found", "network"), [(frozenset(), Network.NONE), (None, Network.UNKNOWN)])
def test_without_a_route_it_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: object, network: Network
) -> None:
    asked = busctl(tmp_path, "echo", monkeypatch)
    on(monkeypatch, found)
    assert asyncio.run(ask()) is network
    assert not asked.exists()


@linux_only
@pytest.mark.parametrize(
    "script", ["exit 1", """echo '{"type":"u","data":2}'; exit 1""", "echo no such thing", "exec sleep 60"]
)
def test_a_network_manager_that_is_not_well_leaves_it_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    busctl(tmp_path, script.replace("sleep", "/bin/sleep"), monkeypatch)
    monkeypatch.setattr(MODULE, "ASK_SECONDS", 0.2)
    on(monkeypatch, SOME)
    assert asyncio.run(ask()) is Network.UNKNOWN


def test_elsewhere_and_without_busctl_it_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, SOME)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asyncio.run(ask()) is Network.UNKNOWN
    on(monkeypatch, frozenset())
    monkeypatch.setattr(sys, "platform", "win32")
    assert asyncio.run(ask()) is Network.UNKNOWN


@linux_only
def test_this_machine_has_an_answer() -> None:
    found = asyncio.run(ask())
    assert (found is Network.NONE) is (routes() == frozenset())
