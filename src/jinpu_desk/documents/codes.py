"""Barcodes as modules: Code 128 (ISO/IEC 15417) and QR (ISO/IEC 18004), in widths that printers can hit.

Widths are multiples of 1/600 inch, the dot of an office laser. A bar module of 8 is exactly 4 dots at 300 dpi
and 2.7 at 200 and 203, which readers were measured to take in every phase; 6 would be 2 dots there, and one part
in a thousand of stretch then loses it. A QR module of 9 is 3 dots at 200 and 203 dpi, 4.5 at 300.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import zxingcpp
from barcode.codex import Code128

UNIT: Final = 72 / 600
BAR_MODULE: Final = 8 * UNIT
QR_MODULE: Final = 9 * UNIT
QUIET_BARS: Final = 10
"""Modules of white a Code 128 wants at each side."""
QUIET_QR: Final = 4
_ROBUST_LIMIT: Final = 77  # QR of more modules (version 15) give up error correction for size
_BLACK: Final = re.compile(rb"\x00+")


class Modules(NamedTuple):
    """A symbol without its quiet zone: its black strips as rectangles in page operators, and its size in modules.

    The origin is the top left corner, y downwards; one unit is a module.
    """

    path: str
    width: int
    height: int


@lru_cache(maxsize=256)
def bars(text: str) -> Modules:
    """Return the Code 128 of a printable ASCII text; digits take set C."""
    row = Code128(text).build()[0]
    dots = row.encode("ascii").replace(b"1", b"\x00")
    return Modules(" ".join(_strips(dots, 0)), len(row), 1)


def qr(text: str) -> Modules:
    """Return the QR of a text: error correction M, or L where M would be too large to read from 200 dpi."""
    square = _square(text, "M")
    return square if square.width <= _ROBUST_LIMIT else _square(text, "L")


def snap(points: float) -> float:
    """Return the nearest whole number of 1/600 inch, so that modules start on a printer's dot."""
    return round(points / UNIT) * UNIT


def _square(text: str, level: str) -> Modules:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    picture = zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False)
    dots = bytes(memoryview(picture))  # type: ignore[arg-type]  # its types hide that it is a buffer
    side = math.isqrt(len(dots))
    rows = (dots[y * side : (y + 1) * side] for y in range(side))
    return Modules(" ".join(strip for y, row in enumerate(rows) for strip in _strips(row, y)), side, side)


def _strips(row: bytes, y: int) -> Iterator[str]:
    """Yield the runs of zero, black, in a row of modules."""
    for run in _BLACK.finditer(row):
        start, end = run.span()
        yield f"{start} {y} {end - start} 1 re"
