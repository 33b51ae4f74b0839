"""当场更正 on the intake page: what the applicant puts right and signs for at the counter (行政许可法 art. 32(1)(3)).

It is a way of editing, not an outcome of its own. The first press of the button starts it: from then on every
entry that held a value and gets another is a correction. The second press says that the applicant signed beside
each. Whatever outcome is then taken records the corrections after the receipt, old value and new.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from .drafts import Draft, SpotCorrection

PARTY_ENTRIES = ("name", "id_type", "id_no", "uscc", "phone", "contact", "address")


def pressed(draft: Draft) -> Draft:
    """Return the draft after the button: started, or with what was corrected since signed for."""
    if draft.spot.before is None:
        return replace(draft, spot=replace(draft.spot, before=entries(draft)))
    signed = draft.spot.signed | {
        path: (draft.spot.signed[path][0] if path in draft.spot.signed else old, new)
        for path, (old, new) in under_way(draft).items()
    }
    return replace(draft, spot=SpotCorrection(signed=signed))


def under_way(draft: Draft) -> dict[str, tuple[Any, Any]]:
    """Return path → (old, new) of what was corrected since the button was pressed; filling a blank is none."""
    now = entries(draft)
    before = draft.spot.before or {}
    return {path: (old, now.get(path)) for path, old in before.items() if now.get(path) != old}


def unsigned(draft: Draft) -> bool:
    """Tell whether a correction still lacks the applicant's signature, or was changed once more after it."""
    now = entries(draft)
    changed_again = any(now.get(path) != new for path, (_, new) in draft.spot.signed.items())
    return bool(under_way(draft)) or changed_again


def entries(draft: Draft) -> dict[str, Any]:
    """Return every entry that holds something, by path; a group of fields counts as one."""
    found = {f"applicant.{key}": getattr(draft.applicant, key) for key in PARTY_ENTRIES}
    if draft.agent is not None:
        found |= {f"agent.{key}": getattr(draft.agent, key) for key in PARTY_ENTRIES}
    found |= {f"answers.{key}": value for key, value in draft.answers.items()}
    found |= {f"form.{key}": value for key, value in draft.form.items()}
    return {
        path: msgspec.to_builtins(value) for path, value in found.items() if value not in (None, "", {}, [])
    }
