"""Pages that are made when they are first opened, so that the window is there before them.

A page's key is the action ``go.<scope>`` that opens it; its own actions have ``when = "<scope>"``. It offers ``refresh``
and ``focus_default``; ``take_scan`` and ``forget`` where it needs them, and any of the signals ``open_case`` (case id),
``open_draft``, ``open_list`` (a case filter), ``preview_wanted`` (paper, kind) and ``failed`` (the error).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ..kit import Kit


@dataclass(frozen=True, slots=True)
class Leaf:
    """How a page is made; its module is imported only then."""

    make: Callable[[Kit], QWidget]


def _scan(kit: Kit) -> QWidget:
    from .scan import ScanPage

    return ScanPage(kit)


def _handout(kit: Kit) -> QWidget:
    from .handout.page import HandoutPage

    return HandoutPage(kit)


def _archive(kit: Kit) -> QWidget:
    from .archive import ArchivePage

    return ArchivePage(kit)


def _reports(kit: Kit) -> QWidget:
    from .reports import ReportsPage

    return ReportsPage(kit)


def _passing(kit: Kit) -> QWidget:
    from .passing.page import PassingPageWidget

    return PassingPageWidget(kit)


def _dayend(kit: Kit) -> QWidget:
    from .dayend.page import DayEndPage

    return DayEndPage(kit)


BOOK: dict[str, Leaf] = {
    "go.scan": Leaf(_scan),
    "go.handout": Leaf(_handout),
    "go.passing": Leaf(_passing),
    "go.archive": Leaf(_archive),
    "go.reports": Leaf(_reports),
    "go.dayend": Leaf(_dayend),
}
"""Every page beyond the first ones, by action."""
