"""Small scans of plainly fictitious (演示) forms: JPEG files like a scanner leaves, each different, the same per seed."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

SIZE_PX = (620, 877)
"""A5 at 106 dpi in grey: what a busy window scans identity cards and receipts at."""
QUALITY = 22
_LINES = 26


def scans(count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield ``count`` different JPEG files of about 15 to 27 kB."""
    random = Random(seed)
    for number in range(count):
        page = Image.new("L", SIZE_PX, 245)
        draw = ImageDraw.Draw(page)
        draw.text((40, 30), f"YANSHI DEMO {number:06}", fill=20)
        for line in range(random.randrange(_LINES // 2, _LINES)):
            top = 70 + line * 30
            for stroke in range(random.randrange(14, 46)):
                left = 40 + stroke * 12
                ends = [random.randrange(12) for _ in range(4)]
                draw.line((left + ends[0], top + ends[1], left + ends[2], top + ends[3]), fill=30, width=2)
        out = BytesIO()
        page.save(out, "JPEG", quality=QUALITY)
        yield out.getvalue()
