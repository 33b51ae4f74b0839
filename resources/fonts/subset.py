"""Make the bundled fonts from their originals: ``python subset.py SOURCES [OUT]``.

``SOURCES`` is a folder holding, at any depth, the original files named in ``PLAN``; nothing is downloaded.
The result is the same bytes for the same originals and the same fontTools.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

from fontTools import merge, subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
REPERTOIRE = tomllib.loads((HERE / "gb18030-2022.toml").read_text("utf-8"))
# GB 18030-2022 moved these from the private use area that the 2000 and 2005 editions gave them.
PRIVATE_USE = range(0xE000, 0xF900)
DELETE = 0x7F
EXTRA = "–—―‘’“”…‥·•‧※①②③④⑤⑥⑦⑧⑨⑩〔〕【】《》「」『』☐☑☒□■△▲○●◎★☆←↑→↓⇧⌃⌘✓✗×÷±≤≥≈№℃￥¥€ⅠⅡⅢⅣⅤⅥ"


def ranges(rows: Iterable[dict[str, str]]) -> set[int]:
    """Return the code points of rows of ``first``/``last`` hexadecimal numbers."""
    return {c for row in rows for c in range(int(row["first"], 16), int(row["last"], 16) + 1)}


def two_byte() -> set[int]:
    """Return the code points of the two-byte symbol areas, without the private use of older editions."""
    found: set[int] = set()
    for area in REPERTOIRE["two_byte"]:
        lead, trail = ([int(x, 16) for x in area[k]] for k in ("lead", "trail"))
        for high in range(lead[0], lead[1] + 1):
            for low in range(trail[0], trail[1] + 1):
                text = bytes((high, low)).decode("gb18030", "ignore")
                found.update(ord(c) for c in text if ord(c) not in PRIVATE_USE and ord(c) != DELETE)
    return found


def han(*names: str) -> set[int]:
    """Return the Han of the named blocks, or of all blocks."""
    return ranges(row for row in REPERTOIRE["han"] if not names or row["name"] in names)


def gb2312() -> set[int]:
    """Return the 6 763 Han of GB 2312."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    return {ord(c) for row in rows for c in row.decode("gb2312", "ignore")}


def big5() -> set[int]:
    """Return the 5 401 Han of Big5's first level: traditional forms that are common in names and on signs."""
    rows = (
        bytes((high, low)) for high in range(0xA4, 0xC7) for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    )
    return {ord(c) for row in rows for c in row.decode("big5", "ignore") if c >= "一"}


SYMBOLS = ranges(REPERTOIRE["symbols"]) | two_byte() | {ord(c) for c in EXTRA} | set(range(0xA0, 0x180))
URO = han("CJK Unified Ideographs")
EVERYTHING = han() | SYMBOLS | {int(c, 16) for c in REPERTOIRE["compatibility"]["han"]}


def covered(path: Path) -> set[int]:
    """Return the code points a font has glyphs for."""
    with TTFont(path, lazy=True) as font:
        return set(font.getBestCmap())


def options() -> subset.Options:
    """Return the same subsetting for all: outlines and advance widths, no hints, no layout, no vertical metrics."""
    made = subset.Options()
    made.layout_features = []
    made.drop_tables += [
        "GSUB",
        "GPOS",
        "GDEF",
        "BASE",
        "STAT",
        "vhea",
        "vmtx",
        "FFTM",
        "prop",
        "VORG",
        "DSIG",
    ]
    made.hinting = False
    made.glyph_names = False
    made.notdef_outline = True
    made.name_IDs = ["*"]
    made.recalc_timestamp = False
    return made


def rename(font: TTFont, family: str) -> None:
    """Give the subset its own name, as reserved font names ask."""
    rename_family(font, family)
    plain = family.replace(" ", "")
    for record in list(font["name"].names):
        if record.nameID in (3, 6):
            font["name"].setName(plain, record.nameID, record.platformID, record.platEncID, record.langID)


def rename_family(font: TTFont, family: str) -> TTFont:
    """Give the subset a family of its own and leave the name that stands in PDFs.

    Where another file of the original family is installed, fontconfig may answer for that family with a file that lacks
    Extension A, and Qt then passes over the bundled one: 䶮 would be a box on the screen.
    """
    for record in list(font["name"].names):
        if record.nameID in (1, 4, 16):
            font["name"].setName(family, record.nameID, record.platformID, record.platEncID, record.langID)
    return font


def cut(source: Path, wanted: set[int]) -> TTFont:
    """Return ``source`` cut down to ``wanted``."""
    font = subset.load_font(source, options())
    cutter = subset.Subsetter(options())
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    return font


def write(font: TTFont, target: Path) -> None:
    """Write a finished font and say how large it is."""
    subset.save_font(font, target, options())
    sys.stdout.write(
        f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size / 1e6:.1f} MB\n"
    )


def rare(letters: Path, planes: Path, wanted: set[int], target: Path) -> None:
    """Write what the main font lacks as one font of its own name: Han from ``planes``, signs from ``letters``."""
    with tempfile.TemporaryDirectory() as folder:
        parts = [str(Path(folder) / name) for name in ("planes.ttf", "letters.ttf")]
        cut(planes, wanted).save(parts[0])
        cut(letters, wanted - covered(planes)).save(parts[1])
        font = merge.Merger().merge(parts)
    rename(font, "Jinpu Rare Han")
    font.recalcTimestamp = False  # the merger would write the time of day into the file
    with TTFont(planes, lazy=True) as original:
        for field in ("created", "modified"):
            setattr(font["head"], field, getattr(original["head"], field))
    write(font, target)


def main(sources: Path, out: Path) -> None:
    """Make every bundled font."""
    find = {path.name: path for path in sources.rglob("*.ttf")}
    serif = find["NotoSerifSC_400Regular.ttf"]
    write(cut(find["NotoSansSC_400Regular.ttf"], URO | SYMBOLS), out / "NotoSansSC-Regular.ttf")
    write(
        cut(find["NotoSansSC_600SemiBold.ttf"], gb2312() | big5() | SYMBOLS), out / "NotoSansSC-SemiBold.ttf"
    )
    write(rename_family(cut(serif, EVERYTHING), "Jinpu Serif SC"), out / "NotoSerifSC-Regular.ttf")
    write(cut(find["NotoSerifSC_700Bold.ttf"], gb2312() | SYMBOLS), out / "NotoSerifSC-Bold.ttf")
    lacking = EVERYTHING - covered(serif)
    rare(find["HanaMinA.ttf"], find["HanaMinB.ttf"], lacking, out / "JinpuRareHan.ttf")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else HERE)
