"""Where a paper is signed and sealed (GB/T 9704: the seal stands over date and signature)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinpu_desk.documents.fonts import Weight
from jinpu_desk.documents.ink import DemoSeal, Fragment, Ink, Line
from jinpu_desk.documents.layout import Signature, Signers
from jinpu_desk.documents.typesetter import Typesetter

_HEIGHT: Final = 100.0
_PEN: Final = 34.0  # a name and the line to sign on
_PEN_WIDTH: Final = 150.0


def signature(setter: Typesetter, block: Signature) -> Fragment:
    """Return authority, date, seal's place and signers; the signers stand above on a narrow sheet."""
    if setter.sheet.wide:
        return _beside(setter, block, 0.0, 0.55)
    above = _PEN * len(block.signers)
    return _beside(setter, block, above, 1.0)


def _beside(setter: Typesetter, block: Signature, above: float, share: float) -> Fragment:
    """Return the block with the seal's place over authority and date, the date four characters in."""
    size, small = setter.sizes.body, setter.sizes.small
    day = setter.fill(block.day)
    names = setter.balanced(setter.fill("{authority}"), setter.width * share, Weight.BODY, size)
    seals = setter.balanced(f"（{_seal(setter, block)}）", setter.width * share, Weight.BODY, small)
    widest = max(
        *(setter.wide(name, Weight.BODY, size) for name in names),
        *(setter.wide(line, Weight.BODY, small) for line in seals),
    )
    indented = setter.width - 4 * size - setter.wide(day, Weight.BODY, size) / 2
    middle = min(indented, setter.width - widest / 2)
    more = (len(names) - 1) * size * 1.3
    ink: list[Ink] = [_demo_seal(setter, middle, above + more + 47)] if setter.facts.training else []
    for number, name in enumerate(names):
        ink.append(setter.centred(middle, above + 38 + number * size * 1.3, name, size))
    ink.append(setter.centred(middle, above + more + 62, day, size))
    for number, line in enumerate(seals):
        ink.append(setter.centred(middle, above + more + 94 + number * small * 1.3, line, small))
    ink.extend(_pens(setter, block.signers, 30 if setter.sheet.wide else 14))
    high = above + more + _HEIGHT + (len(seals) - 1) * small * 1.3
    return Fragment(max(high, _PEN * len(block.signers) + 24), tuple(ink))


def _seal(setter: Typesetter, block: Signature) -> str:
    return setter.facts.seal or setter.fill(block.seal)


def _pens(setter: Typesetter, signers: tuple[str, ...], top: float) -> Iterator[Ink]:
    for number, signer in enumerate(signers):
        y = top + number * _PEN
        yield setter.line(0, y, f"{setter.fill(signer)}：", Weight.BODY, setter.sizes.small + 1)
        yield Line(0, y + 18, _PEN_WIDTH, y + 18)


def _demo_seal(setter: Typesetter, x: float, y: float) -> DemoSeal:
    words = setter.words
    lines = [(words.training, 30.0, 6.0), (words.training_note, 9.0, 26.0)]
    return DemoSeal(x, y, [setter.centred(0, down, text, size, Weight.BOLD) for text, size, down in lines])


def signers(setter: Typesetter, block: Signers) -> Iterator[Fragment]:
    """Yield the lines to sign, each with its name before it; all are kept together."""
    size = setter.sizes.table
    each = setter.width / block.across
    rows = [block.names[i : i + block.across] for i in range(0, len(block.names), block.across)]
    yield Fragment(6.0, (), keep=True)
    for number, row in enumerate(rows):
        ink: list[Ink] = []
        for place, name in enumerate(row):
            text = f"{setter.fill(name)}："
            start = place * each
            ink.append(setter.line(start, 18, text, Weight.BODY, size))
            ink.append(
                Line(start + setter.wide(text, Weight.BODY, size) + 2, 20, start + each - 2 * size, 20)
            )
        yield Fragment(size * 1.2 + 18, tuple(ink), keep=number < len(rows) - 1)
