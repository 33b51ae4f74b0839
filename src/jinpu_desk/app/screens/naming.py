"""What cases and applicants are called in lists: short, and masked where a person is meant."""

from __future__ import annotations

from jinpu_desk.domain.mask import mask_name

from ..desk import Desk
from ..rows import CaseRow


def applicant_of(row: CaseRow) -> str:
    """Return the applicant's name for lists: a person's is masked."""
    return row.applicant_name if row.identity_type == "001" else mask_name(row.applicant_name)


def short_name(desk: Desk, row: CaseRow) -> str:
    """Return what a clerk calls the item, so that lists need not cut it; by the row itself for one unknown here."""
    found = (desk.catalogue.packages if row.package else desk.catalogue.items).get(row.item)
    return (found.short_name if found else "") or row.item_name
