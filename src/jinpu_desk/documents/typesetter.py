"""Text set in the bundled faces: broken into lines, filled from templates, centred, spread to both edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from jinpu_desk.app.papers import PaperFacts
from jinpu_desk.documents.breaking import break_lines
from jinpu_desk.documents.fonts import FontShelf, Weight
from jinpu_desk.documents.ink import Fragment, Text
from jinpu_desk.documents.layout import Sheet, Sizes, Words
from jinpu_desk.domain.errors import Refused

MM: Final = 72 / 25.4
_MAX_STRETCH: Final = 0.12  # of the size, between characters, when a line is set to both edges
_ORPHAN: Final = 2
_LEAST_TITLE: Final = 9.0
_STEP: Final = 0.5  # points a text is set smaller by, until it fits


class Typesetter:
    """Sets the text of one paper on a measure ``width`` points wide."""

    def __init__(
        self,
        shelf: FontShelf,
        sheet: Sheet,
        words: Words,
        facts: PaperFacts,
        blanks: Mapping[str, str],
    ) -> None:
        self._shelf = shelf
        self._blanks = blanks
        self.sheet = sheet
        self.words = words
        self.facts = facts
        self.width = (sheet.width - sheet.left - sheet.right) * MM

    @property
    def sizes(self) -> Sizes:
        """Return the type sizes in use."""
        return self.sheet.sizes

    def fill(self, template: str) -> str:
        """Return the template filled; Refused when a blank it names is empty."""
        if "{" not in template:
            return template
        return template.format_map(_Filled(self._blanks, self.facts))

    def optional(self, template: str) -> str:
        """Return the template filled, or nothing when all the blanks it names are empty."""
        if "{" not in template:
            return template
        return template.format_map(self._blanks)

    def wide(self, text: str, weight: Weight, size: float) -> float:
        """Return the width of the text in points."""
        return self._shelf.width(text, weight, size)

    def lines(self, text: str, width: float, weight: Weight, size: float) -> list[str]:
        """Return the text broken into lines."""
        return break_lines(text, width, lambda part: self._shelf.width(part, weight, size))

    def line(self, x: float, y: float, text: str, weight: Weight, size: float, justify: float = 0.0) -> Text:
        """Return a line; with ``justify``, spread to that width when it nearly fills it."""
        spacing = 0.0
        if justify and len(text) > 1:
            spare = (justify - self.wide(text, weight, size)) / (len(text) - 1)
            spacing = spare if 0 < spare <= size * _MAX_STRETCH else 0.0
        return Text(x, y, size, self._shelf.runs(text, weight), spacing)

    def centred(self, middle: float, y: float, text: str, size: float, weight: Weight = Weight.BODY) -> Text:
        """Return a line with its middle at ``middle``."""
        return self.line(middle - self.wide(text, weight, size) / 2, y, text, weight, size)

    def paragraph(
        self, text: str, *, indent: bool = True, bold: bool = False, size: float = 0.0
    ) -> Iterator[Fragment]:
        """Yield the lines of running text, set to both edges; first and last two lines are kept together."""
        size = size or self.sizes.body
        weight = Weight.BOLD if bold else Weight.BODY
        lines = self._running("\u3000\u3000" + text if indent else text, weight, size)
        height = size * self.sizes.leading
        for number, line in enumerate(lines):
            last = number == len(lines) - 1
            ink = self.line(0, height * 0.72, line, weight, size, 0.0 if last else self.width)
            keep = not last and (number == 0 or number == len(lines) - 2)
            yield Fragment(height, (ink,), keep)

    def _running(self, text: str, weight: Weight, size: float) -> list[str]:
        """Return the lines, a little shorter where that spares a last line of one character and its full stop."""
        lines = self.lines(text, self.width, weight, size)
        if len(lines) > 1 and len(lines[-1]) <= _ORPHAN:
            shorter = self.lines(text, self.width - 2 * size, weight, size)
            return shorter if len(shorter) == len(lines) else lines
        return lines

    def balanced(self, text: str, width: float, weight: Weight, size: float) -> list[str]:
        """Return as many lines as ``lines`` would, of about equal length: for what stands in the middle."""
        lines = self.lines(text, width, weight, size)
        narrow = self.wide(text, weight, size) / len(lines)
        while narrow < width:
            found = self.lines(text, narrow, weight, size)
            if len(found) == len(lines):
                return found
            narrow += size
        return lines

    def title(self, text: str, size: float, leading: float) -> Iterator[Fragment]:
        """Yield bold lines in the middle, smaller when one would be too wide; kept with what follows."""
        size = self._fitting(text, size, _LEAST_TITLE, 1, Weight.BOLD)
        for line in self.balanced(text, self.width, Weight.BOLD, size):
            ink = self.centred(self.width / 2, size * 1.1, line, size, Weight.BOLD)
            yield Fragment(size * leading, (ink,), keep=True)

    def fitted(self, text: str, size: float, least: float, most: int, weight: Weight) -> Iterator[Fragment]:
        """Yield at most ``most`` lines, no smaller than ``least``; an ellipsis stands for what does not fit."""
        size = self._fitting(text, size, least, most, weight)
        lines = self.lines(text, self.width, weight, size)
        while len(lines) > most:
            text = text[:-2].rstrip() + "…"
            lines = self.lines(text, self.width, weight, size)
        for line in lines:
            yield Fragment(size * 1.3, (self.line(0, size, line, weight, size),), keep=True)

    def _fitting(self, text: str, size: float, least: float, most: int, weight: Weight) -> float:
        while size > least and len(self.lines(text, self.width, weight, size)) > most:
            size -= _STEP
        return size


class _Filled(dict[str, str]):
    """Blanks of which none may be empty."""

    def __init__(self, blanks: Mapping[str, str], facts: PaperFacts) -> None:
        super().__init__(blanks)
        self._facts = facts

    def __getitem__(self, name: str) -> str:
        value = super().get(name, "")
        if not value:
            raise Refused("documents.blank-missing", name, kind=self._facts.kind.value, blank=name)
        return value
