"""Barcodes as modules: Code 128 (ISO/IEC 15417) and QR (ISO/IEC 18004), in widths that printers can hit.

Widths are multiples of 1/600 inch, the dot of an office laser. A bar module of 8 is exactly 4 dots at 300 dpi
and 2.7 at 200 and 203, which readers were measured to take in every phase; 6 would be 2 dots there, and one part
in a thousand of stretch then loses it. A QR module of 9 is 3 dots at 200 and 203 dpi, 4.5 at 300.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

import segno
from barcode.codex import Code128

UNIT: Final = 72 / 600
BAR_MODULE: Final = 8 * UNIT
QR_MODULE: Final = 9 * UNIT
QUIET_BARS: Final = 10
"""Modules of white a Code 128 wants at each side."""
QUIET_QR: Final = 4
_ROBUST_LIMIT: Final = 15  # QR versions above this give up error correction for size


# Signed payloads look random, so every mask serves them alike; trying all eight takes 13 ms of a 17 ms paper.
_MASK: Final = 3


class Strip(NamedTuple):
    """A black rectangle, in modules: from ``x``, ``width`` wide, on row ``y`` (0 for bars)."""

    x: int
    y: int
    width: int


class Modules(NamedTuple):
    """A symbol without its quiet zone: its black strips, and how many modules wide and high it is."""

    strips: tuple[Strip, ...]
    width: int
    height: int


@lru_cache(maxsize=256)
def bars(text: str) -> Modules:
    """Return the Code 128 of a printable ASCII text; digits take set C."""
    row = Code128(text).build()[0]
    return Modules(_strips(row, 0), len(row), 1)


def qr(text: str) -> Modules:
    """Return the QR of a text: error correction M, or L where M would be too large to read from 200 dpi."""
    made = segno.make_qr(text, error="m", mode="byte", boost_error=False, mask=_MASK)
    if int(made.version) > _ROBUST_LIMIT:
        made = segno.make_qr(text, error="l", mode="byte", boost_error=False, mask=_MASK)
    strips: list[Strip] = []
    for y, row in enumerate(made.matrix):
        strips.extend(_strips("".join("1" if cell & 1 else "0" for cell in row), y))
    return Modules(tuple(strips), len(made.matrix), len(made.matrix))


def _strips(row: str, y: int) -> tuple[Strip, ...]:
    """Return the runs of ``1`` in a row of modules."""
    strips: list[Strip] = []
    x = 0
    for black, run in groupby(row):
        width = len(list(run))
        if black == "1":
            strips.append(Strip(x, y, width))
        x += width
    return tuple(strips)
