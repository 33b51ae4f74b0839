"""Who may settle a conflict how: a parked event counts only where the rules allow it now (DESIGN §4)."""

from __future__ import annotations

from datetime import date

from . import bodies as b
from . import fold, rules
from .case import DECIDED, TERMINAL, Case
from .errors import Refused
from .events import Event
from .fold import SetAside
from .ids import ClerkId
from .resolving import counted, narrowed, said, standing

TRIAL_DAY = date.min
"""The day chosen values are folded on to see whether the case has such fields; nothing of that is kept."""


def check_any(case: Case | None, actor: ClerkId, body: b.Body, set_aside: SetAside) -> None:
    """Let ``body`` by ``actor`` follow ``case``, or refuse as ``rules.check`` and ``check_resolution`` do."""
    if isinstance(body, b.ConflictResolved) and case is not None:
        check_resolution(case, actor, body, set_aside)
    else:
        rules.check(case, actor, body)


def check_resolution(case: Case, actor: ClerkId, body: b.ConflictResolved, set_aside: SetAside) -> None:
    """Let a person settle a conflict so, or refuse.

    What is kept must be lawful now by the hands that did it, and a decision by the hands that let it count, too.

    Raises:
        Refused: ``conflict.no-reason``; ``conflict.settled`` when there is nothing to keep; ``case.…`` as the rules
            say of the kept event, or ``case.ended``, ``case.no-such-field``, ``case.bad-value`` of what was chosen.
    """
    if not body.reason.strip():
        raise Refused("conflict.no-reason", "reason")
    if body.keep and not counted(case, body.parked):
        parked = set_aside.get(body.parked)
        if parked is None:
            raise Refused("conflict.settled", str(body.parked))
        _check_kept(case, actor, parked, body, set_aside)
        return
    moved = [path for path, value in said(body).items() if standing(case, path) != value]
    if moved and case.status in TERMINAL | DECIDED:
        raise Refused("case.ended", moved[0], case_no=case.case_no, status=int(case.status))
    fold.with_values(case, said(body), TRIAL_DAY)


def _check_kept(
    case: Case, actor: ClerkId, parked: Event, body: b.ConflictResolved, set_aside: SetAside
) -> None:
    header = parked.header
    if parked.body is None:
        raise Refused("sync.no-body", header.id)
    meant = narrowed(b.decode_body(header.type, header.version, parked.body), said(body))
    others = {key: event for key, event in set_aside.items() if key != header.id}
    check_any(case, header.actor, meant, others)
    if isinstance(meant, b.CaseDecided):
        rules.check(case, actor, meant)
    if isinstance(meant, b.ConflictResolved):
        _check_undoing(case, meant)
    fold.with_values(case, said(body), TRIAL_DAY)


def _check_undoing(case: Case, second: b.ConflictResolved) -> None:
    """Refuse to take back by a second resolution what the first let count, unless it was fields and nothing else."""
    first = case.resolutions.get(second.parked)
    if first is not None and first.keep and not second.keep and not first.values:
        raise Refused("conflict.cannot-undo", str(second.parked))
