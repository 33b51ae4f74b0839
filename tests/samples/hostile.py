"""Files of somebody who means harm, the same for each seed: cut off, flipped, swollen, misnamed, of the wrong kind."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache

import zstandard

Mutation = Callable[[bytes, random.Random], bytes]
MIB = 1024 * 1024
TRAVERSAL = ("../../evil", "/etc/evil", "..\\..\\evil", "a/../../../evil", "evil\x00.txt")


def truncated(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def flipped(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data or b"?")
    for _ in range(dice.choice((1, 1, 4, 64))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def shuffled(data: bytes, dice: random.Random) -> bytes:
    """Pieces in another order, some of them twice."""
    size = max(1, len(data) // 8)
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(dice.choices(pieces, k=len(pieces) + 2)) if pieces else b""


def long_lengths(data: bytes, dice: random.Random) -> bytes:
    """Numbers that say there is far more than there is."""
    place = dice.randrange(max(1, len(data)))
    giant = dice.choice((b"\xff" * 4, b"\xff" * 8, struct.pack(">Q", 1 << 62), struct.pack("<I", 1 << 31)))
    return data[:place] + giant + data[place + len(giant) :]


def followed(data: bytes, dice: random.Random) -> bytes:
    return data + dice.randbytes(dice.choice((1, 100, 10_000)))


def nothing(_data: bytes, _dice: random.Random) -> bytes:
    return b""


def noise(_data: bytes, dice: random.Random) -> bytes:
    return dice.randbytes(dice.choice((1, 16, 4096, 100_000)))


def text(_data: bytes, dice: random.Random) -> bytes:
    return dice.choice(("你好", "{" * 5000, "[" * 100_000, "[[[[", "\x00", "\ud7ff", "a = 1\n" * 9)).encode()


def other_kind(_data: bytes, dice: random.Random) -> bytes:
    """A sound file of a kind nobody asked for; archives want to write elsewhere."""
    made = (packed, nested_json, picture_bomb, zstd_bomb, deep_pdf)
    drawn = (archive, tape, html)
    chosen = dice.randrange(len(made) + len(drawn))
    return made[chosen]() if chosen < len(made) else drawn[chosen - len(made)](dice)


MUTATIONS: tuple[Mutation, ...] = (
    truncated, flipped, flipped, shuffled, long_lengths, followed, nothing, noise, text, other_kind,
)  # fmt: skip


def mutants(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Yield ``count`` variants of a sound file."""
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        yield MUTATIONS[number % len(MUTATIONS)](data, dice)


def archive(dice: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in TRAVERSAL:
            made.writestr(zipfile.ZipInfo(name), dice.randbytes(10))
    return out.getvalue()


def tape(dice: random.Random) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as made:
        for name in TRAVERSAL[:-1]:
            entry = tarfile.TarInfo(name)
            entry.size = 10
            made.addfile(entry, io.BytesIO(dice.randbytes(10)))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
    return out.getvalue()


@cache
def packed() -> bytes:
    return gzip.compress(bytes(8 * MIB))


@cache
def zstd_bomb() -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(bytes(64 * MIB))


def html(_dice: random.Random) -> bytes:
    return b"<html><script>alert(1)</script></html>"


@cache
def nested_json() -> bytes:
    return b'{"a":' * 20_000 + b"1" + b"}" * 20_000


@cache
def picture_bomb(side: int = 24_000) -> bytes:
    """A PNG of some kilobytes that says, truly, that it holds half a thousand million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(1)
    row = bytes(side // 8 + 1)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def deep_pdf() -> bytes:
    """A PDF whose page tree names itself, whose stream unpacks to a hundred times its size."""
    stream = zlib.compress(b"q " * MIB)
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 3 0 R]/Count 99999999>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9e9 9e9]/Contents 4 0 R>>endobj\n4 0 obj<</Length "
        + str(len(stream)).encode()
        + b"/Filter/FlateDecode>>stream\n"
        + stream
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
