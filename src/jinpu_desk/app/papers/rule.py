"""What the app knows of a kind of paper: when it may be issued, whether it is numbered, what fills it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from jinpu_desk.domain.case import Case

from ..desk import Desk
from ..intake.subject import Subject
from . import PaperForm
from .lines import Lines


@dataclass(frozen=True, slots=True)
class Fill:
    """What goes into one paper beyond its common block; the blanks are those of ``papers.NEEDS``."""

    blanks: dict[str, str] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    materials: Lines = ()
    tables: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


def plain_form(_case: Case) -> PaperForm:
    """Return the only form most kinds have."""
    return PaperForm.PLAIN


@dataclass(frozen=True, slots=True)
class PaperRule:
    """A kind of paper.

    ``possible`` tells whether the case has something such a form could say; ``form`` picks the form that fits the case
    when nobody names one; ``numbered`` papers carry a 文号; ``seal`` is the use of the seal they bear, empty for none.
    """

    possible: Callable[[Case, PaperForm], bool]
    fill: Callable[[Desk, Case, Subject, PaperForm], Fill]
    form: Callable[[Case], PaperForm] = plain_form
    numbered: bool = False
    unnumbered: frozenset[PaperForm] = frozenset()  # forms of a numbered kind that carry none
    seal: Literal["", "acceptance", "approval", "registration"] = ""

    def numbers(self, form: PaperForm) -> bool:
        """Tell whether a paper of ``form`` carries a 文号."""
        return self.numbered and form not in self.unnumbered
