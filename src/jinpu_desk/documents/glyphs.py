"""A TrueType file with a few glyphs of a larger one, in a given order: what a PDF embeds (ISO 32000-1, 9.9).

reportlab's own cutter also writes the tables a composite font does not use and takes three times as long, on
every paper.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate

from reportlab.pdfbase.ttfonts import TTFontFace

_MAGIC = 0xB1B0AFBA
_COMPONENT = struct.Struct(">HH")
_WORDS, _SCALE, _MORE, _TWO_SCALES, _MATRIX = 0x01, 0x08, 0x20, 0x40, 0x80


class GlyphCutter:
    """Cuts files out of one face."""

    def __init__(self, face: TTFontFace) -> None:
        self._face = face
        self._start: int = face.get_table_pos("glyf")[0]
        self._kept = {tag: bytes(face.get_table(tag)) for tag in ("head", "hhea", "maxp")}

    def cut(self, glyphs: Sequence[int]) -> bytes:
        """Return a file whose glyph 0 is ``.notdef`` and n the n-th of ``glyphs``; parts of composites follow."""
        order = [0, *glyphs]
        outlines: list[bytes] = []
        while len(outlines) < len(order):
            outline = self._outline(order[len(outlines)])
            if outline and outline[0] & 0x80:  # a negative number of contours
                outline = _renumber(outline, order)
            outlines.append(outline + bytes(-len(outline) % 4))
        count = len(order)
        loca = (0, *accumulate(len(outline) for outline in outlines))
        metrics = [int(m) for glyph in order for m in self._face.hmetrics[glyph]]
        head = bytearray(self._kept["head"])
        struct.pack_into(">L", head, 8, 0)  # the checksum of the whole file, set below
        struct.pack_into(">H", head, 50, 1)  # loca is long
        hhea = bytearray(self._kept["hhea"])
        struct.pack_into(">H", hhea, 34, count)
        maxp = bytearray(self._kept["maxp"])
        struct.pack_into(">H", maxp, 4, count)
        return _file(
            {
                "glyf": b"".join(outlines),
                "head": bytes(head),
                "hhea": bytes(hhea),
                "hmtx": struct.pack(f">{2 * count}H", *metrics),
                "loca": struct.pack(f">{count + 1}L", *loca),
                "maxp": bytes(maxp),
            }
        )

    def _outline(self, glyph: int) -> bytes:
        """Return a glyph as it stands in the large file: the whole table is never copied."""
        begin, end = self._face.glyphPos[glyph], self._face.glyphPos[glyph + 1]
        return bytes(self._face.get_chunk(self._start + begin, end - begin))


def _renumber(outline: bytes, order: list[int]) -> bytes:
    """Return a composite glyph that names its parts by their new numbers, adding them to ``order``."""
    changed = bytearray(outline)
    at, flags = 10, _MORE
    while flags & _MORE:
        flags, part = _COMPONENT.unpack_from(changed, at)
        struct.pack_into(">H", changed, at + 2, len(order))
        order.append(part)
        at += 8 if flags & _WORDS else 6
        at += 2 if flags & _SCALE else 4 if flags & _TWO_SCALES else 8 if flags & _MATRIX else 0
    return bytes(changed)


def _file(tables: dict[str, bytes]) -> bytes:
    """Return the tables, given in the order of their tags, as a TrueType file."""
    count = len(tables)
    power = count.bit_length() - 1
    header = struct.pack(">LHHHH", 0x00010000, count, 16 << power, power, 16 * count - (16 << power))
    offset = 12 + 16 * count
    directory, body, total = b"", [], 0
    for tag, table in tables.items():
        padded = table + bytes(-len(table) % 4)
        checksum = _sum(padded)
        directory += struct.pack(">4sLLL", tag.encode("ascii"), checksum, offset, len(table))
        body.append(padded)
        offset += len(padded)
        total += checksum
    file = bytearray(b"".join((header, directory, *body)))
    head = len(header) + len(directory) + len(tables["glyf"])  # glyf comes first, a multiple of four long
    struct.pack_into(">L", file, head + 8, (_MAGIC - total - _sum(header + directory)) & 0xFFFFFFFF)
    return bytes(file)


def _sum(data: bytes) -> int:
    """Return the checksum of a table: its big-endian words added up."""
    total: int = sum(struct.unpack(f">{len(data) // 4}L", data))
    return total & 0xFFFFFFFF
