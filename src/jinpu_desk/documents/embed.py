"""One TrueType face inside a PDF: a composite font that holds only the glyphs the paper uses.

reportlab's own TrueType embedding cuts a face into fonts of 256 characters and writes five-digit numbers where
ToUnicode wants surrogate pairs, so that 𬬻 is lost when text is taken out again. Here a face is one Type 0 font
with two-byte codes (ISO 32000-1, 9.7), numbered in order of first use: equal text gives equal bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.ttfonts import TTFontFace

from jinpu_desk.documents.glyphs import GlyphCutter

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
_EM = 1000
_SYMBOLIC = 1 << 2
_NONSYMBOLIC = 1 << 5
_BLOCK = 100  # entries a bfchar block may hold, ISO 32000-1, 9.10.3


class _QuickCompress(pdfdoc.PDFStreamFilterZCompress):  # type: ignore[misc]  # reportlab has no types
    """Deflate at its quickest: outlines shrink by a twentieth less in half the time."""

    def encode(self, text: bytes) -> bytes:
        return zlib.compress(text, 1)


_QUICK = _QuickCompress()


class _Codes(dict[str, bytes]):
    """The characters one document has used so far, each with its two-byte code, numbered from 1 on."""

    def __missing__(self, char: str) -> bytes:
        code = self[char] = (len(self) + 1).to_bytes(2, "big")
        return code


class _Use:
    """A face in one document: its resource name and its characters."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.codes = _Codes()


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
        self.face = TTFontFace(str(path))
        self.widths: Mapping[str, float] = {chr(c): w for c, w in self.face.charWidths.items()}
        self._cutter = GlyphCutter(self.face)
        self._uses: WeakKeyDictionary[Any, _Use] = WeakKeyDictionary()

    def has(self, char: str) -> bool:
        """Tell whether the face has a glyph for the character."""
        return char in self.widths

    def stringWidth(self, text: str, size: float, encoding: str = "utf8") -> float:  # noqa: N802
        """Return the width in points; characters the face lacks count as a full em."""
        try:
            return sum(map(self.widths.__getitem__, text)) * 0.001 * size
        except KeyError:
            return sum(self.widths.get(c, _EM) for c in text) * 0.001 * size

    def _use(self, doc: Any) -> _Use:
        found = self._uses.get(doc)
        if found is None:
            found = self._uses[doc] = _Use(f"F{len(doc.fontMapping) + 1}")
            doc.fontMapping[self.fontName] = "/" + found.name
            doc.delayedFonts.append(self)
        return found

    def splitString(self, text: str, doc: Any, encoding: str = "utf-8") -> list[tuple[int, bytes]]:  # noqa: N802
        """Return the string as two-byte codes of the one subset, 0."""
        return [(0, b"".join(map(self._use(doc).codes.__getitem__, text)))]

    def getSubsetInternalName(self, subset: int, doc: Any) -> str:  # noqa: N802
        """Return the resource name of the font in this document."""
        return f"/{self._use(doc).name}"

    def addObjects(self, doc: Any) -> None:  # noqa: N802
        """Write the font: descriptor, glyphs, widths and the way back to Unicode."""
        use = self._uses.pop(doc)
        chars = list(use.codes)
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
                "FontDescriptor": self._descriptor(doc, name, chars),
                "DW": _EM,
                "W": self._width_array(chars),
                "CIDToGIDMap": "/Identity",
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": pdfdoc.PDFName(name),
                "Encoding": "/Identity-H",
                "DescendantFonts": pdfdoc.PDFArray([doc.Reference(descendant, "descendant:" + name)]),
                "ToUnicode": self._stream(doc, "unicode:" + name, _to_unicode(chars).encode("ascii")),
            }
        )
        doc.idToObject["BasicFonts"].dict[use.name] = doc.Reference(font, "font:" + name)

    def _descriptor(self, doc: Any, name: str, chars: list[str]) -> Any:
        """Return a reference to the font descriptor with the subset's file in it (ISO 32000-1, 9.8)."""
        face = self.face
        content = self._cutter.cut([face.charToGlyph.get(ord(c), 0) for c in chars])
        file = pdfdoc.PDFStream(content=content, filters=[_QUICK])
        file.dictionary["Length1"] = len(content)
        descriptor = pdfdoc.PDFDictionary(
            {
                "Type": "/FontDescriptor",
                "FontName": pdfdoc.PDFName(name),
                "Flags": face.flags & ~_NONSYMBOLIC | _SYMBOLIC,
                "FontBBox": pdfdoc.PDFArray(face.bbox),
                "ItalicAngle": face.italicAngle,
                "Ascent": face.ascent,
                "Descent": face.descent,
                "CapHeight": face.capHeight,
                "StemV": face.stemV,
                "FontFile2": doc.Reference(file, "file:" + name),
            }
        )
        return doc.Reference(descriptor, "descriptor:" + name)

    def _width_array(self, chars: list[str]) -> str:
        """Return the widths that are not a full em, each with its code: few, and quicker to write than all."""
        widths = ((n, self.widths.get(c, _EM)) for n, c in enumerate(chars, 1))
        return f"[{' '.join(f'{n} [{w:g}]' for n, w in widths if w != _EM)}]"

    @staticmethod
    def _stream(doc: Any, name: str, content: bytes) -> Any:
        stream = pdfdoc.PDFStream(content=content, filters=[_QUICK])
        return doc.Reference(stream, name)


def _to_unicode(chars: list[str]) -> str:
    """Return the ToUnicode CMap; characters beyond the first plane are written as surrogate pairs."""
    rows = [f"<{n:04X}> <{c.encode('utf-16-be').hex().upper()}>" for n, c in enumerate(chars, 1)]
    blocks = (rows[i : i + _BLOCK] for i in range(0, len(rows), _BLOCK))
    body = "".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar\n" for b in blocks)
    return _CMAP_HEAD + body + _CMAP_TAIL
