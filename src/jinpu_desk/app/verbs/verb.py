"""What a verb of the window is: its data, its deed, when it fits, what bars it, what it asks and what it prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jinpu_desk.domain.body import Body
from jinpu_desk.domain.case import Case, Status

from ..desk import Desk
from ..intake.subject import Subject
from ..papers import PaperForm, PaperKind
from ..screens.views import FieldView
from . import bars
from .bars import is_registration
from .data import Data
from .moment import Moment

Papers = tuple[tuple[PaperKind, PaperForm], ...]


def always(_case: Case) -> bool:
    """Fit every case whose status fits."""
    return True


def asks_nothing(_case: Case) -> tuple[FieldView, ...]:
    """Ask for nothing, or on the checklist itself."""
    return ()


@dataclass(frozen=True, slots=True)
class Verb:
    """A later verb of the window.

    ``opens`` is the event it begins with (None where ``bars`` asks for the status itself); ``bars`` refuses whatever the
    data; ``fits`` tells whether its button belongs on the page of such a case at all; ``prints`` names the papers the
    case calls for once the verb is done; without ``button`` it works on the checklist and the form.
    """

    data: type[Data]
    do: Callable[[Moment, Any], None]
    opens: type[Body] | None
    bars: Callable[[Desk, Case, Subject], None] = bars.nothing
    asks: Callable[[Case], tuple[FieldView, ...]] = asks_nothing
    fits: Callable[[Case], bool] = always
    prints: Callable[[Case], Papers] | None = None
    button: bool = True


def not_registration(case: Case) -> bool:
    """Fit cases that are accepted."""
    return not is_registration(case)


def to_be_registered(case: Case) -> bool:
    """Fit registrations that wait."""
    return is_registration(case) and case.status is Status.RECEIVED


def tolerated(case: Case) -> bool:
    """Fit cases with a tolerated material still open."""
    return bool(case.supplement_by)


def running(case: Case) -> bool:
    """Fit cases whose clock runs."""
    return not case.paused


def paused(case: Case) -> bool:
    """Fit cases whose clock stands."""
    return case.paused


def not_extended(case: Case) -> bool:
    """Fit cases not extended yet."""
    return not case.extension_days


def has_term(case: Case) -> bool:
    """Fit cases whose applicant has a term to keep."""
    return case.status is Status.CORRECTING or (case.status is Status.ACCEPTED and bool(case.supplement_by))


def not_decided(case: Case) -> bool:
    """Fit cases whose content may still change."""
    return case.status in {Status.RECEIVED, Status.CORRECTING, Status.ACCEPTED}


def not_voided(case: Case) -> bool:
    """Fit cases that stand."""
    return not case.voided
