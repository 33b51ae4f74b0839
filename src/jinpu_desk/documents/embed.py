"""One TrueType face inside a PDF: a composite font that holds only the glyphs the paper uses.

reportlab's own TrueType embedding cuts a face into fonts of 256 characters and writes five-digit numbers where
ToUnicode wants surrogate pairs, so that 𬬻 is lost when text is taken out again. Here a face is one Type 0 font
with two-byte codes (ISO 32000-1, 9.7), numbered in order of first use: equal text gives equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.ttfonts import TTFontFace

_CMAP_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_CMAP_TAIL = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
_BLOCK = 100  # entries a bfchar block may hold, ISO 32000-1, 9.10.3


class _Glyphs:
    """The glyph table read piece by piece: copying 30 MB for each paper would cost more than the paper."""

    def __init__(self, face: TTFontFace, start: int) -> None:
        self._face = face
        self._start = start

    def __getitem__(self, part: slice) -> bytes:
        return bytes(self._face.get_chunk(self._start + part.start, part.stop - part.start))


class _Face(TTFontFace):  # type: ignore[misc]  # reportlab has no types
    def get_table(self, tag: str) -> Any:
        if tag == "glyf":
            return _Glyphs(self, self.get_table_pos(tag)[0])
        return super().get_table(tag)


class _Use:
    """The characters one document has used so far: Unicode number → code in the PDF, from 1 on."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.codes: dict[int, int] = {}


class PaperFont:
    """A face as reportlab's canvas wants it: it splits strings, names itself, and adds its objects at the end.

    Safe to share between documents made at the same time; ``widths`` are in 1/1000 of the size.
    """

    # reportlab asks these of a font by name.
    _multiByte = 1  # noqa: N815
    _dynamicFont = 1  # noqa: N815
    shapable = False

    def __init__(self, name: str, path: Path) -> None:
        self.fontName = name
        self.face = _Face(str(path))
        self.widths: Mapping[int, float] = self.face.charWidths
        self._uses: WeakKeyDictionary[Any, _Use] = WeakKeyDictionary()

    def has(self, char: str) -> bool:
        """Tell whether the face has a glyph for the character."""
        return ord(char) in self.widths

    def stringWidth(self, text: str, size: float, encoding: str = "utf8") -> float:  # noqa: N802
        """Return the width in points; characters the face lacks count as a full em."""
        widths = self.widths
        return sum(widths.get(ord(c), 1000) for c in text) * 0.001 * size

    def _use(self, doc: Any) -> _Use:
        found = self._uses.get(doc)
        if found is None:
            found = self._uses[doc] = _Use(f"F{len(doc.fontMapping) + 1}")
            doc.fontMapping[self.fontName] = "/" + found.name
            doc.delayedFonts.append(self)
        return found

    def splitString(self, text: str, doc: Any, encoding: str = "utf-8") -> list[tuple[int, bytes]]:  # noqa: N802
        """Return the string as two-byte codes of the one subset, 0."""
        codes = self._use(doc).codes
        numbers = (codes.setdefault(ord(c), len(codes) + 1) for c in text)
        return [(0, b"".join(n.to_bytes(2, "big") for n in numbers))]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:  # noqa: N802
        """Return the resource name of the font in this document."""
        return f"/{self._use(doc).name}"

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        """Write the font: descriptor, glyphs, widths and the way back to Unicode."""
        use = self._uses.pop(doc)
        codes = list(use.codes)
        name = "JINPUA+" + self.face.name.decode("ascii")
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": pdfdoc.PDFName(name),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": self.face.addSubsetObjects(doc, name, codes),
                "DW": 1000,
                "W": pdfdoc.PDFArray([1, pdfdoc.PDFArray([self.widths.get(c, 1000) for c in codes])]),
                "CIDToGIDMap": self._stream(doc, "map:" + name, self._glyph_numbers(codes)),
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": pdfdoc.PDFName(name),
                "Encoding": "/Identity-H",
                "DescendantFonts": pdfdoc.PDFArray([doc.Reference(descendant, "descendant:" + name)]),
                "ToUnicode": self._stream(doc, "unicode:" + name, _to_unicode(codes).encode("ascii")),
            }
        )
        doc.idToObject["BasicFonts"].dict[use.name] = doc.Reference(font, "font:" + name)

    def _glyph_numbers(self, codes: list[int]) -> bytes:
        """Return, for code 0 and each used one, its glyph's number in the subset reportlab makes of ``codes``."""
        order: dict[int, int] = {0: 0}
        glyphs = [self.face.charToGlyph.get(c, 0) for c in codes]
        numbers = [0, *(order.setdefault(g, len(order)) for g in glyphs)]
        return b"".join(n.to_bytes(2, "big") for n in numbers)

    @staticmethod
    def _stream(doc: Any, name: str, content: bytes) -> Any:
        stream = pdfdoc.PDFStream(content=content, filters=[pdfdoc.PDFZCompress])
        return doc.Reference(stream, name)


def _to_unicode(codes: list[int]) -> str:
    """Return the ToUnicode CMap; characters beyond the first plane are written as surrogate pairs."""
    rows = [f"<{n:04X}> <{chr(c).encode('utf-16-be').hex().upper()}>" for n, c in enumerate(codes, 1)]
    blocks = (rows[i : i + _BLOCK] for i in range(0, len(rows), _BLOCK))
    body = "".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar\n" for b in blocks)
    return _CMAP_HEAD + body + _CMAP_TAIL
