"""Fragments put on pages from top to bottom, keeping together what belongs together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jinpu_desk.documents.ink import Fragment


class Placed(NamedTuple):
    """A fragment whose top is ``y`` points below the top of the text area."""

    fragment: Fragment
    y: float


def flow(fragments: Iterable[Fragment], height: float) -> list[list[Placed]]:
    """Return the pages. A chain of kept fragments starts a new page rather than being parted, if a page holds it.

    A table row that opens a page has its header printed above it.
    """
    pages: list[list[Placed]] = [[]]
    y = 0.0
    for chain in _chains(fragments):
        if pages[-1] and y + _height(chain) > height and _height(chain) <= height - _header(chain[0]):
            pages.append([])
            y = 0.0
        for fragment in chain:
            if pages[-1] and y + fragment.height > height:
                pages.append([])
                y = 0.0
            if not pages[-1] and fragment.header is not None:
                pages[-1].append(Placed(fragment.header, y))
                y += fragment.header.height
            if not pages[-1] and not fragment.ink:
                continue  # white space is not wanted at the top of a page
            pages[-1].append(Placed(fragment, y))
            y += fragment.height
    return pages


def _chains(fragments: Iterable[Fragment]) -> Iterator[list[Fragment]]:
    chain: list[Fragment] = []
    for fragment in fragments:
        chain.append(fragment)
        if not fragment.keep:
            yield chain
            chain = []
    if chain:
        yield chain


def _height(chain: list[Fragment]) -> float:
    return sum(fragment.height for fragment in chain)


def _header(first: Fragment) -> float:
    return first.header.height if first.header is not None else 0.0
