"""Altering MP4 by its boxes: with sizes that lie, or with sizes that stay true all the way up."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.alter import EDGES, Change
from tests.fuzz.case import Bases

HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mfra", b"mvex"}
KINDS = (*HOLDERS, b"mdat", b"ftyp", b"trun", b"tfdt", b"tfhd", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"stsd")
KINDS += (b"elst", b"free", b"\0\0\0\0", b"uuid")
MANY = (2, 2, 2, 3, 3, 10, 50, 50, 1000, 20_000)
MOST = 3_000_000


@dataclass(slots=True)
class Node:
    """A box, or (kind None) bytes that are none."""

    kind: bytes | None
    body: bytes = b""
    children: list["Node"] = field(default_factory=list)
    lie: int | None = None

    def data(self) -> bytes:
        """The box as bytes; `lie` is the size that it says, with 64 bits if it does not fit."""
        inner = self.body + b"".join(child.data() for child in self.children)
        if self.kind is None:
            return inner
        if self.lie is None:
            return struct.pack(">I", 8 + len(inner)) + self.kind + inner
        if self.lie < 1 << 32:
            return struct.pack(">I", self.lie) + self.kind + inner
        return struct.pack(">I", 1) + self.kind + struct.pack(">Q", self.lie) + inner


def parsed(data: bytes, depth: int = 0) -> list[Node]:
    """The boxes of these bytes, and what is left at the end."""
    nodes, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if not 8 <= size <= len(data) - at:
            break
        inner = data[at + 8 : at + size]
        holds = kind in HOLDERS and depth < 8
        nodes.append(Node(kind, b"" if holds else inner, parsed(inner, depth + 1) if holds else []))
        at += size
    return [*nodes, Node(None, data[at:])] if at < len(data) else nodes


def structured(pool: Bases) -> Change:
    """One change to one box, anywhere in the tree."""
    trees = [parsed(data) for data in pool.values()]

    def change(chance: Random, data: bytes) -> bytes:
        root = Node(None, b"", parsed(data))
        holders = [node for node in _all(root) if node.children]
        if not holders:
            return data
        holder = chance.choice(holders)
        at = chance.randrange(len(holder.children))
        _alter(chance, holder.children, at, trees)
        return root.data()[:MOST]

    return change


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _alter(chance: Random, siblings: list[Node], at: int, trees: list[list[Node]]) -> None:
    node = siblings[at]
    match chance.randrange(9):
        case 0:
            node.lie = (chance.choice(EDGES) + chance.choice((-1, 0, 1))) % (1 << 64)
        case 1:
            del siblings[at]
        case 2:
            many = chance.choice(MANY)
            siblings[at:at] = [node] * min(many, MOST // max(8, len(node.data())))
        case 3:
            node.kind = chance.choice(KINDS)
        case 4:
            for _ in range(chance.choice((1, 2, 50, 3000))):
                node = Node(node.kind, node.data())
            siblings[at] = node
        case 5:
            donors = [found for tree in trees for top in tree for found in _all(top)]
            siblings[at : at + chance.randrange(2)] = [chance.choice(donors)]
        case _:
            node.body = _field(chance, node.body)


def _field(chance: Random, body: bytes) -> bytes:
    """A field of a box set to an edge, or the body cut or filled up."""
    if not body or chance.random() < 0.15:
        return body[: chance.randrange(len(body) + 1)] + bytes(chance.choice((0, 1, 4, 100)))
    width = chance.choice((1, 4, 4, 4, 8))
    value = (chance.choice(EDGES) + chance.choice((-1, 0, 0, 1))) % (1 << 8 * width)
    at = min(chance.randrange(0, min(len(body), 400), 4), len(body) - 1)
    return (body[:at] + value.to_bytes(width) + body[at + width :])[: max(len(body), 4)]
