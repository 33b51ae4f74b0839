"""Keeps an intake page as far as it has come, under a title that lists may show."""

from __future__ import annotations

import msgspec

from jinpu_desk.domain.instants import millis
from jinpu_desk.domain.mask import mask_name

from ..desk import Desk
from ..ports import SavedDraft
from .drafts import Draft

UNTITLED = "未选事项"


def keep(desk: Desk, draft: Draft) -> None:
    """Save the page as it is, right or wrong; an earlier state of it is replaced."""
    saved = SavedDraft(
        id=draft.id,
        title=title_of(desk, draft),
        clerk=desk.clerk.id,
        saved_at=millis(desk.now()),
        state=msgspec.json.encode(draft),
    )
    with desk.store.transaction() as tx:
        tx.keep_draft(saved)


def title_of(desk: Desk, draft: Draft) -> str:
    """Return what the page is for and whom, a person's name masked."""
    found = (desk.catalogue.packages if draft.package else desk.catalogue.items).get(draft.target)
    party = draft.applicant
    who = party.name if party.type == "organisation" else mask_name(party.name)
    return " · ".join(part for part in (found.name if found else "", who) if part) or UNTITLED
