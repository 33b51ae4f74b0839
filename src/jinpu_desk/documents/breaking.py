"""Where a line of Chinese text may end: 避头尾, words and numbers kept whole (GB/T 15834 for the marks)."""

from __future__ import annotations

import re
from collections.abc import Callable

NEVER_FIRST = frozenset("，。、；：？！）》〉」』】〕”’％℃·…—,.;:?!)]}")
NEVER_LAST = frozenset("（《〈「『【〔“‘([{")

# A number stays with its measure word: a line that begins “号窗口” makes the reader look for the number.
_UNIT = re.compile(
    r"[0-9A-Za-z*@#%&+=_~/.:,-]*[0-9][号年月日时分个件份页条款项元]?|[0-9A-Za-z*@#%&+=_~/.:,-]+|\s|."
)


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return the lines of ``text``, none wider than ``width`` as ``measure`` counts, unless one character is.

    A line feed always breaks. Blanks at a break are dropped, nothing else is. Always at least one line.
    """
    return [line for part in text.split("\n") for line in _break_one(part, width, measure)]


def _break_one(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    if measure(text) <= width:
        return [text]
    lines: list[str] = []
    line: list[str] = []
    used = 0.0
    for unit in _units(text, width, measure):
        wide = measure(unit)
        if line and used + wide > width:
            kept, carried = _where_to_break(line, unit)
            lines.append("".join(kept).rstrip())
            line = [] if not carried and unit.isspace() else [*carried]
            used = sum(measure(u) for u in line)
            if unit.isspace() and not line:
                continue
        line.append(unit)
        used += wide
    lines.append("".join(line).rstrip())
    return lines


def _units(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return what must stay together; a word wider than a line is taken apart."""
    units: list[str] = []
    for unit in _UNIT.findall(text):
        units.extend(unit if measure(unit) > width else [unit])
    return units


def _where_to_break(line: list[str], following: str) -> tuple[list[str], list[str]]:
    """Return what stays and what is carried over, so that no mark stands where it may not."""
    cut = len(line)
    first = following
    while cut > 1 and (first[0] in NEVER_FIRST or line[cut - 1][-1] in NEVER_LAST):
        cut -= 1
        first = line[cut]
    if cut == 1 and len(line) > 1 and (first[0] in NEVER_FIRST or line[0][-1] in NEVER_LAST):
        return line, []
    return line[:cut], line[cut:]
